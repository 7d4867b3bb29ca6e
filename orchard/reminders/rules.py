"""When a phone is left in peace, how long a reminder is worth sending, how often it is tried.

Hours are local (Asia/Shanghai). Source of each number: the decision or page named beside it.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum

QUIET_UNTIL, QUIET_FROM = time(7), time(21)  # decision 23: other channels 07:00-21:00
OWED_DAYS = 2  # decision 23: reminders missed in the last 48 h are merged into one
CLAIM_LASTS = timedelta(minutes=30)  # architecture.md: a crash frees the claim after this
RETRY_EVERY = timedelta(minutes=5)  # reliability G4: 0 s, then every 5 min
MOST_TRIES = 49  # reliability G4: the first try and 48 more, 4 hours in all
FROST_AHEAD = timedelta(hours=48)  # agronomy 3.1 lower end; keeps a day to 3 messages (G6)
FROST_FROM_LEVEL = 1  # a notice (<= 2 °C) is on the page only; decision 20 names the levels
NAMED_TASKS = 2  # a message names this many kinds of task, the page shows them all
FAILED_SHOWN_DAYS = 14  # our own: how long staff sees that a reminder did not arrive
KEPT_FOR = timedelta(days=365)  # our own: a year of messages answers "was I told?"


class Kind(StrEnum):
    """What a message is about; frost by level, so that only a rise is told again."""

    MORNING = "morning"
    FROST_1 = "frost_1"
    FROST_2 = "frost_2"
    FROST_3 = "frost_3"
    VISIT = "visit"

    @property
    def frost_level(self) -> int:
        """Return the frost level, 0 for other kinds."""
        return int(self.value[-1]) if self in FROST else 0


FROST = frozenset({Kind.FROST_1, Kind.FROST_2, Kind.FROST_3})


class Channel(StrEnum):
    """Where a message is told."""

    PAGE = "page"
    LOG = "log"


CHANNELS = (Channel.PAGE, Channel.LOG)


class Status(StrEnum):
    """What became of a message."""

    OWED = "owed"
    SENT = "sent"
    FAILED = "failed"
    EXPIRED = "expired"


def kinds_for(hour: time) -> frozenset[Kind]:
    """Return what may be sent at a local time of day: frost always, the rest by day."""
    return frozenset(Kind) if QUIET_UNTIL <= hour < QUIET_FROM else FROST


def first_owed(day: date) -> date:
    """Return the first due date that a morning still tells of; older ones stand on the page."""
    return day - timedelta(days=OWED_DAYS)


def morning_ends(day: date) -> datetime:
    """Return the local time from which a morning's message is merged into the next one."""
    return datetime.combine(day, QUIET_FROM)


def next_try_at(tries: int, now: datetime) -> datetime | None:
    """Return when to send again after so many failed tries; None when that is enough."""
    return now + RETRY_EVERY if tries < MOST_TRIES else None


def frost_kind(level: int) -> Kind:
    """Return the kind of message for a frost level from 1 to 3."""
    return Kind(f"frost_{level}")


def rises(level: int, told: Iterable[int]) -> bool:
    """Say whether a night's level is worth a message: higher than any told; flapping is not."""
    return level >= FROST_FROM_LEVEL and level > max(told, default=0)
