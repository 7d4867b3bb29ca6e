"""What was typed about a hire is not lost: at a session's end, or when somebody was faster."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from orchard import clock, db
from orchard.accounts.models import Person
from orchard.accounts.rules import Role
from orchard.hiring.models import Hire, HireEvent
from tests import make
from tests.client import client
from tests.hiring.filling import Firm, hire, known, send_hire
from tests.hiring.reading import count, shown, stored

pytestmark = pytest.mark.usefixtures("morning")


def _version(answer) -> str:
    found = re.search(r'name="version" value="(\d+)"', answer.text)
    assert found
    return found[1]


def _hired(firm) -> Hire:
    with db.transaction() as session:
        return make.hire(session, firm.employer, session.get(Person, firm.worker.person_id))


def test_the_form_of_a_hire_comes_back_after_signing_in(sqlite_database):
    firm = Firm()
    with db.transaction() as session:
        who = known(session, firm.employer)
        _, token = make.signed_in(session, Role.MANAGER, employer_id=firm.employer.id)
    browser, form = client(token), hire(firm.employer, who.id, terms="包午饭")
    with clock.frozen_at(make.NOW + timedelta(days=31)):
        assert send_hire(browser, form).location == "/sign-in"
    page = f"/employers/{firm.employer.id}/workers/{who.id}/hire"
    with browser.session_transaction() as cookie:
        kept = cookie["parked"]
    assert kept["at"] == page
    with firm.boss.session_transaction() as cookie:
        cookie["parked"] = kept
    answer = firm.boss.get(page)
    assert shown(answer)
    assert "包午饭" in answer.text
    assert form["id"] in answer.text
    assert count(Hire) == 0


def test_a_hire_takes_person_and_employer_from_its_address(sqlite_database):
    firm = Firm()
    with db.transaction() as session:
        who, other = known(session, firm.employer), known(session, firm.other, name="王小明")
    page = f"/employers/{firm.employer.id}/workers/{who.id}/hire"
    form = hire(firm.other, other.id)
    assert firm.boss.post_form(page, form).status_code == 303
    made = stored(Hire, UUID(form["id"]))
    assert (made.employer_id, made.person_id) == (firm.employer.id, who.id)


def test_who_answers_an_old_version_sees_the_hire_as_it_stands(database):
    firm = Firm()
    made = _hired(firm)
    page = f"/hires/{made.id}"
    change = {**hire(firm.employer, made.person_id, terms="不包饭"), "version": "1"}
    change["started_on"] = str(made.started_on)
    assert firm.boss.post_form(f"{page}/edit", change).status_code == 303
    answer = firm.hand.post_form(f"{page}/object", {"version": "1", "note": "说好包饭"})
    text = shown(answer, 409)
    assert "有人先改过了" in text
    assert "不包饭" in text
    assert "说好包饭" in answer.text
    assert _version(answer) == "2"
    assert count(HireEvent) == 2  # made and changed
    again = {"version": "2", "note": "说好包饭"}
    assert firm.hand.post_form(f"{page}/object", again).status_code == 303


def test_the_last_day_is_asked_again_in_the_newest_version(database):
    firm = Firm()
    made = _hired(firm)
    page = f"/hires/{made.id}"
    assert firm.hand.post_form(f"{page}/confirm", {"version": "1"}).status_code == 303
    last = {"version": "1", "ended_on": "2026-11-22"}
    answer = firm.boss.post_form(f"{page}/end", last)
    assert "有人先改过了" in shown(answer, 409)
    assert _version(answer) == "2"
    assert "2026-11-22" in answer.text
    assert stored(Hire, made.id).ended_on is None
    assert firm.boss.post_form(f"{page}/end", {**last, "version": "2"}).status_code == 303
