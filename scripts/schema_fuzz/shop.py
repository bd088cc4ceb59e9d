"""The real binary with a demo shop of its own, on a free port of this machine, and people to ask it as."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("AISLE_BIN", ROOT / "target/debug/aisle"))
READY_S = 30
STOP_S = 15


class Shop:
    """Started for one run; thrown away at its end."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="aisle-fuzz-"))
        self.log = self.folder / "server.log"
        self.url = f"http://127.0.0.1:{free_port()}"
        self.server: subprocess.Popen | None = None

    def __enter__(self) -> "Shop":
        self.command("seed", "--demo", "--without-sales")
        with self.log.open("w") as log:
            self.server = subprocess.Popen(
                [BINARY, "serve"], cwd=self.folder, env=self.environment(), stdout=log, stderr=log
            )
        end = time.monotonic() + READY_S
        while not self.is_ready():
            if self.server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server is not ready:\n{self.log.read_text()}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        if self.server and self.server.poll() is None:
            self.server.kill()
            self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self) -> None:
        """Asks the server to end; its answer must be 0."""
        self.server.terminate()
        code = self.server.wait(STOP_S)
        if code != 0:
            raise RuntimeError(f"the server ended with {code}:\n{self.log.read_text()}")

    def command(self, *arguments: str) -> str:
        done = subprocess.run(
            [BINARY, *arguments], cwd=self.folder, env=self.environment(), capture_output=True, text=True
        )
        if done.returncode != 0:
            raise RuntimeError(f"aisle {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def ask(self, method: str, path: str, headers: dict[str, str], body: object = None) -> dict:
        data = None if body is None else json.dumps(body).encode()
        return self.send(method, path, {"content-type": "application/json", **headers}, data)

    def send(self, method: str, path: str, headers: dict[str, str], data: bytes | None) -> dict:
        request = urllib.request.Request(self.url + path, method=method, headers=headers, data=data)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            said = error.read().decode()
            raise RuntimeError(f"{method} {path} answered {error.code}: {said}") from error

    def sign_in(self, username: str, password: str, device: str = "") -> dict[str, str]:
        """The headers of somebody who is signed in, at a device or in the back office."""
        headers = {"X-Aisle-Terminal": device} if device else {}
        session = self.ask(
            "POST", "/api/v1/sessions", headers, {"username": username, "password": password}
        )
        return {"Authorization": f"Bearer {session['token']}", **headers}

    def is_ready(self) -> bool:
        try:
            return urllib.request.urlopen(f"{self.url}/readyz", timeout=5).status == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def environment(self) -> dict[str, str]:
        """What somebody has set for a server of their own is not for this one."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("AISLE_")}
        return own | {
            "AISLE_DATA_DIR": str(self.folder),
            "AISLE_LISTEN": self.url.removeprefix("http://"),
            "AISLE_DEVICE_RATE": "0",
            "AISLE_PERSON_RATE": "0",
            "AISLE_ADDRESS_RATE": "0",
            "AISLE_SIGN_IN_RATE": "0",
        }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
