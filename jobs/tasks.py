"""Putting tasks on plots: from the calendar for the coming days, and from the newest forecasts."""

from orchard import clock, db
from orchard.ledger import Run
from orchard.tasks import events, planning
from orchard.weather.queries import cells_wanted, digests_for


def plan(run: Run) -> dict[str, int]:
    """Close what is over, plan the calendar, follow the forecasts; harmless when it runs again."""
    today = clock.local(run.now).date()
    with db.reading() as session:
        digests = digests_for(session, cells_wanted(session))
    with run.transaction() as session:
        closed = planning.close_over(session, today, now=run.now)
        planned = planning.plan(session, today)
    with run.transaction() as session:
        events_now = events.plan_events(session, today, digests, now=run.now)
    return {"closed": closed, "planned": planned, **events_now}
