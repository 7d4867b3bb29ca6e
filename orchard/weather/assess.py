"""What the rules say of a recorded answer: for checking them against other tools.

Takes an Open-Meteo object or array, also inside a recording ({"response": {"body": ...}}).
Its own stamps count as local time; who it was recorded for, and when, does not matter.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from orchard.errors import FieldRefused
from orchard.plots.rules import varieties
from orchard.weather import series, spray
from orchard.weather.acceptance import parse
from orchard.weather.bar import WORDS, Why
from orchard.weather.digest import Alert, Day, digest_of, plus, spray_series
from orchard.weather.rules import (
    LEVEL_NAMES,
    NoForecast,
    Reason,
    Values,
    correction_c,
    fruit_limit_c,
)
from orchard.weather.series import DAILY, HOURLY, Series, is_number, window
from orchard.weather.thresholds import in_force

OLD_NAMES = {  # how older recordings call the same thing
    "relative_humidity_2m": "relativehumidity_2m",
    "wind_speed_10m": "windspeed_10m",
    "wind_gusts_10m": "windgusts_10m",
    "weather_code": "weathercode",
}
FIRST_MODEL = "_best_match"  # suffix where an answer holds several models


def assess(recorded: bytes, elevation_m: float, variety: str | None = None) -> dict[str, Any]:
    """Return days, alerts with level and hours, and every hour's spray verdict with reasons.

    Of several points the one nearest in elevation is used and corrected by 0.65 °C per 100 m.
    A variety adds whether the cold freezes its fruit on the tree.
    """
    if variety is not None and variety not in varieties():
        raise FieldRefused("variety", "weather.no_variety", known=", ".join(varieties()))
    fruit = varieties()[variety].fruit if variety else ""
    elements = _elements(recorded)
    index = min(range(len(elements)), key=lambda i: _distance(elements[i], elevation_m))
    found = _read(elements[index])
    add = correction_c(found.elevation_m, elevation_m, found.first)
    temps = plus(found.temps, add)
    told = digest_of(found, elevation_m)
    return {
        "element": index,
        "elevation_m": elevation_m,
        "source_elevation_m": found.elevation_m,
        "correction_c": round(add, 2),
        "utc_offset_seconds": elements[index].get("utc_offset_seconds"),
        "days": [_day(day) for day in told.days],
        "alerts": [_alert(alert, fruit) for alert in told.alerts],
        "spray": _spray(found, temps),
        "unknown_hours": {name: values.count(None) for name, values in found.hourly.items()},
        "rules_from": max(row.valid_from for row in in_force(found.first).values()).isoformat(),
    }


def _elements(recorded: bytes) -> list[dict[str, Any]]:
    answer = parse(recorded, 1)
    if len(answer) == 1 and isinstance(answer[0], dict) and "response" in answer[0]:
        response = answer[0]["response"]
        body = response.get("body") if isinstance(response, dict) else None
        answer = parse((body if isinstance(body, str) else json.dumps(body)).encode(), 1)
    for element in answer:
        if isinstance(element, dict) and element.get("error"):
            raise NoForecast(Reason.ERROR_OBJECT)
        if not isinstance(element, dict) or not {"hourly", "daily"} & set(element):
            raise NoForecast(Reason.SHAPE)
    return answer


def _distance(element: Mapping[str, Any], elevation_m: float) -> float:
    height = _height(element)
    return float("inf") if height is None else abs(height - elevation_m)


def _height(element: Mapping[str, Any]) -> float | None:
    height = element.get("elevation")
    return float(height) if is_number(height) and -500 <= height <= 9000 else None


def _read(element: Mapping[str, Any]) -> Series:
    """Return the series of an element, whatever its length and first hour."""
    hours = _renamed(element, "hourly", HOURLY)
    if "time" not in hours[0]:
        return _days_only(element)
    begin, count = series.hours_of(hours[0]["time"])
    size = -(-(begin.hour + count) // 24) * 24
    table = series.hourly(*hours, count, begin.date())
    kept = {name: window(values, -begin.hour, size) for name, values in table.items()}
    return Series(begin.date(), _height(element), kept, _daily(element, begin.date(), size // 24))


def _days_only(element: Mapping[str, Any]) -> Series:
    """Return a series whose hours are all unknown: day values give no alarm and no verdict."""
    days = _renamed(element, "daily", DAILY)[0].get("time")
    try:
        first = date.fromisoformat(days[0]) if isinstance(days, list) and days else None
    except (ValueError, TypeError):
        first = None
    if first is None or not isinstance(days, list):
        raise NoForecast(Reason.TIME)
    unknown: Values = [None] * (24 * len(days))
    nothing = {name: unknown for name in HOURLY}
    return Series(first, _height(element), nothing, _daily(element, first, len(days)))


def _daily(element: Mapping[str, Any], first: date, count: int) -> dict[str, Values]:
    block, units = _renamed(element, "daily", DAILY)
    return series.daily({"daily": block, "daily_units": units}, first, count)


def _renamed(
    element: Mapping[str, Any], block: str, names: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a block and its units under the names of today."""
    values, units = (element.get(key) for key in (block, f"{block}_units"))
    if not isinstance(values, dict) or not isinstance(units, dict):
        return {}, {}
    kept = {"time": values["time"]} if "time" in values else {}
    renamed: tuple[dict[str, Any], dict[str, Any]] = kept, {}
    for name in names:
        for known in (name, OLD_NAMES.get(name, name), name + FIRST_MODEL):
            if known in values:
                renamed[0][name], renamed[1][name] = values[known], units.get(known)
                break
    return renamed


def _day(day: Day) -> dict[str, Any]:
    return {
        "date": day.on.isoformat(),
        "low_c": day.low_c,
        "high_c": day.high_c,
        "weather": day.word,
        "rain_mm": day.rain_mm,
        "frost": None if day.frost is None else LEVEL_NAMES[day.frost],
        "frost_known": day.frost_known,
        "heat": None if day.heat is None else LEVEL_NAMES[day.heat],
        "heat_known": day.heat_known,
        "spray": {f"{hour:02d}": WORDS[verdict] for hour, verdict, _ in day.hours},
        "spray_best": day.best(),
    }


def _alert(alert: Alert, fruit: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": alert.kind,
        "level": LEVEL_NAMES[alert.level],
        "date": alert.on.isoformat(),
        "from": alert.begins.isoformat(timespec="minutes"),
        "to": alert.ends.isoformat(timespec="minutes"),
        "hours": alert.hours,
        "extreme_c": alert.extreme_c,
    }
    limit = fruit_limit_c(fruit, alert.on)
    if alert.kind == "frost" and limit is not None:
        told |= {"fruit": fruit, "fruit_limit_c": limit, "harms_fruit": alert.harms(fruit)}
    return told


def _spray(found: Series, temps: Values) -> list[dict[str, Any]]:
    """Return the verdict of every hour of the day and night, with all failing reasons."""
    wanted = range(len(temps))
    limits = spray.spray_limits(found.first)
    wet = spray.wet_hours(found.hourly["precipitation"], limits)
    midnight = datetime.combine(found.first, time())
    told = spray.scores(spray_series(found, temps), found.first, wanted)
    return [
        {
            "time": (midnight + timedelta(hours=hour)).isoformat(timespec="minutes"),
            "verdict": WORDS[spray.finding(max(factors)).verdict],
            "reason": spray.finding(max(factors)).why.name.lower(),
            "reasons": [
                why.name.lower() for _, why in map(spray.finding, factors) if why != Why.NOTHING
            ],
            "delta_t_c": _rounded(
                spray.delta_t(temps[hour], found.hourly["relative_humidity_2m"][hour])
            ),
            "dry_24h": spray.stays_dry(wet, hour, limits),
        }
        for hour, factors in zip(wanted, told, strict=True)
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
