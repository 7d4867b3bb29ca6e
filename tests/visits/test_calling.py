"""Whom a page of a visit rings, and how many photos it takes."""

from orchard import db
from orchard.accounts.rules import Role
from orchard.ids import new_id
from orchard.visits import queries, rules, services, shapes
from orchard.visits.models import VisitPhoto
from orchard.visits.rules import PhotoOf
from tests import make
from tests.visits.asking import ask, scheduled, taken

CADRE, GROWER, BOSS = "+8613911112222", "+8613933334444", "+8613955556666"


def _asked_by_a_cadre(session, phone):
    grower = make.person(session, phone=phone)
    cadre = make.caller(
        session, Role.SECRETARY, of=make.person(session, name="王书记"), number=CADRE
    )
    return cadre, ask(session, cadre, make.plot(session, grower))


def _taken_line(session, expert, request):
    """Return how a request shows to the technician who took it."""
    services.take(session, expert, request.id, now=make.NOW)
    return queries.line_for(session, expert, request.id, make.NOW)


def test_the_growers_button_never_rings_who_asked_for_him(session, expert):
    cadre, request = _asked_by_a_cadre(session, None)
    line = _taken_line(session, expert, request)
    assert (line.holder_phone, line.asker_phone, line.asked_by) == (None, CADRE, "王书记")
    assert queries.line_for(session, cadre, request.id, make.NOW).holder_phone is None


def test_both_can_be_rung_where_both_have_a_phone(session, expert):
    _, request = _asked_by_a_cadre(session, GROWER)
    line = _taken_line(session, expert, request)
    assert (line.holder_phone, line.asker_phone) == (GROWER, CADRE)


def test_who_asked_for_his_own_plot_is_rung_as_the_grower(session, expert):
    grower = make.caller(session, number=GROWER)
    request = ask(session, grower, make.plot(session, grower))
    line = _taken_line(session, expert, request)
    assert (line.holder_phone, line.asker_phone) == (GROWER, None)


def test_an_employers_plot_rings_its_manager_and_no_office(session, expert):
    firm = make.employer(session)
    boss = make.caller(session, Role.MANAGER, employer_id=firm.id, number=BOSS)
    plot = make.plot(session, firm)
    line = _taken_line(session, expert, ask(session, boss, plot))
    assert (line.holder_phone, line.asker_phone) == (BOSS, None)
    cadre = make.caller(session, Role.SECRETARY, number=CADRE)
    line = _taken_line(session, expert, ask(session, cadre, plot))
    assert (line.holder_phone, line.asker_phone) == (None, CADRE)


def test_the_technicians_pages_name_whom_each_button_rings(people):
    _, _, _, expert, desk = people
    with db.transaction() as session:
        _, request = _asked_by_a_cadre(session, None)
    here = f"/visits/{request.id}"
    assert desk.post_form(f"{here}/take").status_code == 303
    for path in (here, f"{here}/record"):
        text = desk.get(path).text
        assert "打电话给果农" not in text
        assert "打电话给王书记" in text
    with db.reading() as session:
        told = shapes.request_out(queries.line_for(session, expert, request.id, make.NOW))
    assert (told.holder_phone, told.asker_phone) == (None, CADRE)


def _photos(session, request, of, number):
    for _ in range(number):
        told = {"by_id": request.requested_by_id, "sha256": "0" * 64, "made_at": make.NOW}
        session.add(VisitPhoto(id=new_id(), request_id=request.id, of=of, **told))


def test_the_photo_form_goes_when_the_readers_own_kind_is_full(people):
    grower, _, page, expert, desk = people
    with db.transaction() as session:
        request = scheduled(session, grower, expert)
        _photos(session, request, PhotoOf.REQUEST, rules.MOST_PHOTOS)
    here, form = f"/visits/{request.id}", f'action="/visits/{request.id}/photo"'
    assert form not in page.get(here).text
    assert form in desk.get(here).text  # his photos are of the record
    with db.transaction() as session:
        other = taken(session, grower, expert)
        _photos(session, other, PhotoOf.RECORD, rules.MOST_PHOTOS)
    here, form = f"/visits/{other.id}", f'action="/visits/{other.id}/photo"'
    assert form in page.get(here).text
    assert form not in desk.get(here).text
