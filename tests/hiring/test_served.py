"""What a town may do with employers and openings: its pages offer what the rule allows."""

import pytest

from orchard import db
from orchard.accounts.rules import EmployerKind
from orchard.ids import new_id
from tests import make
from tests.hiring.filling import Firm
from tests.hiring.reading import shown

pytestmark = pytest.mark.usefixtures("morning")


def test_the_employers_town_hides_its_opening_elsewhere_by_a_button(sqlite_database):
    firm = Firm()
    with db.transaction() as session:
        made = make.opening(session, firm.employer, workplace_code=make.OTHER_VILLAGE)
    page = f"/openings/{made.id}"
    button = f'action="{page}/hide"'
    for office in (firm.town, firm.elsewhere):  # of the employer, and of the workplace
        assert button in office.get(page).text
    for other in (firm.boss, firm.hand, firm.anybody):
        assert button not in other.get(page).text
    assert firm.town.post_form(f"{page}/hide").status_code == 303
    assert "镇上收起来了" in shown(firm.town.get(page))


def test_a_refused_step_shows_the_whole_page_of_the_employer(sqlite_database):
    firm = Firm()
    with db.transaction() as session:
        workshop = make.employer(session, name="竹溪车间", kind=EmployerKind.WORKSHOP)
        made = make.opening(session, workshop, work="packing")
    page = f"/employers/{workshop.id}"
    sent = {"id": str(new_id()), "kind": "struck_off", "on_day": "2026-11-01"}
    answer = firm.town.post_form(f"{page}/steps", sent)
    assert shown(answer, 422)
    assert f"/openings/{made.id}" in firm.town.get(page).text
    assert f"/openings/{made.id}" in answer.text
    assert sent["id"] in answer.text
    assert firm.elsewhere.post_form(f"{page}/steps", {**sent, "on_day": ""}).status_code == 404
