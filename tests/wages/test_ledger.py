"""The pay ledger: masked on the page, in full in the file, after the secret and audited."""

import csv
from datetime import timedelta
from io import StringIO

import pytest

from orchard import clock, db
from orchard.accounts.models import AuditLine, Person
from orchard.ids import new_id
from orchard.wages.id_numbers import normalise
from tests import make
from tests.access.state import changed, digest
from tests.client import client
from tests.page import check_page
from tests.wages.earning import DAY, NUMBER, agree, firm, rows, worked_line, works

pytestmark = pytest.mark.usefixtures("morning")


def paid(here, **values) -> None:
    """Pay all that is owed, and an advance held back from it."""
    manager, path = client(here.token), f"/pay/{here.hire.person_id}"
    form = {
        "id": str(new_id()),
        "employer_id": str(here.firm.id),
        "way": "cash_signature",
        "paid_on": "2026-11-23",
        "until": "2026-11-23",
        "seen_fen": "14500",
        **values,
    }
    advance = {**form, "id": str(new_id()), "amount_yuan": "50"}
    assert manager.post_form(f"{path}/advance", advance).status_code == 303
    assert manager.post_form(f"{path}/settle", form).status_code == 303


def made(name: str = "张秀英", **values):
    with db.transaction() as session:
        here = firm(session)
        session.get_one(Person, here.hire.person_id).name = name
        worked_line(session, here)
        works(session, here.hire, DAY - timedelta(1), 1)
    client(here.token).post_form("/pay/reckon", {"employer_id": str(here.firm.id)})
    paid(here, **values)
    return here


def table(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return list(csv.DictReader(StringIO(answer.get_data().decode("utf-8-sig"))))


def test_the_file_has_the_columns_of_the_law_and_the_page_is_masked(sqlite_database):
    here = made()
    with db.transaction() as session:
        agree(session, here)
    client(here.worker_token).post_form("/work/id-number", {"id_number": NUMBER})
    manager = client(here.token)
    page = check_page(manager.get("/pay/ledger").text).text
    assert "500***********0002" in page
    assert NUMBER not in page
    assert "还差" not in page
    row = table(manager.get("/pay/ledger.csv?month=2026-11"))[0]
    assert normalise(row.pop("身份证号")) == NUMBER
    row.pop("电话")
    assert row == {
        "用工方": "竹溪基地",
        "付款日期": "2026-11-23",
        "姓名": "张秀英",
        "出工和数量": "1.5 天",
        "应付项目": "摘果 195.00",
        "应付合计": "195.00",
        "扣掉预支": "50.00",
        "实付": "145.00",
        "怎么付的": "现金",
        "凭证": "签了字",
    }
    assert len([one for one in rows(AuditLine)["AuditLine"] if "ledger_exported" in one]) == 1
    assert table(manager.get("/pay/ledger.csv?month=2026-10")) == []


def test_what_is_missing_is_counted(sqlite_database):
    here = made(way="cash_missing")
    page = check_page(client(here.token).get("/pay/ledger").text).text
    assert "台账还差 2 项" in page
    assert table(client(here.token).get("/pay/ledger.csv"))[0]["身份证号"] == ""


def test_the_file_asks_for_the_secret_again_and_writes_nothing_before(sqlite_database):
    here = made()
    before = digest()
    with clock.frozen_at(make.NOW + timedelta(minutes=11)):
        answer = client(here.token).get("/pay/ledger.csv?month=2026-11")
    assert answer.status_code == 303
    assert answer.location.startswith("/account/prove?to=/pay/ledger.csv")
    assert changed(before) <= {"session"}


def test_nothing_in_the_file_is_calculated_and_nobody_elses_rows_are_in_it(sqlite_database):
    here, _ = made("=1+1"), made("别家的")
    found = table(client(here.token).get("/pay/ledger.csv"))
    assert [row["姓名"] for row in found] == ["'=1+1"]
    for closed in ("/pay/ledger", "/pay/ledger.csv"):
        assert client(here.worker_token).get(closed).status_code == 403
        for month in ("x", "2026-13", "2026-12", "1999-01"):
            assert client(here.token).get(f"{closed}?month={month}").status_code == 404
