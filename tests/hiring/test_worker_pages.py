"""An employer's people on their pages: registered, linked, in crews, nobody else's."""

from datetime import date
from uuid import UUID

import pytest

from orchard import db
from orchard.accounts.models import Person
from orchard.hiring.models import Hire, HireEvent, Roster
from orchard.ids import new_id
from tests import make
from tests.access.state import changed, digest
from tests.hiring.filling import Firm, hire, person, send_hire
from tests.hiring.reading import count, shown, stored

pytestmark = pytest.mark.usefixtures("morning")


def test_who_looks_like_the_same_person_is_shown_masked_and_chosen_or_not(database):
    firm = Firm()
    with db.transaction() as session:
        known = make.worker(
            session,
            name="陈素芬",
            born_on=date(1970, 9, 1),
            phone="+8613777776666",
            village_code=make.OTHER_VILLAGE,
        )
    people = f"/employers/{firm.employer.id}/workers"
    shown(firm.boss.get(f"{people}/new"))
    sent, before = person(), digest()
    text = shown(firm.boss.post_form(f"{people}/new", sent), 422)
    assert "像是同一个人" in text
    assert "陈*" in text
    for hidden in ("13777776666", "1970-09-01"):
        assert hidden not in text
    assert not changed(before)
    stranger = {**sent, "alike": str(firm.worker.person_id)}
    assert firm.boss.post_form(f"{people}/new", stranger).status_code == 422
    assert not changed(before)
    chosen = firm.boss.post_form(f"{people}/new", {**sent, "alike": str(known.id)})
    assert chosen.location == f"{people}/{known.id}"
    assert count(Roster) == 1
    text = shown(firm.boss.get(chosen.location))
    assert "13777776666" not in text
    assert "他自己认了用工，就能看到电话和生日" in text
    other = {**sent, "alike": "new"}
    assert firm.boss.post_form(f"{people}/new", other).location == f"{people}/{sent['id']}"
    assert firm.boss.post_form(f"{people}/new", other).location == f"{people}/{sent['id']}"
    assert stored(Person, UUID(sent["id"])).name == "陈素芬"
    assert send_hire(firm.boss, hire(firm.employer, known.id)).status_code == 303
    assert "13777776666" not in shown(firm.boss.get(chosen.location))  # he did not agree yet


def test_a_worker_is_registered_listed_completed_and_hired(database):
    firm = Firm()
    people, sent = f"/employers/{firm.employer.id}/workers", person(born_on="", sex="")
    assert firm.boss.get("/workers").location == people
    page = firm.boss.post_form(f"{people}/new", sent).location
    assert "陈素芬" in shown(firm.boss.get(people))
    refused = shown(send_hire(firm.boss, hire(firm.employer, sent["id"])), 422)
    assert "要填出生日期" in refused
    shown(firm.boss.get(f"{page}/edit"))
    filled = {**sent, "born_on": "1970-03-08", "phone": "139 0000 9999"}
    assert firm.boss.post_form(f"{page}/edit", filled).status_code == 303
    assert "1970年3月8日" in shown(firm.boss.get(page))
    form = hire(firm.employer, sent["id"])
    text = shown(send_hire(firm.boss, {**form, "step": "check"}))
    assert "性别没有填" in text
    assert send_hire(firm.boss, {**form, "step": "edit"}).status_code == 200
    answer = send_hire(firm.boss, form)
    assert answer.location == f"/hires/{form['id']}"
    assert send_hire(firm.boss, form).location == answer.location
    other = send_hire(firm.boss, {**form, "work": "weeding"})
    assert other.status_code == 409
    assert (count(Hire), count(HireEvent)) == (1, 1)
    young = {**sent, "born_on": "2012-01-01"}
    assert "未满 16 周岁" in shown(firm.boss.post_form(f"{page}/edit", young), 422)


def test_people_of_an_employer_are_nobody_elses(sqlite_database):
    firm = Firm()
    people, sent = f"/employers/{firm.employer.id}/workers", person()
    page = firm.boss.post_form(f"{people}/new", sent).location
    before = digest()
    for path in (people, page, f"{people}/new", f"{page}/edit"):
        assert firm.stranger.get(path).status_code == 404
        assert firm.hand.get(path).status_code == 403
        assert firm.town.get(path).status_code == 403
    assert firm.stranger.post_form(f"{people}/new", person(name="王小明")).status_code == 404
    assert firm.stranger.post_form(f"{page}/edit", sent).status_code == 404
    form = hire(firm.other, sent["id"])
    assert send_hire(firm.stranger, form).status_code == 404
    assert not changed(before)


def test_crews_are_made_once_and_ended(database):
    firm = Firm()
    people, form = f"/employers/{firm.employer.id}", {"id": str(new_id()), "name": "采果一组"}
    for _ in range(2):
        assert firm.boss.post_form(f"{people}/crews", form).status_code == 303
    assert "采果一组" in shown(firm.boss.get(f"{people}/workers"))
    assert shown(firm.boss.post_form(f"{people}/crews", {**form, "name": ""}), 422)
    assert firm.boss.post_form(f"{people}/crews", {**form, "name": "别的"}).status_code == 409
    assert firm.stranger.post_form(f"{people}/crews", form).status_code == 404
    assert firm.stranger.post_form(f"/crews/{form['id']}/end").status_code == 404
    assert firm.boss.post_form(f"/crews/{form['id']}/end").status_code == 303
    assert "采果一组" not in shown(firm.boss.get(f"{people}/workers"))
