"""Every page of plots in every state, in both languages, for whoever may open it."""

import pytest
from sqlalchemy import event
from sqlmodel import func, select

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.ids import new_id
from orchard.plots.models import Plot, PlotChange
from tests import make
from tests.access.state import changed, digest
from tests.client import client
from tests.crowd import at_once
from tests.page import check_page
from tests.plots.filling import form, register


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


def signed_in(role: Role = Role.GROWER, **values):
    with db.transaction() as session:
        return make.signed_in(session, role, **values)


def stored(id) -> Plot | None:
    with db.reading() as session:
        return session.get(Plot, id)


def test_a_grower_registers_corrects_and_gives_up_a_plot(sqlite_database):
    _, token = signed_in()
    browser, filled = (
        client(token),
        form(lat="31.2", lon="108.4", elevation_m="412", tree_count="300"),
    )
    page = browser.post_form("/plots/new", filled).location
    assert page == f"/plots/{filled['id']}"
    text = check_page(browser.get(page).text).text
    for shown in ("桥头那块", "6.5 亩", "春锦橙", "412 米", "300", "31.2, 108.4"):
        assert shown in text
    assert (
        browser.post_form(
            f"{page}/edit", {**filled, "version": "1", "area_mu": "１２亩"}
        ).status_code
        == 303
    )
    assert "6.5 → 12" in check_page(browser.get(page).text).text
    check_page(browser.get(f"{page}/end").text)
    assert browser.post_form(f"{page}/end", {"version": "2"}).location == "/plots"
    assert browser.get(page).status_code == 404
    assert "桥头那块" not in browser.get("/plots").text


def test_one_form_sent_fifty_times_at_once_is_one_plot(database):
    _, token = signed_in()
    app, filled = client().application, form()
    answers = at_once(50, lambda: client(token, app=app).post_form("/plots/new", filled))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    with db.reading() as session:
        assert session.exec(select(func.count()).select_from(Plot)).one() == 1
        assert session.exec(select(func.count()).select_from(PlotChange)).one() == 1


def test_one_correction_sent_fifty_times_at_once_is_one_version(database):
    _, token = signed_in()
    app, filled = client().application, form()
    client(token, app=app).post_form("/plots/new", filled)
    path, sent = f"/plots/{filled['id']}/edit", {**filled, "version": "1", "area_mu": "7"}
    answers = at_once(50, lambda: client(token, app=app).post_form(path, sent))
    assert {answer.status_code for answer in answers} == {303}
    assert stored(_uuid(filled)).version == 2


def _uuid(filled):
    from uuid import UUID

    return UUID(filled["id"])


def test_two_who_correct_at_once_one_wins_and_the_other_sees_both(database):
    _, token = signed_in()
    app, filled = client().application, form()
    client(token, app=app).post_form("/plots/new", filled)
    numbers = iter(range(10, 30))
    answers = at_once(
        8,
        lambda: client(token, app=app).post_form(
            f"/plots/{filled['id']}/edit", {**filled, "version": "1", "area_mu": str(next(numbers))}
        ),
    )
    assert sorted(answer.status_code for answer in answers) == [303] + [409] * 7
    assert stored(_uuid(filled)).version == 2


def test_a_stale_correction_shows_both_versions_and_keeps_what_was_typed(sqlite_database):
    _, token = signed_in()
    browser, filled = client(token), form()
    page = browser.post_form("/plots/new", filled).location
    browser.post_form(f"{page}/edit", {**filled, "version": "1", "area_mu": "7"})
    answer = browser.post_form(f"{page}/edit", {**filled, "version": "1", "area_mu": "9.75"})
    assert answer.status_code == 409
    shown = check_page(answer.text)
    typed = {tag["name"]: tag.get("value") for tag in shown.of("input") if "name" in tag}
    assert (typed["area_mu"], typed["version"]) == ("9.75", "2")
    assert "面积（亩） 7 9.75" in shown.text
    typed.pop("csrf_token")
    typed |= {"village_code": make.VILLAGE, "variety": "chunjin"}
    assert browser.post_form(f"{page}/edit", typed).status_code == 303
    assert stored(_uuid(filled)).area_mu_x100 == 975


def test_the_same_id_with_other_content_is_409_with_both_and_a_new_id(sqlite_database):
    _, token = signed_in()
    browser, filled = client(token), form()
    browser.post_form("/plots/new", filled)
    answer = browser.post_form("/plots/new", {**filled, "area_mu": "7"})
    assert answer.status_code == 409
    shown = check_page(answer.text)
    fresh = next(tag["value"] for tag in shown.of("input") if tag.get("name") == "id")
    assert fresh != filled["id"]
    assert stored(_uuid(filled)).area_mu_x100 == 650


def test_a_strangers_form_id_is_404_and_writes_nothing(sqlite_database):
    _, first = signed_in()
    _, second = signed_in()
    filled = form()
    client(first).post_form("/plots/new", filled)
    before = digest()
    assert client(second).post_form("/plots/new", filled).status_code == 404
    assert changed(before) == set()


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
def test_every_page_of_plots_is_whole(sqlite_database, lang):
    grower, token = signed_in()
    _, office = signed_in(Role.SECRETARY)
    marked = {"zh_CN": "zh-CN", "en": "en"}[lang]
    browser, desk = client(token), client(office)
    for one in (browser, desk):
        one.set_cookie("lang", lang)
        check_page(one.get("/plots").text, lang=marked)
    with db.transaction() as session:
        plot = register(session, grower)
    for path in (
        "/plots",
        "/plots/new",
        f"/plots/{plot.id}",
        f"/plots/{plot.id}/edit",
        f"/plots/{plot.id}/end",
    ):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        check_page(answer.text, lang=marked)
    for path in ("/plots", f"/plots/{plot.id}"):
        check_page(desk.get(path).text, lang=marked)
    wrong = browser.post_form("/plots/new", form(area_mu="0", planted_year="x", lat="1", name=" "))
    assert wrong.status_code == 422
    page = check_page(wrong.text, lang=marked)
    assert sum(tag.get("class") == "error" for tag in page.of("p")) == 3


def test_refusals_stand_beside_their_field_and_write_nothing(sqlite_database):
    _, token = signed_in()
    before = digest()
    for field, value in (
        ("name", ""),
        ("name", "张\x00三"),
        ("name", "字" * 41),
        ("area_mu", "-3亩"),
        ("village_code", make.OTHER_VILLAGE),
        ("village_code", "x"),
        ("variety", "apple"),
        ("planted_year", "2999"),
        ("planted_year", "1e99"),
        ("tree_count", "0"),
        ("elevation_m", "9000"),
        ("elevation_m", "1.5"),
        ("lat", "31.1"),
        ("lon", "999"),
    ):
        answer = client(token).post_form("/plots/new", form(**{field: value}))
        assert answer.status_code == 422, (field, value)
        page = check_page(answer.text)
        beside = {tag["id"] for tag in page.of("p") if tag.get("class") == "error"}
        other = {"lat": "lon", "lon": "lat"}.get(field)
        assert beside in ({f"{field}-error"}, {f"{other}-error"}), (field, value)
    assert changed(before) == set()


def test_fields_that_the_form_does_not_have_are_ignored(sqlite_database):
    grower, token = signed_in()
    stranger, _ = signed_in()
    filled = form(
        grower_id=stranger.person_id,
        version="9",
        cell="0:0:0",
        created_at="2001-01-01",
        ended_at="2001-01-01",
        area_mu_x100="1",
        cell_lat="1",
    )
    assert client(token).post_form("/plots/new", filled).status_code == 303
    plot = stored(_uuid(filled))
    assert (plot.grower_id, plot.version, plot.ended_at) == (grower.person_id, 1, None)
    assert (plot.area_mu_x100, plot.created_at) == (650, make.NOW)
    assert plot.cell != "0:0:0"


def queries_of(token: str, path: str) -> int:
    seen: list[str] = []
    engine = db.engine_for(db.county())

    def note(_c, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client(token).get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return sum(not one.startswith(("BEGIN", "SELECT set_config")) for one in seen)


def test_the_list_costs_the_same_queries_at_any_length_and_pages_both_ways(database):
    grower, token = signed_in()
    _, office = signed_in(Role.TECHNICIAN)
    short = [queries_of(one, "/plots") for one in (token, office)]
    with db.transaction() as session:
        for number in range(120):
            make.plot(session, grower, name=f"地{number:03d}")
    assert [queries_of(one, "/plots") for one in (token, office)] == short
    assert max(short) <= 6
    for one in (token, office):
        path, names, back = "/plots", [], None
        while path:
            page = check_page(client(one).get(path).text)
            names += [
                word
                for word in page.text.split()
                if word.startswith("地0") or word.startswith("地1")
            ]
            back = next((tag["href"] for tag in page.of("a") if tag.get("rel") == "prev"), None)
            path = next((tag["href"] for tag in page.of("a") if tag.get("rel") == "next"), None)
            if path:
                assert queries_of(one, path) <= 6
        assert names == [f"地{number:03d}" for number in range(120)]
        assert "地099" in client(one).get(back).text


def test_a_broken_or_foreign_edge_of_the_list_is_404(sqlite_database):
    _, token = signed_in()
    for edge in ("x", new_id()):
        assert client(token).get(f"/plots?after={edge}").status_code == 404


def test_each_address_in_the_list_leads_to_its_plot(database):
    grower, token = signed_in()
    with db.transaction() as session:
        made = [make.plot(session, grower, name=name).id for name in ("甲", "乙")]
    page = check_page(client(token).get("/plots").text)
    shown = {tag["href"] for tag in page.of("a")}
    for plot_id in made:
        assert f"/plots/{plot_id}" in shown
        assert client(token).get(f"/plots/{plot_id}").status_code == 200
