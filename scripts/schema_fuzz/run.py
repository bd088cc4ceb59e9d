"""Fuzzes every call of the real binary as three roles, and proves that the fuzzing would notice.

    python run.py            all of it, as `make test` does
    python run.py cashier    one role

What fails: a server error, an answer that is not as openapi.json says (status, media type, headers,
body), bad input taken for good, a call that needs a token and answers without one, broken books
afterwards, and a run that no longer reaches the calls it is about.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlparse

from goods import things, whole
from shop import Shop

HERE = Path(__file__).resolve().parent
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
PASSWORD = "aisle-demo"
AUDITOR_PASSWORD = "reads everything, changes nothing"
# Of all documented calls, those at least one role must have been answered with success. Passwords, codes of a
# second factor, keys of devices, a second person's yes and a gateway's answers cannot be made up.
REACHED_MIN = 0.75
TIME_MAX_S = 600
# What the shop is for; goods.py says what each needs to be accepted.
WHOLE_CALLS = [
    "POST /api/v1/orders",
    "POST /api/v1/orders/{id}/payments",
    "POST /api/v1/orders/{id}/cancel",
    "POST /api/v1/orders/{id}/returns",
    "PUT /api/v1/price-overrides/{id}",
    "POST /api/v1/held-baskets",
    "POST /api/v1/held-baskets/{id}/recall",
    "POST /api/v1/stock/adjustments",
    "POST /api/v1/till-events",
    "POST /api/v1/drawer/open",
]


def admin(shop: Shop, _: str) -> dict[str, str]:
    return shop.sign_in("admin", PASSWORD)


def cashier(shop: Shop, device: str) -> dict[str, str]:
    return shop.sign_in("cashier", PASSWORD, device)


def auditor(shop: Shop, _: str) -> dict[str, str]:
    person = {"username": "auditor", "name": "审计", "role": "auditor", "password": AUDITOR_PASSWORD}
    shop.ask("POST", "/api/v1/users", admin(shop, ""), person)
    return shop.sign_in("auditor", AUDITOR_PASSWORD)


ROLES = [admin, cashier, auditor]


def main() -> None:
    named = sys.argv[1:]
    roles = [role for role in ROLES if not named or role.__name__ in named]
    print("schemathesis: the cases are derived from the calls, there is no seed")
    with ThreadPoolExecutor(2) as pool:
        reached = set().union(*pool.map(fuzz, roles))
    document = json.loads((HERE.parents[1] / "openapi.json").read_text())
    calls = [f"{method.upper()} {path}" for path, of in document["paths"].items() for method in of]
    missed = [call for call in calls if not any(matches(call, done) for done in reached)]
    print(f"{len(calls) - len(missed)} of {len(calls)} calls answered with success; not: {', '.join(missed)}")
    if not named and len(missed) > len(calls) * (1 - REACHED_MIN):
        sys.exit("the run no longer reaches the calls it is about")
    refused = [call for call in WHOLE_CALLS if call in missed]
    if not named and refused:
        sys.exit(f"whole calls were not accepted: {', '.join(refused)}")
    if not named:
        notices_a_wrong_document(document)


def fuzz(role: Callable[[Shop, str], dict[str, str]]) -> set[tuple[str, str]]:
    """One role in a shop of its own; the calls it was answered with success."""
    name = role.__name__
    with Shop() as shop:
        device = shop.command("terminal", "enrol", "--store", "1", "--name", "fuzz", "--kind", "pos")
        headers = role(shop, device.strip())
        config = HERE.joinpath("schemathesis.toml").read_text()
        with things(shop, admin(shop, ""), device.strip()) as there:
            for word, values in there.items():
                config += f"\n[dictionaries.{word}]\nvalues = {json.dumps(values)}\n"
            har = shop.folder / "calls.har"
            options = ["--report", "har", "--report-har-path", har]
            given = whole(shop, admin(shop, ""), device.strip())
            done = schemathesis(shop, headers, f"{shop.url}/api/openapi.json", config, options, given)
        print(f"--- {name}\n{summary(done.stdout)}", flush=True)
        if done.returncode != 0:
            sys.exit(f"{name}: the server does not keep to its document:\n{done.stdout}{done.stderr}")
        # Whoever was signed out heard nothing but 401, which proves nothing.
        shop.ask("GET", "/api/v1/sessions/current", headers)
        shop.stop()
        shop.command("verify")
        entries = json.loads(har.read_text())["log"]["entries"]
    return {
        (entry["request"]["method"], urlparse(entry["request"]["url"]).path)
        for entry in entries
        if 200 <= entry["response"]["status"] < 300
    }


def notices_a_wrong_document(document: dict) -> None:
    """The negative control: each of these lies must be found."""
    paths, schemas = document["paths"], document["components"]["schemas"]
    paths["/api/v1/sign-in-hints"]["get"]["security"] = [{"bearer": []}]
    schemas["Status"]["properties"]["version"] = {"type": "integer"}
    json_of_tags = paths["/api/v1/tags"]["get"]["responses"]["200"]["content"]
    json_of_tags["text/csv"] = json_of_tags.pop("application/json")
    lies = {
        "sign_in_hints": "without authentication",
        "show_status": "Response violates schema",
        "list_tags": "Undocumented Content-Type",
    }
    with Shop() as shop:
        wrong = shop.folder / "wrong.json"
        wrong.write_text(json.dumps(document))
        config = 'warnings = false\ncontinue-on-failure = true\n'
        options = ["--url", shop.url, "--phases", "fuzzing", "--max-examples", "2", "--mode", "positive"]
        for operation in lies:
            options += ["--include-operation-id", operation]
        done = schemathesis(shop, admin(shop, ""), str(wrong), config, options, {})
    unseen = [lie for lie in lies.values() if lie not in done.stdout]
    if done.returncode == 0 or unseen:
        sys.exit(f"a wrong document was not noticed: {unseen}\n{done.stdout}{done.stderr}")
    print(f"--- a document with {len(lies)} lies in it: each was found")


def schemathesis(
    shop: Shop,
    headers: dict[str, str],
    document: str,
    config: str,
    options: list[object],
    given: dict[str, dict],
) -> subprocess.CompletedProcess:
    file = shop.folder / "schemathesis.toml"
    file.write_text(config)
    asks = [part for name, value in headers.items() for part in ("--header", f"{name}: {value}")]
    return subprocess.run(
        [SCHEMATHESIS, "--config-file", file, "run", document, "--no-color", *asks, *map(str, options)],
        cwd=shop.folder,
        env=os.environ
        | {
            "PYTHONPATH": str(HERE),
            "AISLE_FUZZ_OWN": json.dumps(own(shop, headers)),
            "AISLE_FUZZ_WHOLE": json.dumps(given),
        },
        capture_output=True,
        text=True,
        timeout=TIME_MAX_S,
        check=False,
    )


def own(shop: Shop, headers: dict[str, str]) -> dict[str, list[str]]:
    """What the role lives on, by the beginning of the calls that could take it away (hooks.py)."""
    now = shop.ask("GET", "/api/v1/sessions/current", headers)
    sessions = shop.ask("GET", "/api/v1/sessions", headers)["items"]
    return {
        "/api/v1/users/": [str(now["user"]["id"])],
        "/api/v1/sessions/": [session["id"] for session in sessions if session["current"]],
        "/api/v1/terminals/": [str(now["terminal"]["id"])] if now["terminal"] else [],
    }


def summary(text: str) -> str:
    """What schemathesis says at its end."""
    return text[text.rfind("= SUMMARY =") :].split("\n", 1)[-1].strip()


def matches(call: str, done: tuple[str, str]) -> bool:
    method, path = call.split(" ")
    return method == done[0] and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), done[1]) is not None


if __name__ == "__main__":
    main()
