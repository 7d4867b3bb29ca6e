"""What may be offered, who may be hired, and how local a hire is."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files

from orchard.accounts.rules import EmployerKind, Sex
from orchard.errors import FieldRefused, Refused
from orchard.hiring import ages
from orchard.units import UnitError, plain

ELSEWHERE = "000000"  # registered outside the district, not known where
GAP_DAYS = 15  # a gap of more days starts a new engagement (feature page 3.1, G)
FIRST_HIRE = date(2000, 1, 1)  # an older date is a slip of the pen
DAYS_AHEAD = 366  # work is offered and hires begin at most so many days from now (G)
PEOPLE = (1, 500)  # of one opening (G)
DAYS = (1, 366)
HOURS_A_DAY = 8  # Labour Law art. 36: the working day, for the sum of an opening paid by the hour
REGISTERED = re.compile(r"[1-8]\d{5}|\d{12}", re.ASCII)  # another district, or a village
RATE = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,6})(\.\d{1,4})?\s*(元|yuan|块)?", re.ASCII)


class RecognitionEventKind(StrEnum):
    """The steps of a workshop's recognition."""

    RECOGNISED = "recognised"
    UNDER_WATCH = "under_watch"
    STRUCK_OFF = "struck_off"


class PayBasis(StrEnum):
    """What a rate is paid for."""

    DAY = "day"
    HOUR = "hour"
    JIN = "jin"
    BASKET = "basket"


class Relation(StrEnum):
    """The legal relation between an employer and a worker."""

    LABOUR_CONTRACT = "labour_contract"
    PART_TIME = "part_time"
    SERVICE = "service"
    MUTUAL_HELP = "mutual_help"


class ApplicationState(StrEnum):
    """What became of a worker's wish to come."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    HIRED = "hired"
    DECLINED = "declined"


class HireEventKind(StrEnum):
    """What can happen to a hire."""

    MADE = "made"
    CONFIRMED = "confirmed"
    OBJECTED = "objected"
    CHANGED = "changed"
    ENDED = "ended"


class StatusKind(StrEnum):
    """What a town's register says of a household; both count as lifted out (feature page E02)."""

    LIFTED_OUT = "lifted_out"
    MONITORED = "monitored"


class Notice(StrEnum):
    """What is told about a hire without refusing it."""

    YOUNG = "young"  # 16 or 17: no toxic work
    OVER_AGE = "over_age"  # past the retirement age on the day of hire
    CONTRACT_OVER_AGE = "contract_over_age"  # a labour contract ends by law at that age
    SAME_ENGAGEMENT = "same_engagement"  # the last hire for this work ended at most 15 days ago
    STILL_RUNNING = "still_running"  # a hire for this work has not ended
    SEX_UNKNOWN = "sex_unknown"  # so the retirement age is not known either


class TooYoung(FieldRefused):
    """Nobody under 16 is hired."""

    def __init__(self, born_on: date) -> None:
        day = _years_later(born_on, ages.youngest())
        super().__init__("born_on", "hiring.too_young", years=ages.youngest(), day=day.isoformat())


class ToxicUnder18(FieldRefused):
    """Nobody under 18 does toxic work."""

    def __init__(self) -> None:
        super().__init__("work", "hiring.toxic_under_18", years=ages.youngest_for_toxic())


class OpeningOver(Refused):
    """The opening was closed, hidden, or its days are over."""

    code = "hiring.opening_over"


class AlreadyDecided(Refused):
    """The employer has answered the application."""

    code = "hiring.already_decided"


@dataclass(frozen=True)
class Work:
    """One kind of work people are hired for."""

    code: str
    toxic: bool
    at: str
    source: str
    confidence: str


@cache
def works() -> dict[str, Work]:
    """Return the kinds of work by code, in the order of the list; words `hiring.work.<code>`."""
    text = files("orchard.hiring").joinpath("data", "work.toml").read_text("utf-8")
    raw = tomllib.loads(text)
    return {
        row["code"]: Work(**{**row, "source": raw["sources"][row["source"]]}) for row in raw["work"]
    }


def works_for(kind: EmployerKind) -> list[Work]:
    """Return the kinds of work in the order in which an employer of a kind is offered them."""
    first = "workshop" if kind == EmployerKind.WORKSHOP else "orchard"
    return sorted(works().values(), key=lambda work: (work.code == "other", work.at != first))


def check_work(work: str) -> None:
    """Refuse work that is not on the list."""
    if work not in works():
        raise FieldRefused("work", "web.form.enum")


def check_age(born_on: date | None, work: str, day: date) -> None:
    """Refuse who may not be hired for a work on a day."""
    if born_on is None:
        raise FieldRefused("born_on", "hiring.born_on_needed")
    if born_on > day:
        raise FieldRefused("born_on", "hiring.born_later")
    age = ages.age_on(born_on, day)
    if age < ages.youngest():
        raise TooYoung(born_on)
    if works()[work].toxic and age < ages.youngest_for_toxic():
        raise ToxicUnder18


def _years_later(born_on: date, years: int) -> date:
    if (born_on.month, born_on.day) == (2, 29):
        return date(born_on.year + years, 2, 28) + timedelta(days=1)
    return born_on.replace(year=born_on.year + years)


def check_start(started_on: date, today: date) -> None:
    """Refuse a first day that is too old or too far ahead."""
    if not FIRST_HIRE <= started_on <= today + timedelta(days=DAYS_AHEAD):
        raise FieldRefused("started_on", "hiring.start_out_of_range", days=DAYS_AHEAD)


def age_notices(
    born_on: date, sex: Sex | None, relation: Relation, day: date, women: str | None = None
) -> list[Notice]:
    """Return what is to be told about the age of somebody hired on a day."""
    if ages.age_on(born_on, day) < ages.youngest_for_toxic():
        return [Notice.YOUNG]
    if sex is None:
        return [Notice.SEX_UNKNOWN]
    if not ages.is_over_age(born_on, sex, day, women):
        return []
    is_contract = relation == Relation.LABOUR_CONTRACT
    return [Notice.OVER_AGE, *([Notice.CONTRACT_OVER_AGE] if is_contract else [])]


def gap_notices(ends: Sequence[date | None], day: date) -> list[Notice]:
    """Return what is to be told about earlier hires of the same person, employer and work.

    ends: the last day of each, None where it is still running.
    """
    if any(end is None or end >= day for end in ends):
        return [Notice.STILL_RUNNING]
    near = any(end and (day - end).days <= GAP_DAYS for end in ends)
    return [Notice.SAME_ENGAGEMENT] if near else []


def check_step(
    kind: RecognitionEventKind, on_day: date, last: tuple[date, RecognitionEventKind] | None
) -> None:
    """Refuse a step of recognition that cannot follow the last one."""
    if last and on_day < last[0]:
        raise FieldRefused("on_day", "hiring.step_too_early")
    is_out = last is None or last[1] == RecognitionEventKind.STRUCK_OFF
    if is_out and kind != RecognitionEventKind.RECOGNISED:
        raise FieldRefused("kind", "hiring.not_recognised")
    if last and last[1] == kind:
        raise FieldRefused("kind", "hiring.same_step")


def local_level(registered_code: str | None, workplace_code: str) -> int:
    """Return how near work is to home: 1 same village, 2 town, 3 district, 0 farther or unknown.

    Compared by statistical division codes (feature page 3.2): 12, 9 and 6 digits.
    """
    if not registered_code:
        return 0
    for level, digits in ((1, 12), (2, 9), (3, 6)):
        if len(registered_code) >= digits and registered_code[:digits] == workplace_code[:digits]:
            return level
    return 0


def rate_from(text: str) -> int:
    """Return a rate typed in yuan as hundredths of a fen; raises UnitError for anything else."""
    found = RATE.fullmatch(plain(text))
    if not found:
        raise UnitError
    whole, fraction, _ = found.groups()
    return int(Decimal(whole.replace(",", "") + (fraction or "")) * 10_000)


def about_total_fen(people: int, days: int, basis: PayBasis, rate_fen_x100: int) -> int | None:
    """Return what an opening costs about, in fen; None where pay goes by quantity."""
    hours = {PayBasis.DAY: 1, PayBasis.HOUR: HOURS_A_DAY}.get(basis)
    return None if hours is None else people * days * hours * rate_fen_x100 // 100
