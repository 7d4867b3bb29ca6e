"""A grower's morning: everything on one page, from his own plots only, honest about age."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.tasks.models import Source, State, Task
from orchard.tasks.rules import Kind
from tests import make
from tests.client import client
from tests.page import check_page
from tests.today.opened import today
from tests.weather import answers
from tests.weather.corpus import apply

TODAY = make.NOW.date()
POINT = {"lat": 31.15, "lon": 108.40, "elevation_m": 300}


def task(plot, code="DSY2", due=TODAY, **values):
    """Make an open task."""
    return Task(
        **{
            "plot_id": plot.id,
            "code": code,
            "occurrence": "2026-1",
            "kind": Kind.DATED,
            "source": Source.CALENDAR,
            "state": State.OPEN,
            "due_on": due,
            "late_after": due + timedelta(days=3),
            "window_to": due + timedelta(days=20),
            "harm": 50,
            **values,
        }
    )


@pytest.fixture
def grower(database):
    """Make a grower with a plot, a task on it, and a neighbour with a plot and a task."""
    with db.transaction() as session:
        who, token = make.signed_in(session)
        plot = make.plot(session, who, **POINT)
        session.add(task(plot))
        neighbours = make.plot(session, make.person(session), name="金丝雀地", **POINT)
        session.add(task(neighbours, code="CG"))
    with clock.frozen_at(make.NOW):
        yield who, token, plot


def pull(now):
    with apply.Serve(["ok"]) as running:
        answers.use_server(running.url)
        answers.pull(now)


def test_the_page_counts_what_is_due_and_shows_no_neighbour(grower):
    text = today(grower[1])
    assert "今天要做 1 件事" in text
    assert "屋后坡" in text and "金丝雀" not in text


def test_without_a_forecast_the_page_says_so_and_the_tasks_stay(grower):
    text = today(grower[1])
    assert "还没有天气预报" in text
    assert "做完了" in text


def test_late_tasks_come_first_by_harm(grower):
    _, token, plot = grower
    with db.transaction() as session:
        session.add(task(plot, code="CG", due=TODAY - timedelta(days=9), harm=20))
        session.add(task(plot, code="FD", due=TODAY - timedelta(days=5), harm=90))
    text = today(token)
    places = [text.index(f"/guide/{code}") for code in ("FD", "CG", "DSY2")]
    assert places == sorted(places)
    assert "晚了2天" in text and "晚了6天" in text


def test_how_to_do_a_task_leads_to_its_button_and_back(grower):
    who, token, plot = grower
    page = client(token)
    links = [tag["href"] for tag in check_page(today(token)).of("a")]
    (guide,) = [href for href in links if href.startswith("/guide/DSY2")]
    shown = check_page(page.get(guide).text)
    assert "/today" in [tag["href"] for tag in shown.of("a")]
    (form,) = shown.of("form")
    fields = {tag["name"]: tag["value"] for tag in shown.of("input") if tag["name"] != "csrf_token"}
    assert page.post_form(form["action"], fields).location == "/today"
    assert "撤回" in today(token)
    with db.transaction() as session:
        _, stranger = make.signed_in(session)
    assert client(stranger).get(guide).status_code == 404


def test_what_is_not_due_yet_has_no_button(grower):
    _, token, plot = grower
    with db.transaction() as session:
        session.add(task(plot, code="CG", due=TODAY + timedelta(days=2)))
    text = today(token)
    assert text.count(">做完了<") == 1
    assert "后天起" in text


def test_a_tap_settles_and_another_takes_back(grower):
    who, token, plot = grower
    page = client(token)
    key = f"{plot.id}.DSY2.2026-1"
    assert page.post_form(f"/tasks/{key}/done").status_code == 303
    text = today(token)
    assert "今天没有要做的事" in text and "撤回" in text
    under = text.partition("</h1>")[2].partition("<h2>")[0]
    assert 'role="status"><p>做完了：' in under and "，屋后坡<" in under
    assert f'action="/tasks/{key}/undo"' in under
    page.post_form(f"/tasks/{key}/undo")
    assert "今天要做 1 件事" in today(token)


def test_the_newest_result_stands_on_top_and_the_others_where_they_were(grower):
    _, token, plot = grower
    with db.transaction() as session:
        session.add(task(plot, code="CG"))
    page = client(token)
    for minutes, code in enumerate(("CG", "DSY2")):
        with clock.frozen_at(make.NOW + timedelta(minutes=minutes)):
            assert page.post_form(f"/tasks/{plot.id}.{code}.2026-1/done").status_code == 303
    with clock.frozen_at(make.NOW + timedelta(hours=1)):
        text = today(token)
    top, _, below = text.partition("刚才记下的")
    assert [code in top for code in (".DSY2.2026-1/undo", ".CG.2026-1/undo")] == [True, False]
    assert [code in below for code in (".DSY2.2026-1/undo", ".CG.2026-1/undo")] == [False, True]
    with clock.frozen_at(make.NOW + timedelta(hours=24, minutes=2)):
        assert "撤回" not in today(token)


@pytest.mark.parametrize(
    ("hours", "told", "advises"),
    [
        (2.9, "2 小时前的预报", True),
        (24, "预报是旧的", True),
        (71.9, "2 天前", True),
        (72, "不再提醒", False),
    ],
)
def test_the_age_of_the_forecast_decides_what_it_may_say(grower, hours, told, advises):
    pull(answers.NOW)
    with clock.frozen_at(answers.NOW + timedelta(hours=hours)):
        text = today(grower[1])
    assert told in text
    assert ('class="spray"' in text) is advises


@pytest.mark.parametrize(("hours", "shown"), [(71, True), (73, False)])
def test_a_task_that_stands_on_a_forecast_goes_when_the_forecast_falls_silent(grower, hours, shown):
    _, token, plot = grower
    pull(answers.NOW)
    with db.transaction() as session:
        due = answers.NOW.date() + timedelta(days=1)
        session.add(task(plot, code="FD", due=due, source=Source.EVENT, level=2))
    with clock.frozen_at(answers.NOW + timedelta(hours=hours)):
        text = today(token)
    assert ("防霜冻" in text) is shown
    assert "/guide/DSY2" in text


def test_the_town_is_named_when_the_plot_has_no_position(grower):
    _, token, plot = grower
    pull(answers.NOW)
    with db.transaction() as session:
        lone, worker = make.signed_in(session, Role.WORKER)
        for kept in (session.get(type(plot), plot.id), make.plot(session, lone, **POINT)):
            kept.lat = kept.lon = None
            session.add(kept)
    text = today(token)
    assert "按竹溪镇的位置" in text
    (form,) = [tag["href"] for tag in check_page(text).of("a") if "/edit" in tag["href"]]
    shown = check_page(client(token).get(form).text)
    assert form.partition("#")[2] in [tag.get("id") for _, tag in shown.tags]
    assert "不知道就空着" in shown.text
    told = today(worker)  # his plots, but no role to correct them
    assert "按竹溪镇的位置" in told
    assert "/edit" not in told


@pytest.mark.parametrize("missing", ["position", "height", None])
def test_the_towns_point_is_credited_where_it_is_used(grower, missing):
    _, token, plot = grower
    pull(answers.NOW)
    gone = {"position": ("lat", "lon"), "height": ("elevation_m",), None: ()}[missing]
    with db.transaction() as session:
        kept = session.get(type(plot), plot.id)
        for name in gone:
            setattr(kept, name, None)
    page = client(token)
    for path in ("/today", f"/weather/{plot.id}", f"/plots/{plot.id}"):
        text = check_page(page.get(path).text).text
        assert ("GeoNames（CC BY 4.0）" in text) is bool(missing), path


def test_four_queries_however_many_plots_there_are(grower):
    who, token, _ = grower
    page, said = client(token), []
    engine = db.engine_for(db.county())
    event.listen(engine, "before_cursor_execute", lambda *a: said.append(a[2]))
    page.get("/today")
    few = [text for text in said if text.startswith("SELECT") and "set_config" not in text]
    with db.transaction() as session:
        for number in range(40):
            session.add(task(make.plot(session, who, name=f"地{number}")))
    said.clear()
    page.get("/today")
    many = [text for text in said if text.startswith("SELECT") and "set_config" not in text]
    assert len(few) == len(many) == 4


def test_with_some_plots_the_technician_is_asked_for_one_of_them_by_one_tap(grower):
    who, token, plot = grower
    assert 'href="/visits/new"' in today(token)
    with db.transaction() as session:
        plots = [plot, *(make.plot(session, who, name=f"地{number}") for number in range(3))]
    text = today(token)
    assert text.count('href="/visits/new') == len(plots)
    assert all(f'href="/visits/new?plot_id={each.id}"' in text for each in plots)


def test_a_worker_without_plots_is_told_so_without_a_button(grower):
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.WORKER)
    text = today(token)
    assert "还没有登记地块" in text
    assert "/plots/new" not in text


def test_english_is_complete(grower):
    page = client(grower[1])
    page.set_cookie("lang", "en")
    answer = page.get("/today")
    check_page(answer.text, lang="en")
    assert "1 thing to do today" in answer.text


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.TECHNICIAN, Role.DISTRICT])
def test_an_office_has_no_morning(grower, role):
    with db.transaction() as session:
        _, token = make.signed_in(session, role)
    assert client(token).get("/today").status_code == 403
