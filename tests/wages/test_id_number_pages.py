"""An ID number on the pages of pay: given, masked, shown after the secret, refused."""

from datetime import timedelta

import pytest

from orchard import clock, db
from orchard.accounts.models import AuditLine
from orchard.accounts.rules import Role
from orchard.wages.models import IdClash, IdNumber
from tests import make
from tests.access.state import changed, digest
from tests.client import client
from tests.page import check_page
from tests.wages.earning import NUMBER, OTHER_NUMBER, agree, made, rows, worked_line, wrote

pytestmark = pytest.mark.usefixtures("morning")


def test_an_id_number_is_given_masked_and_shown_in_full_after_the_secret(sqlite_database):
    here = made()
    worker, manager = client(here.worker_token), client(here.token)
    early = worker.get("/work/id-number")
    assert early.status_code == 422  # before the first line nobody needs it
    assert manager.get(f"/pay/{here.hire.person_id}/id-number").status_code == 422
    wrote(worked_line, here)
    form = {"id_number": "500154 19880606 000２"}
    assert worker.post_form("/work/id-number", form).status_code == 303
    text = check_page(worker.get("/work/id-number").text).text
    assert "500***********0002" in text
    assert NUMBER in worker.get("/work/id-number/full").text  # signed in a moment ago
    assert "500***" not in manager.get(f"/pay/{here.hire.person_id}").text
    wrote(agree, here)
    assert "500***********0002" in manager.get(f"/pay/{here.hire.person_id}").text
    with clock.frozen_at(make.NOW + timedelta(minutes=11)):
        late = worker.get("/work/id-number/full")
        assert late.location == "/account/prove?to=/work/id-number/full"
    assert manager.get("/work/id-number/full").status_code == 403
    assert len([one for one in rows(AuditLine)["AuditLine"] if "wages.id_" in one]) == 2


def test_wrong_young_and_foreign_numbers_are_refused_and_nothing_is_written(sqlite_database):
    here, other = made(), made()
    wrote(worked_line, here)
    wrote(worked_line, other)
    client(other.worker_token).post_form("/work/id-number", {"id_number": NUMBER})
    manager, page = client(here.token), f"/pay/{here.hire.person_id}/id-number"
    before = digest()
    for typed, told in (
        ("", "这一项还没填"),
        ("500154198806060003", "号码不对"),
        ("500154201511230008", "号码不对"),
        ("500154201011240004", "还不满 16 岁"),
        ("500154500101000", "15 位旧号"),
        ("830000195001010005", "别的证件"),
        (NUMBER, "已经是另一个人的登记"),
    ):
        answer = manager.post_form(page, {"id_number": typed})
        assert answer.status_code == 422, typed
        text = answer.text
        assert told in text or not typed, typed
        assert not typed or typed not in text
        check_page(text)
    assert changed(before) == set()
    handed = manager.post_form(page, {"id_number": NUMBER, "hand_over": "yes"})
    assert "交给镇上核对" in check_page(manager.get(handed.location).text).text
    assert len(rows(IdClash)["IdClash"]) == 1
    assert len(rows(IdNumber)["IdNumber"]) == 1
    assert client(other.token).get(page).status_code == 404
    assert client(other.token).post_form(page, {"id_number": OTHER_NUMBER}).status_code == 404


def test_a_manager_corrects_a_number_and_the_town_gets_none(sqlite_database):
    here = made()
    wrote(worked_line, here)
    page = f"/pay/{here.hire.person_id}/id-number"
    for number in (NUMBER, OTHER_NUMBER):
        assert client(here.token).post_form(page, {"id_number": number}).status_code == 303
    assert "500***********0008" in client(here.token).get(page).text
    with db.transaction() as session:
        _, secretary = make.signed_in(session, Role.SECRETARY)
    assert client(secretary).get(page).status_code == 403
