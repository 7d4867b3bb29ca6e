"""A technician's pages of visits: what he takes, when he comes, what he writes down."""

from datetime import date

from orchard import db
from orchard.ids import new_id
from orchard.visits.catalogue import service
from orchard.visits.models import Prescription, VisitDayOff, VisitRecord, VisitRequest
from orchard.visits.rules import State
from tests.visits.asking import SPRAY, TODAY, ask, recorded, scheduled, taken, technician
from tests.visits.browsing import check, one


def test_a_technician_takes_schedules_and_records_and_the_grower_reads_it(people):
    grower, plot, page, expert, desk = people
    with db.transaction() as session:
        request = ask(session, grower, plot)
    here = f"/visits/{request.id}"
    for path in ("/requests", "/round", "/schedule", here):
        check(desk.get(path))
    assert desk.post_form(f"{here}/take").status_code == 303
    assert desk.post_form(f"{here}/schedule", {"on_day": str(TODAY)}).status_code == 303
    stop = desk.get("/round")
    check(stop)
    assert 'href="tel:' in stop.text
    assert f"/plots/{plot.id}" in stop.text
    check(desk.get(f"{here}/record"))
    told = {
        "visited_on": str(TODAY),
        "found": "叶背有红蜘蛛",
        "diagnosis": "red_mite",
        "action_1": "spray",
        "product_1": "石硫合剂",
        "due_on_1": "2026-11-26",
        "phi_days_1": "30",
        "photo_id": str(new_id()),
    }
    assert desk.post_form(f"{here}/record", told).status_code == 303
    row = one(Prescription)
    assert (row.action, row.phi_days) == ("spray", 30)
    seen = page.get(here)
    check(seen)
    for words in ("叶背有红蜘蛛", "红蜘蛛", "打药", "30天内不能摘果", "农技员来过吗", "免费"):
        assert words in seen.text
    assert "打药" in page.get("/tasks").text
    key = f"{plot.id}.RX.{row.id.hex}"
    check(page.get(f"/tasks/{key}"))
    guide = page.get("/guide/RX")
    assert guide.location == "/visits/advice"
    check(page.get("/visits/advice"))


def test_a_wrong_row_of_advice_is_told_beside_its_field(people):
    grower, _, _, expert, desk = people
    with db.transaction() as session:
        request = scheduled(session, grower, expert)
    told = {"visited_on": str(TODAY), "found": "有虫", "diagnosis": "red_mite"}
    here = f"/visits/{request.id}/record"
    for more, words in (
        ({"action_2": "spray", "due_on_2": ""}, "f-due_on_2"),
        ({"action_1": "spray", "due_on_1": "2026-11-20"}, "f-due_on_1"),
        ({"action_1": "spray", "due_on_1": "2026-11-26", "product_1": "氧乐果"}, "氧乐果"),
        ({"action_1": "spray", "due_on_1": "2026-11-26", "phi_days_1": "61"}, "f-phi_days_1"),
        ({"diagnosis": ""}, "f-diagnosis"),
    ):
        answer = desk.post_form(here, {**told, **more})
        assert answer.status_code == 422, more
        assert words in answer.text
        check(answer)
    assert one(VisitRecord) is None


def test_a_correction_shows_what_stood_before_and_an_old_version_both(people):
    grower, _, page, expert, desk = people
    with db.transaction() as session:
        request, _ = recorded(session, grower, expert, SPRAY)
    here = f"/visits/{request.id}/record"
    shown = desk.get(here)
    check(shown)
    assert "石硫合剂" in shown.text
    told = {"visited_on": str(TODAY), "found": "锈壁虱", "diagnosis": "rust_mite", "version": "1"}
    assert desk.post_form(here, told).status_code == 303
    answer = desk.post_form(here, {**told, "found": "又改"})
    assert answer.status_code == 409
    check(answer)
    seen = page.get(f"/visits/{request.id}")
    check(seen)
    assert "判断原来是：红蜘蛛" in seen.text


def test_who_was_slower_is_told_who_has_it(people):
    grower, _, _, _, desk = people
    with db.transaction() as session:
        request = taken(session, grower, technician(session, name="宋学文"))
    answer = desk.post_form(f"/visits/{request.id}/take")
    assert answer.status_code == 422
    assert "宋学文已经接了这件" in answer.text


def test_a_visit_is_handed_over_or_answered(people):
    grower, _, _, expert, desk = people
    with db.transaction() as session:
        first, second = taken(session, grower, expert), taken(session, grower, expert)
        other = technician(session, name="宋学文")
    here = f"/visits/{first.id}/hand-over"
    check(desk.get(here))
    assert desk.post_form(here, {"to": "x"}).status_code == 422
    assert desk.post_form(here, {"to": str(expert.person_id)}).status_code == 422
    assert desk.post_form(here, {"to": str(other.account_id)}).status_code == 303
    assert one(VisitRequest, id=first.id).technician_id == other.account_id
    here = f"/visits/{second.id}/answer"
    check(desk.get(here))
    assert desk.post_form(here, {"text": ""}).status_code == 422
    assert desk.post_form(here, {"text": "先清园，不用上门"}).status_code == 303
    seen = desk.get(f"/visits/{second.id}")
    check(seen)
    assert "先清园，不用上门" in seen.text


def test_a_full_day_or_a_day_off_says_so_on_the_diary(people):
    grower, _, _, expert, desk = people
    assert desk.post_form("/schedule/day-off", {"on_day": "2026-11-24", "state": "off"}).location
    assert one(VisitDayOff).technician_id == expert.account_id
    with db.transaction() as session:
        request = taken(session, grower, expert)
    answer = desk.post_form(f"/visits/{request.id}/schedule", {"on_day": "2026-11-24"})
    assert answer.status_code == 422
    assert "这天您不上门" in answer.text
    check(answer)
    assert desk.post_form("/schedule/day-off", {"on_day": "x", "state": "off"}).status_code == 422
    assert desk.post_form("/schedule/day-off", {"on_day": "2026-11-24", "state": "on"}).location
    assert one(VisitDayOff) is None
    with db.transaction() as session:
        for _ in range(service().visits_a_day):
            scheduled(session, grower, expert, date(2026, 11, 24))
    answer = desk.post_form(f"/visits/{request.id}/schedule", {"on_day": "2026-11-24"})
    assert answer.status_code == 422
    assert "这天已经排满" in answer.text
    check(answer)
    seconds = {"on_day": "1795564800"}  # of 2026-11-25, if taken since 1970
    assert desk.post_form(f"/visits/{request.id}/schedule", seconds).status_code == 422
    assert one(VisitRequest, id=request.id).state == State.TAKEN


def test_the_diary_offers_no_day_that_is_full_or_off_and_keeps_a_day_with_visits(people):
    grower, _, _, expert, desk = people
    full, off, open_ = (date(2026, 11, day) for day in (24, 25, 26))
    with db.transaction() as session:
        taken(session, grower, expert)
        for _ in range(service().visits_a_day):
            scheduled(session, grower, expert, full)
    assert desk.post_form("/schedule/day-off", {"on_day": str(off), "state": "off"}).location
    shown = desk.get("/schedule")
    check(shown)
    offered = [f'<option value="{day}">' in shown.text for day in (full, off, open_)]
    assert offered == [False, False, True]
    answer = desk.post_form("/schedule/day-off", {"on_day": str(full), "state": "off"})
    assert answer.status_code == 422
    assert "这天已经约了人" in answer.text
    check(answer)
    assert one(VisitDayOff).day == off


def test_a_refused_day_is_told_beside_the_visit_that_was_to_go_there(people):
    grower, _, _, expert, desk = people
    with db.transaction() as session:
        first, second = (taken(session, grower, expert).id for _ in range(2))
    answer = desk.post_form(f"/visits/{second}/schedule", {"on_day": "2027-01-01"})
    assert answer.status_code == 422
    check(answer)
    form = answer.text.split(f'action="/visits/{second}/schedule"')[1].split("</form>")[0]
    assert 'id="f-on_day"' in form
    assert 'id="on_day-error"' in form
    assert answer.text.count('id="on_day-error"') == 1
    assert [one(VisitRequest, id=id_).on_day for id_ in (first, second)] == [None, None]


def test_nobody_there_and_did_not_come_are_one_tap_each(people):
    grower, _, page, expert, desk = people
    with db.transaction() as session:
        request = scheduled(session, grower, expert)
    assert "农技员没来" in page.get(f"/visits/{request.id}").text
    assert desk.post_form(f"/visits/{request.id}/nobody-there").status_code == 303
    assert "没见到人" in page.get(f"/visits/{request.id}").text
    assert page.post_form(f"/visits/{request.id}/did-not-come").status_code == 422
    assert page.post_form(f"/visits/{request.id}/cancel").status_code == 303
    assert one(VisitRequest, id=request.id).state == State.CANCELLED


def test_every_list_asks_the_same_number_of_queries_however_long_it_is(people, monkeypatch):
    grower, plot, page, expert, desk = people
    seen = []
    for more in (1, 12):
        with db.transaction() as session:
            for _ in range(more):
                taken(session, grower, expert)
                ask(session, grower, plot)
        seen.append(
            [
                queries(browser_, path)
                for browser_, path in (
                    (page, "/visits"),
                    (desk, "/requests"),
                    (desk, "/schedule"),
                    (desk, "/round"),
                )
            ]
        )
    assert seen[0] == seen[1]
    assert max(seen[1]) <= 6


def queries(browser_, path: str) -> int:
    from sqlalchemy import event

    counted = []
    engine = db.engine_for(db.county())
    listen = lambda *args: counted.append(args[2])  # noqa: E731
    event.listen(engine, "before_cursor_execute", listen)
    try:
        assert browser_.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    return len(counted)
