"""One run of one job, as the worker does it."""

from jobs.schedule import named
from orchard import clock, db, ledger
from tests import make


def run(name: str) -> dict[str, int]:
    """Claim, do and finish a job of the table once, and return what it says it did."""
    job = named(name)
    assert job is not None
    with clock.frozen_at(make.NOW):
        with db.transaction() as session:
            claimed = ledger.claim_now(session, name, by="test", now=make.NOW)
        assert claimed is not None
        done = job.run(claimed)
        with db.transaction() as session:
            ledger.finish(session, claimed, now=make.NOW, counts=done)
    return done
