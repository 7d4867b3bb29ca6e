"""Doubles: shown to their town, decided, undone, and counted as one person."""

import pytest
from sqlmodel import col, select

from orchard.accounts.models import Person
from orchard.accounts.rules import Role
from orchard.errors import FieldRefused, NotVisible
from orchard.hiring import doubles, queries
from orchard.hiring.models import SamePerson, SamePersonDecision
from orchard.ids import new_id
from tests import make
from tests.hiring.reading import count_in


def town(session):
    return make.caller(session, Role.SECRETARY)


def counted(session, ids):
    """Return the person that each record counts as."""
    own = col(Person.id)
    rows = session.execute(select(own, queries.counted_as(own)).where(own.in_(ids)))
    return {person_id: other for person_id, other in rows}


def test_doubles_of_a_town_are_shown_decided_undone_and_told(session, boss, told):
    firm, caller = boss
    office = town(session)
    first, second, third = (
        make.worker(session, name="陈素芬", created_at=make.NOW.replace(minute=minute))
        for minute in (1, 2, 3)
    )
    spelled = make.worker(session, name="陈淑芬")  # the same birthday and village

    def shown():
        return [pair for pair in doubles.pairs(session, office)[1] if pair.first.name == "陈*"]

    assert len(shown()) == 6

    def decide(one, other, is_same, minute):
        decision = doubles.Decision(new_id(), one.id, other.id, is_same)
        at = make.NOW.replace(minute=minute)
        doubles.decide(session, office, decision, now=at)
        doubles.decide(session, office, decision, now=at)

    decide(second, third, True, 20)
    decide(first, third, True, 21)
    ids = {first.id, second.id, third.id}
    assert counted(session, ids) == dict.fromkeys(ids, first.id)
    assert told[-1] == ids
    decide(third, first, False, 22)  # undone: the older decision between the two stands
    assert counted(session, ids) == {
        first.id: first.id,
        second.id: second.id,
        third.id: second.id,
    }
    decide(second, third, False, 23)
    assert count_in(session, SamePerson) == 0
    assert count_in(session, SamePersonDecision) == 4
    left = {frozenset((one.first.id, one.second.id)) for one in shown()}
    assert left == {
        frozenset(two)
        for two in (
            (first.id, second.id),
            (first.id, spelled.id),
            (second.id, spelled.id),
            (third.id, spelled.id),
        )
    }
    listed = select(queries.counted_as(make.Person.id)).where(make.Person.id == third.id)
    assert session.exec(listed).one() == third.id


def test_another_towns_secretary_sees_and_decides_none_of_it(session):
    office = make.caller(session, Role.SECRETARY, place=make.DADE)
    one, other = (make.worker(session, name="陈素芬") for _ in range(2))
    assert doubles.pairs(session, office) == (0, [])
    decision = doubles.Decision(new_id(), one.id, other.id, True)
    with pytest.raises(NotVisible):
        doubles.decide(session, office, decision, now=make.NOW)
    with pytest.raises(FieldRefused):
        same = doubles.Decision(new_id(), one.id, one.id, True)
        doubles.decide(session, town(session), same, now=make.NOW)
    assert count_in(session, SamePersonDecision) == 0
