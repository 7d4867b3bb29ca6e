"""Which hours are fit for spraying: 宜 good, 慎 marginal, 忌 no, and why (agronomy 3.3).

The first failing reason in the order wind, gust, Delta T, temperature, humidity, rain, clock
is the one that is told. An unknown value is never good.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import atan, sqrt
from typing import NamedTuple

from orchard.weather.bar import RANK, VERDICTS, Verdict, Why
from orchard.weather.rules import Values
from orchard.weather.thresholds import group

WHYS = tuple(Why)
FACTORS = 7
RAIN, CLOCK = 5, 6  # places in the order of the factors; the bands are 0 to 4
HAIR = 1e-9


@dataclass(frozen=True, slots=True)
class Spray:
    """Limits of agronomy 3.3 and decision 21; the unit of each stands in the data file."""

    wind_good_from: float
    wind_good_to: float
    wind_no_above: float
    gust_good_below: float
    gust_no_above: float
    delta_good_from: float
    delta_good_to: float
    delta_no_above: float
    temp_no_below: float
    temp_good_from: float
    temp_good_to: float
    temp_no_above: float
    rh_no_below: float
    rh_good_from: float
    rh_good_to: float
    rh_no_above: float
    rain_mm: float
    rain_no_hours: float
    rain_hours: float
    contact_hours: float
    probability_no: float
    day_from: float
    day_to: float
    summer_from: float
    summer_to: float
    morning_to: float
    noon_from: float
    noon_to: float
    evening_from: float

    @property
    def hours(self) -> range:
        """Return the hours of a day on which spraying is thought of at all."""
        return range(int(self.day_from), int(self.day_to))


class Band(NamedTuple):
    """Good within, no outside, marginal between; a limit belongs to its better side."""

    no_below: float
    good_from: float
    good_to: float
    no_above: float
    low: Why
    high: Why

    def scale(self, factor: int) -> tuple[list[float], list[int]]:
        """Return ascending limits, and the score between each two of them.

        A hair of tolerance: 11.88 km/h is 3.3000000000000003 m/s.
        """
        limits = [self.no_below - HAIR, self.good_from - HAIR]
        limits += [self.good_to + HAIR, self.no_above + HAIR]
        told = [
            (Verdict.NO, self.low),
            (Verdict.MARGINAL, self.low),
            (Verdict.GOOD, Why.NOTHING),
            (Verdict.MARGINAL, self.high),
            (Verdict.NO, self.high),
        ]
        return limits, [score(factor, verdict, why) for verdict, why in told]


class Finding(NamedTuple):
    """What one factor says of one hour."""

    verdict: Verdict
    why: Why


@cache
def score(factor: int, verdict: Verdict, why: Why) -> int:
    """Return a finding as a number: the worst verdict is the largest, of equals the first factor.

    A county has a million findings; as numbers they cost a tenth.
    """
    return (RANK[verdict] * FACTORS + FACTORS - factor) * len(WHYS) + WHYS.index(why)


RAIN_GOOD = score(RAIN, Verdict.GOOD, Why.NOTHING)


@cache
def finding(number: int) -> Finding:
    """Return the finding that a score stands for."""
    rank, why = divmod(number, len(WHYS))
    return Finding(VERDICTS[(rank - 1) // FACTORS], WHYS[why])


@cache
def spray_limits(on: date) -> Spray:
    """Return the spray limits in force."""
    return group(Spray, "spray", on)


@cache
def bands(on: date) -> tuple[Band, Band, Band, Band, Band]:
    """Return the bands of wind, gust, Delta T, temperature and humidity, in that order."""
    s, free = spray_limits(on), -math.inf
    below = s.gust_good_below - 2 * HAIR  # the limit itself is marginal
    dry, wet = Why.DELTA_HIGH, Why.DELTA_LOW
    return (
        Band(free, s.wind_good_from, s.wind_good_to, s.wind_no_above, Why.CALM, Why.WIND),
        Band(free, free, below, s.gust_no_above, Why.GUST, Why.GUST),
        Band(free, s.delta_good_from, s.delta_good_to, s.delta_no_above, wet, dry),
        Band(s.temp_no_below, s.temp_good_from, s.temp_good_to, s.temp_no_above, Why.COLD, Why.HOT),
        Band(s.rh_no_below, s.rh_good_from, s.rh_good_to, s.rh_no_above, Why.DRY, Why.DAMP),
    )


def delta_t(temp_c: float | None, rh: float | None) -> float | None:
    """Return dry-bulb minus wet-bulb temperature in °C.

    Wet bulb: R. Stull, J. Appl. Meteorol. Climatol. 50 (2011) 2267, good to about 1 °C for
    5-99 % and -20 to 50 °C; a negative difference is no more than its error.
    """
    if temp_c is None or rh is None:
        return None
    wet = (
        temp_c * atan(0.151977 * sqrt(rh + 8.313659))
        + atan(temp_c + rh)
        - atan(rh - 1.676331)
        + 0.00391838 * rh * sqrt(rh) * atan(0.023101 * rh)
        - 4.686035
    )
    return max(0.0, temp_c - wet)


def wet_hours(precipitation: Values, s: Spray) -> list[bool | None]:
    """Return for each stamp whether it rained in the hour before it; None when unknown."""
    return [None if mm is None else mm >= s.rain_mm for mm in precipitation]


def stays_dry(wet: Sequence[bool | None], hour: int, s: Spray) -> bool | None:
    """Say whether copper or oil would have its dry day after this hour; None when unknown."""
    after = wet[hour : hour + 1 + int(s.contact_hours)]
    if True in after:
        return False
    return None if None in after or len(after) <= s.contact_hours else True


class Hours(NamedTuple):
    """The series that the verdicts need, all of one length, in °C, %, mm, m/s."""

    temp: Values
    rh: Values
    precipitation: Values
    probability: Values
    wind: Values
    gust: Values


def scores(hours: Hours, first: date, wanted: Sequence[int]) -> list[tuple[int, ...]]:
    """Return what every factor says of each wanted hour, counted from the first day's midnight."""
    temp, rh = ([values[i] for i in wanted] for values in (hours.temp, hours.rh))
    measured = (
        [hours.wind[i] for i in wanted],
        [hours.gust[i] for i in wanted],
        list(map(delta_t, temp, rh)),
        temp,
        rh,
    )
    columns = [
        _within(values, *band.scale(factor), score(factor, Verdict.UNKNOWN, Why.UNKNOWN))
        for factor, (values, band) in enumerate(zip(measured, bands(first), strict=True))
    ]
    limits = spray_limits(first)
    return list(zip(*columns, _rain(hours, wanted, limits), _clock(first, wanted), strict=True))


def _within(values: Values, limits: list[float], told: list[int], unknown: int) -> list[int]:
    return [unknown if v is None else told[bisect_right(limits, v)] for v in values]


def _rain(hours: Hours, wanted: Sequence[int], s: Spray) -> list[int]:
    """Return what rain says of the hours that begin at the wanted stamps.

    A stamp's rain fell in the hour before it. So wet[hour] just ended, wet[hour + 1] falls
    during the work, and the hours of rest after it begin with it.
    """
    wet = wet_hours(hours.precipitation, s)
    likely = [None if p is None else p >= s.probability_no for p in hours.probability]
    soon, later = 1 + int(s.rain_no_hours), 1 + int(s.rain_hours)
    certain = {*wet, *likely} == {False}  # most days: no drop in the whole week
    told = []
    for hour in wanted:
        if certain and hour + later <= len(wet):
            told.append(RAIN_GOOD)
            continue
        ahead, chance = wet[hour : hour + later], likely[hour + 1 : hour + soon]
        told.append(score(RAIN, *_rest(ahead, chance, soon, later)))
    return told


def _rest(
    ahead: Sequence[bool | None], chance: Sequence[bool | None], soon: int, later: int
) -> tuple[Verdict, Why]:
    if True in ahead[:2]:
        return Verdict.NO, Why.RAIN
    if True in ahead[:soon]:
        return Verdict.NO, Why.RAIN_SOON
    if True in chance:
        return Verdict.NO, Why.RAIN_LIKELY
    if len(ahead) < later or None in ahead or None in chance:
        return Verdict.UNKNOWN, Why.UNKNOWN
    return (Verdict.MARGINAL, Why.RAIN_LATER) if True in ahead else (Verdict.GOOD, Why.NOTHING)


def _clock(first: date, wanted: Sequence[int]) -> list[int]:
    """Return what the clock says: no night work; from June to August none at midday."""
    table = _clock_table(first)
    days = range(wanted[-1] // 24 + 1) if wanted else ()
    months = [(first + timedelta(days=day)).month for day in days]
    return [table[months[i // 24]][i % 24] for i in wanted]


@cache
def _clock_table(on: date) -> dict[int, list[int]]:
    s = spray_limits(on)
    return {month: [_hour(month, hour, s) for hour in range(24)] for month in range(1, 13)}


def _hour(month: int, hour: int, s: Spray) -> int:
    found = Verdict.GOOD, Why.NOTHING
    if hour not in s.hours:
        found = Verdict.NO, Why.NIGHT
    elif s.summer_from <= month <= s.summer_to:
        if s.noon_from <= hour < s.noon_to:
            found = Verdict.NO, Why.MIDDAY
        elif s.morning_to <= hour < s.evening_from:
            found = Verdict.MARGINAL, Why.MIDDAY
    return score(CLOCK, *found)
