"""Frost: told when the level rises, at any hour, once for each night and person."""

from datetime import date, timedelta
from functools import partial

import pytest
from sqlmodel import select

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.reminders.rules import Kind, Status
from orchard.weather.models import Forecast
from tests import make
from tests.reminders.owing import DAY, local, outbox, run, said
from tests.weather import answers

NIGHT = DAY + timedelta(days=1)
EVENING = local(hour=22, minute=5)
foretell = partial(answers.foretell, on=NIGHT, at=EVENING)


@pytest.fixture
def grower(database):
    """A grower with a plot, and a stranger whose plot lies in another cell."""
    with db.transaction() as session:
        who, stranger = make.caller(session), make.caller(session)
        plot = make.plot(session, who)
        make.plot(session, stranger, elevation_m=900)
    return who, plot, stranger


def told(who) -> list[tuple[date, Kind]]:
    return [(message.local_date, message.kind) for message in outbox(who.person_id)]


def test_a_coming_frost_is_told_and_sent_at_night(grower):
    who, plot, stranger = grower
    with db.transaction() as session:
        foretell(session, plot.cell, 2)
    run("frost", EVENING)
    run("messages", EVENING)
    (message,) = outbox(who.person_id)
    assert (message.kind, message.status, message.local_date) == (Kind.FROST_2, Status.SENT, NIGHT)
    assert said(message) == {"level": 2, "low_c": -2.0}
    assert outbox(stranger.person_id) == []


def test_only_a_rise_is_told_and_flapping_is_not(grower):
    who, plot, _ = grower
    for minute, level in enumerate((1, 2, 1, 2, 3, 0, 3)):
        with db.transaction() as session:
            foretell(session, plot.cell, level)
        run("frost", EVENING + timedelta(minutes=10 * minute))
    assert told(who) == [(NIGHT, Kind.FROST_1), (NIGHT, Kind.FROST_2), (NIGHT, Kind.FROST_3)]


def test_a_level_that_falls_is_not_told(grower):
    who, plot, _ = grower
    for minute, level in enumerate((2, 1, 3, 1)):
        with db.transaction() as session:
            foretell(session, plot.cell, level)
        run("frost", EVENING + timedelta(minutes=10 * minute))
    assert told(who) == [(NIGHT, Kind.FROST_2), (NIGHT, Kind.FROST_3)]


def test_several_plots_are_one_message_of_the_worst(grower):
    who, plot, _ = grower
    with db.transaction() as session:
        high = make.plot(session, who, name="山上", elevation_m=700)
        foretell(session, plot.cell, 1)
        foretell(session, high.cell, 3)
    run("frost", EVENING)
    assert told(who) == [(NIGHT, Kind.FROST_3)]


def test_a_notice_and_what_is_far_off_or_over_is_not_told(grower):
    who, plot, _ = grower
    with db.transaction() as session:
        foretell(session, plot.cell, 0)
    run("frost", EVENING)
    with db.transaction() as session:
        foretell(session, plot.cell, 3, on=DAY + timedelta(days=4))
    run("frost", EVENING + timedelta(minutes=1))
    with db.transaction() as session:
        foretell(session, plot.cell, 3, on=DAY)
    run("frost", EVENING + timedelta(minutes=2))
    assert outbox() == []


def test_a_forecast_too_old_for_advice_says_nothing(grower):
    who, plot, _ = grower
    with db.transaction() as session:
        foretell(session, plot.cell, 3, at=EVENING - timedelta(hours=72))
    run("frost", EVENING)
    assert outbox() == []


def test_a_manager_is_told_of_the_employers_plots(database):
    with db.transaction() as session:
        firm = make.employer(session)
        manager = make.caller(session, Role.MANAGER, employer_id=firm.id)
        plot = make.plot(session, firm)
        foretell(session, plot.cell, 1)
    run("frost", EVENING)
    assert told(manager) == [(NIGHT, Kind.FROST_1)]


def test_a_forecast_that_cannot_be_read_holds_up_no_other_cell(grower):
    who, plot, stranger = grower
    with db.transaction() as session:
        foretell(session, plot.cell, 1)
        foretell(session, "1:1:9", 1)
        session.flush()
        session.get(Forecast, "1:1:9").digest = '{"alerts": [["frost"'
    run("frost", EVENING)
    assert told(who) == [(NIGHT, Kind.FROST_1)]


def test_what_was_not_sent_before_the_night_was_over_is_not_sent_after_it(grower):
    who, plot, _ = grower
    with db.transaction() as session:
        foretell(session, plot.cell, 1)
    run("frost", EVENING)
    run("messages", local(NIGHT, hour=7, minute=0))
    assert [message.status for message in outbox(who.person_id)] == [Status.EXPIRED]
    with db.reading() as session:
        assert session.exec(select(Forecast.cell)).all()
    assert clock.local(outbox(who.person_id)[0].useful_until).hour == 7
