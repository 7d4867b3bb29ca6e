"""Too much of anything is refused at once, by a server that then goes on."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from urllib.parse import urlencode

import pytest

from orchard.accounts.rules import TRIES_PER_ADDRESS, Role
from tests import server
from tests.robust import tables
from tests.robust.cast import Cast, fill
from tests.robust.load import crowding
from tests.server import Browser, Server

QUICK_S = 0.1
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PARTS = "multipart/form-data; boundary=x"


@pytest.fixture
def abused(sqlite_database: Path) -> Iterator[tuple[Server, Cast]]:
    """Return a running server and its cast."""
    cast = fill()
    with server.running() as running:
        yield running, cast


def part(number: int) -> bytes:
    """Return one part of a multipart form."""
    head = f'--x\r\nContent-Disposition: form-data; name="f{number}"\r\n\r\n'
    return head.encode() + b"v\r\n"


def requests(token: str) -> list[tuple[str, str, bytes, dict[str, str], int]]:
    """Return (method, path, body, headers, wanted status) of each abuse."""
    fields = urlencode({f"f{number}": "v" for number in range(10_000)})
    keys = urlencode({f"k{number}": "v" for number in range(50_000)})
    parts = b"".join(map(part, range(1001))) + b"--x--\r\n"
    return [
        ("POST", "/plots/new", f"csrf_token={token}&{fields}".encode(), FORM, 413),
        ("POST", "/plots/new", b"name=" + b"x" * 10_000_000, FORM, 413),
        ("POST", "/plots/new", parts, {"Content-Type": PARTS}, 413),
        ("GET", "/plots", b"", {"X-Long": "x" * 100_000}, 431),
        ("GET", f"/plots?{keys}", b"", {}, 431),
        ("GET", f"/plots?{keys[:20_000]}", b"", {}, 414),
        ("POST", "/api/v1/plots", b"[" * 900_000, {"Content-Type": "application/json"}, 401),
    ]


def test_too_much_is_refused_quickly(abused: tuple[Server, Cast]) -> None:
    running, cast = abused
    before = tables.state()
    signed = server.signed_in(running, cast.sessions[Role.GROWER])
    token = signed.token("/plots/new")
    for method, path, body, headers, status in requests(token):
        browser = Browser(running, dict(signed.cookies))
        begun = monotonic()
        answer = browser.send(method, path, body or None, **headers)
        took_s = monotonic() - begun
        assert answer.status == status, (method, path[:40], answer.status)
        assert took_s <= QUICK_S * (1 + len(body) / 1e6) * 3 * crowding(), (path[:40], took_s)
    assert signed.get("/plots").status == 200
    assert tables.state() == before


def test_what_is_far_too_large_is_refused_before_it_is_sent(
    abused: tuple[Server, Cast],
) -> None:
    running, _ = abused
    with socket.create_connection((running.host, running.port), 10) as line:
        line.sendall(b"POST /plots/new HTTP/1.1\r\nHost: x\r\nContent-Length: 11000000\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_page_number_out_of_reach_costs_nothing(abused: tuple[Server, Cast]) -> None:
    running, cast = abused
    browser = server.signed_in(running, cast.sessions[Role.GROWER])
    for page in ("1000000000", "-1", "x", "1e9", "", "9" * 400):
        answer = browser.get(f"/tasks?page={page}")
        assert answer.status in (200, 400, 404)
        assert answer.text.count("<li") <= 200


def test_a_forged_address_does_not_move_the_limit(abused: tuple[Server, Cast]) -> None:
    running, _ = abused
    browser = Browser(running)
    token = browser.token("/sign-in")
    found = []
    for number in range(TRIES_PER_ADDRESS + 2):
        form = {"csrf_token": token, "phone": f"1390000{number:04d}", "secret": "000000"}
        forged = {
            "X-Forwarded-For": f"10.0.0.{number}",
            "Forwarded": f"for=10.0.0.{number}",
            "X-Real-Ip": f"10.0.0.{number}",
        }
        body = urlencode(form).encode()
        found.append(browser.send("POST", "/sign-in", body, **FORM, **forged).status)
    assert found == [422] * TRIES_PER_ADDRESS + [429, 429]
    assert not re.search(r"10\.0\.0\.\d", running.log.read_text())
