"""What is typed on the pages of pay: refused beside its field, all or nothing."""

from datetime import timedelta

import pytest

from orchard.hiring.rules import PayBasis
from orchard.ids import new_id
from orchard.wages.models import PayLine
from tests.access.state import changed, digest
from tests.client import client
from tests.page import check_page
from tests.wages.earning import DAY, line, made, rows, settle_form, worked_line, works, wrote

pytestmark = pytest.mark.usefixtures("morning")


def test_goods_are_offered_and_refused_with_the_law(sqlite_database):
    here = made()
    wrote(worked_line, here)
    before = digest()
    for path, more in (("settle", {"seen_fen": 13_000}), ("advance", {"amount_yuan": "50"})):
        answer = client(here.token).post_form(
            f"/pay/{here.hire.person_id}/{path}", settle_form(here, way="goods", **more)
        )
        assert answer.status_code == 422
        page = check_page(answer.text)
        assert "法律不许用东西抵" in page.text
        assert "way-error" in {tag.get("id") for tag in page.of("p")}
    assert changed(before) == set()


def test_refusals_stand_beside_their_field_and_write_nothing(sqlite_database):
    here = made(basis=PayBasis.JIN)
    wrote(works, here.hire)
    first = wrote(line, here, quantity_x100=100)
    manager, before = client(here.token), digest()
    pay = f"/pay/{here.hire.person_id}"
    rate = {
        "id": str(new_id()),
        "employer_id": str(here.firm.id),
        "work": "picking",
        "basis": "jin",
        "rate_yuan": "0.15",
        "from_on": "2026-11-23",
    }
    fix = {"id": str(new_id()), "version": "1", "quantity": "2", "note": "秤错了"}
    cases = [
        ("/pay/rates", rate, ("rate_yuan", "0.00001"), ("rate_yuan", "0"), ("rate_yuan", "-1")),
        ("/pay/rates", rate, ("work", "x"), ("basis", "x"), ("from_on", "x")),
        ("/pay/reckon", {"employer_id": str(here.firm.id)}, ("from_on", "x"), ("crew_id", "x")),
        (f"{pay}/settle", settle_form(here, seen_fen=15), ("way", ""), ("paid_on", "2026-11-24")),
        (f"{pay}/settle", settle_form(here, seen_fen=15), ("paid_on", "2026-11-19")),
        (f"{pay}/advance", settle_form(here, amount_yuan="5"), ("amount_yuan", "5.001")),
        (f"{pay}/advance", settle_form(here, amount_yuan="5"), ("amount_yuan", "0")),
        (f"/pay/lines/{first.id}/correct", fix, ("quantity", "-1"), ("quantity", "1.001")),
        (f"/pay/lines/{first.id}/correct", fix, ("note", ""), ("rate_yuan", "x")),
        (f"/pay/lines/{first.id}/correct", fix, ("quantity", "1")),
    ]
    for path, form, *wrong in cases:
        for field, value in wrong:
            answer = manager.post_form(path, {**form, field: value})
            assert answer.status_code == 422, (path, field, value)
            beside = {tag.get("id") for tag in check_page(answer.text).of("p")}
            assert f"{field}-error" in beside, (path, field, value)
    assert changed(before) == set()


def test_quantities_are_typed_row_by_row_and_all_or_nothing(sqlite_database):
    here = made(basis=PayBasis.JIN)
    for number in range(2):
        wrote(works, here.hire, DAY - timedelta(number))
    manager = client(here.token)
    page = check_page(manager.get("/pay/quantities").text)
    names = [tag["name"] for tag in page.of("input") if tag["name"].startswith("q-")]
    assert len(names) == 2
    before = digest()
    wrong = manager.post_form("/pay/quantities", {names[0]: "1000", names[1]: "很多"})
    assert wrong.status_code == 422
    assert f"{names[1]}-error" in wrong.text
    assert changed(before) == set()
    assert manager.post_form("/pay/quantities", {names[0]: "1000"}).status_code == 303
    assert len(rows(PayLine)["PayLine"]) == 1
    left = check_page(manager.get(f"/pay/quantities?day={DAY}").text)
    assert len([1 for tag in left.of("input") if tag["name"].startswith("q-")]) <= 1
    assert manager.post_form("/pay/quantities", {names[0]: "999"}).status_code == 303
    assert len(rows(PayLine)["PayLine"]) == 1
