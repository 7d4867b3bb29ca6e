"""Invented pieces of citrus land with the skew of a real county."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from random import Random

KM_PER_DEGREE = 111.2
LOWEST_M, HIGHEST_M = 183, 900  # the elevations at which citrus stands in Zhuxi
SMALL_X100 = (80, 4990)  # a family's plot: 0.8 to 49.9 mu
# Shares of the varieties planted in the county; invented, in the order of what is told of it.
VARIETIES = {
    "chunjin": 22,
    "wogan": 15,
    "navel": 12,
    "murcott": 11,
    "tarocco": 9,
    "chunqi": 8,
    "chunxue": 8,
    "chunjian": 7,
    "lane_late": 6,
    "jincheng": 2,
}


@dataclass(frozen=True)
class Village:
    """A village and where its orchards lie: the middle of them and how high."""

    code: str
    lat: float
    lon: float
    elevation_m: int
    weight: float


@dataclass(frozen=True)
class Parcel:
    """What is known of one piece of land before it has a holder."""

    village_code: str
    variety: str
    planted_year: int
    lat: float | None
    lon: float | None
    elevation_m: int | None


def villages(
    rng: Random, codes: Sequence[str], lat: float, lon: float, elevation_m: int
) -> list[Village]:
    """Lay the villages of a town around its point, most of them higher than it; few are big."""
    found = []
    for code in codes:
        north, east = rng.gauss(0, 2.2), rng.gauss(0, 2.2)
        found.append(
            Village(
                code,
                lat + north / KM_PER_DEGREE,
                lon + east / (KM_PER_DEGREE * cos(radians(lat))),
                _on_slope(elevation_m + int(rng.triangular(0, 720, 120))),
                min(rng.paretovariate(1.2), 8.0),
            )
        )
    return found


def parcel(rng: Random, village: Village, *, year: int) -> Parcel:
    """Invent one piece of land in a village; some have a position, most an elevation."""
    has_position, knows_elevation = rng.random() < 0.4, rng.random() < 0.75
    variety = rng.choices(list(VARIETIES), list(VARIETIES.values()))[0]
    return Parcel(
        village.code,
        variety,
        year - min(3 + int(rng.expovariate(1 / 9)), 40),
        round(village.lat + rng.gauss(0, 0.5) / KM_PER_DEGREE, 5) if has_position else None,
        round(village.lon + rng.gauss(0, 0.5) / KM_PER_DEGREE, 5) if has_position else None,
        _on_slope(village.elevation_m + int(rng.gauss(0, 45)))
        if has_position or knows_elevation
        else None,
    )


def small_areas(rng: Random, count: int, mean_x100: int) -> list[int]:
    """Return skewed areas of family plots in hundredths of a mu, whole tenths of a mu."""
    low, high = SMALL_X100
    drawn = [rng.lognormvariate(0, 0.75) for _ in range(count)]
    scale = mean_x100 * count / sum(drawn)
    return [min(max(int(value * scale / 10) * 10, low), high) for value in drawn]


def fitted(areas: Sequence[int], total_x100: int, limits: tuple[int, int]) -> list[int]:
    """Return the areas changed by tenths of a mu until they sum to a total, inside the limits."""
    low, high = limits
    found = list(areas)
    rest = total_x100 - sum(found)
    while rest:
        step = 10 if rest >= 10 else -10 if rest <= -10 else rest
        changed = rest
        for index, area in enumerate(found):
            if low <= area + step <= high:
                found[index] += step
                rest -= step
            if abs(rest) < abs(step) or not rest:
                break
        if rest == changed:
            raise ValueError(total_x100)
    return found


def trees(rng: Random, area_x100: int) -> int:
    """Return how many trees stand on an area: 40 to 62 a mu."""
    return max(area_x100 * rng.randint(40, 62) // 100, 1)


def _on_slope(elevation_m: int) -> int:
    return min(max(elevation_m, LOWEST_M), HIGHEST_M)
