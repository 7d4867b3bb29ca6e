"""Series of values: out of JSON into our units, and into the bytes that are stored.

Whatever is missing, null or impossible comes out as None: never 0, never an alarm.
"""

import math
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, TypeGuard

from orchard.weather.rules import DAYS, HOURS, NoForecast, Reason, Values
from orchard.weather.thresholds import in_force

KMH_TO_MS = 1 / 3.6
# The first unit is ours; the others are turned into it.
UNITS: Mapping[str, Mapping[str, float]] = {
    "temperature_2m": {"°C": 1},
    "relative_humidity_2m": {"%": 1},
    "precipitation": {"mm": 1},
    "precipitation_probability": {"%": 1},
    "wind_speed_10m": {"m/s": 1, "km/h": KMH_TO_MS},
    "wind_gusts_10m": {"m/s": 1, "km/h": KMH_TO_MS},
    "et0_fao_evapotranspiration": {"mm": 1},
    "shortwave_radiation": {"W/m²": 1},
    "weather_code": {"wmo code": 1},
    "temperature_2m_max": {"°C": 1},
    "temperature_2m_min": {"°C": 1},
    "precipitation_sum": {"mm": 1},
}
HOURLY = tuple(UNITS)[:9]
DAILY = ("temperature_2m_max", "temperature_2m_min", "precipitation_sum", HOURLY[6])
NUMBERS = frozenset({int, float})
NOTHING = type(None)
MOST_HOURS = 24 * 110  # the longest answer there is: 92 past days and 16 to come
MOST = 10**6  # a number beyond this is no measurement, and may not even fit into a float
DATE_BYTES = 10


def is_number(value: object) -> TypeGuard[float]:
    """Say whether a value is a JSON number; True and False are none."""
    return type(value) in NUMBERS


@dataclass(frozen=True, slots=True)
class Series:
    """The values of one point from the first day's local midnight on."""

    first: date
    elevation_m: float | None
    hourly: dict[str, Values]
    daily: dict[str, Values]

    @property
    def temps(self) -> Values:
        """Return the hourly temperatures, °C."""
        return self.hourly["temperature_2m"]


def hours_of(stamps: object) -> tuple[datetime, int]:
    """Return the first hour and how many follow each other without gap or repeat."""
    if not isinstance(stamps, list) or not 0 < len(stamps) <= MOST_HOURS:
        raise NoForecast(Reason.TIME)
    try:
        begin = datetime.fromisoformat(stamps[0])
        wanted = _stamps(begin, len(stamps))
    except (ValueError, TypeError, OverflowError):
        raise NoForecast(Reason.TIME) from None
    if stamps != wanted:
        raise NoForecast(Reason.TIME)
    return begin, len(stamps)


@lru_cache(maxsize=8)
def _stamps(begin: datetime, count: int) -> list[str]:
    hour = timedelta(hours=1)
    return [(begin + i * hour).strftime("%Y-%m-%dT%H:00") for i in range(count)]


def window(values: Values, skip: int, size: int) -> Values:
    """Return exactly size values from index skip on, unknown where there are none."""
    before: Values = [None] * min(max(-skip, 0), size)
    kept = before + values[max(skip, 0) :][: size - len(before)]
    return kept + [None] * (size - len(kept))


def hourly(
    block: Mapping[str, Any], units: Mapping[str, Any], count: int, on: date
) -> dict[str, Values]:
    """Return every hourly variable of an element in our unit."""
    return {name: _values(block, units, name, count, _range(name, on)) for name in HOURLY}


def daily(element: Mapping[str, Any], first: date, count: int) -> dict[str, Values]:
    """Return the day values; the block only repeats the hours, so a broken one is left out."""
    nothing: dict[str, Values] = {name: [None] * count for name in DAILY}
    block, units = element.get("daily"), element.get("daily_units")
    if not isinstance(block, dict) or not isinstance(units, dict):
        return nothing
    want = [(first + timedelta(days=day)).isoformat() for day in range(count)]
    days = block.get("time")
    if not isinstance(days, list) or want[0] not in days:
        return nothing
    at = days.index(want[0])
    if days[at : at + count] != want[: len(days) - at]:
        return nothing
    try:
        return {
            name: window(
                _values(block, units, name, len(days), _range(f"daily_{name}", first)), at, count
            )
            for name in DAILY
        }
    except NoForecast:
        return nothing


@cache
def _range(name: str, on: date) -> tuple[float, float]:
    return in_force(on)[f"least.{name}"].value, in_force(on)[f"most.{name}"].value


def _values(
    block: Mapping[str, Any],
    units: Mapping[str, Any],
    name: str,
    size: int,
    limits: tuple[float, float],
) -> Values:
    """Return one variable; impossible values are unknown, too many of them are a refusal."""
    values = block.get(name)
    if values is None:
        return [None] * size
    if not isinstance(values, list):
        raise NoForecast(Reason.TYPE, name)
    if len(values) != size:
        raise NoForecast(Reason.LENGTH, name)
    unit = units.get(name)
    if not isinstance(unit, str) or unit not in UNITS[name]:
        raise NoForecast(Reason.UNIT, name)
    kinds = set(map(type, values))
    if not kinds <= NUMBERS | {NOTHING}:
        raise NoForecast(Reason.TYPE, name)
    factor = UNITS[name][unit]
    if (
        _plain(kinds, factor, name)
        and limits[0] <= min(values) * factor <= max(values) * factor <= limits[1]
    ):
        return values if factor == 1 else [value * factor for value in values]
    return _sifted(values, factor, limits, name)


def _plain(kinds: set[type], factor: float, name: str) -> bool:
    """Say whether smallest and largest tell all about a series; most are like that."""
    if name == "weather_code":
        return kinds == {int}
    return kinds == {float} or (factor == 1 and NOTHING not in kinds)


def _sifted(values: Sequence[Any], factor: float, limits: tuple[float, float], name: str) -> Values:
    kept = [_possible(value, factor, limits, name) for value in values]
    present = sum(value is not None for value in values)
    bad = present - sum(value is not None for value in kept)
    rows = in_force(date.max)
    if bad > max(rows["accept.bad_count"].value, rows["accept.bad_share"].value * present):
        raise NoForecast(Reason.RANGE, name)
    return kept


def _possible(
    value: float | None, factor: float, limits: tuple[float, float], name: str
) -> float | None:
    if value is None or not abs(value) < MOST:
        return None
    scaled = value * factor
    if not limits[0] <= scaled <= limits[1]:
        return None
    return None if name == "weather_code" and scaled != int(scaled) else scaled


def pack(series: Series) -> bytes:
    """Return a series as the compressed bytes that are stored."""
    numbers = array("d", _plain_numbers([series.elevation_m]))
    for name in HOURLY:
        numbers.extend(_plain_numbers(series.hourly[name]))
    for name in DAILY:
        numbers.extend(_plain_numbers(series.daily[name]))
    return zlib.compress(series.first.isoformat().encode() + _little(numbers).tobytes(), 1)


def _plain_numbers(values: Values) -> list[float]:
    return [math.nan if value is None else value for value in values]


def _little(numbers: "array[float]") -> "array[float]":
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def unpack(stored: bytes) -> Series:
    """Return the series that pack() stored."""
    first, numbers = _numbers(stored)
    known = [None if math.isnan(value) else value for value in numbers]
    days_at = 1 + len(HOURLY) * HOURS
    table = {name: known[1 + i * HOURS : 1 + (i + 1) * HOURS] for i, name in enumerate(HOURLY)}
    days = {
        name: known[days_at + i * DAYS : days_at + (i + 1) * DAYS] for i, name in enumerate(DAILY)
    }
    return Series(first, known[0], table, days)


def unpack_temps(stored: bytes) -> tuple[date, list[float]]:
    """Return first day and hourly temperatures of what pack() stored, NaN where unknown."""
    first, numbers = _numbers(stored)
    return first, numbers[1 : 1 + HOURS].tolist()


def _numbers(stored: bytes) -> tuple[date, "array[float]"]:
    raw = zlib.decompress(stored)
    numbers = array("d")
    numbers.frombytes(raw[DATE_BYTES:])
    return date.fromisoformat(raw[:DATE_BYTES].decode()), _little(numbers)
