"""The life of a visit request, and what may be done in each of its states."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from orchard.errors import FieldRefused, Refused

MOST_PRESCRIPTIONS = 3  # issue 3: at most three dated prescriptions of one visit
MOST_PHOTOS = 3  # our own: of one request, and of one record; one form sends one (decision 35)
DUE_WITHIN_DAYS = 180  # our own: a prescription is for this crop
PHI_DAYS = (0, 60)  # agronomy 3.7: the longest interval of the table is 35 days
MOST_TAPPED = 6  # plots to be tapped on a form; ux 1: at most six choices on a page
PHOTO_BYTES = 8 * 1024 * 1024  # decision 35
PHOTO_PIXELS = 24_000_000  # decision 35
PHOTO_EDGE = 1600  # pixels of the longer edge that is kept; decision 35, a phone shows less


class State(StrEnum):
    """What became of a request; the last three are closed."""

    ASKED = "asked"
    TAKEN = "taken"
    SCHEDULED = "scheduled"
    VISITED = "visited"
    ANSWERED = "answered"
    CANCELLED = "cancelled"


class EventKind(StrEnum):
    """What happened to a request."""

    ASKED = "asked"
    PHOTO = "photo"
    TAKEN = "taken"
    SCHEDULED = "scheduled"
    HANDED_OVER = "handed_over"
    NOBODY_THERE = "nobody_there"
    DID_NOT_COME = "did_not_come"
    ANSWERED = "answered"
    CANCELLED = "cancelled"
    RECORDED = "recorded"
    CORRECTED = "corrected"
    CONFIRMED = "confirmed"
    FOLLOWED_UP = "followed_up"


class PhotoOf(StrEnum):
    """What a photo belongs to: the request, or what the technician found."""

    REQUEST = "request"
    RECORD = "record"


class PhotoState(StrEnum):
    """A photo is shown only when it was drawn anew; a broken one never is."""

    WAITING = "waiting"
    READY = "ready"
    BROKEN = "broken"


class Outcome(StrEnum):
    """Whether a prescription was applied."""

    APPLIED = "applied"
    PARTLY = "partly"
    NOT = "not"


class Why(StrEnum):
    """Why a prescription was not, or not wholly, applied: a closed list."""

    COST = "cost"
    LABOUR = "labour"
    WEATHER = "weather"
    NOT_SOLD = "not_sold"
    NOT_CONVINCED = "not_convinced"


OPEN = frozenset({State.ASKED, State.TAKEN, State.SCHEDULED})
MINE = frozenset({State.TAKEN, State.SCHEDULED})
CLOSING = frozenset({EventKind.RECORDED, EventKind.ANSWERED, EventKind.CANCELLED})
BY_STAFF = frozenset(
    {
        EventKind.TAKEN,
        EventKind.SCHEDULED,
        EventKind.HANDED_OVER,
        EventKind.NOBODY_THERE,
        EventKind.ANSWERED,
        EventKind.RECORDED,
        EventKind.CORRECTED,
    }
)


class TakenByOther(Refused):
    """Another technician was faster."""

    code = "visits.taken_by_other"


class NotNow(Refused):
    """The request is not in a state in which this can be done."""

    code = "visits.not_now"


class NotToday(Refused):
    """The day of the visit has not come yet."""

    code = "visits.not_today"


class CorrectTooLate(Refused):
    """A record can be corrected for some days only."""

    code = "visits.correct_too_late"


class TooManyPhotos(Refused):
    """A request or record holds a few photos only."""

    code = "visits.too_many_photos"


class DayOutside(FieldRefused):
    """A visit is put on one of the coming days."""

    def __init__(self, last: date) -> None:
        super().__init__("on_day", "visits.day_outside", month=last.month, day=last.day)


def rank_at(asked_at: datetime, harm: int) -> datetime:
    """Return by which moment a request is ordered in the pool: harm counts as waiting time."""
    return asked_at - timedelta(hours=harm)


def check_state(state: State, allowed: Collection[State]) -> None:
    """Refuse what cannot be done in this state."""
    if state not in allowed:
        raise NotNow


def check_day(on_day: date, *, today: date, days_ahead: int) -> None:
    """Refuse a day that is over or too far ahead."""
    last = today + timedelta(days_ahead)
    if not today <= on_day <= last:
        raise DayOutside(last)


def free_slot(used: Collection[int], most: int) -> int:
    """Return the first free place of a technician's day, or refuse when the day is full."""
    free = [slot for slot in range(1, most + 1) if slot not in used]
    if not free:
        raise FieldRefused("on_day", "visits.day_full", n=most)
    return free[0]


def check_correctable(recorded_at: datetime, *, now: datetime, days: int) -> None:
    """Refuse to correct a record after its days."""
    if not may_correct(recorded_at, now=now, days=days):
        raise CorrectTooLate(n=days)


def may_correct(recorded_at: datetime, *, now: datetime, days: int) -> bool:
    """Say whether a record may still be corrected."""
    return now - recorded_at <= timedelta(days)


def check_product(field: str, product: str, denied: Collection[str]) -> None:
    """Refuse a product that is forbidden on citrus; longer names first, so the right one is told.

    乐果 is in 氧乐果; both are forbidden.
    """
    found = [name for name in sorted(denied, key=len, reverse=True) if name in product]
    if found:
        raise FieldRefused(field, "visits.product_denied", name=found[0])


def verdict(
    outcome: Outcome | None,
    followed_at: datetime | None,
    *,
    is_done: bool,
    is_left_out: bool,
    settled_at: datetime | None,
) -> Outcome | None:
    """Return whether a prescription was applied: the later of the follow-up and the task's tap."""
    tapped = Outcome.APPLIED if is_done else Outcome.NOT if is_left_out else None
    if tapped is None or settled_at is None:
        return outcome
    if outcome is None or followed_at is None or settled_at > followed_at:
        return tapped
    return outcome


def adoption(verdicts: Sequence[Outcome | None]) -> Outcome | None:
    """Return whether the advice of a visit was applied; None while one prescription is unknown."""
    if not verdicts or None in verdicts:
        return None
    kinds = set(verdicts)
    return kinds.pop() if len(kinds) == 1 else Outcome.PARTLY
