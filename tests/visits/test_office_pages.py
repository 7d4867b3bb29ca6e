"""The offices' pages of visits: asked for a grower, figures, and moved requests."""

from orchard import db
from orchard.accounts.rules import Role
from orchard.visits import queries, services, shapes
from orchard.visits.models import VisitRequest
from orchard.visits.rules import State
from tests import make
from tests.visits.asking import ask, recorded, taken, technician
from tests.visits.browsing import browser, check, form, one


def test_the_cadre_asks_for_a_grower_from_the_plots_page(people):
    _, plot, _, _, _ = people
    cadre = browser(Role.SECRETARY)
    shown = cadre.get(f"/visits/new?plot_id={plot.id}")
    check(shown)
    assert "刘*" in shown.text
    answer = cadre.post_form("/visits/new", form(plot))
    assert answer.status_code == 303
    seen = cadre.get(answer.location)
    check(seen)
    assert "谁报的" in seen.text
    stranger = browser(Role.SECRETARY, place=make.DADE)
    assert stranger.get(f"/visits/new?plot_id={plot.id}").status_code == 404
    assert stranger.get("/visits/new").location == "/plots"


def test_the_town_and_the_district_read_figures_and_the_district_moves_requests(people):
    grower, plot, _, expert, _ = people
    with db.transaction() as session:
        request = ask(session, grower, plot, now=make.NOW.replace(day=20))
        other = ask(session, grower, plot, problem="fruit")
        services.cancel(session, grower, other.id, now=make.NOW)
        recorded(session, grower, expert)
    town, district = browser(Role.SECRETARY), browser(Role.DISTRICT, place="500154")
    shown = town.get("/visits/town")
    check(shown)
    assert f"/visits/{request.id}" in shown.text
    for path in ("/visits/town", "/visits/district"):
        shown = district.get(path)
        check(shown)
        assert "屋后坡" not in shown.text
        assert "刘洪" not in shown.text
    assert district.get(f"/visits/{request.id}").status_code == 403
    here = f"/visits/{request.id}/reassign"
    assert district.post_form(here, {"to": str(expert.account_id)}).status_code == 303
    assert one(VisitRequest, id=request.id).state == State.TAKEN
    assert district.post_form(here, {"to": "nobody"}).status_code == 422


def test_an_office_reads_in_the_history_and_from_programs_who_asked_only_masked(people):
    grower, _, page, expert, _ = people
    with db.transaction() as session:
        id_ = taken(session, grower, expert).id
    here = f"/visits/{id_}"
    assert "刘洪 报了问题" in page.get(here).text
    office = browser(Role.SECRETARY)
    shown = office.get(here)
    check(shown)
    assert "刘* 报了问题" in shown.text
    assert "周明清 接下了" in shown.text
    assert "刘洪" not in shown.text
    with db.transaction() as session:
        secretary = make.caller(session, Role.SECRETARY)
        told = shapes.request_out(queries.line_for(session, secretary, id_, make.NOW))
    assert (told.asked_by, told.holder) == ("刘*", "刘*")


def test_the_district_reads_who_has_a_request_and_nothing_of_whose_plot_it_is(people):
    grower, _, _, expert, _ = people
    with db.transaction() as session:
        taken(session, grower, expert)
        technician(session, name="宋学文")
    shown = browser(Role.DISTRICT, place="500154").get("/visits/district")
    check(shown)
    assert "周明清" in shown.text
    for hidden in ("刘", "屋后坡", "tel:"):
        assert hidden not in shown.text


def test_the_district_is_told_where_nobody_else_can_take_a_request(people):
    grower, _, _, expert, _ = people
    with db.transaction() as session:
        request = taken(session, grower, expert)
    district, form = browser(Role.DISTRICT, place="500154"), f"/visits/{request.id}/reassign"
    shown = district.get("/visits/district")
    check(shown)
    assert "镇上没有别的农技员" in shown.text
    assert form not in shown.text
    with db.transaction() as session:
        other = technician(session, name="宋学文")
    shown = district.get("/visits/district")
    assert f'<option value="{other.account_id}">宋学文' in shown.text
    assert form in shown.text
