"""The 24 solar terms, from the table in data/solar_terms.toml."""

import tomllib
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple


class SolarTerm(NamedTuple):
    """One of the 24 solar terms, and which day of it a date is; the first is 1."""

    name: str
    day: int


@lru_cache(maxsize=64)
def solar_term_of(on: date) -> SolarTerm | None:
    """Return the solar term that a date lies in; None outside the table (2024-2032)."""
    begun = [(day, name) for day, name in _term_dates() if day <= on]
    if not begun or on.year > _term_dates()[-1][0].year:
        return None
    day, name = begun[-1]
    return SolarTerm(name, (on - day).days + 1)


@cache
def _term_dates() -> list[tuple[date, str]]:
    raw = tomllib.loads(
        files("orchard.tasks").joinpath("data", "solar_terms.toml").read_text("utf-8")
    )
    return [
        (date(int(year), *map(int, day.split("-"))), name)
        for year, days in raw["years"].items()
        for name, day in zip(raw["terms"], days, strict=True)
    ]
