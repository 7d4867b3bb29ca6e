"""Codes of places, and the forecast cell in which a point lies."""

from enum import StrEnum

CELL_DEGREES_E6 = 50_000  # decision 18: 0.05 degree grid, in millionths of a degree
BAND_M = 100  # decision 18: 100 m elevation band
POINTS_CREDIT = "GeoNames (geonames.org), CC BY 4.0"  # data/town_points.csv, most rows


class Level(StrEnum):
    """The three levels of the statistical division codes that we use."""

    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"


LENGTHS = {Level.COUNTY: 6, Level.TOWN: 9, Level.VILLAGE: 12}


def level_of(code: str) -> Level | None:
    """Return the level that a code's length tells, or None for anything else than a code."""
    if not (code.isascii() and code.isdigit()):
        return None
    return {length: level for level, length in LENGTHS.items()}.get(len(code))


def town_of(code: str) -> str:
    """Return the town's code of a village or town."""
    return code[: LENGTHS[Level.TOWN]]


def county_of(code: str) -> str:
    """Return the county's code of any place."""
    return code[: LENGTHS[Level.COUNTY]]


def short_name(name: str) -> str:
    """Return a village as people say it: 团凤村, not 团凤村村民委员会."""
    return name.removesuffix("村民委员会").removesuffix("居民委员会") or name


def cell_of(lat: float, lon: float, elevation_m: int) -> str:
    """Return the key of the forecast cell of a point.

    lat and lon in degrees (WGS-84), elevation in metres. Counted in millionths, because
    31.15 / 0.05 is 622.9999... in floating point and would fall into the cell below.
    """
    row = round(lat * 1_000_000) // CELL_DEGREES_E6
    column = round(lon * 1_000_000) // CELL_DEGREES_E6
    return f"{row}:{column}:{elevation_m // BAND_M}"
