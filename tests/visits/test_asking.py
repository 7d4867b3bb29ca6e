"""Asked for and taken back: by whom, once, shown as a double, and seen by no stranger."""

from datetime import timedelta

import pytest

from orchard import clock
from orchard.accounts.rules import Role
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.ids import new_id
from orchard.plots import services as plots
from orchard.visits import desk, queries, services
from orchard.visits.models import VisitRequest
from orchard.visits.rules import EventKind, State
from tests import make
from tests.visits.asking import DAY, TODAY, ask, kinds, rows, scheduled, taken, technician


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
    line = queries.line_for(session, grower, request.id, make.NOW)
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
    assert not queries.line_for(session, grower, third.id, make.NOW).is_double
    assert not queries.line_for(session, grower, other.id, make.NOW).is_double
    services.cancel(session, grower, first.id, now=make.NOW)
    assert not queries.line_for(session, grower, second.id, make.NOW).is_double


def test_a_double_is_none_after_14_days(session, grower):
    plot = make.plot(session, grower)
    ask(session, grower, plot, now=make.NOW - 14 * DAY - timedelta(seconds=1))
    assert not queries.line_for(session, grower, ask(session, grower, plot).id, make.NOW).is_double


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
            queries.line_for(session, who, request.id, make.NOW)


def test_an_office_reads_masked_names_and_phones_of_growers(session, expert):
    grower = make.caller(session, of=make.person(session, phone="+8613912345678"))
    request = taken(session, grower, expert)
    line = queries.line_for(session, make.caller(session, Role.SECRETARY), request.id, make.NOW)
    assert (line.holder, line.holder_phone) == ("刘*", "139****5678")
    assert line.technician == "周明清"
    assert queries.line_for(session, expert, request.id, make.NOW).holder_phone == "+8613912345678"


def test_every_step_is_an_event_and_the_version_counts_them(session, grower, expert):
    request = scheduled(session, grower, expert)
    events = [event for event, *_ in queries.history_of(session, request.id)]
    assert [event.n for event in events] == [1, 2, 3]
    assert request.version == 3
    assert events[-1].kind == EventKind.SCHEDULED
    assert clock.local(events[0].at).date() == TODAY
