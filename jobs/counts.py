"""Each night: the kept counts are compared with the records, and what waits is counted."""

from orchard import clock, db, logs
from orchard.counts import comparing, course, review, services
from orchard.counts.periods import Period
from orchard.ledger import Run
from orchard.places.queries import towns

log = logs.get("jobs")


def nightly(run: Run) -> dict[str, int]:
    """Compare the periods that are due with the records; report and repair what differs."""
    with db.reading() as session:
        spans = comparing.tonight(session, clock.local(run.now).date())
        places = [town.code for town in towns(session, db.county())]
    found = {"lines": 0, "figures": 0, "waiting": 0}
    for span in spans:
        if run.stopping.is_set():
            break
        found["lines"] += _lines(run, span, places)
        found["figures"] += _figures(run, span)
    if found["lines"] or found["figures"]:
        log.warning("counts_drifted", county=db.county(), **found)
    _courses(run)
    for town in places:
        found["waiting"] += _waiting(run, town)
    return found


def _lines(run: Run, span: Period, places: list[str]) -> int:
    """Repair the lines of the persons of whom something wrong is kept."""
    with db.reading() as session:
        few = comparing.is_few(session, span)
        wrong = [
            comparing.drifted(session, span, place) for place in ([db.county()] if few else places)
        ]
    people = set().union(*wrong)
    if not people:
        return 0
    with run.transaction() as session:
        return services.keep(session, people, [span])


def _figures(run: Run, span: Period) -> int:
    """Repair the figures that are not the sum of their lines."""
    with db.reading() as session:
        if not comparing.wrong_figures(session, span):
            return 0
    with run.transaction() as session:
        return comparing.repair_figures(session, span, now=run.now)


def _courses(run: Run) -> None:
    """Keep how the periods filled that are compared by day, where that is not what is kept."""
    today = clock.local(run.now).date()
    for one in course.due(today):
        with db.reading() as session:
            found = course.found(session, one)
            if found == course.kept(session, one):
                continue
        with run.transaction() as session:
            course.write(session, one, found)
    with run.transaction() as session:
        course.forget(session, today)


def _waiting(run: Run, town: str) -> int:
    """Count what waits for a town's look, for its page."""
    with db.reading() as session:
        found = review.waiting(session, town, clock.local(run.now).date())
    with run.transaction() as session:
        return review.note(session, town, found, now=run.now)
