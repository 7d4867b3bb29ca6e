"""What technicians and offices work from, as JSON: the lists of their pages, no wider."""

from datetime import timedelta

import pytest

from orchard import db
from orchard.accounts.rules import Role
from orchard.visits import aftercare, recording
from orchard.visits.catalogue import service
from tests import make
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
from tests.visits.browsing import program

pytestmark = pytest.mark.usefixtures("still")
LONG_AGO = make.NOW - timedelta(service().waiting_long_days + 1)


@pytest.fixture
def town():
    """A grower and a technician of Zhuxi, and a grower of Dade whose request waits as long."""
    with db.transaction() as session:
        grower, expert = make.caller(session), technician(session)
        far = make.caller(session, place=make.DADE)
        plot = make.plot(session, far, village_code=make.OTHER_VILLAGE)
        there = ask(session, far, plot, now=LONG_AGO)
    return grower, expert, there


def offices(session):
    """Return programs of the secretary of Zhuxi, of Dade's, and of the district."""
    near, far = (make.caller(session, Role.SECRETARY, place=at) for at in (make.ZHUXI, make.DADE))
    chief = make.caller(session, Role.DISTRICT, place="500154")
    return [program(session, each) for each in (near, far, chief)]


def ids(rows) -> list[str]:
    return [each["id"] for each in rows]


def test_a_secretary_reads_masked_what_waits_long_and_the_district_how_much(town):
    grower, expert, there = town
    with db.transaction() as session:
        plot = make.plot(session, grower)
        old = ask(session, grower, plot, now=LONG_AGO)
        ask(session, grower, plot, problem="fruit")
        taken(session, grower, expert, now=LONG_AGO)
        near, far, chief = offices(session)
        technicians = program(session, expert)
    here = "/visit-requests/waiting"
    told = near("GET", here).json
    assert (told["days"], told["count"]) == (service().waiting_long_days, 1)
    assert ids(told["requests"]) == [str(old.id)]
    assert told["requests"][0]["holder"] == "刘*"
    assert grower.name not in str(told)
    assert ids(far("GET", here).json["requests"]) == [str(there.id)]
    assert chief("GET", here).json == {"days": told["days"], "count": 2, "requests": []}
    assert technicians("GET", here).status_code == 403


def test_the_district_learns_to_whom_it_may_give_a_request(town):
    grower, expert, there = town
    with db.transaction() as session:
        request = taken(session, grower, expert)
        other = technician(session, name="宋学文")
        recorded(session, grower, expert)
        near, _, chief = offices(session)
    told = chief("GET", "/visit-requests/district").json["requests"]
    assert set(ids(told)) == {str(request.id), str(there.id)}
    by_id = {each["id"]: each for each in told}
    one = by_id[str(request.id)]
    assert one["technician"] == expert.name
    assert one["technicians"] == [{"account_id": str(other.account_id), "name": "宋学文"}]
    assert by_id[str(there.id)]["technicians"] == []
    assert set(one) == {
        *["id", "town", "problem", "state", "asked_at", "technician", "technicians"],
    }
    moved = chief(
        "POST",
        f"/visit-requests/{request.id}/reassign",
        {"to": one["technicians"][0]["account_id"]},
    )
    assert moved.status_code == 200
    assert near("GET", "/visit-requests/district").status_code == 403


def test_a_technician_learns_to_whom_he_may_hand_over(town):
    grower, expert, _ = town
    with db.transaction() as session:
        request, (closed, _) = taken(session, grower, expert), recorded(session, grower, expert)
        other = technician(session, name="宋学文")
        stranger = technician(session, make.DADE, name="别处的")
        programs = [program(session, each) for each in (expert, other, stranger, grower)]
    mine, colleague, far, holder = programs
    here = f"/visit-requests/{request.id}"
    told = mine("GET", f"{here}/technicians").json
    assert told == {"technicians": [{"account_id": str(other.account_id), "name": "宋学文"}]}
    assert colleague("GET", f"{here}/technicians").status_code == 404
    assert far("GET", f"{here}/technicians").status_code == 404
    assert holder("GET", f"{here}/technicians").status_code == 403
    refused = mine("GET", f"/visit-requests/{closed.id}/technicians")
    assert (refused.status_code, refused.json["code"]) == (422, "visits.not_now")
    to = {"to": told["technicians"][0]["account_id"]}
    assert mine("POST", f"{here}/hand-over", to).status_code == 200


def test_a_round_is_of_today_and_says_what_was_left(town):
    grower, expert, _ = town
    with db.transaction() as session:
        left, next_day = (scheduled(session, grower, expert, TODAY + timedelta(n)) for n in (0, 1))
        left.on_day = TODAY - timedelta(1)
        now, (done, _) = scheduled(session, grower, expert), recorded(session, grower, expert)
        colleague = technician(session, name="宋学文")
        mine, others, holder = (program(session, who) for who in (expert, colleague, grower))
    told = mine("GET", "/visits/round").json
    assert (told["day"], told["ratings"], told["faces"]) == (str(TODAY), 0, None)
    assert set(ids(told["visits"])) == {str(now.id), str(done.id)}
    assert ids(told["overdue"]) == [str(left.id)]
    assert str(next_day.id) not in str(told)
    told = others("GET", "/visits/round").json
    assert (told["visits"], told["overdue"]) == ([], [])
    assert holder("GET", "/visits/round").status_code == 403


def test_the_faces_are_told_when_they_are_enough(town):
    grower, expert, _ = town
    most = service().visits_a_day
    with db.transaction() as session:
        mine = program(session, expert)
        made = [_visited(session, grower, expert, n // most) for n in range(service().faces_from)]
    for request in made:
        told = mine("GET", "/visits/round").json
        assert told["faces"] is None
        with db.transaction() as session:
            aftercare.rate(session, grower, request.id, face=3, now=make.NOW)
    told = mine("GET", "/visits/round").json
    assert (told["ratings"], told["faces"]) == (len(made), {"3": len(made)})


def _visited(session, grower, expert, days_on):
    request = scheduled(session, grower, expert, TODAY + timedelta(days_on))
    recording.record(session, expert, request.id, found(), now=make.NOW)
    return request


def test_advice_is_told_while_it_is_open_and_to_the_holder_alone(town):
    grower, expert, _ = town
    with db.transaction() as session:
        request, _ = recorded(session, grower, expert, SPRAY, WATCH)
        stranger = make.caller(session)
        mine, others, theirs = (program(session, who) for who in (grower, stranger, expert))
    first, second = mine("GET", "/prescriptions").json["advice"]
    assert (first["action"], second["action"]) == ("spray", "watch")
    assert {each["request_id"] for each in (first, second)} == {str(request.id)}
    assert (first["plot_id"], first["due_on"]) == (str(request.plot_id), str(SPRAY.due_on))
    assert (first["product"], first["phi_days"]) == (SPRAY.product, SPRAY.phi_days)
    assert mine("GET", f"/tasks/{first['task']}").json["state"] == "open"
    assert others("GET", "/prescriptions").json == {"advice": []}
    assert theirs("GET", "/prescriptions").status_code == 403
    here = f"/prescriptions/{first['id']}/follow-up"
    assert mine("POST", here, {"outcome": "applied"}).status_code == 200
    done = mine("POST", f"/tasks/{first['task']}/done")
    assert done.status_code == 200, done.text
    assert mine("GET", "/prescriptions").json["advice"] == [second]
