"""Each night: ID numbers that an older key sealed are sealed with the newest one."""

from uuid import UUID

from orchard import db, logs
from orchard.ledger import Run
from orchard.wages import identity

log = logs.get("jobs")


def seal_again(run: Run) -> dict[str, int]:
    """Seal again what FIELD_KEYS left behind, some at a time; then the old key may go."""
    found = {"sealed": 0, "unopened": 0}
    after: UUID | None = identity.NO_PERSON
    while after is not None and not run.stopping.is_set():
        with run.transaction() as session:
            done, unopened, after = identity.seal_again(session, after)
        found["sealed"] += done
        found["unopened"] += unopened
    if found["unopened"]:
        log.warning("numbers_without_key", county=db.county(), numbers=found["unopened"])
    return found
