"""What is told of the nineteen workshops of 2022, from data/workshops.toml."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Shop:
    """What is told of one workshop, from data/workshops.toml."""

    code: str
    name: str
    village: str
    work: str
    week: str
    recognised_on: date
    people: int
    lifted_out: int
    stable: int
    rehired: int = 0
    guests: int = 0
    earlier: int = 0
    earlier_lifted_out: int = 0
    born_on: date | None = None
    spelled: tuple[str, ...] = ()
    watched_on: date | None = None
    status_until: date | None = None


@dataclass(frozen=True)
class Moved:
    """How many people went from one workshop to another one, and how many of them lifted out."""

    first: str
    then: str
    people: int
    lifted_out: int


@dataclass(frozen=True)
class Book:
    """All that is told, and the days between which it is."""

    as_of: date
    book_ends: date
    shops: tuple[Shop, ...]
    moved: tuple[Moved, ...]


@cache
def book() -> Book:
    """Return what is told of the workshops."""
    text = files("orchard.demo").joinpath("data", "workshops.toml").read_text("utf-8")
    raw = tomllib.loads(text)
    return Book(
        raw["as_of"],
        raw["book_ends"],
        tuple(_shop(row) for row in raw["workshop"]),
        tuple(Moved(**row) for row in raw["moved"]),
    )


def _shop(row: dict[str, Any]) -> Shop:
    return Shop(**{**row, "spelled": tuple(row.get("spelled", ()))})
