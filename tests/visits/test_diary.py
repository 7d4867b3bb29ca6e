"""The diary: six visits a day, no two in one place, days off, and nobody there."""

import pytest

from orchard import db
from orchard.errors import FieldRefused, NotVisible
from orchard.visits import desk, diary, rules, services
from orchard.visits.catalogue import service
from orchard.visits.models import VisitRequest
from orchard.visits.rules import State
from tests import make
from tests.crowd import at_once
from tests.visits.asking import DAY, TODAY, ask, kinds, rows, scheduled, taken, technician


def test_a_day_takes_six_visits_and_no_two_in_one_place(session, grower, expert):
    for _ in range(service().visits_a_day):
        scheduled(session, grower, expert, TODAY + DAY)
    request = taken(session, grower, expert)
    before = rows(session)
    with pytest.raises(FieldRefused) as no:
        diary.put_on_day(session, expert, request.id, TODAY + DAY, now=make.NOW)
    assert (no.value.code, no.value.values) == ("visits.day_full", {"n": 6})
    assert rows(session) == before
    assert sorted(desk.used_slots(session, expert.account_id, TODAY + DAY)) == [1, 2, 3, 4, 5, 6]
    assert diary.put_on_day(session, expert, request.id, TODAY, now=make.NOW).slot == 1
    services.cancel(session, grower, request.id, now=make.NOW)
    assert desk.used_slots(session, expert.account_id, TODAY) == []


def test_many_visits_put_on_one_day_at_once_never_share_a_place(database):
    with db.transaction() as session:
        grower, expert = make.caller(session), technician(session)
        waiting = [taken(session, grower, expert).id for _ in range(12)]
        ids = list(waiting)

    def put() -> str:
        id_ = waiting.pop()
        try:
            with db.transaction() as session:
                diary.put_on_day(session, expert, id_, TODAY + DAY, now=make.NOW)
        except FieldRefused as no:
            return no.code
        return "put"

    answers = at_once(12, put)
    assert answers.count("put") == service().visits_a_day
    assert answers.count("visits.day_full") == 12 - service().visits_a_day
    with db.reading() as session:
        slots = [session.get_one(VisitRequest, id_).slot for id_ in ids]
    assert sorted(slot for slot in slots if slot) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("days", [-1, 8])
def test_a_visit_is_put_on_one_of_the_coming_days_only(session, grower, expert, days):
    request = taken(session, grower, expert)
    with pytest.raises(rules.DayOutside):
        diary.put_on_day(session, expert, request.id, TODAY + days * DAY, now=make.NOW)
    assert request.state == State.TAKEN


def test_a_day_off_takes_no_visit_and_a_day_with_visits_is_not_kept_free(session, grower, expert):
    tomorrow = TODAY + DAY
    diary.set_day_off(session, expert, tomorrow, is_off=True, now=make.NOW)
    diary.set_day_off(session, expert, tomorrow, is_off=True, now=make.NOW)
    request = taken(session, grower, expert)
    with pytest.raises(FieldRefused) as no:
        diary.put_on_day(session, expert, request.id, tomorrow, now=make.NOW)
    assert no.value.code == "visits.day_off"
    diary.set_day_off(session, expert, tomorrow, is_off=False, now=make.NOW)
    diary.put_on_day(session, expert, request.id, tomorrow, now=make.NOW)
    with pytest.raises(FieldRefused) as no:
        diary.set_day_off(session, expert, tomorrow, is_off=True, now=make.NOW)
    assert no.value.code == "visits.day_has_visits"
    assert desk.days_off(session, expert.account_id, TODAY) == set()


def test_nobody_there_and_did_not_come_wait_for_a_new_day(session, grower, expert):
    request = scheduled(session, grower, expert)
    services.nobody_there(session, expert, request.id, now=make.NOW)
    services.nobody_there(session, expert, request.id, now=make.NOW)
    assert (request.state, request.slot) == (State.TAKEN, None)
    diary.put_on_day(session, expert, request.id, TODAY + DAY, now=make.NOW)
    with pytest.raises(rules.NotToday):
        services.did_not_come(session, grower, request.id, now=make.NOW)
    services.did_not_come(session, grower, request.id, now=make.NOW + DAY)
    assert kinds(session, request.id) == [
        "asked",
        "taken",
        "scheduled",
        "nobody_there",
        "scheduled",
        "did_not_come",
    ]
    with pytest.raises(NotVisible):
        services.did_not_come(session, make.caller(session), request.id, now=make.NOW)
    with pytest.raises(NotVisible):
        services.nobody_there(session, technician(session), request.id, now=make.NOW)


def test_the_round_goes_by_village_and_shows_only_the_own_day(session, grower, expert):
    other_village = "500154118205"
    first = make.plot(session, grower, village_code=other_village)
    for plot in (first, make.plot(session, grower)):
        request = ask(session, grower, plot)
        services.take(session, expert, request.id, now=make.NOW)
        diary.put_on_day(session, expert, request.id, TODAY, now=make.NOW)
    scheduled(session, grower, expert, TODAY + DAY)
    scheduled(session, grower, technician(session), TODAY)
    stops = desk.round_of(session, expert, TODAY)
    assert [line.request.plot_id for line in stops][-1] == first.id
    assert len(stops) == 2
    week = desk.week(session, expert, TODAY)
    assert [len(lines) for lines in week.values()] == [2, 1, 0, 0, 0, 0, 0, 0]
    assert desk.overdue(session, expert, TODAY + 2 * DAY)[0].request.on_day == TODAY
