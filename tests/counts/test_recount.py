"""The recount agrees with a counter that was written apart, on random counties, both databases."""

from datetime import timedelta
from random import Random

import pytest
from sqlmodel import Session

from orchard import db
from orchard.counts.queries import Asked, recount
from orchard.counts.rules import KINDS
from tests.counts import brute, county

LATER = pytest.mark.campaign
EACH = 40  # counties of one batch; five batches in a campaign
PLACES = ("500154", "500154118", "500154100", "500154118201", "500154118202", "500154100202")


def ask(rng: Random, made: county.County) -> Asked:
    """Return a random question: place, span, perhaps a kind or an employer."""
    first = county.any_day(rng)
    last = first + timedelta(rng.choice([0, 30, 60, 180, 400, 400]))
    kind = rng.choice([None, None, *KINDS])
    employer = rng.choice([None, None, None, *made.employers])
    return Asked(rng.choice(PLACES), first, last, kind, employer)


def told(session: Session, asked: Asked) -> dict:
    """Return the product's answer in the shape of the other counter."""
    found = recount(session, asked)
    return {
        "total": found.total.told(),
        "by_kind": {kind: block.told() for kind, block in found.by_kind.items()},
        "by_employer": {one.id.hex: one.block.told() for one in found.by_employer},
    }


@pytest.mark.parametrize("first", [0, *(pytest.param(n, marks=LATER) for n in (40, 80, 120, 160))])
def test_two_counters_agree_on_random_counties_places_and_spans(database, first):
    seen = 0
    for seed in range(first, first + EACH):
        rng = Random(seed)
        with pytest.raises(Undo), db.transaction() as session:
            made = county.fill(session, rng)
            rows = brute.export(session)
            for _ in range(6):
                asked = ask(rng, made)
                employer = asked.employer_id.hex if asked.employer_id else None
                expected = brute.count(
                    rows, asked.place, asked.first, asked.last, asked.kind, employer
                )
                assert told(session, asked) == expected, (seed, asked)
                seen += expected["total"]["persons"]
            raise Undo
    assert seen > 50  # not all of them empty


class Undo(Exception):
    """Takes a county away again."""
