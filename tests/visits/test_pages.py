"""The pages of visits: both sides see the same request, each what is his to do."""

from io import BytesIO

import pytest
from PIL import Image
from sqlmodel import select

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.ids import new_id
from orchard.tasks.models import Task
from orchard.visits import photos, recording, services
from orchard.visits.models import Prescription, VisitDayOff, VisitPhoto, VisitRecord, VisitRequest
from orchard.visits.rules import PhotoState, State
from tests import make
from tests.client import client
from tests.page import check_page
from tests.visits.asking import (
    SPRAY,
    TODAY,
    WATCH,
    ask,
    found,
    recorded,
    scheduled,
    taken,
    technician,
)


@pytest.fixture(autouse=True)
def still(sqlite_database):
    with clock.frozen_at(make.NOW):
        yield


@pytest.fixture
def people():
    """A grower with a plot, and a technician: callers and browsers."""
    with db.transaction() as session:
        grower, token = make.signed_in(session)
        plot = make.plot(session, grower)
        expert, badge = make.signed_in(session, Role.TECHNICIAN)
    return grower, plot, client(token), expert, client(badge)


def browser(role: Role = Role.GROWER, **values):
    with db.transaction() as session:
        return client(make.signed_in(session, role, **values)[1])


def check(answer) -> None:
    check_page(answer.text)


def jpeg(edge: int = 40) -> bytes:
    data = BytesIO()
    Image.new("RGB", (edge, edge), "green").save(data, "JPEG")
    return data.getvalue()


def form(plot, **values):
    told = {"id": new_id(), "photo_id": new_id(), "plot_id": plot.id, "problem": "insects"}
    return {name: str(value) for name, value in (told | values).items()}


def one(model, **where):
    with db.reading() as session:
        statement = select(model)
        for name, value in where.items():
            statement = statement.where(getattr(model, name) == value)
        return session.exec(statement).one_or_none()


def test_a_grower_asks_with_a_photo_and_sees_what_becomes_of_it(people):
    _, plot, page, _, _ = people
    shown = page.get("/visits/new")
    check(shown)
    assert "免费" in shown.text
    assert shown.text.count('type="radio"') == 6
    told = form(plot)
    answer = page.post_form("/visits/new", {**told, "photo": (BytesIO(jpeg()), "果.jpg")})
    assert (answer.status_code, answer.location) == (303, f"/visits/{told['id']}")
    photo = one(VisitPhoto)
    assert photo.state == PhotoState.WAITING
    assert photos.path_of(photo.id, photos.UPLOAD).read_bytes() == jpeg()
    seen = page.get(answer.location)
    check(seen)
    assert "有虫" in seen.text
    assert "正在处理" in seen.text
    assert page.get(f"/visits/photos/{photo.id}").status_code == 404
    again = page.post_form("/visits/new", {**told, "photo": (BytesIO(jpeg()), "果.jpg")})
    assert again.status_code == 303
    check(page.get("/visits"))


def test_a_form_without_a_problem_or_with_garbage_for_a_photo_writes_nothing(people):
    _, plot, page, _, _ = people
    told = form(plot)
    del told["problem"]
    answer = page.post_form("/visits/new", told)
    assert answer.status_code == 422
    check(answer)
    bad = {**form(plot), "photo": (BytesIO(b"<html>"), "x.jpg")}
    answer = page.post_form("/visits/new", bad)
    assert answer.status_code == 422
    assert "不是照片" in answer.text
    assert one(VisitRequest) is None
    assert list(photos.path_of(new_id()).parent.glob("*")) == []


def test_a_photo_of_a_stranger_leaves_no_file(people):
    grower, plot, _, _, _ = people
    with db.transaction() as session:
        request = ask(session, grower, plot)
    stranger = browser()
    data = {"photo_id": str(new_id()), "photo": (BytesIO(jpeg()), "x.jpg")}
    assert stranger.post_form(f"/visits/{request.id}/photo", data).status_code == 404
    bad = {**form(plot), "photo": (BytesIO(jpeg()), "x.jpg")}
    assert stranger.post_form("/visits/new", bad).status_code == 404
    assert list(photos.path_of(new_id()).parent.glob("*")) == []


def test_a_body_over_9_mb_is_refused_here_and_over_1_mb_elsewhere(people):
    grower, plot, page, _, _ = people
    large = BytesIO(b"\xff\xd8" + bytes(9 * 1024 * 1024))
    assert page.post_form("/visits/new", {**form(plot), "photo": (large, "x")}).status_code == 413
    with db.transaction() as session:
        request = ask(session, grower, plot)
    data = {"came": "yes", "more": (BytesIO(bytes(1024 * 1024)), "x")}
    assert page.post_form(f"/visits/{request.id}/confirm", data).status_code == 413
    over = BytesIO(b"\xff\xd8" + bytes(8 * 1024 * 1024))
    answer = page.post_form("/visits/new", {**form(plot), "photo": (over, "x")})
    assert answer.status_code == 422
    assert "8" in answer.text


def test_the_same_id_with_another_problem_is_a_conflict(people):
    _, plot, page, _, _ = people
    told = form(plot)
    assert page.post_form("/visits/new", told).status_code == 303
    assert page.post_form("/visits/new", told).status_code == 303
    assert page.post_form("/visits/new", {**told, "problem": "fruit"}).status_code == 409
    assert one(VisitRequest).problem == "insects"


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


def test_the_grower_confirms_rates_and_tells_what_he_did(people):
    grower, _, page, expert, desk = people
    with db.transaction() as session:
        request, _ = recorded(session, grower, expert, SPRAY, WATCH)
        rows = session.exec(select(Prescription).order_by(Prescription.n)).all()
    here = f"/visits/{request.id}"
    assert page.post_form(f"{here}/confirm", {"came": "yes"}).status_code == 303
    assert page.post_form(f"{here}/confirm", {"came": "maybe"}).status_code == 422
    assert page.post_form(f"{here}/rate", {"face": "3"}).status_code == 303
    assert page.post_form(f"{here}/rate", {"face": "4"}).status_code == 422
    assert one(VisitRecord).rating == 3
    first, second = (f"/visits/advice/{row.id}" for row in rows)
    check(page.get(first))
    assert page.post_form(first, {"outcome": "applied", "why": ""}).status_code == 303
    answer = page.post_form(second, {"outcome": "not", "why": ""})
    assert answer.status_code == 422
    check(answer)
    assert page.post_form(second, {"outcome": "not", "why": "labour"}).status_code == 303
    seen = desk.get(here)
    check(seen)
    for words in ("照做了", "没人手", "果农说来过"):
        assert words in seen.text
    assert "评价" not in seen.text
    assert "满5次才显示" in desk.get("/round").text
    with db.reading() as session:
        states = {task.state.value for task in session.exec(select(Task))}
    assert states == {"done", "skipped"}


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
        assert "刘洪" not in shown.text.replace(expert.name, "")
    assert district.get(f"/visits/{request.id}").status_code == 403
    here = f"/visits/{request.id}/reassign"
    assert district.post_form(here, {"to": str(expert.account_id)}).status_code == 303
    assert one(VisitRequest, id=request.id).state == State.TAKEN
    assert district.post_form(here, {"to": "nobody"}).status_code == 422


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


def test_from_the_home_page_a_visit_is_asked_for_in_two_pages_and_advice_has_its_name(people):
    grower, plot, page, expert, _ = people
    with db.transaction() as session:
        request = taken(session, grower, expert)
        recording.record(session, expert, request.id, found(SPRAY), now=make.NOW)
    home = page.get("/today")
    check(home)
    assert 'href="/visits/new"' in home.text
    assert "<b>打药</b>" in home.text
    assert f"/visits/new?plot_id={plot.id}" in page.get(f"/plots/{plot.id}").text
