"""Hires on their pages: who may be hired, who answers, and who sees it."""

import pytest
from sqlmodel import select

from orchard import db
from orchard.accounts.models import Person
from orchard.hiring.models import Hire, HireEvent
from tests import make
from tests.access.state import changed, digest
from tests.hiring.filling import Firm, hire, person, send_hire
from tests.hiring.reading import count, shown, stored

pytestmark = pytest.mark.usefixtures("morning")


@pytest.mark.parametrize(
    ("born_on", "work", "status"),
    [
        ("2010-11-23", "picking", 303),
        ("2010-11-24", "picking", 422),
        ("2008-11-24", "spraying", 422),
        ("2008-11-23", "spraying", 303),
    ],
)
def test_the_boundary_days_of_age_hold_on_the_page(sqlite_database, born_on, work, status):
    firm, sent = Firm(), person(born_on=born_on)
    firm.boss.post_form(f"/employers/{firm.employer.id}/workers/new", sent)
    form = hire(firm.employer, sent["id"], work=work)
    for step in ("check", "send"):
        answer = send_hire(firm.boss, {**form, "step": step})
        assert answer.status_code == (200 if step == "check" and status == 303 else status)
    assert count(Hire) == (status == 303)


def test_over_age_with_a_labour_contract_is_warned_of_and_not_refused(sqlite_database):
    firm, sent = Firm(), person(born_on="1958-01-01")
    firm.boss.post_form(f"/employers/{firm.employer.id}/workers/new", sent)
    form = hire(firm.employer, sent["id"], relation="labour_contract")
    text = shown(send_hire(firm.boss, {**form, "step": "check"}))
    assert "过了退休年龄" in text
    assert "不能签劳动合同" in text
    assert send_hire(firm.boss, form).status_code == 303


def test_the_check_page_shows_all_that_it_sends(sqlite_database):
    firm, sent = Firm(), person()
    firm.boss.post_form(f"/employers/{firm.employer.id}/workers/new", sent)
    with db.transaction() as session:
        crew = make.crew(session, firm.employer, name="修枝组")
    form = hire(firm.employer, sent["id"], crew_id=str(crew.id), terms="包午饭", step="check")
    text = shown(send_hire(firm.boss, form))
    assert "班组 修枝组" in text
    assert "包午饭" in text
    text = shown(send_hire(firm.boss, hire(firm.employer, sent["id"], step="check")))
    assert "班组 不分班组" in text


def test_a_hire_is_confirmed_changed_objected_to_and_ended(database):
    firm = Firm()
    with db.transaction() as session:
        made = make.hire(session, firm.employer, session.get(Person, firm.worker.person_id))
    page = f"/hires/{made.id}"
    assert "竹溪基地" in shown(firm.hand.get("/hires"))
    assert "对，没问题" in shown(firm.hand.get(page))
    for _ in range(2):
        assert firm.hand.post_form(f"{page}/confirm", {"version": "1"}).status_code == 303
    assert stored(Hire, made.id).version == 2
    shown(firm.boss.get(f"{page}/edit"))
    form = hire(firm.employer, made.person_id, started_on="2026-11-01", terms="包午饭")
    form["version"] = "2"
    assert firm.boss.post_form(f"{page}/edit", form).status_code == 303
    assert firm.boss.post_form(f"{page}/edit", form).status_code == 303
    assert firm.hand.post_form(f"{page}/confirm", {"version": "2"}).status_code == 409
    wrong = {"version": "3", "note": "说好的是 130"}
    assert firm.hand.post_form(f"{page}/object", wrong).status_code == 303
    assert "说好的是 130" in shown(firm.boss.get(page))
    shown(firm.boss.get(f"{page}/end"))
    early = {"version": "4", "ended_on": "2026-10-31"}
    assert firm.boss.post_form(f"{page}/end", early).status_code == 422
    last = {"version": "4", "ended_on": "2026-11-22"}
    for _ in range(2):
        assert firm.boss.post_form(f"{page}/end", last).status_code == 303
    assert stored(Hire, made.id).version == 5
    kinds = [row.kind for row in _events(made.id)]
    assert kinds == ["made", "confirmed", "changed", "objected", "ended"]


def _events(hire_id) -> list[HireEvent]:
    with db.reading() as session:
        rows = select(HireEvent).where(HireEvent.hire_id == hire_id).order_by(HireEvent.version)
        return list(session.exec(rows).all())


def test_a_hire_is_seen_by_its_two_sides_and_masked_by_its_town(database):
    firm = Firm()
    with db.transaction() as session:
        made = make.hire(session, firm.employer, session.get(Person, firm.worker.person_id))
    page, before = f"/hires/{made.id}", digest()
    for who in (firm.fellow, firm.stranger, firm.elsewhere):
        assert who.get(page).status_code == 404
        assert "张秀英" not in who.get("/hires").text
    text = shown(firm.town.get(page)) + shown(firm.town.get("/hires"))
    assert "张*" in text
    assert "张秀英" not in text
    assert "13900001234" not in text
    assert firm.anybody.get(page).status_code == 303
    for path, body in (("confirm", {"version": "1"}), ("object", {"version": "1"})):
        assert firm.fellow.post_form(f"{page}/{path}", body).status_code == 404
        assert firm.boss.post_form(f"{page}/{path}", body).status_code == 403
    for path in ("edit", "end"):
        assert firm.stranger.get(f"{page}/{path}").status_code == 404
        assert firm.town.get(f"{page}/{path}").status_code == 403
    assert not changed(before)
