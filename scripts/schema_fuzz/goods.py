"""Things to make calls about: an order of each state, a return, a held basket, an import, a picture, a printer."""

import base64
import csv
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from shop import ROOT, Shop

# The smallest picture there is: one grey pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
SHEET = "条码,名称,售价\n6901234567892,可乐,3.50\n,没有名称,-1\n"
BASKETS = 6


@contextmanager
def things(shop: Shop, admin: dict[str, str], device: str) -> Iterator[dict[str, list]]:
    """Names for the dictionaries of schemathesis, each with the values that are there."""
    till = admin | {"X-Aisle-Terminal": device}
    with (ROOT / "crates/server/demo/products.csv").open() as file:
        barcodes = [row["barcode"] for row, _ in zip(csv.DictReader(file), range(8))]
    products = [
        shop.ask("GET", f"/api/v1/products/by-barcode/{barcode}", admin) for barcode in barcodes
    ]
    with printer() as address:
        terminal = shop.ask("GET", "/api/v1/sessions/current", till)["terminal"]["id"]
        shop.ask(
            "PATCH",
            f"/api/v1/terminals/{terminal}",
            admin,
            {"printer": {"address": address, "width": 58}},
        )
        yield {
            "barcodes": barcodes,
            "new_barcodes": ["4006381333931", "5901234123457"],
            "now": [now()],
            "products": [product["id"] for product in products],
            "units": [unit["id"] for unit in shop.ask("GET", "/api/v1/units", admin)["items"]],
            "orders": orders(shop, till, barcodes[0]),
            "returns": returns(shop, admin, till, barcodes[0]),
            "held": held(shop, till, products[0]["id"]),
            "imports": imports(shop, admin),
            "pictures": pictures(shop, admin, products[0]["id"]),
            "roles": roles(shop, admin),
            "users": users(shop, admin),
        }


def whole(shop: Shop, admin: dict[str, str], device: str) -> dict[str, dict]:
    """A call of each kind that changes stock, money or baskets, with everything it needs to be accepted."""
    till = admin | {"X-Aisle-Terminal": device}
    with (ROOT / "crates/server/demo/products.csv").open() as file:
        barcode = next(csv.DictReader(file))["barcode"]
    product = shop.ask("GET", f"/api/v1/products/by-barcode/{barcode}", admin)
    given = {"product_id": product["id"], "unit_price_fen": product["price_fen"] - 1, "reason": "临期"}
    used = new_id()
    shop.ask("PUT", f"/api/v1/price-overrides/{used}", till, given)
    paid, waiting, unwanted = new_id(), new_id(), new_id()
    for id in (paid, waiting, unwanted):
        shop.ask("POST", "/api/v1/orders", till, order(id, barcode, is_paid=id == paid))
    lines = [{"product_id": product["id"], "qty_milli": 1000}]
    basket = {"id": new_id(), "total_fen": product["price_fen"], "lines": lines}
    shop.ask("POST", "/api/v1/held-baskets", till, basket)
    sale = order(new_id(), barcode, is_paid=True)
    sale["lines"] += [{"barcode": barcode, "price_override": used}]
    back = {"lines": [{"line_no": 1, "qty_milli": 1000, "goods_to": "shelf"}]}
    event = {"id": new_id(), "kind": "void_line", "at": now(), "detail": "可乐 × 1"}
    found = [{"product_id": product["id"], "delta_milli": 1000}]
    calls = {
        "POST /api/v1/orders": ({}, sale),
        "POST /api/v1/orders/{id}/payments": (
            {"id": waiting},
            {"id": new_id(), "method": "cash", "tendered_fen": 10_000_000},
        ),
        "POST /api/v1/orders/{id}/cancel": ({"id": unwanted}, {"reason": "不要了"}),
        "POST /api/v1/orders/{id}/return-quote": ({"id": paid}, back),
        "POST /api/v1/orders/{id}/returns": ({"id": paid}, back | {"id": new_id(), "reason": "坏了"}),
        "PUT /api/v1/price-overrides/{id}": ({"id": new_id()}, given),
        "POST /api/v1/blind-return-quote": ({}, {"lines": [{"barcode": barcode}]}),
        "POST /api/v1/held-baskets": ({}, basket | {"id": new_id(), "note": "等人"}),
        "POST /api/v1/held-baskets/{id}/recall": ({"id": basket["id"]}, None),
        "POST /api/v1/stock/adjustments": (
            {},
            {"id": new_id(), "reason": "gain", "note": "多出一件", "lines": found},
        ),
        "POST /api/v1/till-events": ({}, {"items": [event]}),
        "POST /api/v1/drawer/open": ({}, None),
    }
    headers = {"X-Aisle-Terminal": device}
    return {
        call: {"path_parameters": path, "headers": headers} | ({} if body is None else {"body": body})
        for call, (path, body) in calls.items()
    }


def order(id: str, barcode: str, is_paid: bool) -> dict:
    payments = [{"method": "cash", "tendered_fen": 10_000_000}] if is_paid else []
    return {"id": id, "channel": "pos", "lines": [{"barcode": barcode}], "payments": payments}


def orders(shop: Shop, till: dict[str, str], barcode: str) -> list[str]:
    """Half of them paid."""
    ids = []
    for at in range(BASKETS):
        basket = order(new_id(), barcode, is_paid=at % 2 == 1)
        ids.append(shop.ask("POST", "/api/v1/orders", till, basket)["id"])
    return ids


def returns(shop: Shop, admin: dict[str, str], till: dict[str, str], barcode: str) -> list[str]:
    ids = []
    for _ in range(2):
        sold = shop.ask("POST", "/api/v1/orders", till, order(new_id(), barcode, is_paid=True))["id"]
        back = {"id": new_id(), "reason": "坏了", "lines": [{"line_no": 1, "qty_milli": 1000}]}
        shop.ask("POST", f"/api/v1/orders/{sold}/returns", admin, back)
        ids.append(back["id"])
    return ids


def held(shop: Shop, till: dict[str, str], product: int) -> list[str]:
    lines = [{"product_id": product, "qty_milli": 1000}]
    baskets = [{"id": new_id(), "total_fen": 100, "lines": lines} for _ in range(BASKETS)]
    return [shop.ask("POST", "/api/v1/held-baskets", till, basket)["id"] for basket in baskets]


def imports(shop: Shop, admin: dict[str, str]) -> list[str]:
    """Checked, each with a good row and a bad one."""
    ids = []
    for _ in range(BASKETS):
        border = "aisle-fuzz"
        parts = [
            f'--{border}\r\ncontent-disposition: form-data; name="kind"\r\n\r\nproducts\r\n',
            f'--{border}\r\ncontent-disposition: form-data; name="file"; filename="goods.csv"\r\n\r\n',
            f"{SHEET}\r\n--{border}--\r\n",
        ]
        form = {**admin, "content-type": f"multipart/form-data; boundary={border}"}
        ids.append(shop.send("POST", "/api/v1/imports", form, "".join(parts).encode())["id"])
    for at in ids:
        while shop.ask("GET", f"/api/v1/imports/{at}", admin)["state"] in ("received", "checking"):
            time.sleep(0.05)
    return ids


def pictures(shop: Shop, admin: dict[str, str], product: int) -> list[str]:
    path = f"/api/v1/products/{product}/picture"
    answer = shop.send("PUT", path, {**admin, "content-type": "image/png"}, PNG)
    return [answer["picture"]]


def roles(shop: Shop, admin: dict[str, str]) -> list[str]:
    made = [{"name": f"角色 {at}", "scope": "own", "grants": {}} for at in range(3)]
    return [shop.ask("POST", "/api/v1/roles", admin, role)["role"] for role in made]


def users(shop: Shop, admin: dict[str, str]) -> list[int]:
    people = [
        {"username": f"person{at}", "name": "某人", "role": "clerk", "password": "nobody signs in so"}
        for at in range(3)
    ]
    return [shop.ask("POST", "/api/v1/users", admin, person)["id"] for person in people]


@contextmanager
def printer() -> Iterator[str]:
    """Takes whatever is printed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    while connection.recv(65536):
                        pass

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def new_id() -> str:
    return str(uuid.uuid4())
