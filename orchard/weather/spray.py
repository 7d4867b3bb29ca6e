"""Which hours are fit for spraying: 宜 good, 慎 marginal, 忌 no, and why (agronomy 3.3).

The first failing reason in the order wind, gust, Delta T, temperature, humidity, rain, clock
is the one that is told. An unknown value is never good.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from orchard.weather.rules import Values
from orchard.weather.thresholds import group

BLOCK_HOURS = 3  # ux.md: five blocks of three hours, 05 to 20


class Verdict(StrEnum):
    """What may be said of an hour; the letter is what the digest keeps."""

    GOOD = "g"
    MARGINAL = "m"
    UNKNOWN = "u"
    NO = "n"


RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}  # no outweighs unknown
WORDS = {verdict: verdict.name.lower() for verdict in Verdict}


class Why(StrEnum):
    """Why an hour is not good; the letter is what the digest keeps."""

    NOTHING = "-"
    CALM = "c"
    WIND = "w"
    GUST = "g"
    DELTA_LOW = "l"
    DELTA_HIGH = "d"
    COLD = "k"
    HOT = "h"
    DRY = "y"
    DAMP = "p"
    RAIN = "r"
    RAIN_SOON = "s"
    RAIN_LATER = "t"
    RAIN_LIKELY = "b"
    MIDDAY = "m"
    NIGHT = "n"
    UNKNOWN = "u"


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
    """Good within, no outside, marginal between; limits belong to the better side."""

    no_below: float
    good_from: float
    good_to: float
    no_above: float
    low: Why
    high: Why


class Finding(NamedTuple):
    """What one factor says of one hour."""

    verdict: Verdict
    why: Why


GOOD = Finding(Verdict.GOOD, Why.NOTHING)
UNKNOWN = Finding(Verdict.UNKNOWN, Why.UNKNOWN)


@cache
def spray_limits(on: date) -> Spray:
    """Return the spray limits in force."""
    return group(Spray, "spray", on)


@cache
def bands(on: date) -> tuple[Band, Band, Band, Band, Band]:
    """Return the bands of wind, gust, Delta T, temperature and humidity, in that order."""
    s, free = spray_limits(on), -math.inf
    below = math.nextafter(s.gust_good_below, 0)  # the limit itself is marginal
    return (
        Band(free, s.wind_good_from, s.wind_good_to, s.wind_no_above, Why.CALM, Why.WIND),
        Band(free, free, below, s.gust_no_above, Why.GUST, Why.GUST),
        Band(
            free, s.delta_good_from, s.delta_good_to, s.delta_no_above,
            Why.DELTA_LOW, Why.DELTA_HIGH,
        ),
        Band(
            s.temp_no_below, s.temp_good_from, s.temp_good_to, s.temp_no_above, Why.COLD, Why.HOT
        ),
        Band(s.rh_no_below, s.rh_good_from, s.rh_good_to, s.rh_no_above, Why.DRY, Why.DAMP),
    )  # fmt: skip


def delta_t(temp_c: float | None, rh: float | None) -> float | None:
    """Return dry-bulb minus wet-bulb temperature in °C.

    Wet bulb: R. Stull, J. Appl. Meteorol. Climatol. 50 (2011) 2267, good to about 1 °C for
    5-99 % and -20 to 50 °C; a negative difference is no more than its error.
    """
    if temp_c is None or rh is None:
        return None
    wet = (
        temp_c * math.atan(0.151977 * math.sqrt(rh + 8.313659))
        + math.atan(temp_c + rh)
        - math.atan(rh - 1.676331)
        + 0.00391838 * math.pow(rh, 1.5) * math.atan(0.023101 * rh)
        - 4.686035
    )
    return max(0.0, temp_c - wet)


def judged(value: float | None, band: Band) -> Finding:
    """Return what one band says of a value."""
    if value is None:
        return UNKNOWN
    if band.good_from <= value <= band.good_to:
        return GOOD
    low = value < band.good_from
    beyond = value < band.no_below if low else value > band.no_above
    return Finding(Verdict.NO if beyond else Verdict.MARGINAL, band.low if low else band.high)


def rain(wet: Sequence[bool | None], likely: Sequence[bool | None], hour: int, s: Spray) -> Finding:
    """Return what rain says of the hour that begins at a stamp.

    A stamp's rain fell in the hour before it. So wet[hour] just ended, wet[hour + 1] falls
    during the work, and the hours of rest after it begin with it.
    """
    soon, later = hour + 1 + int(s.rain_no_hours), hour + 1 + int(s.rain_hours)
    if True in wet[hour : hour + 2]:
        return Finding(Verdict.NO, Why.RAIN)
    if True in wet[hour + 2 : soon]:
        return Finding(Verdict.NO, Why.RAIN_SOON)
    if True in likely[hour + 1 : soon]:
        return Finding(Verdict.NO, Why.RAIN_LIKELY)
    if later > len(wet) or None in wet[hour:later] or None in likely[hour + 1 : soon]:
        return UNKNOWN
    return Finding(Verdict.MARGINAL, Why.RAIN_LATER) if True in wet[soon:later] else GOOD


def wet_hours(precipitation: Values, s: Spray) -> list[bool | None]:
    """Return for each stamp whether it rained in the hour before it; None when unknown."""
    return [None if mm is None else mm >= s.rain_mm for mm in precipitation]


def stays_dry(wet: Sequence[bool | None], hour: int, s: Spray) -> bool | None:
    """Say whether copper or oil would have its dry day after this hour; None when unknown."""
    after = wet[hour : hour + 1 + int(s.contact_hours)]
    if True in after:
        return False
    return None if None in after or len(after) <= s.contact_hours else True


@cache
def clock(month: int, hour: int, s: Spray) -> Finding:
    """Return what the clock says: no night work; from June to August none at midday."""
    if hour not in s.hours:
        return Finding(Verdict.NO, Why.NIGHT)
    if not s.summer_from <= month <= s.summer_to:
        return GOOD
    if s.noon_from <= hour < s.noon_to:
        return Finding(Verdict.NO, Why.MIDDAY)
    if s.morning_to <= hour < s.evening_from:
        return Finding(Verdict.MARGINAL, Why.MIDDAY)
    return GOOD


class Hours(NamedTuple):
    """The series that the verdicts need, all of one length, in °C, %, mm, m/s."""

    temp: Values
    rh: Values
    precipitation: Values
    probability: Values
    wind: Values
    gust: Values


def findings(hours: Hours, first: date, wanted: Sequence[int]) -> list[list[Finding]]:
    """Return what every factor says of each wanted hour, counted from the first day's midnight."""
    s, (wind, gust, delta, temp, rh) = spray_limits(first), bands(first)
    wet = wet_hours(hours.precipitation, s)
    likely = [None if p is None else p >= s.probability_no for p in hours.probability]
    months = [date.fromordinal(first.toordinal() + day).month for day in range(len(wet) // 24 + 1)]
    return [
        [
            judged(hours.wind[i], wind),
            judged(hours.gust[i], gust),
            judged(delta_t(hours.temp[i], hours.rh[i]), delta),
            judged(hours.temp[i], temp),
            judged(hours.rh[i], rh),
            rain(wet, likely, i, s),
            clock(months[i // 24], i % 24, s),
        ]
        for i in wanted
    ]


def worst(found: Sequence[Finding]) -> Finding:
    """Return the worst of several findings; of equally bad ones the first."""
    return max(found, key=lambda finding: RANK[finding.verdict])


def blocks(letters: str, first_hour: int) -> list[tuple[int, Verdict]]:
    """Return (hour, verdict) of each block of three hours.

    Good only if every hour is; no or unknown only if no hour is good or marginal.
    """
    found = []
    for at in range(0, len(letters), BLOCK_HOURS):
        some = {Verdict(letter) for letter in letters[at : at + BLOCK_HOURS]}
        if some == {Verdict.GOOD}:
            verdict = Verdict.GOOD
        elif some & {Verdict.GOOD, Verdict.MARGINAL}:
            verdict = Verdict.MARGINAL
        else:
            verdict = Verdict.UNKNOWN if Verdict.UNKNOWN in some else Verdict.NO
        found.append((first_hour + at, verdict))
    return found


def best_window(letters: str, first_hour: int, from_hour: int = 0) -> tuple[int, int] | None:
    """Return (from, to) of the longest run of good hours not yet past; the first of equals."""
    best: tuple[int, int] | None = None
    begin: int | None = None
    for hour, letter in enumerate(letters + "-", first_hour):
        if letter == Verdict.GOOD and hour >= from_hour:
            begin = hour if begin is None else begin
        elif begin is not None:
            if best is None or hour - begin > best[1] - best[0]:
                best = begin, hour
            begin = None
    return best


def main_reason(reasons: str) -> Why:
    """Return the reason that holds for most hours; of equally frequent ones the first."""
    told: Mapping[str, int] = {
        letter: reasons.count(letter) for letter in dict.fromkeys(reasons) if letter != Why.NOTHING
    }
    return Why(max(told, key=lambda letter: told[letter])) if told else Why.NOTHING
