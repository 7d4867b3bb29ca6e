"""An invented week of weather beginning today, for a county without a weather server."""

import tomllib
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from math import cos, pi
from typing import Any

from sqlmodel import Session, select

from orchard.weather.digest import digest_of
from orchard.weather.models import Forecast
from orchard.weather.queries import cells_wanted
from orchard.weather.rules import DAYS
from orchard.weather.series import HOURLY, Series, pack
from orchard.weather.stored import to_text

COLDEST_HOUR = 6
RAIN_HOURS = range(6, 14)
DAYLIGHT = range(7, 18)


def put_sample(session: Session, *, today: date, now: datetime) -> int:
    """Give every cell that has no real forecast the invented week, marked as a sample.

    A real forecast is never replaced. Returns how many cells got it.
    """
    week = series(today)
    stored = {row.cell: row for row in session.exec(select(Forecast))}
    put = 0
    for cell, asked in cells_wanted(session).items():
        row = stored.get(cell) or Forecast(
            cell=cell, lat=asked.lat, lon=asked.lon, elevation_m=round(asked.elevation_m)
        )
        if row.digest and '"sample":true' not in row.digest:
            continue
        digest = digest_of(week, asked.elevation_m)
        row.digest = to_text(replace(digest, is_sample=True))
        row.hours, row.held = pack(week), None
        row.fetched_at = now
        session.add(row)
        put += 1
    session.flush()
    return put


def series(today: date) -> Series:
    """Return the invented week beginning on a day, at the elevation of the valley."""
    raw = _raw()
    mean, half = raw["mean_c"][today.month - 1], raw["half_range_c"]
    hourly: dict[str, list[float | None]] = {name: [] for name in HOURLY}
    for day in raw["day"]:
        for hour in range(24):
            for name, value in _hour(day, hour, mean + day["add_c"], half).items():
                hourly[name].append(value)
    daily = {
        "temperature_2m_max": [mean + day["add_c"] + half for day in raw["day"]],
        "temperature_2m_min": [mean + day["add_c"] - half for day in raw["day"]],
        "precipitation_sum": [day["rain_mm"] for day in raw["day"]],
        HOURLY[6]: [None] * DAYS,
    }
    return Series(today, raw["elevation_m"], hourly, daily)


def _hour(day: dict[str, Any], hour: int, mean: float, half: float) -> dict[str, float]:
    wave = -cos(2 * pi * (hour - COLDEST_HOUR) / 24)
    raining = hour in RAIN_HOURS and day["rain_mm"] > 0
    return {
        "temperature_2m": round(mean + half * wave, 1),
        "relative_humidity_2m": round(day["humidity"] - 12 * wave),
        "precipitation": round(day["rain_mm"] / len(RAIN_HOURS), 2) if raining else 0.0,
        "precipitation_probability": day["probability"],
        "wind_speed_10m": round(day["wind_mps"] * (1 + 0.3 * wave), 1),
        "wind_gusts_10m": round(day["wind_mps"] * 1.6, 1),
        "et0_fao_evapotranspiration": 0.1 if hour in DAYLIGHT else 0.0,
        "shortwave_radiation": 240.0 if hour in DAYLIGHT else 0.0,
        "weather_code": day["code"] if raining or day["rain_mm"] == 0 else 3,
    }


@cache
def _raw() -> dict[str, Any]:
    text = files("orchard.demo").joinpath("data", "sample_forecast.toml").read_text("utf-8")
    return tomllib.loads(text)
