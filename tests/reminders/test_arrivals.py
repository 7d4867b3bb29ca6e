"""Who waits for a technician is told his day once: set, moved, given up, and in his language."""

import json
import re

import pytest
from structlog.testing import capture_logs

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.reminders.rules import Channel, Kind, Status
from orchard.reminders.services import claim_messages
from orchard.visits.catalogue import service
from tests import make
from tests.access.state import changed, digest
from tests.client import client
from tests.page import check_page
from tests.reminders.owing import outbox, run
from tests.visits.asking import DAY, TODAY, ask, scheduled, taken, technician

TOMORROW, LATER = TODAY + DAY, TODAY + 3 * DAY
COMES = "11月24日星期二，农技员周明清上门看屋后坡。上门不收钱。"


class Calling:
    """A grower, the cadre who asked for him, their technician, a stranger, and a request."""

    def __init__(self) -> None:
        with db.transaction() as session:
            self.grower, page = make.signed_in(session)
            self.cadre, office = make.signed_in(session, Role.SECRETARY)
            named = make.person(session, name="周明清")
            self.expert, badge = make.signed_in(session, Role.TECHNICIAN, of=named)
            _, other = make.signed_in(session)
            self.plot = make.plot(session, self.grower, name="屋后坡")
            self.id = ask(session, self.cadre, self.plot).id
        app = client().application
        self.page, self.office = client(page, app=app), client(office, app=app)
        self.desk, self.stranger = client(badge, app=app), client(other, app=app)
        assert self.act("take").status_code == 303

    def act(self, what, **form):
        return self.desk.post_form(f"/visits/{self.id}/{what}", form)

    def put(self, day):
        answer = self.act("schedule", on_day=str(day))
        assert answer.status_code == 303
        return answer


@pytest.fixture
def calling(database):
    """The clock stands at nine in the morning."""
    with clock.frozen_at(make.NOW):
        yield Calling()


def texts(browser) -> list[str]:
    """Return what the page of reminders says about visits, newest first."""
    html = browser.get("/messages").text
    check_page(html)
    return re.findall(r"<p>([^<]+上门不收钱。)</p>", html)


def kept(person_id) -> list[str]:
    told = sorted(outbox(person_id, Channel.PAGE), key=lambda message: message.id)
    return [json.loads(message.params)["what"] for message in told]


def test_who_waits_and_who_asked_for_him_read_the_day_and_nobody_else(calling):
    calling.put(TOMORROW)
    for browser in (calling.page, calling.office):
        (said,) = texts(browser)
        assert COMES in said
    assert f"/visits/{calling.id}" in calling.page.get("/messages").text
    for browser in (calling.stranger, calling.desk):
        assert texts(browser) == []
    owed = outbox()
    assert {message.person_id for message in owed} == {
        calling.grower.person_id,
        calling.cadre.person_id,
    }
    assert {message.status for message in owed} == {Status.OWED}


def test_a_message_outlives_its_plot_without_a_link_that_leads_nowhere(calling):
    calling.put(TOMORROW)
    run("messages", make.NOW)
    assert calling.page.get(f"/visits/{calling.id}").status_code == 200
    calling.page.post_form(f"/plots/{calling.plot.id}/end", {"version": "1"})
    assert calling.page.get(f"/visits/{calling.id}").status_code == 404
    (said,) = texts(calling.page)
    assert COMES in said
    assert f"/visits/{calling.id}" not in calling.page.get("/messages").text


def test_the_same_words_in_english(calling):
    calling.put(TOMORROW)
    calling.page.set_cookie("lang", "en")
    page = check_page(calling.page.get("/messages").text, "en")
    told = "On Tuesday, 24/11, the technician 周明清 comes to see 屋后坡. Visits are free."
    assert told in page.text


def test_the_same_request_twice_owes_one_message(calling):
    calling.put(TOMORROW)
    before = digest()
    calling.put(TOMORROW)
    assert not changed(before)
    assert len(outbox(calling.grower.person_id)) == 1


def test_moved_before_it_was_sent_the_new_day_takes_its_place(calling):
    calling.put(TOMORROW)
    calling.put(LATER)
    (said,) = texts(calling.page)
    assert "11月26日星期四，农技员周明清上门" in said
    assert "11月24日" not in said
    (owed,) = outbox(calling.grower.person_id)
    assert owed.local_date == LATER


def test_moved_after_it_was_sent_both_days_are_named(calling):
    calling.put(TOMORROW)
    run("messages", make.NOW)
    calling.put(LATER)
    said, first = texts(calling.page)
    assert "原来说11月24日，改到11月26日星期四" in said
    assert COMES in first
    assert [each.status for each in outbox(calling.grower.person_id)] == [
        Status.SENT,
        Status.OWED,
    ]


def test_moved_and_moved_back_after_it_was_sent_the_first_day_is_said_again(calling):
    calling.put(TOMORROW)
    run("messages", make.NOW)
    calling.put(LATER)
    calling.put(TOMORROW)
    assert [COMES in said for said in texts(calling.page)] == [True, True]


def test_what_a_worker_is_just_sending_is_not_taken_back(calling):
    calling.put(TOMORROW)
    with db.transaction() as session:
        claim_messages(session, now=make.NOW)
    calling.put(LATER)
    assert kept(calling.grower.person_id) == ["scheduled", "moved"]


def test_nobody_met_tells_that_a_new_day_will_come(calling):
    calling.put(TODAY)
    run("messages", make.NOW)
    assert calling.act("nobody-there").status_code == 303
    assert calling.act("nobody-there").status_code == 303
    said, _ = texts(calling.page)
    assert "11月23日农技员周明清来看屋后坡，没见到人。" in said
    assert len(outbox(calling.grower.person_id)) == 2
    run("messages", make.NOW)
    calling.put(TOMORROW)
    assert kept(calling.grower.person_id) == ["scheduled", "nobody_there", "scheduled"]


def test_a_visit_handed_over_tells_who_comes_instead_and_only_when_a_day_was_set(calling):
    with db.transaction() as session:
        other = technician(session, name="宋学文")
        second = taken(session, calling.grower, calling.expert).id
    to = {"to": str(other.account_id)}
    assert calling.desk.post_form(f"/visits/{second}/hand-over", to).status_code == 303
    assert outbox() == []
    calling.put(TOMORROW)
    assert calling.act("hand-over", **to).status_code == 303
    (said,) = texts(calling.page)
    assert "11月24日不来了。改由农技员宋学文上门看屋后坡" in said


def test_an_answer_in_place_of_a_visit_takes_the_day_back(calling):
    calling.put(TOMORROW)
    assert calling.act("answer", text="先清园，不用上门").status_code == 303
    (said,) = texts(calling.page)
    assert "11月24日不用等了" in said
    assert "先清园" not in said


def test_who_cancels_is_told_nothing_and_what_was_owed_is_taken_back(calling):
    calling.put(TOMORROW)
    assert calling.page.post_form(f"/visits/{calling.id}/cancel").status_code == 303
    assert outbox() == []
    assert texts(calling.page) == []


def test_two_visits_on_one_day_are_two_messages(calling):
    calling.put(TOMORROW)
    with db.transaction() as session:
        ours = make.plot(session, calling.grower, name="河边地")
        second = ask(session, calling.grower, ours).id
    for what, form in (("take", {}), ("schedule", {"on_day": str(TOMORROW)})):
        assert calling.desk.post_form(f"/visits/{second}/{what}", form).status_code == 303
    first, other = sorted(texts(calling.page))
    assert {"屋后坡" in first, "屋后坡" in other} == {True, False}
    assert len(outbox(calling.grower.person_id)) == 2


def test_a_refused_day_owes_nothing(calling):
    with db.transaction() as session:
        for _ in range(service().visits_a_day):
            scheduled(session, calling.grower, calling.expert, LATER)
    before = digest()
    assert calling.act("schedule", on_day=str(LATER)).status_code == 422
    assert not changed(before)


def test_no_name_phone_or_plot_stands_in_the_line_of_the_log(calling):
    calling.put(TOMORROW)
    with capture_logs() as lines:
        run("messages", make.NOW)
    sent = [line for line in lines if line["event"] == "message"]
    assert [line["kind"] for line in sent] == [Kind.VISIT, Kind.VISIT]
    for line in sent:
        assert set(line) == {"event", "log_level", "part", "id", "kind"}


def test_a_technician_whose_own_plot_it_is_tells_himself_nothing(calling):
    with db.transaction() as session:
        plot = make.plot(session, calling.expert, name="自家地")
        calling.id = ask(session, calling.cadre, plot).id
    assert calling.act("take").status_code == 303
    calling.put(TOMORROW)
    assert [message.person_id for message in outbox()] == [calling.cadre.person_id]


def test_the_managers_of_a_firms_plot_are_told(database):
    with clock.frozen_at(make.NOW):
        with db.transaction() as session:
            firm = make.employer(session)
            boss = make.caller(session, Role.MANAGER, employer_id=firm.id)
            deputy = make.caller(session, Role.MANAGER, employer_id=firm.id)
            plot = make.plot(session, firm)
            expert, badge = make.signed_in(session, Role.TECHNICIAN)
            id_ = ask(session, boss, plot).id
        desk = client(badge)
        desk.post_form(f"/visits/{id_}/take")
        desk.post_form(f"/visits/{id_}/schedule", {"on_day": str(TOMORROW)})
        owed = outbox()
    assert {message.person_id for message in owed} == {boss.person_id, deputy.person_id}
    assert expert.person_id not in {message.person_id for message in owed}
