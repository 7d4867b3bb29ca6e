"""Frost, heat and age of a forecast; where every number of the weather rules comes from.

The numbers lie in data/thresholds.toml with unit, source and confidence. An unknown value
(None) is never an alarm and never an all-clear.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import cache

from orchard.errors import OrchardError
from orchard.weather.thresholds import group, in_force

CREDIT = "Weather data by Open-Meteo.com (CC BY 4.0)"
CREDIT_URL = "https://open-meteo.com/"
HOURS, DAYS = 168, 7  # decision 18: seven days hourly
CELLS_A_CALL = 100  # decision 18
WAITS_S = (60, 300, 900, 3600)  # decision 18: 1, 5, 15, 60 min
LONGEST_WAIT_S = 6 * 3600  # reliability W2
LEVEL_NAMES = ("notice", "1", "2", "3")  # decision 20; heat has no notice
DETAIL_CHARS = 500  # corpora/weather: of a foreign reason we keep this much

Values = list[float | None]


class Reason(StrEnum):
    """Why an answer, or one element of it, was not used."""

    STATUS = "status"
    REDIRECT = "redirect"
    DEADLINE = "deadline"
    TRANSPORT = "transport"
    TLS = "tls"
    TOO_LARGE = "too-large"
    ENCODING = "encoding"
    NOT_JSON = "not-json"
    SHAPE = "shape"
    ERROR_OBJECT = "error-object"
    IDENTITY = "identity"
    MISSING_ELEMENT = "missing-element"
    PLACE = "place"
    OFFSET = "offset"
    TIME = "time"
    HORIZON = "horizon"
    LENGTH = "length"
    TYPE = "type"
    UNIT = "unit"
    RANGE = "range"
    NO_TEMPERATURE = "no-temperature"
    INCONSISTENT = "inconsistent"
    DOUBTFUL = "doubtful"


SERVER_REASONS = frozenset({Reason.STATUS, Reason.DEADLINE, Reason.TRANSPORT, Reason.TLS})
ALARM_STATUSES = frozenset({401, 403, 404})  # reliability W2: a person has to look


class NoForecast(OrchardError):
    """The answer, or this element of it, is not used; the last good forecast stays."""

    code = "weather.no_forecast"

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        status: int | None = None,
        retry_after: str | None = None,
    ) -> None:
        super().__init__(reason=reason)
        self.reason, self.status, self.retry_after = reason, status, retry_after
        self.detail = "".join(filter(str.isprintable, detail[:DETAIL_CHARS]))

    @property
    def ends_round(self) -> bool:
        """Say whether the server itself failed, so that asking for other cells is no use now."""
        return self.reason in SERVER_REASONS and self.status != 400

    @property
    def is_alarm(self) -> bool:
        """Say whether trying again will not help, so that a person must look."""
        return self.reason == Reason.TLS or self.status in ALARM_STATUSES


@dataclass(frozen=True, slots=True)
class Asked:
    """The point that a forecast is asked for: degrees WGS-84 and metres."""

    lat: float
    lon: float
    elevation_m: float


@dataclass(frozen=True, slots=True)
class Frost:
    """Limits of decision 20, degrees Celsius and hours."""

    notice_c: float
    one_c: float
    two_c: float
    two_hours: float
    three_c: float
    three_long_c: float
    three_long_hours: float


@dataclass(frozen=True, slots=True)
class Heat:
    """Limits of decision 20, degrees Celsius."""

    one_c: float
    two_c: float
    three_c: float


@dataclass(frozen=True, slots=True)
class Ages:
    """Limits of decision 19, hours; and how far ahead a warning looks."""

    stressed_h: float
    grey_h: float
    silent_h: float
    ahead_h: float


@cache
def frost_limits(on: date) -> Frost:
    """Return the frost limits in force."""
    return group(Frost, "frost", on)


@cache
def heat_limits(on: date) -> Heat:
    """Return the heat limits in force."""
    return group(Heat, "heat", on)


@cache
def age_limits(on: date) -> Ages:
    """Return the age limits in force."""
    return group(Ages, "age", on)


def frost_levels(temps: Sequence[float | None], limits: Frost) -> list[int | None]:
    """Return the frost level of each hour: 0 notice, 1, 2, 3; None for no frost or unknown.

    An hourly value stands for its hour, so "2 h" is two values in a row. Unknown hours end a
    run: a gap is never filled with cold.
    """
    levels: list[int | None] = [
        None if t is None or t > limits.notice_c
        else 3 if t <= limits.three_c
        else 1 if t <= limits.one_c
        else 0
        for t in temps
    ]  # fmt: skip
    if any(level for level in levels):
        _raise_runs(temps, levels, limits.two_c, limits.two_hours, 2)
        _raise_runs(temps, levels, limits.three_long_c, limits.three_long_hours, 3)
    return levels


def _raise_runs(
    temps: Sequence[float | None], levels: list[int | None], limit: float, hours: float, level: int
) -> None:
    begin = 0
    for index in range(len(temps) + 1):
        value = temps[index] if index < len(temps) else None
        if value is not None and value <= limit:
            continue
        if index - begin >= hours:
            levels[begin:index] = [max(level, kept or 0) for kept in levels[begin:index]]
        begin = index + 1


def heat_level(high_c: float | None, limits: Heat) -> int | None:
    """Return the heat level of a day's highest temperature: 1, 2, 3; None for none or unknown."""
    if high_c is None or high_c < limits.one_c:
        return None
    return 3 if high_c >= limits.three_c else 2 if high_c >= limits.two_c else 1


def correction_c(from_m: float | None, to_m: float | None, on: date) -> float:
    """Return what to add to a temperature given for one elevation to have it at another.

    0.65 °C colder for each 100 m higher (decision 20); nothing when an elevation is unknown.
    """
    if from_m is None or to_m is None:
        return 0.0
    return (from_m - to_m) * in_force(on)["accept.lapse_c_per_m"].value


def fruit_limit_c(fruit: str, on: date) -> float | None:
    """Return the temperature at which fruit on the tree freezes; None for an unknown kind."""
    row = in_force(on).get(f"fruit.{fruit}_c")
    return row.value if row else None


class AgeState(StrEnum):
    """How much a forecast of this age may still say (decision 19)."""

    FRESH = "fresh"
    STRESSED = "stressed"
    GREY = "grey"
    SILENT = "silent"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Age:
    """Age of a forecast: its state, and the words' key and number (weather.age_<unit>, n)."""

    state: AgeState
    unit: str
    n: int

    @property
    def advises(self) -> bool:
        """Say whether frost and spray advice may still be given."""
        return self.state not in (AgeState.SILENT, AgeState.NONE)

    @property
    def is_old(self) -> bool:
        """Say whether there is a forecast, but one too old to be trusted: grey or silent."""
        return self.state in (AgeState.GREY, AgeState.SILENT)


def age_of(fetched_at: datetime | None, now: datetime) -> Age:
    """Return the age of a forecast; one that was never fetched has none."""
    if fetched_at is None:
        return Age(AgeState.NONE, "none", 0)
    limits, past = age_limits(now.date()), max(now - fetched_at, timedelta(0))
    hours = past / timedelta(hours=1)
    state = (
        AgeState.SILENT if hours >= limits.silent_h
        else AgeState.GREY if hours >= limits.grey_h
        else AgeState.STRESSED if hours >= limits.stressed_h
        else AgeState.FRESH
    )  # fmt: skip
    if hours >= 48:
        return Age(state, "days", int(hours // 24))
    if hours >= 1:
        return Age(state, "hours", int(hours))
    return Age(state, "minutes", int(past / timedelta(minutes=1)))


def silent_before(now: datetime) -> datetime:
    """Return the moment up to which a forecast must have been fetched to be silent now."""
    return now - timedelta(hours=age_limits(now.date()).silent_h)


def retry_after_s(header: str | None, now: datetime) -> int | None:
    """Return the wait that a server asks for, at most six hours; None when it makes no sense."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        seconds = int(text[:9]) if len(text) < 9 else LONGEST_WAIT_S
    else:
        try:
            until = parsedate_to_datetime(text)
            until = until if until.tzinfo else until.replace(tzinfo=UTC)
            seconds = int((until - now).total_seconds())
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return min(seconds, LONGEST_WAIT_S) if seconds > 0 else None


def wait_s(refusal: NoForecast, failures: int, now: datetime, jitter: float) -> float:
    """Return the seconds until the next try after so many failures in a row, jitter in 0..1."""
    step = WAITS_S[min(max(failures, 1), len(WAITS_S)) - 1]
    usual = step * (1 + jitter / 2)
    if refusal.status not in (429, 503):
        return usual
    asked = retry_after_s(refusal.retry_after, now)
    if asked is not None:
        return max(asked, WAITS_S[0])
    reason = refusal.detail.lower()
    if "minutely" in reason:
        return WAITS_S[0] * (1 + jitter)
    if "hourly" in reason:
        return 3600 - now.timestamp() % 3600 + 300 * jitter
    if "daily" in reason:
        return LONGEST_WAIT_S
    return usual


def cells_together(failures: int, detail: str) -> int:
    """Return with how many others a cell is asked for.

    A question refused as such (400) is asked again in ever smaller parts, so that one bad point
    soon stands alone and holds up nobody else.
    """
    return max(1, CELLS_A_CALL // 4**failures) if detail.startswith("400") else CELLS_A_CALL
