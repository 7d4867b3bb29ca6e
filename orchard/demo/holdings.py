"""Which pieces of land there are in the demonstration county, and of what size."""

from dataclasses import dataclass
from random import Random

from orchard.demo.cast import DADE, GAOQIAO
from orchard.synth import land

# features-advice-employment.md 4.3: 10,000 mu in 412 plots, 1 x 300, 26 of 50-299, 385 small
TOTAL_X100 = 1_000_000
PLANTATION_X100 = 30_000
LARGE, LARGE_X100 = 26, (5_000, 29_900)
SMALL = 385
LARGE_OF_FIRMS = 6  # of the 26; families hold the rest
WITHOUT_PHONE = 6
STRANGERS = {DADE: 6, GAOQIAO: 4}  # plots of the two other towns
STRANGERS_MEAN_X100 = 900
PLOTS_OF_A_FAMILY = {1: 52, 2: 30, 3: 13, 4: 5}
OWN = 4  # small plots of the grower whose sign-in is printed


@dataclass(frozen=True)
class Areas:
    """The areas of Zhuxi in hundredths of a mu: they sum to exactly 10,000 mu."""

    plantation: int
    large: list[int]
    small: list[int]


def areas(rng: Random) -> Areas:
    """Return the 412 areas of Zhuxi."""
    low, high = LARGE_X100
    drawn = [rng.lognormvariate(9.3, 0.5) for _ in range(LARGE)]
    large = [min(max(int(area / 500) * 500, low), high) for area in drawn]
    rest = TOTAL_X100 - PLANTATION_X100 - sum(large)
    small = land.small_areas(rng, SMALL, rest // SMALL)
    return Areas(PLANTATION_X100, large, land.fitted(small, rest, land.SMALL_X100))


def families(rng: Random, plots: int) -> list[int]:
    """Return how many plots each family works, until all are worked."""
    sizes, weights = list(PLOTS_OF_A_FAMILY), list(PLOTS_OF_A_FAMILY.values())
    found: list[int] = []
    while plots:
        taken = min(rng.choices(sizes, weights)[0], plots)
        found.append(taken)
        plots -= taken
    return found
