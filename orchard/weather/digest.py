"""The small daily digest of a forecast: worked out once when it arrives, read by every page.

Alarms come from the hours alone. A day whose hours are not all known shows the server's own
day values, or nothing; it is never called free of frost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property

from orchard.weather import bar, spray
from orchard.weather.bar import Verdict, Why
from orchard.weather.rules import (
    Age,
    Values,
    age_limits,
    age_of,
    correction_c,
    frost_levels,
    frost_limits,
    fruit_limit_c,
    heat_level,
    heat_limits,
)
from orchard.weather.series import Series

NOON = 12  # a cold night belongs to the day on whose morning it ends
WORK_HOURS = range(6, 20)  # the day's word comes from the hours that people are out
WORDS = {
    0: "clear", 1: "fair", 2: "cloudy", 3: "overcast", 45: "fog", 48: "fog",
    51: "drizzle", 53: "drizzle", 55: "drizzle", 56: "ice_rain", 57: "ice_rain",
    61: "rain", 63: "rain_mid", 65: "rain_heavy", 66: "ice_rain", 67: "ice_rain",
    71: "snow", 73: "snow_mid", 75: "snow_heavy", 77: "snow",
    80: "shower", 81: "shower", 82: "shower_heavy", 85: "snow_shower", 86: "snow_shower",
    95: "thunder", 96: "hail", 99: "hail",
}  # fmt: skip  # WMO code table 4677, the part that Open-Meteo writes


@dataclass(frozen=True)
class Day:
    """One day: temperatures, word, rain, frost and heat level, a letter for each spray hour.

    rain_24h_mm is the most rain in 24 hours on end that end on the day and are all known; digests
    of version 1 have none.
    """

    on: date
    low_c: float | None
    high_c: float | None
    word: str
    rain_mm: float | None
    frost: int | None
    frost_known: bool
    heat: int | None
    heat_known: bool
    letters: str
    whys: str
    rain_24h_mm: float | None = None

    @property
    def first_hour(self) -> int:
        """Return the hour of the first spray letter."""
        return spray.spray_limits(self.on).hours.start

    @cached_property
    def blocks(self) -> list[tuple[int, Verdict]]:
        """Return (hour, verdict) of the five blocks of the spray bar."""
        return bar.blocks(self.letters, self.first_hour)

    @property
    def hours(self) -> list[tuple[int, Verdict, Why]]:
        """Return (hour, verdict, reason) of each spray hour."""
        pairs = zip(self.letters, self.whys, strict=True)
        return [(hour, Verdict(a), Why(b)) for hour, (a, b) in enumerate(pairs, self.first_hour)]

    def left(self, from_hour: int = 0) -> str:
        """Return the letters of the hours that are not past."""
        return self.letters[max(from_hour - self.first_hour, 0) :]

    def best(self, from_hour: int = 0) -> tuple[int, int] | None:
        """Return (from, to) of the longest good stretch that is not past."""
        return bar.best_window(self.letters, self.first_hour, from_hour)

    def care(self, from_hour: int = 0) -> tuple[int, int] | None:
        """Return (from, to) of the longest marginal stretch that is not past."""
        return bar.best_window(self.letters, self.first_hour, from_hour, Verdict.MARGINAL)

    def why_not(self, from_hour: int = 0, to_hour: int = 24) -> Why:
        """Return the reason that rules most of the hours between two."""
        begin, end = (max(hour - self.first_hour, 0) for hour in (from_hour, to_hour))
        return bar.main_reason(self.whys[begin:end])


@dataclass(frozen=True)
class Alert:
    """Frost of one night or heat of one day, with its level and hours (local time)."""

    kind: str
    level: int
    on: date
    begins: datetime
    ends: datetime
    extreme_c: float
    hours: int

    def harms(self, fruit: str) -> bool:
        """Say whether this cold freezes a kind of fruit on the tree (data, rows fruit.*)."""
        limit = fruit_limit_c(fruit, self.on)
        return self.kind == "frost" and limit is not None and self.extreme_c <= limit


@dataclass(frozen=True)
class Digest:
    """What pages need of one cell's forecast."""

    days: tuple[Day, ...]
    alerts: tuple[Alert, ...]
    elevation_m: int
    fetched_at: datetime | None = None
    is_sample: bool = False  # invented, for the demonstration county; pages say so

    def age(self, now: datetime) -> Age:
        """Return how old the forecast is."""
        return age_of(self.fetched_at, now)

    def coming(self, today: date, count: int) -> list[Day]:
        """Return the days from today on."""
        return [day for day in self.days if day.on >= today][:count]

    def spray_day(self, local_now: datetime) -> Day | None:
        """Return the day whose spray hours matter now: today, in the evening tomorrow."""
        near = self.coming(local_now.date(), 2)
        from_hour = {local_now.date(): local_now.hour}
        for day in near:
            is_near = day.on - local_now.date() <= timedelta(days=1)
            if is_near and day.left(from_hour.get(day.on, 0)):
                return day
        return None

    def warnings(self, local_now: datetime) -> list[Alert]:
        """Return what is not over and begins within 72 hours, the worst first (local time)."""
        limit = local_now + timedelta(hours=age_limits(local_now.date()).ahead_h)
        near = [alert for alert in self.alerts if alert.ends > local_now and alert.begins <= limit]
        return sorted(near, key=lambda alert: (-alert.level, alert.begins))


def digest_of(series: Series, elevation_m: float) -> Digest:
    """Return the digest for a place at an elevation; temperatures are corrected to it."""
    add = correction_c(series.elevation_m, elevation_m, series.first)
    temps = plus(series.temps, add)
    frost = frost_levels(temps, frost_limits(series.first))
    bars = _spray_bars(series, temps)
    rain = _rain_24h(series.hourly["precipitation"])
    days = tuple(_day(series, index, temps, frost, bars[index], rain) for index in range(len(bars)))
    if add:
        days = tuple(_corrected(series, index, day, add) for index, day in enumerate(days))
    alerts = [*_frost_nights(series.first, temps, frost), *_heat_days(days, temps)]
    return Digest(days, tuple(alerts), round(elevation_m))


def plus(values: Values, add: float) -> Values:
    """Return the values raised by a correction."""
    return [None if value is None else round(value + add, 2) for value in values] if add else values


def spray_series(series: Series, temps: Values) -> spray.Hours:
    """Return what the spray verdicts need, with the corrected temperatures."""
    hourly = series.hourly
    return spray.Hours(
        temps,
        hourly["relative_humidity_2m"],
        hourly["precipitation"],
        hourly["precipitation_probability"],
        hourly["wind_speed_10m"],
        hourly["wind_gusts_10m"],
    )


def _spray_bars(series: Series, temps: Values) -> list[tuple[str, str]]:
    """Return the letters and reasons of each day's spray hours."""
    hours = spray.spray_limits(series.first).hours
    wanted = [24 * day + hour for day in range(len(temps) // 24) for hour in hours]
    told = spray.scores(spray_series(series, temps), series.first, wanted)
    worst = [spray.finding(max(numbers)) for numbers in told]
    letters, whys = ("".join(part) for part in zip(*worst, strict=True))
    steps = range(0, len(wanted), len(hours))
    return [(letters[at : at + len(hours)], whys[at : at + len(hours)]) for at in steps]


def _rain_24h(rain: Values) -> Values:
    """Return for each hour the rain of the 24 hours that end with it, None where one is unknown."""
    total, unknown = 0.0, 24  # the hours before the first one are not known either
    sums: Values = []
    for at, mm in enumerate(rain):
        gone = rain[at - 24] if at >= 24 else None
        total += (mm or 0) - (gone or 0)
        unknown += (mm is None) - (gone is None)
        sums.append(None if unknown else round(total, 1))
    return sums


def _day(
    series: Series,
    index: int,
    temps: Values,
    frost: Sequence[int | None],
    spray_bar: tuple[str, str],
    rain_24h: Values,
) -> Day:
    span = slice(24 * index, 24 * index + 24)
    known = [t for t in temps[span] if t is not None]
    whole = len(known) == 24
    rain = [mm for mm in series.hourly["precipitation"][span] if mm is not None]
    levels = [level for level in frost[span] if level is not None]
    heat = heat_level(max(known), heat_limits(series.first)) if known else None
    return Day(
        on=series.first + timedelta(days=index),
        low_c=min(known) if whole else series.daily["temperature_2m_min"][index],
        high_c=max(known) if whole else series.daily["temperature_2m_max"][index],
        word=_word(series.hourly["weather_code"][span]),
        rain_mm=round(sum(rain), 1)
        if len(rain) == 24
        else series.daily["precipitation_sum"][index],
        frost=max(levels, default=None),
        frost_known=whole,
        heat=heat,
        heat_known=whole or heat is not None,
        letters=spray_bar[0],
        whys=spray_bar[1],
        rain_24h_mm=max((mm for mm in rain_24h[span] if mm is not None), default=None),
    )


def _corrected(series: Series, index: int, day: Day, add: float) -> Day:
    """Return the day with the server's own day values corrected too, where they are shown."""
    if day.frost_known:
        return day
    low, high = plus([day.low_c, day.high_c], add)
    return replace(day, low_c=low, high_c=high)


def _word(codes: Values) -> str:
    """Return the word for a day: of its most serious hour while people are out."""
    known = [codes[hour] for hour in WORK_HOURS]
    code = max((code for code in known if code is not None), default=None)
    return "unknown" if code is None else WORDS.get(int(code), "unknown")


def _frost_nights(first: date, temps: Values, levels: Sequence[int | None]) -> list[Alert]:
    """Return one alert for each night with frost; a night lasts from noon to noon."""
    nights: dict[int, list[int]] = {}
    for index, level in enumerate(levels):
        if level is not None:
            nights.setdefault((index + 24 - NOON) // 24, []).append(index)
    midnight = datetime.combine(first, time())
    return [
        Alert(
            kind="frost",
            level=max(levels[index] or 0 for index in hours),
            on=first + timedelta(days=night),
            begins=midnight + timedelta(hours=hours[0]),
            ends=midnight + timedelta(hours=hours[-1] + 1),
            extreme_c=min(temps[index] or 0.0 for index in hours),
            hours=len(hours),
        )
        for night, hours in nights.items()
    ]


def _heat_days(days: Sequence[Day], temps: Values) -> list[Alert]:
    """Return one alert for each hot day, over its hours from the first limit on."""
    alerts = []
    for index, day in enumerate(days):
        if day.heat is None:
            continue
        limit = heat_limits(days[0].on).one_c
        known = enumerate(temps[24 * index : 24 * index + 24])
        hot = {hour: t for hour, t in known if t is not None and t >= limit}
        midnight = datetime.combine(day.on, time())
        begins, ends = (midnight + timedelta(hours=h) for h in (min(hot), max(hot) + 1))
        alerts.append(Alert("heat", day.heat, day.on, begins, ends, max(hot.values()), len(hot)))
    return alerts
