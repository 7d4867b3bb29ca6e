"""What of a server's answer is used: strict about what it is, tolerant about what it lacks.

An answer is judged as a whole, then element by element; the first thing wrong is the reason.
"""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NoReturn

from orchard.weather import series
from orchard.weather.rules import DAYS, HOURS, Asked, NoForecast, Reason
from orchard.weather.series import Series, is_number, window
from orchard.weather.thresholds import in_force

UTC_OFFSET_S = 28800  # Asia/Shanghai, without summer time
MOST_BRACKETS = 50_000  # a hundred elements have about 2,000; each costs far more than its byte


def parse(body: bytes, asked: int) -> list[Any]:
    """Return the elements of an answer; a single asked point may come as a bare object."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoForecast(Reason.ENCODING) from None
    if body.count(b"[") + body.count(b"{") > MOST_BRACKETS:
        raise NoForecast(Reason.NOT_JSON, "too many brackets")
    try:
        answer = json.loads(text, object_pairs_hook=_no_key_twice, parse_constant=_no_literal)
    except (ValueError, RecursionError) as error:
        raise NoForecast(Reason.NOT_JSON, type(error).__name__) from None
    if isinstance(answer, dict) and answer.get("error"):
        raise NoForecast(Reason.ERROR_OBJECT, _told(answer))
    if isinstance(answer, dict) and asked == 1:
        return [answer]
    if not isinstance(answer, list) or not answer:
        raise NoForecast(Reason.SHAPE)
    return answer


def _told(refused: Mapping[str, Any]) -> str:
    """Return the server's own reason when it is a text."""
    reason = refused.get("reason")
    return reason if isinstance(reason, str) else ""


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    kept = dict(pairs)
    if len(kept) != len(pairs):
        raise ValueError("a key twice")
    return kept


def _no_literal(text: str) -> NoReturn:
    raise ValueError(text)


def element_at(answer: Sequence[Any], index: int, asked: Asked, now: datetime) -> Series:
    """Return the element at an index, judged by itself alone."""
    if index >= len(answer):
        raise NoForecast(Reason.MISSING_ELEMENT)
    element, on = answer[index], now.date()
    if not isinstance(element, dict):
        raise NoForecast(Reason.SHAPE)
    if element.get("error"):
        raise NoForecast(Reason.ERROR_OBJECT, _told(element))
    _check_identity(element, index, asked, on)
    found = _read(element, now)
    _check_temperatures(found, now)
    return found


def _limit(name: str, on: date) -> float:
    return in_force(on)[f"accept.{name}"].value


def _far(have: object, want: float, most: float) -> bool:
    """Say whether a value is no number, or too far from the wanted one."""
    return not is_number(have) or not want - most <= have <= want + most


def _check_identity(element: Mapping[str, Any], index: int, asked: Asked, on: date) -> None:
    number = element.get("location_id", 0)
    if type(number) is not int or number != index:
        raise NoForecast(Reason.IDENTITY, "location_id")
    for key, want in (("latitude", asked.lat), ("longitude", asked.lon)):
        if _far(element.get(key), want, _limit("place_deg", on)):
            raise NoForecast(Reason.PLACE, key)
    height = element.get("elevation")
    if height is not None and _far(height, asked.elevation_m, _limit("elevation_m", on)):
        raise NoForecast(Reason.IDENTITY, "elevation")
    offset = element.get("utc_offset_seconds")
    if type(offset) is not int or offset != UTC_OFFSET_S:
        raise NoForecast(Reason.OFFSET)


def _read(element: Mapping[str, Any], now: datetime) -> Series:
    block, units = element.get("hourly"), element.get("hourly_units")
    if not isinstance(block, dict):
        raise NoForecast(Reason.SHAPE, "hourly")
    if not isinstance(units, dict) or units.get("time") != "iso8601":
        raise NoForecast(Reason.UNIT, "time")
    begin, count = series.hours_of(block.get("time"))
    if not begin <= now.replace(minute=0, second=0, microsecond=0) < begin + timedelta(hours=count):
        raise NoForecast(Reason.HORIZON)
    first = now.date()
    skip = int((datetime.combine(first, time()) - begin) / timedelta(hours=1))
    table = series.hourly(block, units, count, first)
    kept = {name: window(values, skip, HOURS) for name, values in table.items()}
    return Series(first, element.get("elevation"), kept, series.daily(element, first, DAYS))


def _check_temperatures(found: Series, now: datetime) -> None:
    """Refuse too few temperatures, and days that contradict their hours."""
    on = now.date()
    if sum(t is not None for t in found.temps[now.hour :]) < _limit("min_hours", on):
        raise NoForecast(Reason.NO_TEMPERATURE)
    tolerated = _limit("daily_c", on)
    for day in range(DAYS):
        hours = [t for t in found.temps[24 * day : 24 * day + 24] if t is not None]
        if len(hours) < 24:
            continue
        for name, want in (("temperature_2m_max", max(hours)), ("temperature_2m_min", min(hours))):
            have = found.daily[name][day]
            if have is not None and abs(have - want) > tolerated:
                raise NoForecast(Reason.INCONSISTENT, name)


def is_doubtful(before: tuple[date, list[float]], after: Series) -> bool:
    """Say whether the temperatures of the hours that both know changed too much, on average.

    before: its first day and hourly temperatures, NaN where unknown.
    """
    first, temps = before
    old = window(list(temps), (after.first - first).days * 24, len(after.temps))
    jumps = [
        abs(new - then)
        for then, new in zip(old, after.temps, strict=True)
        if then is not None and new is not None and not math.isnan(then)
    ]
    return bool(jumps) and math.fsum(jumps) / len(jumps) > _limit("jump_c", after.first)
