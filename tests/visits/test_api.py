"""Visits as JSON: the same rules as the pages, with stable codes."""

from datetime import timedelta

import pytest
from sqlmodel import select

from jobs import photos as jobs
from orchard import db
from orchard.accounts.rules import Role
from orchard.ids import new_id
from orchard.visits.models import Prescription, VisitRequest
from tests import make
from tests.visits.asking import TODAY, ask, scheduled, taken, technician
from tests.visits.browsing import program
from tests.visits.pictures import in_hand, picture

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def people():
    with db.transaction() as session:
        grower, expert = make.caller(session), technician(session)
        plot = make.plot(session, grower)
        programs = program(session, grower), program(session, expert)
    return grower, plot, expert, *programs


def told(plot, **values):
    return {"id": str(new_id()), "plot_id": str(plot.id), "problem": "insects", **values}


def requests() -> int:
    with db.reading() as session:
        return len(session.exec(select(VisitRequest)).all())


def test_the_whole_way_of_a_visit_through_the_interface(people):
    _, plot, expert, grower_calls, expert_calls = people
    body = told(plot)
    answer = grower_calls("POST", "/visit-requests", body)
    assert answer.status_code == 201
    assert answer.json["state"] == "asked"
    here = f"/visit-requests/{body['id']}"
    pool = expert_calls("GET", "/visit-requests/pool").json
    assert [each["id"] for each in pool["requests"]] == [body["id"]]
    assert expert_calls("POST", f"{here}/take").json["technician"] == expert.name
    on_day = expert_calls("POST", f"{here}/schedule", {"on_day": str(TODAY)})
    assert on_day.json["on_day"] == str(TODAY)
    diary = expert_calls("GET", "/visits/diary").json
    assert [len(day["visits"]) for day in diary["days"]][0] == 1
    record = {
        "visited_on": str(TODAY),
        "found": "叶背有红蜘蛛",
        "diagnosis": "red_mite",
        "prescriptions": [{"action": "spray", "due_on": "2026-11-26", "phi_days": 30}],
    }
    put = expert_calls("PUT", f"{here}/record", record)
    assert put.status_code == 200
    assert expert_calls("PUT", f"{here}/record", record).json == put.json
    row = put.json["prescriptions"][0]
    assert row["task"] == f"{plot.id}.RX.{row['id'].replace('-', '')}"
    assert grower_calls("POST", f"{here}/confirm", {"came": True}).json["came"] is True
    assert grower_calls("POST", f"{here}/rate", {"face": 3}).status_code == 200
    followed = grower_calls("POST", f"/prescriptions/{row['id']}/follow-up", {"outcome": "applied"})
    assert followed.json["adoption"] == "applied"
    whole = grower_calls("GET", here).json
    assert [event["kind"] for event in whole["history"]] == [
        *["asked", "taken", "scheduled", "recorded", "confirmed", "followed_up"]
    ]
    assert grower_calls("GET", "/visit-requests").json["requests"][0]["state"] == "visited"


def test_the_same_id_is_the_first_result_or_a_conflict_with_both(people):
    _, plot, _, calls, _ = people
    body = told(plot)
    first = calls("POST", "/visit-requests", body)
    assert calls("POST", "/visit-requests", body).json == first.json
    answer = calls("POST", "/visit-requests", {**body, "problem": "fruit"})
    assert answer.status_code == 409
    assert (answer.json["code"], answer.json["kept"]["problem"]) == ("errors.conflict", "insects")
    assert requests() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [({"problem": "dragons"}, "problem"), ({"id": "x"}, "id"), ({"problem": None}, "problem")],
)
def test_what_does_not_fit_is_told_by_field_and_nothing_is_written(people, change, field):
    _, plot, _, calls, _ = people
    answer = calls("POST", "/visit-requests", {**told(plot), **change})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]
    assert requests() == 0


def test_refusals_have_stable_codes(people):
    grower, plot, expert, grower_calls, expert_calls = people
    with db.transaction() as session:
        other = technician(session, name="宋学文")
        gone = taken(session, grower, other)
        mine = taken(session, grower, expert)
    here = f"/visit-requests/{gone.id}"
    answer = expert_calls("POST", f"{here}/take")
    assert (answer.status_code, answer.json["code"]) == (422, "visits.taken_by_other")
    assert "宋学文" in answer.json["title"]
    here = f"/visit-requests/{mine.id}"
    late = {"on_day": str(TODAY + timedelta(8))}
    assert expert_calls("POST", f"{here}/schedule", late).json["code"] == "visits.day_outside"
    assert expert_calls("POST", f"{here}/nobody-there").json["code"] == "visits.not_now"
    bad = {
        "visited_on": str(TODAY),
        "diagnosis": "red_mite",
        "prescriptions": [{"action": "spray", "due_on": "2026-11-26", "product": "氧乐果"}],
    }
    refused = expert_calls("PUT", f"{here}/record", bad)
    assert refused.json["code"] == "visits.product_denied"
    assert "product_1" in refused.json["errors"]
    four = bad | {"prescriptions": [{"action": "watch", "due_on": "2026-11-26"}] * 4}
    assert expert_calls("PUT", f"{here}/record", four).status_code == 422
    assert grower_calls("POST", f"{here}/rate", {"face": 3}).json["code"] == "visits.not_now"
    assert grower_calls("POST", f"{here}/take").status_code == 403


def test_hand_over_answer_cancel_and_what_did_not_come(people):
    grower, _, expert, grower_calls, expert_calls = people
    with db.transaction() as session:
        other = technician(session)
        one, two = taken(session, grower, expert), taken(session, grower, expert)
        three, four = scheduled(session, grower, expert), scheduled(session, grower, expert)
    to = {"to": str(other.account_id)}
    assert expert_calls("POST", f"/visit-requests/{one.id}/hand-over", to).status_code == 200
    said = expert_calls("POST", f"/visit-requests/{two.id}/answer", {"text": "先清园"})
    assert said.json["state"] == "answered"
    gone = expert_calls("POST", f"/visit-requests/{three.id}/nobody-there")
    assert gone.json["state"] == "taken"
    missed = grower_calls("POST", f"/visit-requests/{four.id}/did-not-come")
    assert missed.json["state"] == "taken"
    cancelled = grower_calls("POST", f"/visit-requests/{four.id}/cancel")
    assert cancelled.json["state"] == "cancelled"


def test_days_off_figures_and_moving_by_the_district(people):
    grower, plot, expert, _, expert_calls = people
    with db.transaction() as session:
        chief = program(session, make.caller(session, Role.DISTRICT, place="500154"))
        cadre = program(session, make.caller(session, Role.SECRETARY))
        request = ask(session, grower, plot)
    off = expert_calls("PUT", "/visits/days-off/2026-11-24", {"is_off": True}).json
    assert [day["day"] for day in off["days"] if day["is_off"]] == ["2026-11-24"]
    to = {"to": str(expert.account_id)}
    moved = chief("POST", f"/visit-requests/{request.id}/reassign", to)
    assert moved.json == {"id": str(request.id), "technician_id": str(expert.account_id)}
    assert chief("GET", f"/visit-requests/{request.id}").status_code == 403
    for calls in (chief, cadre):
        town = calls("GET", "/visits/figures").json["towns"][0]
        assert (town["town"], town["still_open"], town["closed"]) == (make.ZHUXI, 1, 0)


def test_the_closed_lists_can_be_read(people):
    _, _, _, calls, _ = people
    problems = calls("GET", "/visit-problems").json["choices"]
    assert problems[-1]["code"] == "unknown"
    reported = [each for each in calls("GET", "/visit-diagnoses").json["choices"]]
    assert {each["code"] for each in reported if each["to_report"]} >= {"canker"}
    assert calls("GET", "/visit-actions").json["choices"][0]["code"] == "spray"


def test_a_photo_is_put_as_an_image_and_read_when_it_was_drawn(people):
    grower, plot, _, calls, expert_calls = people
    with db.transaction() as session:
        request = ask(session, grower, plot)
    photo_id = new_id()
    here = f"/visit-requests/{request.id}/photos/{photo_id}"
    sent = {"data": picture(size=(30, 20)), "content_type": "image/jpeg"}
    put = calls("PUT", here, **sent)
    assert (put.status_code, put.json["state"]) == (200, "waiting")
    assert calls("PUT", here, **sent).json == put.json
    assert calls("GET", f"/visit-photos/{photo_id}").status_code == 404
    jobs.draw(in_hand())
    shown = calls("GET", f"/visit-photos/{photo_id}")
    assert (shown.status_code, shown.mimetype) == (200, "image/webp")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert expert_calls("GET", f"/visit-photos/{photo_id}").status_code == 404
    assert calls("GET", f"/visit-requests/{request.id}").json["photos"][0]["width"] == 30


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "visits.photo_empty"),
        (b"<svg/>", 422, "visits.photo_unreadable"),
        (bytes(8 * 1024 * 1024 + 1), 422, "visits.photo_too_big"),
        (bytes(9 * 1024 * 1024 + 1), 413, "errors.too_large"),
    ],
)
def test_what_is_no_photo_is_refused_with_its_code(people, data, status, code):
    grower, plot, _, calls, _ = people
    with db.transaction() as session:
        request = ask(session, grower, plot)
    here = f"/visit-requests/{request.id}/photos/{new_id()}"
    answer = calls("PUT", here, data=data, content_type="image/png")
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_body_of_json_over_1_mb_is_refused(people):
    _, plot, _, calls, _ = people
    body = {**told(plot), "more": "x" * (1024 * 1024)}
    assert calls("POST", "/visit-requests", body).status_code == 413


def test_strangers_find_nothing_and_write_nothing(people):
    grower, plot, _, _, _ = people
    with db.transaction() as session:
        request = ask(session, grower, plot)
        stranger = program(session, make.caller(session))
        foreign = program(session, technician(session, make.DADE))
    here = f"/visit-requests/{request.id}"
    assert stranger("GET", here).status_code == 404
    assert stranger("POST", f"{here}/cancel").status_code == 404
    assert stranger("POST", "/visit-requests", told(plot)).status_code == 404
    assert foreign("POST", f"{here}/take").status_code == 404
    assert foreign("GET", f"{here}/record").status_code == 404
    with db.reading() as session:
        assert session.get_one(VisitRequest, request.id).version == 1
        assert session.exec(select(Prescription)).all() == []
