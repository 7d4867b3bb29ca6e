"""Who is who in the demonstration county, from data/cast.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from orchard.accounts.rules import EmployerKind, Role

COUNTY, ZHUXI, DADE, GAOQIAO = "500154", "500154118", "500154100", "500154112"


@dataclass(frozen=True)
class Member:
    """One invented person with an account."""

    role: Role
    name: str
    phone: int
    village: str | None = None
    place: str = ZHUXI


@dataclass(frozen=True)
class Firm:
    """One invented employer."""

    name: str
    kind: EmployerKind
    village: str


@dataclass(frozen=True)
class Cast:
    """Everybody who can be named before the county is built."""

    pin: str
    password: str
    shown: tuple[Member, ...]
    others: tuple[Member, ...]
    firms: tuple[Firm, ...]


@cache
def cast() -> Cast:
    """Return the people that `orchard demo` prints, and those that it does not."""
    raw = tomllib.loads(files("orchard.demo").joinpath("data", "cast.toml").read_text("utf-8"))
    return Cast(
        raw["pin"],
        raw["password"],
        tuple(_member(row) for row in raw["person"]),
        tuple(_member(row) for row in raw["more"]),
        tuple(
            Firm(row["name"], EmployerKind(row["kind"]), row["village"]) for row in raw["employer"]
        ),
    )


def _member(row: dict[str, Any]) -> Member:
    role = Role(row["role"])
    place = COUNTY if role == Role.DISTRICT else row.get("place", ZHUXI)
    return Member(role, row["name"], row["phone"], row.get("village"), place)
