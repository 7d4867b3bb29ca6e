"""What a plot may be: varieties, limits of its facts, and where a county's plots can lie."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from orchard.errors import FieldRefused

OLDEST_PLANTING = 1900  # year; an older date is a slip of the pen
ELEVATION_M = (0, 3000)  # metres; the county reaches from 134 m to 2,626 m (recalled, M)
TREES = (1, 1_000_000)


@dataclass(frozen=True)
class Variety:
    """One variety: when it ripens, which cold limit its fruit has, and who says so."""

    code: str
    zh: str
    en: str
    ripens: str
    picked: tuple[int, ...]
    fruit: str
    source: str
    confidence: str

    def name(self, locale: str) -> str:
        """Return the name in the reader's language."""
        return self.en if locale == "en" else self.zh


@dataclass(frozen=True)
class Box:
    """A box in degrees in which a county's plots lie."""

    south: float
    north: float
    west: float
    east: float

    def holds(self, lat: float, lon: float) -> bool:
        """Say whether a point lies inside."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east


@cache
def varieties() -> dict[str, Variety]:
    """Return the varieties by code, in the order of the list people pick from."""
    raw = _data("varieties.toml")
    return {
        row["code"]: Variety(
            **{**row, "picked": tuple(row["picked"]), "source": raw["sources"][row["source"]]}
        )
        for row in raw["variety"]
    }


class _Names(dict[str, str]):
    def __missing__(self, code: str) -> str:
        return code


@cache
def variety_names(locale: str) -> Mapping[str, str]:
    """Return the names in a language by code; a code that left the list is its own name."""
    return _Names({code: variety.name(locale) for code, variety in varieties().items()})


def fruit_of(code: str) -> str:
    """Return which fruit limit of the weather rules a variety has; none when it left the list."""
    return varieties()[code].fruit if code in varieties() else ""


def late_varieties() -> frozenset[str]:
    """Return the codes of the varieties whose fruit hangs over winter."""
    return frozenset(one.code for one in varieties().values() if one.ripens == "late")


@cache
def box_of(county: str) -> Box:
    """Return where a county's plots can lie."""
    rows = {row["county"]: row for row in _data("boxes.toml")["box"]}
    row = rows.get(county, rows[""])
    return Box(*(row[side] for side in ("south", "north", "west", "east")))


def _data(name: str) -> dict[str, Any]:
    return tomllib.loads(files("orchard.plots").joinpath("data", name).read_text("utf-8"))


def check_facts(
    *,
    variety: str,
    planted_year: int | None,
    lat: float | None,
    lon: float | None,
    county: str,
    today: date,
) -> None:
    """Raise what no plot of this county can be; return silently otherwise."""
    if variety not in varieties():
        raise FieldRefused("variety", "web.form.enum")
    if planted_year is not None and not OLDEST_PLANTING <= planted_year <= today.year:
        raise FieldRefused("planted_year", "plots.planted_year", last=today.year)
    if (lat is None) != (lon is None):
        raise FieldRefused("lat" if lat is None else "lon", "plots.half_position")
    if lat is not None and lon is not None and not box_of(county).holds(lat, lon):
        raise FieldRefused("lat", "plots.outside_county")
