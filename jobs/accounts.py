"""Each night: old tries at the doors, ended sessions and spent cards are deleted."""

from orchard import db, ledger
from orchard.accounts import retention
from orchard.ledger import Run


def purge(run: Run) -> dict[str, int]:
    """Delete what nobody needs any more, unless the clock has just jumped (reliability J4)."""
    with db.reading() as session:
        last = ledger.newest_before(session, run)
    if last is None or abs(run.now - last) > retention.CLOCK_AGREES:
        return {"tries": 0, "sessions": 0, "cards": 0, "clock_doubted": 1}
    with run.transaction() as session:
        return retention.purge(session, now=run.now)
