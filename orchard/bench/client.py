"""A browser without a screen that counts milliseconds."""

import http.client
import re
import selectors
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from time import perf_counter
from urllib.parse import urlencode

WARM_UP = 10
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class BadAnswer(RuntimeError):
    """A page that is measured did not answer 200: the figures would mean nothing."""


@dataclass
class Browser:
    """One browser with its cookies, for signing in as a person does."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def cookie(self) -> str:
        """Return the header that carries the cookies."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Return status and body of a page."""
        return self._send("GET", path, None, headers)

    def submit(self, page: str, values: dict[str, str], action: str | None = None) -> int:
        """Fill in the form of a page and return the status of the answer."""
        status, body = self.get(page)
        found = TOKEN.search(body.decode())
        if not found:
            raise BadAnswer(f"no form on a page that answered {status}")
        sent = urlencode({"csrf_token": found[1], **values}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", action or page, sent, kind)[0]

    def _send(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {"Cookie": self.cookie, **headers})
        answer = connection.getresponse()
        for value in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(value).items():
                self.cookies[name] = morsel.value
        content = answer.read()
        connection.close()
        return answer.status, content


def latencies_ms(port: int, path: str, cookie: str, count: int) -> list[float]:
    """Return how long each of some requests on one connection took, after warming up."""
    taken = []
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for number in range(count + WARM_UP):
            begun = perf_counter()
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise BadAnswer(f"{path} answered {answer.status}")
            if number >= WARM_UP:
                taken.append((perf_counter() - begun) * 1000)
    return taken


def per_second(port: int, path: str, cookie: str, *, connections: int, seconds: float) -> float:
    """Return how many pages a second come over some connections that are always busy.

    One thread and one selector, so that the client costs little beside the server.
    """
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()
    chooser = selectors.DefaultSelector()
    for _ in range(connections):
        line = _Line(socket.create_connection(("127.0.0.1", port)), request)
        chooser.register(line.socket, selectors.EVENT_READ, line)
    begun = perf_counter()
    try:
        done = sum(_answers(chooser, begun + seconds))
        return done / (perf_counter() - begun)
    finally:
        for key in list(chooser.get_map().values()):
            chooser.unregister(key.fileobj)
            key.data.socket.close()
        chooser.close()


def _answers(chooser: selectors.BaseSelector, until: float) -> Iterator[int]:
    while perf_counter() < until:
        for key, _ in chooser.select(0.1):
            yield key.data.take()


class _Line:
    """One connection that asks again as soon as it has its answer."""

    def __init__(self, connected: socket.socket, request: bytes) -> None:
        self.socket, self._request, self._got, self._length = connected, request, bytearray(), 0
        self.socket.sendall(request)

    def take(self) -> int:
        """Read what came; return 1 and ask again when an answer is whole."""
        self._got += self.socket.recv(262144)
        if not self._length:
            end = self._got.find(b"\r\n\r\n")
            if end < 0:
                return 0
            head = bytes(self._got[:end]).lower()
            if b" 200 " not in head[:16]:
                raise BadAnswer(head[:60].decode("latin-1"))
            self._length = end + 4 + int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(self._got) < self._length:
            return 0
        self._got.clear()
        self._length = 0
        self.socket.sendall(self._request)
        return 1
