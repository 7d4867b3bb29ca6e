"""Who is counted once and where: from one person's hires to the figures of every scope.

The definitions that people read stand in data/definitions.toml, their words in the catalogues.
"""

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple
from uuid import UUID

from orchard.accounts.rules import EmployerKind
from orchard.errors import Refused

DAYS_OF_A_YEAR = 250  # feature page 3.1: person-days of one full-time year (our own convention)
UNVERIFIED = "household_unverified"  # decision 16: counted apart until the town verifies it
KINDS = (*(kind.value for kind in EmployerKind), UNVERIFIED)
NOBODY = UUID(int=0)  # stands for "no single employer" in a scope
PLACE_DIGITS = (6, 9, 12)  # district, town, village
NEVER = 9  # how far away somebody lives who is not local at all


class WrongSpan(Refused):
    """The first day lies after the last one, or the span is longer than we keep records."""

    code = "counts.wrong_span"


class UnknownPlace(Refused):
    """No place has this code."""

    code = "counts.unknown_place"


class UnknownKind(Refused):
    """No kind of employer is called that."""

    code = "counts.unknown_kind"


class Review(StrEnum):
    """Why a record waits for a look before a figure is passed on."""

    OVER_FULL = "over_full"
    DOUBLES = "doubles"
    ID_CLASH = "id_clash"
    MISSING_ID = "missing_id"
    UNKNOWN_HOME = "unknown_home"
    UNVERIFIED = "unverified"
    UNRECOGNISED = "unrecognised"


class Line(NamedTuple):
    """What one hire adds to one period: it has a work day in it.

    person_id is the person counted; local_level 1 same village, 2 town, 3 district, 0 farther.
    """

    period: str
    hire_id: UUID
    person_id: UUID
    employer_id: UUID
    kind: str
    workplace_code: str
    half_days: int
    wages_fen: int
    is_lifted_out: bool
    local_level: int


class Scope(NamedTuple):
    """What a figure is about: a place, and there perhaps one kind or one employer."""

    place_code: str
    kind: str = ""
    employer_id: UUID = NOBODY


@dataclass(frozen=True)
class Block:
    """The counts of one scope and span, side by side; never added up where persons overlap.

    top_wages_fen: what the best paid person earned there, for the money rule; never shown.
    """

    persons: int = 0
    person_workplaces: int = 0
    hires: int = 0
    half_days: int = 0
    wages_fen: int = 0
    lifted_out_persons: int = 0
    lifted_out_person_workplaces: int = 0
    local_village: int = 0
    local_town: int = 0
    local_district: int = 0
    top_wages_fen: int = 0

    @property
    def person_days(self) -> int | float:
        """Return the days worked: a half day is 0.5."""
        return self.half_days // 2 if self.half_days % 2 == 0 else self.half_days / 2

    @property
    def fte(self) -> float:
        """Return the full-time years that the days make."""
        years = Decimal(self.half_days) / (2 * DAYS_OF_A_YEAR)
        return float(years.quantize(Decimal("0.01"), ROUND_HALF_UP))

    def told(self) -> dict[str, Any]:
        """Return the block in the shape of decision 27."""
        return {
            "persons": self.persons,
            "person_workplaces": self.person_workplaces,
            "hires": self.hires,
            "person_days": self.person_days,
            "fte": self.fte,
            "wages_fen": self.wages_fen,
            "lifted_out": {
                "persons": self.lifted_out_persons,
                "person_workplaces": self.lifted_out_person_workplaces,
            },
            "local": {
                "village": self.local_village,
                "town": self.local_town,
                "district": self.local_district,
            },
        }


KEPT = tuple(field.name for field in fields(Block))[:-1]  # the figures that are kept
Figures = tuple[int, ...]  # in the order of KEPT
Where = tuple[str, Scope]  # a period and a scope
Added = dict[Where, Figures]


@lru_cache(maxsize=4096)
def scopes_of(workplace_code: str, kind: str, employer_id: UUID) -> tuple[Scope, ...]:
    """Return every scope in which a hire counts: its places, there its kind and its employer.

    An unverified household is no part of a place's total (decision 16).
    """
    found = []
    for code in sorted({workplace_code[:digits] for digits in PLACE_DIGITS}):
        if kind != UNVERIFIED:
            found.append(Scope(code))
        if len(code) < PLACE_DIGITS[-1]:
            found += [Scope(code, kind), Scope(code, kind, employer_id)]
    return tuple(found)


def places_of(line: Line) -> list[Where]:
    """Return where a line counts: in its period, in every scope."""
    scopes = scopes_of(line.workplace_code, line.kind, line.employer_id)
    return [(line.period, scope) for scope in scopes]


def contributions(lines: Iterable[Line], only: Collection[Where] | None = None) -> Added:
    """Return what the hires of one person add, by period and scope: one person in each.

    only: nothing but these, because the lines of all others are as they were.
    """
    grouped: dict[Where, list[Line]] = {}
    for line in lines:
        for where in places_of(line):
            if only is None or where in only:
                grouped.setdefault(where, []).append(line)
    made: dict[tuple[Line, ...], Figures] = {}  # most scopes hold the very same hires
    found = {}
    for where, members in grouped.items():
        key = tuple(members)
        if key not in made:
            made[key] = _figures(members)
        found[where] = made[key]
    return found


def _figures(lines: list[Line]) -> Figures:
    lifted = {line.employer_id for line in lines if line.is_lifted_out}
    near = min(line.local_level or NEVER for line in lines)
    return (
        1,
        len({line.employer_id for line in lines}),
        len(lines),
        sum(line.half_days for line in lines),
        sum(line.wages_fen for line in lines),
        int(bool(lifted)),
        len(lifted),
        int(near <= 1),
        int(near <= 2),
        int(near <= 3),
    )


def difference(old: Added, new: Added) -> Added:
    """Return what must be added to the kept figures so that old becomes new."""
    nothing = (0,) * len(KEPT)
    found = {}
    for where in old.keys() | new.keys():
        pairs = zip(new.get(where, nothing), old.get(where, nothing), strict=True)
        change = tuple(now - before for now, before in pairs)
        if any(change):
            found[where] = change
    return found


@dataclass(frozen=True)
class Definition:
    """What one figure means (data/definitions.toml); part_of: the figure that it is a part of."""

    code: str
    indicator: str
    version: int
    rule: str
    part_of: str = ""


@dataclass(frozen=True)
class Definitions:
    """All definitions as of one version."""

    version: str
    valid_from: date
    rows: tuple[Definition, ...]


@cache
def definitions() -> Definitions:
    """Return what the figures mean."""
    text = files("orchard.counts").joinpath("data/definitions.toml").read_text("utf-8")
    raw = tomllib.loads(text)
    rows = tuple(Definition(**row) for row in raw["definition"])
    return Definitions(raw["version"], raw["valid_from"], rows)
