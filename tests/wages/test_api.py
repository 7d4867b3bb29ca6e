"""Pay as JSON: the same services, decimals as strings, the same id the same result."""

from datetime import timedelta

import pytest

from orchard import db
from orchard.accounts.rules import Role
from orchard.hiring.rules import PayBasis
from orchard.ids import new_id
from orchard.wages.models import PayLine, Payment, Rate
from tests import make
from tests.access.state import changed, digest
from tests.client import client
from tests.wages.earning import (
    DAY,
    NUMBER,
    OTHER_NUMBER,
    TODAY,
    agree,
    bearer,
    line,
    made,
    rows,
    worked_line,
    works,
    wrote,
)

API = "/api/v1"
pytestmark = pytest.mark.usefixtures("morning")


def send(head, method, path, body=None):
    answer = client().open(f"{API}{path}", method=method, json=body, headers=head)
    return answer.status_code, answer.json


def test_rates_are_said_and_read(sqlite_database):
    here = made()
    body = {
        "id": str(new_id()),
        "employer_id": str(here.firm.id),
        "work": "packing",
        "basis": "basket",
        "rate_yuan": "2.5",
        "from_on": "2026-11-23",
    }
    status, kept = send(here.bearer, "POST", "/rates", body)
    assert (status, kept["rate_yuan"]) == (201, "2.5000")
    assert send(here.bearer, "POST", "/rates", body) == (201, kept)
    assert send(here.bearer, "POST", "/rates", {**body, "rate_yuan": "3"})[0] == 409
    assert send(here.bearer, "POST", "/rates", {**body, "rate_yuan": 2.5})[0] == 422
    assert kept in send(here.bearer, "GET", "/rates")[1]["rates"]
    assert send(here.bearer, "GET", f"/rates?employer_id={new_id()}")[1]["rates"] == []
    assert send(here.worker_bearer, "GET", "/rates")[0] == 403
    assert len(rows(Rate)["Rate"]) == 2


def test_lines_corrections_and_answers(sqlite_database):
    here = made(basis=PayBasis.JIN)
    wrote(works, here.hire)
    body = {
        "id": str(new_id()),
        "hire_id": str(here.hire.id),
        "worked_on": DAY.isoformat(),
        "quantity": "1000.33",
    }
    status, kept = send(here.bearer, "POST", "/pay-lines", {"lines": [body]})
    one = kept["lines"][0]
    assert (status, one["amount_yuan"], one["amount_fen"]) == (201, "150.05", 15_005)
    assert (one["quantity"], one["rate_yuan"]) == ("1000.33", "0.1500")
    assert send(here.bearer, "POST", "/pay-lines", {"lines": [body]}) == (201, kept)
    other = {"lines": [{**body, "quantity": "1"}]}
    assert send(here.bearer, "POST", "/pay-lines", other)[0] == 409
    path = f"/pay-lines/{body['id']}"
    objection = {"version": 0, "state": "objected", "reason": "quantity", "claimed": "1020.33"}
    status, said = send(here.worker_bearer, "POST", f"{path}/answers", objection)
    assert (status, said["version"], said["claimed"]) == (201, 1, "1020.33")
    assert send(here.worker_bearer, "POST", f"{path}/answers", objection) == (201, said)
    fix = {"id": str(new_id()), "version": 1, "quantity": "1020.33", "note": "重新过秤"}
    status, more = send(here.bearer, "POST", f"{path}/corrections", fix)
    assert (status, more["quantity"], more["amount_yuan"]) == (201, "20.00", "3.00")
    assert send(here.bearer, "POST", f"{path}/corrections", fix) == (201, more)
    for head in (here.bearer, here.worker_bearer):
        status, day = send(head, "GET", f"/pay-lines/{more['id']}")
        assert (status, day["id"], day["amount_fen"], day["version"]) == (
            200,
            body["id"],
            15_305,
            2,
        )
        assert [said["state"] for said in day["answers"]] == ["objected", "answered"]
        assert day["answers"][1]["correction_id"] == more["id"]
    status, seen = send(here.worker_bearer, "GET", "/pay-lines")
    assert {one["id"] for one in seen["lines"]} == {body["id"], more["id"]}
    assert len(rows(PayLine)["PayLine"]) == 2


def test_there_is_no_way_to_change_or_delete_a_line(sqlite_database):
    here = made()
    first = wrote(worked_line, here)
    before = digest()
    for method in ("PUT", "PATCH", "DELETE"):
        for path in ("/pay-lines", f"/pay-lines/{first.id}", "/payments", "/rates"):
            answer = client().open(f"{API}{path}", method=method, json={}, headers=here.bearer)
            assert answer.status_code == 405, (method, path)
    assert changed(before) == set()


def test_payments_advances_slips_and_proofs(sqlite_database):
    here = made()
    for number in range(2):
        wrote(worked_line, here, DAY - timedelta(number))
    body = {
        "id": str(new_id()),
        "employer_id": str(here.firm.id),
        "person_id": str(here.hire.person_id),
        "means": "bank",
        "proof": "missing",
        "paid_on": "2026-11-23",
    }
    advance = {**body, "id": str(new_id()), "kind": "advance", "amount_yuan": "50.5"}
    assert send(here.bearer, "POST", "/payments", {**advance, "amount_yuan": None})[0] == 422
    assert send(here.bearer, "POST", "/payments", advance)[1]["amount_fen"] == 5_050
    before = digest()
    status, no = send(here.bearer, "POST", "/payments", {**body, "means": "goods"})
    assert (status, no["code"], list(no["errors"])) == (422, "wages.goods", ["means"])
    assert changed(before) == set()
    assert send(here.bearer, "POST", "/payments", {**body, "amount_yuan": "260"})[0] == 409
    status, slip = send(here.bearer, "POST", "/payments", {**body, "amount_yuan": "209.5"})
    assert (status, slip["amount_yuan"], slip["deducted_fen"]) == (201, "209.50", 5_050)
    assert sum(one["amount_fen"] for one in slip["lines"]) == 26_000
    assert send(here.bearer, "POST", "/payments", {**body, "amount_yuan": "209.5"}) == (201, slip)
    path = f"/payments/{body['id']}"
    assert send(here.worker_bearer, "GET", path) == (200, slip)
    told = send(here.bearer, "POST", f"{path}/proof", {"proof": "bank_receipt"})[1]
    assert told == {**slip, "proof": "bank_receipt"}
    listed = send(here.worker_bearer, "GET", "/payments")[1]["payments"]
    assert [one["kind"] for one in listed] in (["wages", "advance"], ["advance", "wages"])
    assert len(rows(Payment)["Payment"]) == 2


def test_named_lines_are_settled_and_foreign_ones_are_not(sqlite_database):
    here, other = made(), made()
    mine, theirs = wrote(worked_line, here), wrote(worked_line, other)
    body = {
        "id": str(new_id()),
        "employer_id": str(here.firm.id),
        "person_id": str(here.hire.person_id),
        "means": "cash",
        "proof": "signature",
        "paid_on": "2026-11-23",
    }
    before = digest()
    for ids in ([theirs.id], [mine.id, theirs.id], [new_id()]):
        wrong = {**body, "line_ids": [str(one) for one in ids]}
        assert send(here.bearer, "POST", "/payments", wrong)[0] == 422
    assert changed(before) == set()
    right = {**body, "line_ids": [str(mine.id)]}
    assert send(here.bearer, "POST", "/payments", right)[0] == 201


def test_the_button_and_the_disputes(sqlite_database):
    here = made()
    wrote(works, here.hire)
    body = {"employer_id": str(here.firm.id)}
    done = send(here.bearer, "POST", "/pay-lines/reckon", body)
    assert done == (200, {"lines": 1, "corrections": 0, "days_without_rate": 0})
    one = send(here.bearer, "GET", "/pay-lines")[1]["lines"][0]
    objection = {"version": 0, "state": "objected", "reason": "not_me"}
    send(here.worker_bearer, "POST", f"/pay-lines/{one['id']}/answers", objection)
    with db.transaction() as session:
        near = bearer(session, make.caller(session, Role.SECRETARY))
        far = bearer(session, make.caller(session, Role.SECRETARY, place=make.DADE))
    seen = send(near, "GET", "/pay-lines/disputed")[1]["days"]
    assert [day["person"] for day in seen] == ["张*"]
    assert send(far, "GET", "/pay-lines/disputed")[1]["days"] == []
    own = send(here.bearer, "GET", "/pay-lines/disputed")[1]["days"]
    assert [day["person"] for day in own] == ["张秀英"]
    assert send(near, "GET", "/pay-lines")[0] == 403


def test_id_numbers_are_written_and_read_masked_only(sqlite_database):
    here = made()
    path = f"/people/{here.hire.person_id}/id-number"
    assert send(here.worker_bearer, "GET", path)[1]["code"] == "wages.id.not_yet"
    wrote(worked_line, here)
    status, told = send(here.worker_bearer, "PUT", path, {"id_number": NUMBER.lower()})
    assert (status, told["masked"], told["handed_over"]) == (200, "500***********0002", False)
    assert send(here.bearer, "GET", path)[1]["masked"] is None
    wrote(agree, here)
    assert send(here.bearer, "GET", path) == (200, told)
    status, no = send(here.bearer, "PUT", path, {"id_number": OTHER_NUMBER})
    assert (status, no["code"]) == (422, "wages.id.by_another")
    assert send(here.worker_bearer, "PUT", path, {"id_number": OTHER_NUMBER})[0] == 200
    other = made()
    wrote(worked_line, other)
    foreign = f"/people/{other.hire.person_id}/id-number"
    assert send(here.bearer, "PUT", foreign, {"id_number": NUMBER})[0] == 404
    status, no = send(other.bearer, "PUT", foreign, {"id_number": OTHER_NUMBER})
    assert (status, no["code"], list(no["errors"])) == (422, "wages.id.elsewhere", ["id_number"])
    assert OTHER_NUMBER not in str(no)
    handed = {"id_number": OTHER_NUMBER, "hand_over": True}
    assert send(other.bearer, "PUT", foreign, handed)[1] == {
        "person_id": str(other.hire.person_id),
        "masked": None,
        "handed_over": True,
    }


def test_refusals_name_the_field_and_write_nothing(sqlite_database):
    here = made(basis=PayBasis.JIN)
    wrote(works, here.hire)
    first = wrote(line, here, quantity_x100=100)
    before = digest()
    new = {"id": str(new_id()), "hire_id": str(here.hire.id), "worked_on": TODAY.isoformat()}
    for path, body, field in (
        ("/pay-lines", {"lines": [{**new, "quantity": "5"}]}, "worked_on"),
        ("/pay-lines", {"lines": [{**new, "quantity": 5}]}, "lines"),
        ("/pay-lines", {"lines": []}, "lines"),
        (f"/pay-lines/{first.id}/answers", {"version": 0, "state": "x"}, "state"),
        (f"/pay-lines/{first.id}/corrections", {"version": 1, "quantity": "1e5"}, "quantity"),
        ("/pay-lines/reckon", {}, "employer_id"),
        ("/payments", {"means": "gold"}, "means"),
    ):
        status, no = send(here.bearer, "POST", path, body)
        assert status == 422, (path, body)
        assert field in no["errors"], (path, no)
    stranger = made()
    wrong = {"lines": [{**new, "quantity": "5"}]}
    before = digest()
    assert send(stranger.bearer, "POST", "/pay-lines", wrong)[0] == 404
    assert send(stranger.bearer, "GET", f"/pay-lines/{first.id}")[0] == 404
    assert send(stranger.bearer, "GET", "/pay-lines")[1]["lines"] == []
    assert changed(before) == set()


def test_the_list_of_lines_pages_both_ways(database):
    here = made()
    with db.transaction() as session:
        for number in range(120):
            works(session, here.hire, DAY - timedelta(number))
    send(here.bearer, "POST", "/pay-lines/reckon", {"employer_id": str(here.firm.id)})
    path, seen = "/pay-lines", []
    while path:
        told = send(here.worker_bearer, "GET", path)[1]
        seen += told["lines"]
        path = f"/pay-lines?after={seen[-1]['id']}" if told["has_after"] else ""
    assert [one["worked_on"] for one in seen] == sorted(one["worked_on"] for one in seen)
    assert len({one["id"] for one in seen}) == 120
    back = send(here.worker_bearer, "GET", f"/pay-lines?before={seen[60]['id']}")[1]["lines"]
    assert back == seen[10:60]
    assert send(here.worker_bearer, "GET", f"/pay-lines?after={new_id()}")[0] == 404
