"""A grower's pages of visits: he asks with a photo, reads, and says what he did."""

import gzip
from io import BytesIO

from sqlmodel import select

from orchard import db
from orchard.ids import new_id
from orchard.tasks.models import Task
from orchard.visits import photos, recording
from orchard.visits.models import Prescription, VisitPhoto, VisitRecord, VisitRequest
from orchard.visits.rules import PhotoState
from tests import make
from tests.page import check_page
from tests.visits.asking import SPRAY, WATCH, ask, found, recorded, taken
from tests.visits.browsing import browser, check, form, jpeg, one


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


def test_of_two_plots_none_is_chosen_for_him(people):
    grower, first, page, _, _ = people
    with db.transaction() as session:
        second = make.plot(session, grower, name="桥边地")
    shown = page.get("/visits/new")
    check(shown)
    assert shown.text.count('name="plot_id"') == 2
    assert "checked" not in shown.text
    told = form(second, plot_id="")
    for sent in (told, {name: value for name, value in told.items() if name != "plot_id"}):
        answer = page.post_form("/visits/new", sent)
        assert answer.status_code == 422
        told_again = check_page(answer.text)
        assert "请选是哪块地" in told_again.text
        assert 'href="#f-plot_id"' in answer.text
        kept = [tag["value"] for tag in told_again.of("input") if "checked" in tag]
        assert kept == ["insects"]
        assert f'name="id" value="{told["id"]}"' in answer.text
    assert one(VisitRequest) is None
    named = page.get(f"/visits/new?plot_id={second.id}")
    chosen = [tag["value"] for tag in check_page(named.text).of("input") if "checked" in tag]
    assert chosen == [str(second.id)]
    assert page.post_form("/visits/new", form(second)).status_code == 303
    assert one(VisitRequest).plot_id == second.id


def test_of_sixty_plots_one_is_picked_from_a_list_that_begins_empty(people):
    grower, plot, page, _, _ = people
    with db.transaction() as session:
        for number in range(59):
            make.plot(session, grower, name=f"地{number}")
    shown = page.get("/visits/new")
    told = check_page(shown.text)
    assert len(told.of("option")) == 61
    assert [tag["value"] for tag in told.of("option") if "selected" in tag] == [""]
    assert len(gzip.compress(shown.text.encode(), 6)) < 9 * 1024
    answer = page.post_form("/visits/new", form(plot, plot_id=""))
    assert answer.status_code == 422
    assert "请选是哪块地" in check_page(answer.text).text
    home = page.get("/today").text
    assert 'href="/visits/new"' in home
    assert "/visits/new?plot_id" not in home


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
    assert "没做要说一个原因" in answer.text
    assert 'href="#f-why"' in answer.text
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


def test_a_mistaken_answer_about_his_coming_is_put_right_by_one_tap(people):
    grower, _, page, expert, desk = people
    with db.transaction() as session:
        request, _ = recorded(session, grower, expert)
    here = f"/visits/{request.id}"
    page.post_form(f"{here}/confirm", {"came": "no"})
    for said, other, kept in (("没来", "yes", True), ("来过", "no", False)):
        shown = page.get(here).text
        told = check_page(shown)
        assert f"您说农技员{said}" in told.text
        assert "农技员来过吗" not in told.text
        form = shown.partition(f'action="{here}/confirm"')[2].partition("</form>")[0]
        assert f'name="came" value="{other}"' in form
        page.post_form(f"{here}/confirm", {"came": other})
        assert one(VisitRecord).came is kept
    assert "点错了" not in desk.get(here).text


def test_from_the_home_page_a_visit_is_asked_for_in_two_pages_and_advice_has_its_name(people):
    grower, plot, page, expert, _ = people
    with db.transaction() as session:
        request = taken(session, grower, expert)
        recording.record(session, expert, request.id, found(SPRAY), now=make.NOW)
    home = page.get("/today")
    check(home)
    assert f'href="/visits/new?plot_id={plot.id}"' in home.text
    assert "<b>打药</b>" in home.text
    assert f"/visits/new?plot_id={plot.id}" in page.get(f"/plots/{plot.id}").text
