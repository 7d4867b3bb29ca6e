"""A weather server on the loopback whose answers cost it next to nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import cos, pi
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from orchard.weather.rules import DAYS
from orchard.weather.series import DAILY, HOURLY, UNITS

BASE = {"relative_humidity_2m": 70, "precipitation_probability": 10, "weather_code": 2}


def week(first: date) -> str:
    """Return the part of an element that is the same for every place, as JSON without braces."""
    hours = range(24 * DAYS)
    temps = [round(14 - 5 * cos(2 * pi * (hour - 6) / 24 + pi), 1) for hour in hours]
    stamps = [f"{first + timedelta(days=hour // 24)}T{hour % 24:02d}:00" for hour in hours]
    hourly: dict[str, list[object]] = {"time": list(stamps)}
    for name in HOURLY:
        hourly[name] = [BASE.get(name, 1.2)] * len(hours)
    hourly["temperature_2m"] = list(temps)
    daily: dict[str, list[object]] = {
        "time": [str(first + timedelta(days=day)) for day in range(DAYS)],
        "temperature_2m_max": [max(temps)] * DAYS,
        "temperature_2m_min": [min(temps)] * DAYS,
        "precipitation_sum": [28.8] * DAYS,
        DAILY[3]: [BASE.get(DAILY[3], 1.2)] * DAYS,
    }
    units = {name: next(iter(known)) for name, known in UNITS.items()}
    parts = {
        "utc_offset_seconds": 28800,
        "timezone": "Asia/Shanghai",
        "hourly_units": {"time": "iso8601", **{name: units[name] for name in HOURLY}},
        "hourly": hourly,
        "daily_units": {"time": "iso8601", **{name: units[name] for name in DAILY}},
        "daily": daily,
    }
    return json.dumps(parts, separators=(",", ":"))[1:-1]


class Stub(ThreadingHTTPServer):
    """Answers every place with the same week and counts the calls."""

    def __init__(self, first: date) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.week, self.calls = week(first), 0

    @property
    def address(self) -> str:
        """Return the base address."""
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Stub

    def do_GET(self) -> None:
        """Answer each asked place in its order."""
        asked = parse_qs(urlsplit(self.path).query)
        columns = [asked[name][0].split(",") for name in ("latitude", "longitude", "elevation")]
        self.server.calls += 1
        places = [
            f'{{"latitude":{lat},"longitude":{lon},"elevation":{height},'
            + (f'"location_id":{index},' if index else "")
            + self.server.week
            + "}"
            for index, (lat, lon, height) in enumerate(zip(*columns, strict=True))
        ]
        body = (places[0] if len(places) == 1 else f"[{','.join(places)}]").encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def weather_stub(first: date) -> Iterator[Stub]:
    """Run the server in a thread of its own."""
    server = Stub(first)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
