"""Drives our payment clients against a gateway that shares no code with them.

    python run.py        all of it, as `make test` does; needs `cargo build --workspace --all-targets`

The gateway here recomputes every signature with Python's `cryptography` and refuses a wrong one. What fails: a call it
refuses, a call that never came, an answer our client reads otherwise than it was meant. Then everything again with
a wrong key on either side: nothing of it may be a success, or this check would prove nothing.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import alipay
import wechat
from keys import Party

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
DRIVER = TARGET / "debug" / "examples" / "drive_gateway"
# Leading zeros, which some print and some do not.
MERCHANT, PLATFORM, STRANGER = Party("商户", 0x0A1B2C3D4E5F), Party("平台", 0x0123ABCDEF), Party("别人", 7)


class Gateway:
    """Both gateways on one port of this machine; `signer` signs the answers."""

    def __init__(self, signer: Party) -> None:
        self.wechat = wechat.Wechat(MERCHANT, PLATFORM, signer)
        self.alipay = alipay.Alipay(MERCHANT, PLATFORM, signer)
        self.calls: list[tuple[str, int]] = []
        handler = type("Handler", (Handler,), {"gateway": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


class Handler(BaseHTTPRequestHandler):
    gateway: Gateway

    def do_GET(self) -> None:
        self.respond("")

    def do_POST(self) -> None:
        self.respond(self.rfile.read(int(self.headers["Content-Length"] or 0)).decode())

    def respond(self, body: str) -> None:
        try:
            status, headers, content = self.answer(body)
        except Exception as error:  # A test that cannot go on says why and fails.
            print(f"gateway: {self.command} {self.path}: {error!r}", file=sys.stderr)
            status, headers, content = 500, {}, b""
        self.gateway.calls.append((self.path.split("?")[0], status))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def answer(self, body: str):
        path, _, query = self.path.partition("?")
        if path == "/gateway.do":
            return self.gateway.alipay.call(self.headers["Host"], query, body)
        if path == "/bill":
            return 200, {}, alipay.bill()
        if path.startswith("/v3/"):
            return self.gateway.wechat.v3(self.command, self.path, self.headers, body)
        return self.gateway.wechat.v2(path, body)

    def log_message(self, *_) -> None:
        pass


def merchants(url: str, key: Party, v2_key: str) -> dict:
    """Settings and secrets as our client wants them, for every way to be a merchant."""
    base = {"mchid": wechat.MCHID, "appid": wechat.APPID, "serial_no": MERCHANT.serial, "base_url": url}
    by_key = base | {"platform_keys": {wechat.PUBLIC_KEY_ID: PLATFORM.public_pem}}
    secrets = {"private_key": key.private_pem, "apiv3_key": wechat.APIV3_KEY, "v2_key": v2_key}
    app = {"app_id": alipay.APP_ID, "seller_id": alipay.SELLER_ID, "base_url": f"{url}/gateway.do"}
    certificates = {
        "app": key.certificate_pem,
        "alipay": PLATFORM.certificate_pem,
        "root": PLATFORM.certificate_pem,
    }
    return {
        "wechat v2 HMAC": {"wechat": by_key, "secrets": secrets},
        "wechat v2 MD5": {"wechat": by_key | {"v2_sign_type": "MD5"}, "secrets": secrets},
        "wechat v3": {"wechat": by_key | {"code_pay_api": "v3"}, "secrets": secrets},
        "wechat certificates": {"wechat": base | {"code_pay_api": "v3"}, "secrets": secrets},
        "alipay key": {
            "alipay": app | {"alipay_public_key": PLATFORM.public_pem},
            "secrets": {"private_key": key.private_pem},
        },
        "alipay certificates": {
            "alipay": app | {"certificates": certificates},
            "secrets": {"private_key": key.private_pem},
        },
    }


def drive(gateway: Gateway, merchant: dict) -> dict:
    """What our client understood, by operation."""
    of = gateway.wechat if "wechat" in merchant else gateway.alipay
    task = merchant | {"now_ms": int(time.time() * 1000), "notice": of.notice()}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(task, file)
        file.flush()
        done = subprocess.run([DRIVER, file.name], capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout)


EXPECTED = {
    "pay_code": "paid 1230",
    "query": "paid 1230",
    "create_qr": "code",
    "create_jsapi": "package",
    "reverse": "Done",
    "close": "Done",
    "refund": "accepted",
    "query_refund": "done",
    "bill": "file",
    "notice": "paid 1230 A0000000000001",
    "altered notice": "Forged",
    "test": "works",
}


def check(is_so: bool, what: str) -> None:
    if not is_so:
        sys.exit(f"pay gateway: {what}")


def right_keys() -> None:
    gateway = Gateway(PLATFORM)
    for name, merchant in merchants(gateway.url, MERCHANT, wechat.V2_KEY).items():
        heard = drive(gateway, merchant)
        expected = {op: said for op, said in EXPECTED.items() if op != "create_jsapi" or "wechat" in merchant}
        # A report cannot fetch certificates, but the calls before it did.
        if name == "wechat certificates":
            expected |= {"notice": "UnknownKey", "altered notice": "UnknownKey"}
        check(heard == expected, f"{name}: {json.dumps(heard, indent=1, ensure_ascii=False)}")
        print(f"{name}: {len(heard)} operations")
    refused = [call for call in gateway.calls if call[1] >= 400]
    check(not refused, f"refused: {refused}")
    paths = {path for path, _ in gateway.calls}
    for path in ["/pay/micropay", "/secapi/pay/reverse", "/v3/certificates", "/v3/billdownload/file", "/bill"]:
        check(path in paths, f"{path} was never called")


def successes(heard: dict) -> set[str]:
    return {op for op, said in heard.items() if said == EXPECTED[op] and op != "altered notice"}


def wrong_keys() -> None:
    gateway = Gateway(PLATFORM)
    for name, merchant in merchants(gateway.url, STRANGER, "0" * 32).items():
        heard = drive(gateway, merchant)
        # A report is signed by the gateway alone.
        check(successes(heard) <= {"notice"}, f"{name}, with another key of ours: {heard}")
        check(heard["pay_code"].startswith("config "), f"{name}, with another key of ours: {heard}")
    taken = [call for call in gateway.calls if call[0].startswith("/v3/") and call[1] != 401]
    check(not taken, f"taken with a wrong key: {taken}")

    gateway = Gateway(STRANGER)
    for name, merchant in merchants(gateway.url, MERCHANT, wechat.V2_KEY).items():
        heard = drive(gateway, merchant)
        # The older interface has one key for both sides, and that one is right here.
        shared = {"pay_code", "reverse"} if " v2 " in name else set()
        check(successes(heard) <= shared, f"{name}, with another key of the gateway: {heard}")
        declined = [op for op, said in heard.items() if said.startswith("declined")]
        check(not declined, f"{name}, declined without proof: {declined}")
    print("with a wrong key on either side: nothing believed")


if __name__ == "__main__":
    right_keys()
    wrong_keys()
