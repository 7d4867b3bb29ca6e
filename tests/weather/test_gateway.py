"""One question to the server: bounded in time and memory, nothing taken from the environment."""

import base64
import gzip
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from orchard.weather import gateway
from orchard.weather.rules import Asked, NoForecast, Reason
from tests.weather.corpus import apply

ROOT = Path(__file__).parents[2]
POINTS = [Asked(31.15, 108.4, 300.0), Asked(31.2, 108.45, 850.4)]
MEMORY_MB = 20  # corpora/weather: on top of what a good answer needs
ASK = """
import resource, sys
from orchard.weather import gateway
from orchard.weather.rules import Asked, NoForecast
points = [Asked(31.15, 108.4, 300.0), Asked(31.2, 108.45, 850.0)]
def high(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
gateway.ask(sys.argv[1], points)
before = high()
try:
    gateway.ask(sys.argv[1], points)
    raise SystemExit("the answer was taken")
except NoForecast as refusal:
    print(refusal.reason, high() - before)
"""


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def refusal_of(url: str) -> NoForecast:
    with pytest.raises(NoForecast) as caught:
        gateway.ask(url, POINTS)
    return caught.value


def test_the_question_names_points_variables_and_zone_in_order():
    with apply.Serve(["ok"]) as running:
        body = gateway.ask(running.url, POINTS)
    assert body == apply.body({"name": "good"})
    asked = parse_qs(urlsplit(running.hits[0].split()[1]).query)
    assert (asked["latitude"], asked["longitude"]) == (["31.150,31.200"], ["108.400,108.450"])
    assert (asked["elevation"], asked["timezone"]) == (["300,850"], ["Asia/Shanghai"])
    good = apply.good()[0]
    assert set(asked["hourly"][0].split(",")) == set(good["hourly"]) - {"time"}
    assert set(asked["daily"][0].split(",")) == set(good["daily"]) - {"time"}


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("https://a.example", "https://a.example/v1/forecast"),
        ("https://a.example/", "https://a.example/v1/forecast"),
        ("http://a.example:8080/meteo/", "http://a.example:8080/meteo/v1/forecast"),
        ("https://a.example/v1/forecast", "https://a.example/v1/forecast"),
        ("https://a.example?apikey=k", "https://a.example/v1/forecast?apikey=k"),
    ],
)
def test_the_address_is_made_from_the_servers_base(base, address):
    assert gateway._address(base) == address


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://a.example", "http://", "http://[::1"])
def test_an_address_that_is_none_is_a_refusal(url):
    assert refusal_of(url).reason == Reason.TRANSPORT


def test_a_key_in_the_address_never_shows_in_the_detail():
    refusal = refusal_of("http://127.0.0.1:1?apikey=geheim")
    assert (refusal.reason, refusal.detail) == (Reason.TRANSPORT, "ConnectionError")


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with apply.Serve(["ok"]) as running:
        assert gateway.ask(running.url, POINTS)


def serve_own(running: apply.Serve, status: int, headers: dict[str, str], body: bytes) -> None:
    """Answer with a body of our own making."""
    made = {"name": "own", "status": status, "headers": headers}
    running.plan = [{**made, "bytes_b64": base64.b64encode(body).decode()}]


def test_the_body_of_a_redirect_is_not_even_read():
    packed = {"Content-Encoding": "gzip"}
    with apply.Serve(["ok"]) as running:
        bomb = gzip.compress(b" " * 50_000_000)
        serve_own(running, 302, {"Location": "/", **packed}, bomb)
        tracemalloc.start()
        try:
            assert refusal_of(running.url).reason == Reason.REDIRECT
            assert tracemalloc.get_traced_memory()[1] < 5_000_000
        finally:
            tracemalloc.stop()
    assert len(running.hits) == 1


def test_a_gzip_with_a_tail_is_no_answer():
    with apply.Serve(["ok"]) as running:
        serve_own(running, 200, {"Content-Encoding": "gzip"}, gzip.compress(b"[]") + b"tail")
        assert refusal_of(running.url).reason == Reason.ENCODING


def test_the_deadline_cuts_a_tls_handshake_that_never_ends(monkeypatch):
    monkeypatch.setattr(gateway, "DEADLINE_S", 0.6)
    with apply.Serve(["hang-before-headers"]) as running:
        begun = time.monotonic()
        assert refusal_of(running.url.replace("http:", "https:")).reason == Reason.DEADLINE
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "name",
    [
        "slow-loris-1-byte-per-0.5-s",
        "headers-drip-1-byte-per-0.5-s",
        "continue-endless",
        "hang-half-way",
    ],
)
def test_at_the_deadline_nothing_of_the_call_is_left(monkeypatch, name):
    monkeypatch.setattr(gateway, "DEADLINE_S", 0.6)
    handles = open_files()
    with apply.Serve([name]) as running:
        assert refusal_of(running.url).reason == Reason.DEADLINE
        assert not [t for t in threading.enumerate() if t.name == "weather-call"]
    assert open_files() <= handles + 1


@pytest.mark.parametrize(
    "name",
    [
        "gzip-bomb-100-kb-to-100-mb",
        "100-mb-plain-body",
        "chunked-never-ending",
        "header-line-endless",
        "headers-endless",
    ],
)
def test_a_flood_costs_at_most_20_mb(name):
    with apply.Serve(["ok", name]) as running:
        done = subprocess.run(
            [sys.executable, "-c", ASK, running.url],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    reason, kilobytes = done.stdout.split()
    assert reason in (Reason.TOO_LARGE, Reason.TRANSPORT)
    assert int(kilobytes) < MEMORY_MB * 1024
