"""A real `orchard serve` in a process of its own, on loopback, and a browser that talks to it.

The database is filled before the start; the clock stands unless jobs are asked for, so that
nothing but the requests of the test writes.
"""

import http.client
import os
import re
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from orchard import settings
from tests.client import client
from tests.make import NOW

COMMAND = (sys.executable, "-c", "from orchard.cli import main; main()", "serve", "--port", "0")
START_S = 30.0
STOP_S = 30.0
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Server:
    """One running server; its log lies in a file, so that no pipe can fill up."""

    process: subprocess.Popen[str]
    host: str
    port: int
    log: Path
    started_s: float

    def stop(self) -> int:
        """End it as a service manager would, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_S)

    def kill(self) -> None:
        """Take it away in the middle of whatever it does, with everything it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_S)


def environment(**values: str) -> dict[str, str]:
    """Return the environment of a process that uses the settings in force."""
    here = settings.get()
    ours = {
        "ORCHARD_DATABASE_URL": here.url,
        "ORCHARD_DATA_DIR": str(here.data_dir),
        "ORCHARD_SECRET_KEY": here.secret_key,
        "ORCHARD_NOW": NOW.isoformat(),
        "ORCHARD_WEATHER_URL": "http://127.0.0.1:9",  # nobody listens on the discard port
        "PYTHONPATH": str(Path(__file__).parent.parent),
        **values,
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORCHARD_")}
    return {**kept, **{name: value for name, value in ours.items() if value}}


@contextmanager
def running(*, under: Sequence[str] = (), **values: str) -> Iterator[Server]:
    """Start a server on the settings in force; it is gone when the block ends."""
    server = start(under=under, **values)
    try:
        yield server
    finally:
        server.kill()


def start(*, under: Sequence[str] = (), **values: str) -> Server:
    """Start a server and return it once it answers."""
    log = settings.get().data_dir / "serve.log"
    begun = monotonic()
    with log.open("a") as errors:
        process = subprocess.Popen(
            [*under, *COMMAND],
            env=environment(**values),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    host, port = _address(process, log)
    server = Server(process, host, port, log, 0.0)
    with Browser(server) as browser:
        assert browser.get("/healthz").status == 200
    server.started_s = monotonic() - begun
    return server


def _address(process: subprocess.Popen[str], log: Path) -> tuple[str, int]:
    assert process.stdout is not None
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        ready = waiting.select(START_S)
    line = process.stdout.readline() if ready else ""
    found = re.search(r"listening on http://([\d.]+):(\d+)", line)
    if found is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        raise AssertionError(f"the server did not start: {line!r} {log.read_text()[-2000:]}")
    return found[1], int(found[2])


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode()

    @property
    def location(self) -> str:
        """Return where a redirect leads."""
        return self.headers.get("Location", "")


@dataclass
class Browser:
    """Keeps one connection and its cookies; a lost connection is opened anew by the next call."""

    server: Server
    cookies: dict[str, str] = field(default_factory=dict)
    timeout: float = 30.0
    port: int | None = None

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(
            self.server.host, self.port or self.server.port, timeout=self.timeout
        )

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Send one request and read its whole answer."""
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            self.connection.request(method, path, body, headers)
            got = self.connection.getresponse()
            answer = Answer(got.status, got.headers, got.read())
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise
        for line in got.headers.get_all("Set-Cookie") or ():
            self.cookies.update({name: one.value for name, one in SimpleCookie(line).items()})
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        """Fetch a page."""
        return self.send("GET", path, **headers)

    def post(self, path: str, data: dict[str, Any]) -> Answer:
        """Send a form as it stands."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, urlencode(data).encode(), **kind)

    def token(self, path: str) -> str:
        """Return the token of the form on a page."""
        found = TOKEN.search(self.get(path).text)
        assert found, f"no form on {path}"
        return found[1]


def signed_in(server: Server, token: str, **options: Any) -> Browser:
    """Return a browser with the session of a secret."""
    made = client(token)
    cookie = made.get_cookie("orchard")
    assert cookie is not None
    return Browser(server, {"orchard": cookie.value}, **options)
