"""The night of the counts: what drifted is found and repaired, and what waits is counted."""

from datetime import date

from sqlmodel import select

from orchard import db
from orchard.accounts.rules import EmployerKind
from orchard.counts import comparing
from orchard.counts.models import PeriodCount, PeriodHire, ReviewCount
from orchard.counts.periods import month_of
from orchard.counts.rules import Review
from tests import make
from tests.counts.town import tick_all
from tests.engines import slow_on
from tests.jobs import night

DAY = date(2026, 11, 20)


def kept(session) -> dict[str, list[str]]:
    """Return what is kept of the counts, without when it was written."""
    apart = {"changed_at"}
    return {
        model.__name__: sorted(repr(row.model_dump(exclude=apart)) for row in session.exec(asked))
        for model in (PeriodCount, PeriodHire)
        for asked in [select(model)]
    }


@slow_on("postgres")
def test_a_broken_line_and_figure_are_found_and_repaired_by_night(database):
    with db.transaction() as session:
        firm = make.employer(session)
        household = make.employer(session, kind=EmployerKind.HOUSEHOLD)
        hires = [make.hire(session, firm, make.worker(session)).id for _ in range(3)]
    tick_all(hires, DAY)
    with db.reading() as session:
        before = kept(session)
    with db.transaction() as session:
        session.get_one(PeriodHire, ("2026-11", hires[0])).half_days = 7
        row = session.exec(select(PeriodCount).where(PeriodCount.period == "2026-AW")).first()
        row.persons += 3
    done = night.run("counts")
    assert (done["lines"], done["figures"] > 0) == (1, True)
    with db.reading() as session:
        assert kept(session) == before
        assert comparing.wrong_figures(session, month_of(DAY)) == {}
        waiting = session.get_one(ReviewCount, (make.ZHUXI, Review.UNVERIFIED))
        assert (waiting.waiting, household.village_code[:9]) == (1, make.ZHUXI)
    assert {**night.run("counts"), "waiting": 0} == {"lines": 0, "figures": 0, "waiting": 0}
