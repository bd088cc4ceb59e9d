"""Lets SDKs that others wrote drive the gateway simulator, as `make test` does.

    python run.py

Each SDK checks the signature of every answer and of every notification by itself and refuses a wrong one, so that the
simulator's wire format is judged by somebody else. Each also proves that it would notice: with a wrong key on either
side, and with a notification that was tampered with.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import alipay_py
import wechat
from gateway import Gateway

HERE = Path(__file__).resolve().parent
TIME_MAX_S = 60


def node(gateway: Gateway) -> None:
    environment = {
        **os.environ,
        "SIM_URL": gateway.url,
        "SIM_DIR": str(gateway.folder),
    }
    subprocess.run(["node", HERE / "run.mjs"], env=environment, check=True, timeout=TIME_MAX_S)


def main() -> None:
    stop = threading.Timer(TIME_MAX_S, lambda: (print(f"not done after {TIME_MAX_S} s", flush=True), os._exit(1)))
    stop.daemon = True
    stop.start()
    with Gateway() as gateway:
        for name, drive in [
            ("wechatpayv3", wechat.drive),
            ("python-alipay-sdk", alipay_py.drive),
            ("wechatpay-axios-plugin and alipay-sdk", node),
        ]:
            started = time.monotonic()
            drive(gateway)
            print(f"{name}: good, {time.monotonic() - started:.1f} s", flush=True)
        totals = gateway.ledger()["totals"]
        assert totals["paid_fen"] - totals["refunded_fen"] == totals["net_fen"] > 0, totals
        print(f"the ledger: {json.dumps(totals)}")


if __name__ == "__main__":
    sys.exit(main())
