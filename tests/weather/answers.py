"""Two plots, a loopback server that answers badly, and what a pull made of it."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session, col, delete, select

from jobs import weather
from orchard import db, ledger, settings
from orchard.ledger import JobRun
from orchard.places.rules import cell_of
from orchard.weather.digest import Alert, Digest
from orchard.weather.models import Forecast, WeatherAlarm
from orchard.weather.series import DAILY, HOURLY, unpack
from orchard.weather.stored import to_text
from tests import make
from tests.weather.corpus import apply

NOW = datetime(2026, 11, 22, 16, 10, tzinfo=UTC)  # 2026-11-23 00:10 in the county
SEEDED = NOW - timedelta(hours=3)
POINTS = {
    label: cell_of(lat, lon, int(height)) for label, (lat, lon, height) in apply.ASKED.items()
}
CASES = {case["name"]: case for case in apply.load()}

Row = dict[str, Any]


def make_plots() -> None:
    """Put the two plots of the corpus into the database in force."""
    with db.transaction() as session:
        holder = make.person(session)
        for lat, lon, height in apply.ASKED.values():
            make.plot(session, holder, lat=lat, lon=lon, elevation_m=int(height))


@contextmanager
def server(*names: str) -> Iterator[apply.Serve]:
    """Serve one case after the other on loopback and ask there."""
    with apply.Serve(names) as running:
        use_server(running.url)
        yield running


def use_server(url: str, fallback: str = "") -> None:
    """Ask this server from now on."""
    chosen = {"weather_url": url, "weather_fallback_url": fallback}
    settings.use(settings.get().model_copy(update=chosen))


def pull(now: datetime, job: Any = weather.pull) -> dict[str, int]:
    """Run the job as the scheduler would, at one moment."""
    with db.transaction() as session:
        run = ledger.claim(session, job.__name__, now, by="test", now=now)
    assert run is not None
    counts: dict[str, int] = job(run)
    with db.transaction() as session:
        ledger.finish(session, run, now=now, counts=counts)
    return counts


def pull_body(body: bytes, now: datetime) -> dict[str, int]:
    """Pull one answer of our own making over loopback."""
    with serving(body):
        return pull(now)


@contextmanager
def serving(body: bytes) -> Iterator[apply.Serve]:
    """Serve one answer of our own making on loopback, to everyone who asks, and ask there."""
    made = {"name": "own", "status": 200, "bytes_b64": base64.b64encode(body).decode()}
    with apply.Serve(["ok"]) as running:
        running.plan = [made]
        use_server(running.url)
        yield running


def pull_good(labels: str, now: datetime) -> dict[str, int]:
    """Pull the good answer for points of the corpus; at B it freezes on the third morning."""
    return pull_body(good(labels), now)


def good(labels: str) -> bytes:
    """Return the good answer for points of the corpus."""
    told = [one for label, one in zip("AB", apply.good(), strict=True) if label in labels]
    told[0].pop("location_id", None)  # as the server leaves it out for the first
    body: bytes = apply.json.dumps(told if len(told) > 1 else told[0]).encode()
    return body


def seed() -> dict[str, Row]:
    """Pull the good answer of three hours before and return what was stored."""
    with server("seed"):
        pull(SEEDED)
    rows = stored()
    assert [rows[label]["fetched_at"] for label in "AB"] == [SEEDED, SEEDED]
    return rows


def put_back(rows: dict[str, Row]) -> None:
    """Bring forecasts, alarms and runs back to what they were after the seed."""
    with db.transaction() as session:
        for model in (Forecast, WeatherAlarm, JobRun):
            session.exec(delete(model))
        for row in rows.values():
            session.add(Forecast(**row))


def stored() -> dict[str, Row]:
    """Return every column of the two cells, by their letter."""
    with db.reading() as session:
        found = {row.cell: row.model_dump() for row in session.exec(select(Forecast))}
    return {label: found[cell] for label, cell in POINTS.items() if cell in found}


def alarms(session: Session) -> list[WeatherAlarm]:
    """Return what staff was told."""
    return list(session.exec(select(WeatherAlarm).order_by(col(WeatherAlarm.on))))


def unknown_of(hours: bytes) -> dict[str, Any]:
    """Return what is unknown of a stored series, as the corpus writes it."""
    series = unpack(hours)
    found: dict[str, Any] = {}
    for name in HOURLY:
        _note(found, f"hourly.{name}", series.hourly[name])
    days: dict[str, Any] = {}
    for name in DAILY:
        _note(days, f"daily.{name}", series.daily[name])
    whole = list(days.values()) == ["all"] * len(DAILY)
    return {**found, **({"daily": "all"} if whole else days)}


def _note(found: dict[str, Any], name: str, values: list[float | None]) -> None:
    spans: list[list[int]] = []
    for index, value in enumerate(values):
        if value is not None:
            continue
        if spans and spans[-1][1] == index - 1:
            spans[-1][1] = index
        else:
            spans.append([index, index])
    if spans:
        found[name] = "all" if spans == [[0, len(values) - 1]] else spans


def differences(case: Row, before: dict[str, Row], after: dict[str, Row]) -> list[str]:
    """Return what differs from the corpus for both points of one case, one line each."""
    found = []
    for label in "AB":
        want, old, new = case["expect"][label], before[label], after[label]
        if want["outcome"] == "stale":
            kept = all(new[key] == old[key] for key in ("hours", "digest", "fetched_at"))
            got: Any = (new["reason"], kept, new["failures"])
            wanted: Any = (want["reason"], True, 1)
        else:
            got = (new["reason"], new["fetched_at"], unknown_of(new["hours"]))
            wanted = ("", NOW, want.get("unknown", {}))
        if got != wanted:
            found.append(f"{case['name']} {label}: want {wanted}, got {got}")
    return found + _wrong_values(case, after) + _wrong_waits(case, after)


def _wrong_values(case: Row, after: dict[str, Row]) -> list[str]:
    found = []
    for want in case["expect"].get("values", []):
        series = unpack(after[want["point"]]["hours"])
        block, name = want["field"].split(".")
        have = getattr(series, block)[name][want["index"]]
        if have is None or abs(have - want["value"]) > 1e-6:
            found.append(f"{case['name']}: want {want}, got {have}")
    return found


def _wrong_waits(case: Row, after: dict[str, Row]) -> list[str]:
    found = []
    low, high = case["expect"].get("next_try_s", (60, 90))
    for label in "AB":
        if case["expect"][label]["outcome"] != "stale":
            continue
        wait = (after[label]["next_try_at"] - NOW).total_seconds()
        if not low - 5 <= wait <= high + 5:
            found.append(f"{case['name']} {label}: next try in {wait} s, not {low}..{high}")
    return found


def foretell(session, cell: str, *levels: int, on: date, at: datetime) -> None:
    """Store a forecast with one frost night for each level."""
    alerts = tuple(
        Alert(
            "frost",
            level,
            on + timedelta(days=place),
            datetime.combine(on + timedelta(days=place), time(2)),
            datetime.combine(on + timedelta(days=place), time(7)),
            -float(level),
            5,
        )
        for place, level in enumerate(levels)
    )
    row = session.get(Forecast, cell) or Forecast(cell=cell, lat=31.1, lon=108.28, elevation_m=183)
    row.digest, row.fetched_at = to_text(Digest((), alerts, 183)), at
    session.add(row)
