"""Who is taken onto a roster: who looks alike, and what others rely on."""

from datetime import date

import pytest

from orchard.accounts.models import Account
from orchard.errors import FieldRefused, NotVisible
from orchard.hiring import roster
from orchard.hiring.models import Roster
from orchard.hiring.roster import NewPerson
from orchard.ids import new_id
from tests import make
from tests.hiring.reading import count_in


def register(session, caller, firm, **values):
    new = {
        "id": new_id(),
        "employer_id": firm.id,
        "name": "陈素芬",
        "sex": None,
        "born_on": date(1970, 3, 8),
        "registered_code": make.VILLAGE,
        **values,
    }
    return roster.register_person(session, caller, NewPerson(**new), now=make.NOW)


@pytest.mark.parametrize(
    ("values", "is_alike"),
    [
        ({"born_on": date(1970, 12, 31), "registered_code": "500101"}, True),
        ({"born_on": date(1971, 1, 1), "registered_code": "500101"}, False),
        ({"born_on": None}, True),  # the same village
        ({"born_on": None, "registered_code": None, "phone": "+8613800001234"}, True),
        ({"born_on": None, "registered_code": None, "phone": "+8613800001235"}, False),
        ({"born_on": None, "registered_code": None}, False),
        ({"name": "陈素芳"}, False),
    ],
)
def test_who_looks_alike_is_by_name_and_birth_year_village_or_phone(
    session, boss, values, is_alike
):
    firm, caller = boss
    make.worker(session, name="陈素芬", born_on=date(1970, 5, 5), phone="+8613900001234")
    if is_alike:
        with pytest.raises(roster.LooksKnown):
            register(session, caller, firm, **values)
        assert count_in(session, Roster) == 0
    else:
        register(session, caller, firm, **values)


def test_only_who_looks_alike_can_be_taken_onto_a_roster(session, boss):
    firm, caller = boss
    alike = make.worker(session, name="陈素芬", born_on=date(1970, 5, 5), sex=None)
    other = make.worker(session, name="王小明")
    with pytest.raises(FieldRefused):
        register(session, caller, firm, same_as=other.id)
    assert register(session, caller, firm, same_as=alike.id, sex=make.Sex.FEMALE).id == alike.id
    assert alike.sex == make.Sex.FEMALE
    assert alike.born_on == date(1970, 5, 5)
    assert session.get(Roster, (firm.id, alike.id)).is_linked
    assert count_in(session, Account) == 1


def test_what_others_rely_on_is_filled_in_but_not_changed(session, boss):
    firm, caller = boss
    own = register(session, caller, firm, born_on=None)
    shared = register(session, caller, firm, name="王小明", born_on=None)
    second = make.employer(session, name="别家")
    session.add(Roster(employer_id=second.id, person_id=shared.id, at=make.NOW))
    session.flush()

    def correct(who, **values):
        facts = roster.PersonFacts(**{"name": who.name, **values})
        roster.correct_person(session, caller, firm.id, who.id, facts, now=make.NOW)

    for who in (own, shared):
        correct(who, born_on=date(1970, 1, 1))
    correct(own, name="陈素芳", born_on=date(1971, 1, 1))
    assert own.born_on == date(1971, 1, 1)
    for values in ({"name": "王大明"}, {"born_on": date(1971, 1, 1)}):
        with pytest.raises(FieldRefused) as refused:
            correct(shared, **values)
        assert refused.value.code == "hiring.not_yours_to_change"
    with pytest.raises(NotVisible):
        correct(make.worker(session))
