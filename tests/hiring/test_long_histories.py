"""A history of any length: a page shows the newest, and leads to what came earlier."""

import pytest

from orchard import db
from orchard.accounts.models import Person
from orchard.hiring.models import HireEvent
from orchard.hiring.rules import HireEventKind
from orchard.paging import EVENTS, ROWS
from tests import make
from tests.hiring.filling import Firm
from tests.hiring.reading import shown
from tests.page import check_page
from tests.wages.earning import bearer

pytestmark = pytest.mark.usefixtures("morning")
OBJECTIONS = 60  # three pages and the making


@pytest.fixture
def quarrel(database):
    """Hire somebody who objected many times; return the firm, the hire, a program's header."""
    firm = Firm()
    with db.transaction() as session:
        made = make.hire(session, firm.employer, session.get(Person, firm.worker.person_id))
        for version in range(2, OBJECTIONS + 2):
            session.add(
                HireEvent(
                    hire_id=made.id,
                    version=version,
                    kind=HireEventKind.OBJECTED,
                    note=f"第{version}版",
                    at=make.NOW,
                )
            )
        program = bearer(session, firm.worker)
    return firm, f"/hires/{made.id}", program


def test_a_hires_page_shows_its_newest_events_and_leads_to_the_earlier_ones(quarrel):
    firm, path, _ = quarrel
    seen, pages = [], 0
    while path:
        html = firm.hand.get(path).text
        text = shown(firm.hand.get(path))
        here = [n for n in range(2, OBJECTIONS + 2) if f"第{n}版" in text]
        assert len(here) <= EVENTS
        seen, pages = [*here, *seen], pages + 1
        links = [tag["href"] for tag in check_page(html).of("a")]
        path = next((link for link in links if "before=" in link), "")
    assert seen == list(range(2, OBJECTIONS + 2))
    assert pages == OBJECTIONS // EVENTS + 1


def test_the_interface_gives_a_hires_events_by_page_oldest_first(quarrel):
    firm, path, program = quarrel
    first = firm.anybody.get(f"/api/v1{path}/events", headers=program).json
    assert [one["version"] for one in first["events"]] == list(range(1, ROWS + 1))
    assert first["has_after"]
    rest = firm.anybody.get(f"/api/v1{path}/events?after={ROWS}", headers=program).json
    assert [one["version"] for one in rest["events"]] == list(range(ROWS + 1, OBJECTIONS + 2))
    assert not rest["has_after"]


def test_a_broken_number_in_the_address_finds_nothing(quarrel):
    firm, path, _ = quarrel
    for broken in ("x", "-1", "1" * 10, "٣", "1.5"):
        assert firm.hand.get(f"{path}?before={broken}").status_code == 404, broken
