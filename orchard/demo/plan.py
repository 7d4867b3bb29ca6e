"""Who works for whom this season, from data/season.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from orchard.demo.facts import Pay
from orchard.hiring.rules import PayBasis

HOUSEHOLD = "household"
PICKING, ORCHARD = "picking", "orchard"


@dataclass(frozen=True)
class Wage:
    """What a unit is paid, and how many of them a whole day has: from and to."""

    pay: Pay
    quantity_x100: tuple[int, int]


@dataclass(frozen=True)
class Team:
    """People of one employer who began and ended together."""

    employer: str
    people: int
    days_ago: tuple[int, int]
    name: str = ""
    work: str = ""
    pay: str = ""
    again: int = 0
    verified: bool = True


@dataclass(frozen=True)
class Offer:
    """Work that an employer offers."""

    employer: str
    people: int
    in_days: int
    days: int
    note: str
    work: str = ""
    pay: str = ""
    applications: int = 0
    closed: bool = False


@dataclass(frozen=True)
class Plan:
    """The whole season."""

    works: tuple[str, ...]
    wages: dict[str, Wage]
    teams: tuple[Team, ...]
    offers: tuple[Offer, ...]

    def work(self, named: str, month: int) -> str:
        """Return the work that is named, or what orchards hire for in a month."""
        return named or self.works[month - 1]

    def wage(self, named: str, work: str) -> Wage:
        """Return the wage that is named, or that of picking or other work in an orchard."""
        return self.wages[named or (PICKING if work == PICKING else ORCHARD)]


@cache
def plan() -> Plan:
    """Return what is planned for the season."""
    text = files("orchard.demo").joinpath("data", "season.toml").read_text("utf-8")
    raw = tomllib.loads(text)
    return Plan(
        tuple(raw["works"]),
        {name: _wage(row) for name, row in raw["pay"].items()},
        tuple(Team(**{**row, "days_ago": tuple(row["days_ago"])}) for row in raw["crew"]),
        tuple(Offer(**row) for row in raw["opening"]),
    )


def _wage(row: dict[str, Any]) -> Wage:
    low, high = row["quantity_x100"]
    return Wage(Pay(PayBasis(row["basis"]), row["rate_fen_x100"]), (low, high))
