"""The pool: who takes a request, hands it over, is given it, or answers it."""

from datetime import timedelta

import pytest

from orchard import db
from orchard.accounts.rules import Role
from orchard.errors import FieldRefused, NotVisible
from orchard.ids import new_id
from orchard.visits import desk, diary, queries, rules, services, sight
from orchard.visits.models import VisitRequest
from orchard.visits.rules import State
from tests import make
from tests.crowd import at_once
from tests.visits.asking import DAY, TODAY, ask, kinds, rows, scheduled, taken, technician


def test_the_pool_is_ordered_by_risk_and_waiting_time(session, grower, expert):
    plot = make.plot(session, grower)
    told = {
        "fruit": ask(session, grower, plot, problem="fruit", now=make.NOW - 2 * DAY),
        "yellow": ask(session, grower, plot, problem="yellow", now=make.NOW - DAY),
        "insects": ask(session, grower, plot, problem="insects", now=make.NOW - 3 * DAY),
        "twigs": ask(session, grower, plot, problem="twigs"),
    }
    lines, page = desk.pool(session, expert)
    # harm as hours of waiting: fruit 50+48, yellow 90+24, insects 60+72, twigs 70
    assert [line.request.problem for line in lines] == ["insects", "yellow", "fruit", "twigs"]
    assert not page.has_after
    after, _ = desk.pool(session, expert, after=told["yellow"].id)
    assert [line.request.problem for line in after] == ["fruit", "twigs"]
    assert desk.pool(session, technician(session, make.DADE))[0] == []


def test_who_takes_first_has_it_and_the_others_are_told_his_name(session, grower, expert):
    request = ask(session, grower, make.plot(session, grower))
    services.take(session, expert, request.id, now=make.NOW)
    assert services.take(session, expert, request.id, now=make.NOW).version == 2
    with pytest.raises(rules.TakenByOther) as told:
        services.take(session, technician(session), request.id, now=make.NOW)
    assert told.value.values == {"name": "周明清"}
    assert kinds(session, request.id) == ["asked", "taken"]


def test_nobody_takes_what_is_not_his_towns_or_was_cancelled(session, grower, expert):
    request = ask(session, grower, make.plot(session, grower))
    for who in (technician(session, make.DADE), grower, make.caller(session, Role.SECRETARY)):
        with pytest.raises(NotVisible):
            services.take(session, who, request.id, now=make.NOW)
    services.cancel(session, grower, request.id, now=make.NOW)
    with pytest.raises(rules.NotNow):
        services.take(session, expert, request.id, now=make.NOW)
    assert kinds(session, request.id) == ["asked", "cancelled"]


def test_of_50_technicians_at_once_exactly_one_gets_the_visit(database):
    with db.transaction() as session:
        grower = make.caller(session)
        experts = [technician(session, name=f"农技{n}") for n in range(50)]
        request_id = ask(session, grower, make.plot(session, grower)).id
    waiting = list(experts)

    def take() -> str:
        who = waiting.pop()
        try:
            with db.transaction() as session:
                services.take(session, who, request_id, now=make.NOW)
        except rules.TakenByOther as late:
            return late.values["name"]
        return "mine"

    answers = at_once(50, take)
    assert answers.count("mine") == 1
    with db.reading() as session:
        kept = session.get_one(VisitRequest, request_id)
        owner = next(who for who in experts if who.account_id == kept.technician_id)
        assert (kept.state, kept.version) == (State.TAKEN, 2)
        assert kinds(session, request_id) == ["asked", "taken"]
    assert set(answers) == {"mine", owner.name}


def test_what_was_handed_over_leaves_the_diary_and_stays_readable_for_30_days(
    session, grower, expert
):
    other, request = technician(session, name="宋学文"), scheduled(session, grower, expert)
    services.hand_over(session, expert, request.id, other.account_id, now=make.NOW)
    services.hand_over(session, expert, request.id, other.account_id, now=make.NOW)
    assert (request.state, request.on_day, request.slot) == (State.TAKEN, None, None)
    history = queries.history_of(session, request.id)
    assert [given for event, _, _, given in history][-1] == "宋学文"
    assert kinds(session, request.id) == ["asked", "taken", "scheduled", "handed_over"]
    with pytest.raises(NotVisible):
        diary.put_on_day(session, expert, request.id, TODAY, now=make.NOW)
    for days, sees in ((29, True), (30, False)):
        now = make.NOW + days * DAY
        assert sight.may_read_report(session, expert, request, now) is sees
        assert sight.may_read_report(session, other, request, now)
    assert not sight.may_read_report(session, technician(session), request, make.NOW)


def test_a_visit_is_handed_over_to_a_technician_of_the_town_only(session, grower, expert):
    request = taken(session, grower, expert)
    before = rows(session)
    for to in (technician(session, make.DADE).account_id, grower.account_id, new_id()):
        with pytest.raises(FieldRefused):
            services.hand_over(session, expert, request.id, to, now=make.NOW)
    thief = technician(session)
    with pytest.raises(NotVisible):
        services.hand_over(session, thief, request.id, thief.account_id, now=make.NOW)
    assert rows(session) == before


def test_the_district_gives_any_open_request_to_a_technician_of_its_town(session, grower, expert):
    chief = make.caller(session, Role.DISTRICT, place="500154")
    request = ask(session, grower, make.plot(session, grower))
    services.hand_over(session, chief, request.id, expert.account_id, now=make.NOW)
    assert (request.state, request.technician_id) == (State.TAKEN, expert.account_id)
    with pytest.raises(NotVisible):
        queries.line_for(session, chief, request.id, make.NOW)
    services.answer(session, expert, request.id, "先清园", now=make.NOW)
    with pytest.raises(rules.NotNow):
        services.hand_over(session, chief, request.id, expert.account_id, now=make.NOW)


def test_an_answer_closes_the_request_once(session, grower, expert):
    request = ask(session, grower, make.plot(session, grower))
    services.answer(session, expert, request.id, "正常落果，不用管", now=make.NOW)
    services.answer(session, expert, request.id, "正常落果，不用管", now=make.NOW)
    assert request.state == State.ANSWERED
    assert queries.answer_of(session, request.id) == "正常落果，不用管"
    assert kinds(session, request.id) == ["asked", "answered"]
    with pytest.raises(rules.TakenByOther):
        services.answer(session, technician(session), request.id, "我也说", now=make.NOW)
    with pytest.raises(rules.NotNow):
        services.cancel(session, grower, request.id, now=make.NOW)


def test_the_town_reads_who_waits_longer_than_two_days(session, grower):
    plot = make.plot(session, grower)
    old = ask(session, grower, plot, now=make.NOW - 2 * DAY - timedelta(seconds=1))
    ask(session, grower, plot, problem="fruit", now=make.NOW - 2 * DAY)
    lines = desk.waiting_long(session, make.caller(session, Role.SECRETARY), make.NOW)
    assert [line.request.id for line in lines] == [old.id]
    stranger = make.caller(session, Role.SECRETARY, place=make.DADE)
    assert desk.waiting_long(session, stranger, make.NOW) == []
