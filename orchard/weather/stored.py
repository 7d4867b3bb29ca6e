"""What is stored of a forecast: its digest as short JSON, its hours as bytes; read only here.

What cannot be read is no forecast: one spoiled record holds up no other cell, no page and no job.
The next good answer replaces it.
"""

import json
import zlib
from dataclasses import fields
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from orchard import db, logs
from orchard.weather.bar import Verdict, Why
from orchard.weather.digest import Alert, Day, Digest
from orchard.weather.series import unpack_temps

VERSION = 2  # 1 had no rain_24h_mm; its digests are read without
DAY_FIELDS = tuple(field.name for field in fields(Day))
ALERT_FIELDS = tuple(field.name for field in fields(Alert))

log = logs.get("weather")


def to_text(digest: Digest) -> str:
    """Return the digest as the short JSON that is stored."""
    days = [[getattr(day, name) for name in DAY_FIELDS] for day in digest.days]
    alerts = [[getattr(alert, name) for name in ALERT_FIELDS] for alert in digest.alerts]
    kept = {"v": VERSION, "m": digest.elevation_m, "days": days, "alerts": alerts}
    if digest.is_sample:
        kept["sample"] = True
    return json.dumps(kept, default=lambda moment: moment.isoformat(), separators=(",", ":"))


@lru_cache(maxsize=512)
def from_text(text: str, fetched_at: datetime | None) -> Digest | None:
    """Return the digest that to_text() wrote, or None when it cannot be read.

    The plots of a cell share it, and what is wrong with it is logged once.
    """
    try:
        kept: dict[str, Any] = json.loads(text)
        days = tuple(_day(row) for row in kept["days"])
        alerts = tuple(_alert(row) for row in kept["alerts"])
        return Digest(days, alerts, kept["m"], fetched_at, kept.get("sample", False))
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        log.warning("digest_unreadable", county=db.county(), exc_info=error)
        return None


def _day(row: list[Any]) -> Day:
    on, *rest = row
    day = Day(date.fromisoformat(on), *rest)
    for letters, kind in ((day.letters, Verdict), (day.whys, Why)):
        for letter in set(letters):
            kind(letter)
    return day


def _alert(row: list[Any]) -> Alert:
    kind, level, on, begins, ends, extreme, hours = row
    span = datetime.fromisoformat(begins), datetime.fromisoformat(ends)
    return Alert(kind, level, date.fromisoformat(on), *span, extreme, hours)


def temps_of(stored: bytes | None) -> tuple[date, list[float]] | None:
    """Return first day and hourly temperatures (°C, NaN where unknown) of what pack() stored.

    None for nothing, and for what cannot be read.
    """
    if stored is None:
        return None
    try:
        return unpack_temps(stored)
    except (zlib.error, ValueError) as error:
        log.warning("hours_unreadable", county=db.county(), exc_info=error)
        return None
