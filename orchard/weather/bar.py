"""The spray bar: the letters of a day's hours, its blocks, its best time and its reason."""

from collections.abc import Mapping
from enum import StrEnum

BLOCK_HOURS = 3  # ux.md: five blocks of three hours, 05 to 20


class Verdict(StrEnum):
    """What may be said of an hour; the letter is what the digest keeps."""

    GOOD = "g"
    MARGINAL = "m"
    UNKNOWN = "u"
    NO = "n"


VERDICTS = tuple(Verdict)
RANK = {verdict: rank for rank, verdict in enumerate(VERDICTS)}  # no outweighs unknown
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


def best_window(
    letters: str, first_hour: int, from_hour: int = 0, wanted: Verdict = Verdict.GOOD
) -> tuple[int, int] | None:
    """Return (from, to) of the longest run of such hours not yet past; the first of equals."""
    best: tuple[int, int] | None = None
    begin: int | None = None
    for hour, letter in enumerate(letters + "-", first_hour):
        if letter == wanted and hour >= from_hour:
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
