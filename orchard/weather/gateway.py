"""The Open-Meteo-compatible server: one question, one deadline, one bounded answer.

A time-out of requests starts anew with every byte, so headers that drip or an endless
"100 Continue" would hold it for ever. Here a thread does the talking and a duplicate of its
socket is kept beside it: at the deadline the connection is shut down through that, whatever
the thread is doing (connecting, TLS, headers, body).
"""

import os
import socket
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, ReadTimeoutError

from orchard.weather.rules import DAYS, Asked, NoForecast, Reason
from orchard.weather.series import DAILY, HOURLY

DEADLINE_S = 15.0  # decision 18: wall clock for a whole call
CONNECT_S = 5.0
MOST_BYTES = 2 * 1024 * 1024  # decision 18: decoded
MOST_OF_A_REFUSAL = 256 * 1024
PIECE = 64 * 1024
PATH = "/v1/forecast"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
AGENT = "orchard/0.1"
TRUSTED: bool | str = True  # certificates are always verified; tests name a file of their own


def ask(base_url: str, points: Sequence[Asked]) -> bytes:
    """Return the decoded body for some points in their order, or raise NoForecast.

    Never later than the deadline, never more than the cap, never a second request.
    """
    call = _Call(base_url, points)
    talker = threading.Thread(target=call.run, name="weather-call", daemon=True)
    talker.start()
    talker.join(DEADLINE_S)
    if talker.is_alive():
        call.cut()
        talker.join(0.5)
        raise NoForecast(Reason.DEADLINE)
    if call.refusal is not None:
        raise call.refusal
    return call.body


class _Line:
    """A second handle on the sockets of a call, so that they can be shut from outside."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._handles: list[socket.socket] = []
        self._is_cut = False

    def hold(self, connected: socket.socket) -> None:
        twin = socket.socket(fileno=os.dup(connected.fileno()))
        with self._guard:
            self._handles.append(twin)
            late = self._is_cut
        if late:
            self.cut()

    def cut(self) -> None:
        with self._guard:
            self._is_cut = True
            for twin in self._handles:
                try:
                    twin.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the other side was faster

    def close(self) -> None:
        with self._guard:
            for twin in self._handles:
                twin.close()
            self._handles.clear()


@dataclass
class _Call:
    """One question in its own thread; it ends with a body or a refusal."""

    base_url: str
    points: Sequence[Asked]
    body: bytes = b""
    refusal: NoForecast | None = field(default_factory=lambda: NoForecast(Reason.TRANSPORT))
    _line: _Line = field(default_factory=_Line)

    def run(self) -> None:
        try:
            with _session(self._line) as session:
                self.body = _fetch(session, self.base_url, self.points)
            self.refusal = None
        except NoForecast as refusal:
            self.refusal = refusal
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            self.refusal = NoForecast(_reason(error), type(error).__name__)
        finally:
            self._line.close()

    def cut(self) -> None:
        self._line.cut()


class _Session(requests.Session):
    """No environment, no redirect: requests would read a redirect's body without a limit."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


def _session(line: _Line) -> requests.Session:
    session = _Session()
    session.trust_env = False
    session.verify = TRUSTED
    session.headers.update(
        {"Accept-Encoding": "gzip, identity", "Connection": "close", "User-Agent": AGENT}
    )
    adapter = _adapter(line)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _adapter(line: _Line) -> HTTPAdapter:
    """Return an adapter whose connections tell the line about their sockets."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            connected = super()._new_conn()
            line.hold(connected)
            return connected

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            connected = super()._new_conn()
            line.hold(connected)
            return connected

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    adapter = HTTPAdapter(max_retries=0)
    adapter.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
    return adapter


def _fetch(session: requests.Session, base_url: str, points: Sequence[Asked]) -> bytes:
    with session.get(
        _address(base_url),
        params=_question(points),
        stream=True,
        allow_redirects=False,
        timeout=(CONNECT_S, DEADLINE_S),
    ) as response:
        if response.status_code in REDIRECTS:
            raise NoForecast(Reason.REDIRECT, status=response.status_code)
        if response.status_code != requests.codes.ok:
            raise _refused(response)
        return b"".join(_decoded(response, MOST_BYTES))


def _address(base_url: str) -> str:
    """Return the forecast address of a server; a key in the base address's query stays."""
    parts = urlsplit(base_url)
    path = parts.path.rstrip("/")
    return urlunsplit(parts._replace(path=path if path.endswith(PATH) else path + PATH))


def _question(points: Sequence[Asked]) -> dict[str, str]:
    return {
        "latitude": ",".join(f"{point.lat:.3f}" for point in points),
        "longitude": ",".join(f"{point.lon:.3f}" for point in points),
        "elevation": ",".join(f"{point.elevation_m:.0f}" for point in points),
        "hourly": ",".join(HOURLY),
        "daily": ",".join(DAILY),
        "forecast_days": str(DAYS),
        "timezone": "Asia/Shanghai",
        "wind_speed_unit": "ms",
    }


def _decoded(response: requests.Response, most: int) -> Iterator[bytes]:
    """Yield the body piece by piece, unpacked; never more than the cap in memory."""
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("gzip", "identity"):
        raise NoForecast(Reason.ENCODING, coding)
    unpack = zlib.decompressobj(wbits=31) if coding == "gzip" else None
    total = read = 0
    while piece := response.raw.read(PIECE, decode_content=False):
        read += len(piece)
        out = piece if unpack is None else _unpacked(unpack, piece, most - total)
        total += len(out)
        if total > most or read > most:
            raise NoForecast(Reason.TOO_LARGE)
        yield out
    if unpack is not None and not unpack.eof:
        raise NoForecast(Reason.ENCODING, "gzip ends early")


def _unpacked(unpack: "zlib._Decompress", piece: bytes, room: int) -> bytes:
    try:
        out = unpack.decompress(piece, room + 1)
    except zlib.error:
        raise NoForecast(Reason.ENCODING, "not gzip") from None
    if unpack.unused_data:
        raise NoForecast(Reason.ENCODING, "gzip with a tail")
    return out


def _refused(response: requests.Response) -> NoForecast:
    """Return the refusal that another status is, with the reason the server gives."""
    try:
        text = b"".join(_decoded(response, MOST_OF_A_REFUSAL)).decode("utf-8", "replace")
    except (NoForecast, requests.RequestException, HTTPError, OSError):
        text = ""
    return NoForecast(
        Reason.STATUS,
        f"{response.status_code} {text}",
        status=response.status_code,
        retry_after=response.headers.get("Retry-After"),
    )


def _reason(error: BaseException) -> Reason:
    """Return the one reason class of whatever the libraries raise."""
    if isinstance(error, requests.exceptions.SSLError):
        return Reason.TLS
    if isinstance(error, requests.exceptions.ReadTimeout | ReadTimeoutError):
        return Reason.DEADLINE
    return Reason.TRANSPORT
