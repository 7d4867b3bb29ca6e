"""From the call to the day of the visit: who may do what, and nothing written when refused."""

from datetime import timedelta

import pytest
from sqlmodel import func, select

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.ids import new_id
from orchard.plots import services as plots
from orchard.visits import desk, diary, queries, rules, services
from orchard.visits.catalogue import service
from orchard.visits.models import VisitEvent, VisitRequest
from orchard.visits.rules import EventKind, State
from tests import make
from tests.crowd import at_once
from tests.visits.asking import TODAY, ask, scheduled, taken, technician

DAY = timedelta(days=1)


@pytest.fixture
def grower(session):
    return make.caller(session)


@pytest.fixture
def expert(session):
    return technician(session)


def rows(session) -> tuple[int, int]:
    requests = session.exec(select(func.count()).select_from(VisitRequest)).one()
    return requests, session.exec(select(func.count()).select_from(VisitEvent)).one()


def kinds(session, request_id) -> list[str]:
    return [event.kind.value for event, *_ in queries.history_of(session, request_id)]


def test_a_grower_asks_once_however_often_the_form_is_sent(session, grower):
    plot, id_ = make.plot(session, grower), new_id()
    first = ask(session, grower, plot, id=id_)
    again = ask(session, grower, plot, id=id_, now=make.NOW + DAY)
    assert (first.id, again.id) == (id_, id_)
    assert rows(session) == (1, 1)
    with pytest.raises(Conflict) as both:
        ask(session, grower, plot, id=id_, problem="fruit")
    assert (both.value.kept["problem"], both.value.sent["problem"]) == ("insects", "fruit")
    assert rows(session) == (1, 1)


def test_the_manager_asks_for_the_employers_plot_and_the_cadre_for_a_grower(session, grower):
    firm = make.employer(session)
    manager = make.caller(session, Role.MANAGER, employer_id=firm.id)
    assert ask(session, manager, make.plot(session, firm)).state == State.ASKED
    cadre = make.caller(session, Role.SECRETARY)
    request = ask(session, cadre, make.plot(session, grower))
    line = queries.line_for(session, grower, request.id)
    assert line.is_for_other
    assert request.requested_by_id == cadre.account_id
    assert services.cancel(session, cadre, request.id, now=make.NOW).state == State.CANCELLED


def test_strangers_ask_for_nobody_and_nothing_is_written(session, grower):
    plot = make.plot(session, grower)
    strangers = (
        make.caller(session),
        make.caller(session, Role.SECRETARY, place=make.DADE),
        technician(session),
        technician(session, make.DADE),
        make.caller(session, Role.MANAGER, employer_id=make.employer(session).id),
        make.visitor(Role.DISTRICT, "500154"),
    )
    for who in strangers:
        with pytest.raises(NotVisible):
            ask(session, who, plot)
    with pytest.raises(FieldRefused):
        ask(session, grower, plot, problem="dragons")
    assert rows(session) == (0, 0)


def test_the_same_trouble_within_14_days_is_shown_as_a_double_and_never_refused(session, grower):
    plot = make.plot(session, grower)
    first = ask(session, grower, plot, now=make.NOW - 14 * DAY)
    second = ask(session, grower, plot)
    other = ask(session, grower, plot, problem="fruit")
    lines = queries.own_lines(session, grower, number=1)[0]
    doubles = {line.request.id for line in lines if line.is_double}
    assert doubles == {second.id}
    third = ask(session, grower, make.plot(session, grower), now=make.NOW)
    assert not queries.line_for(session, grower, third.id).is_double
    assert not queries.line_for(session, grower, other.id).is_double
    services.cancel(session, grower, first.id, now=make.NOW)
    assert not queries.line_for(session, grower, second.id).is_double


def test_a_double_is_none_after_14_days(session, grower):
    plot = make.plot(session, grower)
    ask(session, grower, plot, now=make.NOW - 14 * DAY - timedelta(seconds=1))
    assert not queries.line_for(session, grower, ask(session, grower, plot).id).is_double


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
        assert queries.may_read_report(session, expert, request, now) is sees
        assert queries.may_read_report(session, other, request, now)
    assert not queries.may_read_report(session, technician(session), request, make.NOW)


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
        queries.line_for(session, chief, request.id)
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


def test_only_the_holder_or_who_asked_cancels(session, grower, expert):
    request = taken(session, grower, expert)
    for who in (make.caller(session), expert, make.caller(session, Role.SECRETARY)):
        with pytest.raises(NotVisible):
            services.cancel(session, who, request.id, now=make.NOW)
    assert request.state == State.TAKEN
    services.cancel(session, grower, request.id, now=make.NOW)
    services.cancel(session, grower, request.id, now=make.NOW)
    assert kinds(session, request.id) == ["asked", "taken", "cancelled"]


def test_giving_a_plot_up_cancels_what_was_open_for_it(session, grower, expert):
    plot = make.plot(session, grower)
    request = ask(session, grower, plot)
    plots.end_plot(session, grower, plot.id, version=1, now=make.NOW, today=TODAY)
    services.cancel_of_ended(session, plot, TODAY)
    assert session.get_one(VisitRequest, request.id).state == State.CANCELLED
    assert desk.pool(session, expert)[0] == []


def test_strangers_find_no_request(session, grower):
    request = ask(session, grower, make.plot(session, grower))
    for who in (
        make.caller(session),
        technician(session, make.DADE),
        make.caller(session, Role.SECRETARY, place=make.DADE),
        make.caller(session, Role.WORKER),
        make.visitor(Role.DISTRICT, "500154"),
    ):
        with pytest.raises(NotVisible):
            queries.line_for(session, who, request.id)


def test_an_office_reads_masked_names_and_phones_of_growers(session, expert):
    grower = make.caller(session, of=make.person(session, phone="+8613912345678"))
    request = taken(session, grower, expert)
    line = queries.line_for(session, make.caller(session, Role.SECRETARY), request.id)
    assert (line.holder, line.holder_phone) == ("刘*", "139****5678")
    assert line.technician == "周明清"
    assert queries.line_for(session, expert, request.id).holder_phone == "+8613912345678"


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


def test_the_town_reads_who_waits_longer_than_two_days(session, grower):
    plot = make.plot(session, grower)
    old = ask(session, grower, plot, now=make.NOW - 2 * DAY - timedelta(seconds=1))
    ask(session, grower, plot, problem="fruit", now=make.NOW - 2 * DAY)
    lines = desk.waiting_long(session, make.caller(session, Role.SECRETARY), make.NOW)
    assert [line.request.id for line in lines] == [old.id]
    stranger = make.caller(session, Role.SECRETARY, place=make.DADE)
    assert desk.waiting_long(session, stranger, make.NOW) == []


def test_every_step_is_an_event_and_the_version_counts_them(session, grower, expert):
    request = scheduled(session, grower, expert)
    events = [event for event, *_ in queries.history_of(session, request.id)]
    assert [event.n for event in events] == [1, 2, 3]
    assert request.version == 3
    assert events[-1].kind == EventKind.SCHEDULED
    assert clock.local(events[0].at).date() == TODAY
