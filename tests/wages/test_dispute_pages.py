"""What a worker calls wrong: answered by who pays, seen by the town without names."""

import pytest

from orchard import db
from orchard.accounts.rules import Role
from orchard.hiring.rules import PayBasis
from orchard.ids import new_id
from tests import make
from tests.client import client
from tests.page import check_page
from tests.wages.earning import TODAY, line, made, worked_line, works, wrote

pytestmark = pytest.mark.usefixtures("morning")


def test_a_worker_objects_the_manager_corrects_and_the_worker_agrees(sqlite_database):
    here = made(basis=PayBasis.JIN)
    wrote(works, here.hire)
    first = wrote(line, here, quantity_x100=100_000)
    worker, manager = client(here.worker_token), client(here.token)
    page = f"/work/{first.id}/object"
    check_page(worker.get(page).text)
    wrong = {"version": "0", "reason": "quantity", "claimed": "1020", "note": "少记 20 斤"}
    refused = worker.post_form(page, {**wrong, "reason": ""})
    assert refused.status_code == 422
    check_page(refused.text)
    assert worker.post_form(page, wrong).location == f"/work?month=2026-11#d-{first.id}"
    assert "等他答复" in check_page(worker.get(page).text).text
    assert "数量不对" in check_page(manager.get("/pay/disputes").text).text
    desk = f"/pay/lines/{first.id}"
    assert "少记 20 斤" in check_page(manager.get(desk).text).text
    fix = {"id": str(new_id()), "version": "1", "quantity": "1020", "note": "重新过秤"}
    assert manager.post_form(f"{desk}/correct", fix).status_code == 303
    assert manager.post_form(f"{desk}/correct", fix).status_code == 303  # twice is once
    stale = manager.post_form(f"{desk}/correct", {**fix, "id": str(new_id())})
    assert stale.status_code == 409
    check_page(stale.text)
    text = check_page(worker.get(page).text).text
    assert "更正 3 元" in text
    assert "1,020" not in text  # a quantity is shown as it is weighed
    assert "1020 斤" in text
    assert worker.post_form(f"/work/{first.id}/confirm", {"version": "2"}).status_code == 303
    assert "工人说对" in worker.get("/work").text
    assert "没有说有错的工钱。" in manager.get("/pay/disputes").text


def test_an_objection_is_explained_in_words(sqlite_database):
    here = made()
    first = wrote(worked_line, here)
    worker, manager = client(here.worker_token), client(here.token)
    desk = f"/pay/lines/{first.id}/explain"
    assert manager.post_form(desk, {"version": "0", "answer": "没错"}).status_code == 422
    worker.post_form(f"/work/{first.id}/object", {"version": "0", "reason": "other"})
    empty = manager.post_form(desk, {"version": "1", "answer": " "})
    assert empty.status_code == 422
    assert "answer-error" in empty.text
    assert manager.post_form(desk, {"version": "1", "answer": "那天只来了半天"}).status_code == 303
    assert "那天只来了半天" in worker.get(f"/work/{first.id}/object").text


def test_the_town_sees_disputed_lines_only_and_masked(sqlite_database):
    here, far = made(), made(village_code=make.OTHER_VILLAGE, name="大德基地")
    quiet, loud = wrote(worked_line, here), wrote(worked_line, here, TODAY)
    other = wrote(worked_line, far)
    for who, one in ((here, loud), (far, other)):
        client(who.worker_token).post_form(
            f"/work/{one.id}/object", {"version": "0", "reason": "day"}
        )
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.SECRETARY)
    desk = client(token)
    text = check_page(desk.get("/pay/disputes").text).text
    assert "张*" in text
    assert "张秀英" not in text
    assert "11月23日" in text
    assert "11月20日" not in text
    assert "大德" not in text
    for closed in ("/pay", f"/pay/{here.hire.person_id}", f"/pay/lines/{loud.id}", "/work"):
        assert desk.get(closed).status_code == 403
    assert quiet.id != loud.id
