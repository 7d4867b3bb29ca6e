"""All forecasts of a county beside the least that fetching, parsing and storing can cost."""

import json
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import Any

import requests
from sqlmodel import col, delete, func, select

from orchard import clock, db, settings
from orchard.bench import county
from orchard.bench.figures import Target, mid, told
from orchard.bench.weather_stub import weather_stub
from orchard.weather.models import Forecast
from orchard.weather.queries import cells_wanted
from orchard.weather.rules import DAYS, Asked
from orchard.weather.series import DAILY, HOURLY

CELLS_A_CALL = 100  # decision 18
RATIO = 3.0  # issue 2


def run(work: Path, *, plots: int, rounds: int, pull: Callable[[], bool]) -> dict[str, Any]:
    """Pull a county's forecasts as the job does, and as little as possible, by turns."""
    county.build(work / "county", plots)
    with weather_stub(clock.today()) as stub:
        settings.use(settings.get().model_copy(update={"weather_url": stub.address}))
        with db.reading() as session:
            asked = list(cells_wanted(session).values())
        ours, least, calls = [], [], set()
        for number in range(rounds):
            _forget()
            stub.calls = 0
            begun = perf_counter()
            pull()
            ours.append(perf_counter() - begun)
            calls.add(stub.calls)
            begun = perf_counter()
            _limit(stub.address, asked, work / f"limit{number}.db")
            least.append(perf_counter() - begun)
    stored = _stored()
    facts = {
        "plots": plots,
        "cells": len(asked),
        "stored": stored,
        "calls": max(calls),
        "ours_s": mid(ours, 3),
        "limit_s": mid(least, 3),
        "ratio": round(mid(ours, 4) / mid(least, 4), 2),
    }
    targets = [
        Target("seconds beside the limit", facts["ratio"], most=RATIO),
        Target("calls", facts["calls"], most=ceil(len(asked) / CELLS_A_CALL)),
        Target("cells without a forecast", len(asked) - stored, most=0),
    ]
    return told("forecasts", facts, targets)


def _forget() -> None:
    with db.transaction() as session:
        session.execute(delete(Forecast))


def _stored() -> int:
    with db.reading() as session:
        return session.exec(select(func.count(col(Forecast.fetched_at)))).one()


def _limit(address: str, asked: Sequence[Asked], path: Path) -> None:
    """Fetch, parse and store one compressed value per cell; judge and derive nothing."""
    session = requests.Session()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE kept (cell INTEGER PRIMARY KEY, fetched TEXT, body BLOB)")
    for at in range(0, len(asked), CELLS_A_CALL):
        batch = asked[at : at + CELLS_A_CALL]
        answer = session.get(f"{address}/v1/forecast", params=_question(batch), timeout=60).json()
        places = answer if isinstance(answer, list) else [answer]
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO kept VALUES (?, ?, ?) ON CONFLICT (cell) DO UPDATE SET body=excluded.body",
            (
                (at + index, "2026", zlib.compress(_plain(place["hourly"]), 1))
                for index, place in enumerate(places)
            ),
        )
        connection.execute("COMMIT")
    connection.close()
    session.close()


def _plain(hourly: dict[str, Any]) -> bytes:
    return json.dumps(hourly, separators=(",", ":")).encode()


def _question(batch: Sequence[Asked]) -> dict[str, str]:
    return {
        "latitude": ",".join(f"{point.lat:.3f}" for point in batch),
        "longitude": ",".join(f"{point.lon:.3f}" for point in batch),
        "elevation": ",".join(f"{point.elevation_m:.0f}" for point in batch),
        "hourly": ",".join(HOURLY),
        "daily": ",".join(DAILY),
        "forecast_days": str(DAYS),
        "timezone": "Asia/Shanghai",
    }
