"""The pay ledger: masked on the page, in full in the file, after the secret and audited."""

import csv
from datetime import timedelta
from io import StringIO

import pytest

from orchard import clock, db
from orchard.accounts.models import AuditLine, Person
from orchard.accounts.rules import Role
from orchard.ids import new_id
from orchard.wages.id_numbers import normalise
from tests import make
from tests.access.state import changed, digest
from tests.client import client
from tests.page import check_page
from tests.wages.earning import DAY, NUMBER, agree, bearer, firm, rows, worked_line, works

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


def asked(head, month=""):
    return client().get(f"/api/v1/pay-ledger{month and f'?month={month}'}", headers=head)


def test_a_program_reads_the_ledger_masked_and_it_is_written_down(sqlite_database):
    here, other = made(), made("别家的")
    phone = make.phone(77)
    with db.transaction() as session:
        agree(session, here)
        session.get_one(Person, here.hire.person_id).phone = phone
    client(here.worker_token).post_form("/work/id-number", {"id_number": NUMBER})
    answer = asked(here.bearer, "2026-11")
    told = answer.json
    assert NUMBER not in answer.text
    assert (told["month"], told["gaps"], len(told["entries"])) == ("2026-11", 0, 1)
    one = told["entries"][0]
    assert one == {
        "payment_id": one["payment_id"],
        "employer_id": str(here.firm.id),
        "employer": "竹溪基地",
        "is_verified": True,
        "person_id": str(here.hire.person_id),
        "person": "张秀英",
        "phone": phone,
        "id_number": "500***********0002",
        "paid_on": "2026-11-23",
        "items": [
            {
                "work": "picking",
                "basis": "day",
                "days": 2,
                "quantity": "1.50",
                "amount_yuan": "195.00",
                "amount_fen": 19_500,
            }
        ],
        "due_yuan": "195.00",
        "due_fen": 19_500,
        "deducted_yuan": "50.00",
        "deducted_fen": 5_000,
        "amount_yuan": "145.00",
        "amount_fen": 14_500,
        "means": "cash",
        "proof": "signature",
        "gaps": 0,
    }
    kept = [one for one in rows(AuditLine)["AuditLine"] if "ledger_told" in one]
    assert len(kept) == 1
    assert str(here.firm.id) in kept[0]
    assert asked(here.bearer).json == told
    assert asked(here.bearer, "2026-10").json == {"month": "2026-10", "entries": [], "gaps": 0}
    theirs = asked(other.bearer).json["entries"]
    assert [one["person"] for one in theirs] == ["别家的"]


def test_a_ledger_is_told_to_managers_alone_and_of_months_that_are(sqlite_database):
    here = made(way="cash_missing")
    assert asked(here.bearer).json["gaps"] == 2
    assert asked(here.worker_bearer).status_code == 403
    with db.transaction() as session:
        office = bearer(session, make.caller(session, Role.SECRETARY))
    assert asked(office).status_code == 403
    for month in ("x", "2026-13", "2026-12", "1999-01"):
        assert asked(here.bearer, month).status_code == 404
    assert asked(here.bearer, "2026-11-23").status_code == 422
