"""Task pages as growers, technicians and strangers meet them; every page works without script."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event
from sqlmodel import select

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.ids import new_id
from orchard.tasks import planning
from orchard.tasks.models import CalendarSwitch, Reason, State, Task, TaskChange, TaskKey
from orchard.tasks.rules import calendar
from tests import make
from tests.client import client
from tests.engines import slow_on
from tests.page import check_page

pytestmark = slow_on("postgres")  # what the pages call is tested on both

TODAY = date(2026, 11, 23)
TOWN = f"/calendar/{make.ZHUXI}"


class Cast:
    """A grower with a plot, his technician and secretary, and three strangers."""

    def __init__(self, session):
        self.grower, self.token = make.signed_in(session)
        self.plot = make.plot(session, self.grower, variety="navel", elevation_m=300)
        self.high = make.plot(session, make.person(session), elevation_m=900, name="金丝雀")
        _, self.technician = make.signed_in(session, Role.TECHNICIAN)
        _, self.secretary = make.signed_in(session, Role.SECRETARY)
        _, self.neighbour = make.signed_in(session)
        _, self.other_technician = make.signed_in(session, Role.TECHNICIAN, place=make.DADE)
        planning.plan(session, TODAY)
        self.key = TaskKey(self.plot.id, "QY1", "2026-1")
        self.due = TaskKey(self.plot.id, "DSY2", "2026-15")


@pytest.fixture
def cast(database):
    with db.transaction() as session:
        made = Cast(session)
    with clock.frozen_at(make.NOW):
        yield made


def stored(key):
    with db.reading() as session:
        return session.get(Task, tuple(key))


def lines():
    with db.reading() as session:
        return session.exec(select(TaskChange)).all()


def page(token, path):
    answer = client(token).get(path)
    assert answer.status_code == 200
    return check_page(answer.text)


def test_one_tap_settles_a_task_and_one_takes_it_back(cast):
    browser = client(cast.token)
    answer = browser.post_form(f"/tasks/{cast.key.token}/done")
    assert (answer.status_code, stored(cast.key).state) == (303, State.DONE)
    shown = check_page(browser.get(answer.location).text)
    assert "没做完，取消" in shown.text
    browser.post_form(f"/tasks/{cast.key.token}/undo")
    assert stored(cast.key).state == State.OPEN


def test_a_tap_leads_back_to_the_page_it_was_on(cast):
    browser = client(cast.token)
    path = f"/tasks/{cast.due.token}/done"
    given = browser.post_form(path, {"back": "/today"})
    outside = browser.post_form(path, {"back": "https://example.com/"})
    assert given.location == "/today"
    assert outside.location == f"/tasks/{cast.due.token}"


def test_a_task_page_shows_plot_days_term_and_weather(cast):
    shown = page(cast.token, f"/tasks/{cast.key.token}")
    for word in ("采后清园", "屋后坡", "大雪 第4天", "12月10日", "夜里没霜"):
        assert word in shown.text


def test_a_late_task_says_for_how_many_days(cast):
    with clock.frozen_at(make.NOW + timedelta(days=3)):
        assert "晚了3天" in page(cast.token, f"/tasks/{cast.due.token}").text


def test_a_task_is_put_off_with_a_day_and_a_reason(cast):
    path = f"/tasks/{cast.key.token}/postpone"
    shown = page(cast.token, path)
    assert [tag["value"] for tag in shown.of("input") if tag.get("name") == "reason"] == [
        "rain",
        "no_hands",
        "no_money",
        "other",
    ]
    answer = client(cast.token).post_form(path, {"to": "2026-12-20", "reason": "no_hands"})
    task = stored(cast.key)
    assert (answer.status_code, task.postponed_to, task.reason) == (
        303,
        date(2026, 12, 20),
        Reason.NO_HANDS,
    )
    assert "没人手" in page(cast.token, answer.location).text


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"to": "2027-02-01", "reason": "rain"}, "to"),
        ({"to": "2026-11-23", "reason": "rain"}, "to"),
        ({"to": "tomorrow", "reason": "rain"}, "to"),
        ({"to": "2026-12-20", "reason": "not_needed"}, "reason"),
        ({"to": "2026-12-20", "reason": "window_over"}, "reason"),
        ({"to": "2026-12-20"}, "reason"),
    ],
)
def test_a_wrong_day_or_reason_is_told_beside_the_field_and_not_written(cast, sent, field):
    answer = client(cast.token).post_form(f"/tasks/{cast.key.token}/postpone", sent)
    shown = check_page(answer.text)
    assert answer.status_code == 422
    assert any(tag.get("id") == f"{field}-error" for _, tag in shown.tags)
    assert (lines(), stored(cast.key).postponed_to) == ([], None)


def test_a_task_is_left_out_for_one_of_five_reasons(cast):
    path = f"/tasks/{cast.key.token}/skip"
    assert len([tag for tag in page(cast.token, path).of("input") if tag["type"] == "radio"]) == 5
    client(cast.token).post_form(path, {"reason": "no_money"})
    assert (stored(cast.key).state, stored(cast.key).reason) == (State.SKIPPED, Reason.NO_MONEY)


@pytest.mark.parametrize("reason", ["", "switched_off", "forecast_changed", "nonsense"])
def test_a_reason_that_is_not_a_persons_is_refused(cast, reason):
    answer = client(cast.token).post_form(f"/tasks/{cast.key.token}/skip", {"reason": reason})
    check_page(answer.text)
    assert (answer.status_code, lines()) == (422, [])


def test_the_last_day_offers_no_other_day(cast):
    with clock.frozen_at(make.NOW):
        assert "改天做" not in page(cast.token, f"/tasks/{cast.due.token}").text
        assert "不能再改" in page(cast.token, f"/tasks/{cast.due.token}/postpone").text


@pytest.mark.parametrize("action", ["done", "undo", "postpone", "skip"])
def test_a_neighbour_finds_nothing_and_writes_nothing(cast, action):
    sent = {"to": "2026-12-20", "reason": "rain"}
    answer = client(cast.neighbour).post_form(f"/tasks/{cast.key.token}/{action}", sent)
    assert (answer.status_code, lines()) == (404, [])
    assert client(cast.neighbour).get(f"/tasks/{cast.key.token}").status_code == 404


@pytest.mark.parametrize("action", ["done", "undo", "postpone", "skip"])
def test_technician_and_secretary_read_and_may_not_tap(cast, action):
    for token in (cast.technician, cast.secretary):
        shown = page(token, f"/tasks/{cast.key.token}")
        assert not [tag for tag in shown.of("form") if tag.get("method") == "post"]
        answer = client(token).post_form(f"/tasks/{cast.key.token}/{action}")
        assert (answer.status_code, lines()) == (403, [])


def test_a_technician_of_another_town_finds_nothing(cast):
    assert client(cast.other_technician).get(f"/tasks/{cast.key.token}").status_code == 404


@pytest.mark.parametrize("token", ["x", "1.2.3", f"{'0' * 36}.QY1.2026-1"])
def test_a_broken_address_is_not_there(cast, token):
    assert client(cast.token).get(f"/tasks/{token}").status_code == 404
    assert client(cast.token).post_form(f"/tasks/{token}/done").status_code == 404


def test_signed_out_leads_to_sign_in(cast):
    answer = client().get(f"/tasks/{cast.key.token}")
    assert answer.status_code == 303


@pytest.mark.parametrize("state", ["open", "done", "skipped", "nonsense"])
def test_the_list_shows_own_tasks_only(cast, state):
    client(cast.token).post_form(f"/tasks/{cast.key.token}/done")
    shown = page(cast.token, f"/tasks?state={state}")
    assert "金丝雀" not in shown.text
    assert ("采后清园" in shown.text) == (state == "done")


@pytest.mark.parametrize("number", ["0", "-1", "999999999999", "x"])
def test_a_strange_page_number_is_no_fault(cast, number):
    page(cast.token, f"/tasks?page={number}")


def test_guidance_reached_from_a_task_has_its_button_and_a_strangers_has_not(cast):
    path = f"/guide/QY1?task={cast.key.token}"
    (form,) = page(cast.token, path).of("form")
    assert form["action"] == f"/tasks/{cast.key.token}/done"
    assert not page(cast.technician, path).of("form")
    assert not page(cast.token, f"/guide/QY2?task={cast.key.token}").of("form")
    assert client(cast.neighbour).get(path).status_code == 404


@pytest.mark.parametrize(
    ("back", "leads"),
    [
        ("/plots/new", "/plots/new"),
        ("https://example.com/", "/"),
        ("//example.com", "/"),
        ("", "/"),
    ],
)
def test_guidance_leads_back_and_never_outside(cast, back, leads):
    shown = page(cast.token, f"/guide/QY1?back={back}")
    assert [tag["href"] for tag in shown.of("a")].count(leads) == (2 if leads == "/" else 1)
    assert not [tag for tag in shown.of("a") if "example.com" in tag["href"]]


def test_an_unknown_row_has_no_guidance(cast):
    assert client(cast.token).get("/guide/XX").status_code == 404


def test_the_calendar_shows_every_row_with_source_and_one_switch_form_each(cast):
    shown = page(cast.technician, "/calendar")
    forms = [tag["action"] for tag in shown.of("form") if tag.get("method") == "post"]
    may = {code for code, row in calendar().rows.items() if row.may_switch} | {"SHIFT"}
    assert {form.rpartition("/")[2] for form in forms} == may
    assert len(forms) == len(may)


def test_a_switch_is_turned_and_its_history_shown(cast):
    browser = client(cast.technician)
    answer = browser.post_form(f"{TOWN}/CG", {"state": "on"})
    shown = check_page(browser.get(answer.location).text)
    assert answer.status_code == 303
    assert "施采果肥 开着" in shown.text and "刘洪" in shown.text
    assert stored(TaskKey(cast.plot.id, "CG", "2026-1")).state == State.OPEN


def test_a_technician_switches_only_his_own_towns(cast):
    answer = client(cast.other_technician).post_form(f"{TOWN}/CG", {"state": "on"})
    assert answer.status_code == 404
    assert client(cast.other_technician).get(f"/calendar?town={make.ZHUXI}").status_code == 404
    with db.reading() as session:
        assert not session.exec(select(CalendarSwitch)).all()


def test_a_secretary_reads_the_calendar_and_may_not_switch(cast):
    assert not page(cast.secretary, "/calendar").of("form")
    assert client(cast.secretary).post_form(f"{TOWN}/CG", {"state": "on"}).status_code == 403


@pytest.mark.parametrize("sent", [{}, {"state": "maybe"}])
def test_a_switch_needs_on_or_off(cast, sent):
    answer = client(cast.technician).post_form(f"{TOWN}/CG", sent)
    check_page(answer.text)
    assert answer.status_code == 422


def test_what_waits_for_the_balance_is_refused(cast):
    answer = client(cast.technician).post_form(f"{TOWN}/KH", {"state": "on"})
    assert answer.status_code == 422
    assert "这一项还不能开" in answer.text


def test_a_list_page_asks_few_questions_however_many_plots(cast):
    with db.transaction() as session:
        for number in range(30):
            make.plot(session, cast.grower, name=f"地{number}", variety="navel")
        planning.plan(session, TODAY)
    browser = client(cast.token)
    asked = []
    engine = db.engine_for("500154")
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    check_page(browser.get("/tasks").text)
    assert len([sql for sql in asked if sql.startswith("SELECT") and "set_config" not in sql]) <= 3


def test_a_plot_registered_on_its_page_has_its_tasks_at_once(cast):
    facts = {
        "id": str(new_id()),
        "name": "新地",
        "village_code": make.VILLAGE,
        "area_mu": "6",
        "variety": "navel",
    }
    assert client(cast.token).post_form("/plots/new", facts).status_code == 303
    assert "新地" in page(cast.token, "/tasks").text
