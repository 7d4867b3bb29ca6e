"""The life of a visit request, and what may be done in each of its states."""

from enum import StrEnum


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
