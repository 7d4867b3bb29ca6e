"""Each night: the database is checked, and what nobody needs any more is deleted."""

from datetime import date, timedelta

from sqlmodel import Session

from orchard import clock, db, ledger
from orchard.errors import OrchardError
from orchard.ledger import Run
from orchard.reminders import services
from orchard.reminders.rules import KEPT_FOR

RUNS_KEPT = timedelta(days=30)  # our own: a month of runs shows when a job began to fail
CLOCK_AGREES = timedelta(hours=24)  # reliability J4: a purge needs the clock to agree


class Damaged(OrchardError):
    """The database contradicts itself: restore from a backup."""

    code = "errors.damaged"


def nightly(run: Run) -> dict[str, int]:
    """Check the database; delete old runs and messages, unless the clock has just jumped."""
    with db.reading() as session:
        _check(session)
        last = ledger.newest_before(session, run)
    if last is None or abs(run.now - last) > CLOCK_AGREES:
        return {"runs": 0, "messages": 0, "clock_doubted": 1}
    before = (clock.local(run.now) - KEPT_FOR).date()
    with run.transaction() as session:
        runs = ledger.forget(session, run.now - RUNS_KEPT)
        services.forget_dues(session, before)
        db.weigh(session)
    return {"runs": runs, "messages": _forget_messages(run, before)}


def _forget_messages(run: Run, before: date) -> int:
    """Delete old messages a few at a time, so that no page waits long."""
    deleted = 0
    while not run.stopping.is_set():
        with db.reading() as session:
            old = services.old_messages(session, before)
        if not old:
            break
        with run.transaction() as session:
            services.forget_messages(session, old)
        deleted += len(old)
    return deleted


def _check(session: Session) -> None:
    """Raise Damaged when a SQLite file is; PostgreSQL looks after its own pages and keys."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return
    pages = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if pages != "ok" or connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise Damaged
