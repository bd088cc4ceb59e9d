"""`aisle gateway-sim` with keys and state of its own, on a free port of this machine, and a place for notifications."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.request
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("AISLE_BIN", ROOT / "target/debug/aisle"))
BEIJING = timezone(timedelta(hours=8))
READY_S = 20
TOLD_S = 5


class Gateway:
    """Started for one run; thrown away at its end."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="aisle-sdks-"))
        self.told: list[tuple[dict[str, str], str]] = []
        self.url = ""

    def __enter__(self) -> "Gateway":
        command = [BINARY, "gateway-sim", "--listen", "127.0.0.1:0", "--data", self.folder]
        environment = {**os.environ, "AISLE_DATA_DIR": str(self.folder)}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        stop = threading.Timer(READY_S, self.process.kill)
        stop.start()
        for line in self.process.stdout:
            found = re.search(r"WeChat Pay +(http://\S+)", line)
            if found:
                self.url = found[1]
                break
        stop.cancel()
        if not self.url:
            raise RuntimeError("the simulator did not start")
        self.listen()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.server.shutdown()
        shutil.rmtree(self.folder)

    def listen(self) -> None:
        gateway = self

        class Told(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                gateway.told.append((dict(self.headers), body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"success")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.notify_url = f"http://127.0.0.1:{self.server.server_port}/told"

    def file(self, name: str) -> str:
        return (self.folder / name).read_text()

    def settings(self, channel: str) -> dict[str, str]:
        return json.loads(self.file(f"{channel}/settings.json"))

    def tell(self, path: str, body: dict) -> dict:
        data = json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/sim/{path}", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def pay(self, number: str) -> None:
        self.tell(f"phone/{number}/pay", {})

    def ledger(self) -> dict:
        with urllib.request.urlopen(f"{self.url}/sim/ledger", timeout=10) as answer:
            return json.load(answer)

    def next_notice(self) -> tuple[dict[str, str], str]:
        """Waits for a notification and takes it away."""
        end = time.monotonic() + TOLD_S
        while not self.told:
            if time.monotonic() > end:
                raise RuntimeError("no notification came")
            time.sleep(0.02)
        return self.told.pop(0)

    def today(self) -> str:
        """The simulator's day in Beijing."""
        with urllib.request.urlopen(f"{self.url}/sim/clock", timeout=10) as answer:
            now = datetime.fromisoformat(json.load(answer)["now"].replace("Z", "+00:00"))
        return now.astimezone(BEIJING).strftime("%Y-%m-%d")

    def to_next_morning(self) -> str:
        """Moves the clock to when today's bill is ready, and says which day that was."""
        day = self.today()
        self.tell("clock", {"advance_s": 34 * 3600})
        return day
