"""What may be offered, who may be hired, and how local a hire is."""

from enum import StrEnum

ELSEWHERE = "000000"  # registered outside the district, not known where


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
