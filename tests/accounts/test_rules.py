"""The numbers of the doors, and what is too easy to guess."""

import random
import string
from uuid import uuid4

import pytest

from orchard.accounts.guessable import check_password, check_pin, common_passwords
from orchard.accounts.rules import (
    Caller,
    Held,
    Role,
    SecretKind,
    effective,
    may_give,
    roles_to_give,
    uses_pin,
)
from orchard.errors import FieldRefused
from tests.make import DADE, VILLAGE, ZHUXI


@pytest.mark.parametrize(
    "pin",
    [
        "",
        "12345",
        "1234567",
        "12345a",
        "123456",
        "654321",
        "111111",
        "121212",
        "123123",
        "123321",
        "520520",
        "147258",
        "112233",
        "٣٤٥٦٧٨",
        "13800",
    ],
)
def test_a_pin_that_anybody_would_try_is_refused(pin):
    with pytest.raises(FieldRefused):
        check_pin(pin)


@pytest.mark.parametrize("pin", ["193746", "804713", "000193"])
def test_other_pins_are_taken(pin):
    check_pin(pin, "+8613800001234")


def test_digits_of_the_own_phone_are_no_pin():
    with pytest.raises(FieldRefused):
        check_pin("001294", "+8613800012947")


def test_more_than_three_thousand_passwords_are_known_to_be_guessable():
    assert len(common_passwords()) > 3000
    for password in random.Random(1).sample(sorted(common_passwords()), 300):
        with pytest.raises(FieldRefused):
            check_password(password.upper())


@pytest.mark.parametrize("password", ["a" * 12, "ababababababab", "12345678901", "x" * 129])
def test_a_password_too_short_too_long_or_of_two_letters_is_refused(password):
    with pytest.raises(FieldRefused):
        check_password(password)


def test_there_are_no_rules_of_composition():
    rng = random.Random(2)
    for length in (12, 64, 100, 128):
        check_password("".join(rng.choices(string.ascii_lowercase, k=length)))
    check_password("竹溪的春橙熟了就摘不要再等下雨")
    check_password("            . x ")


def caller(role: Role, place: str | None = ZHUXI, employer=None) -> Caller:
    return Caller(
        uuid4(), uuid4(), None, "刘", (Held(role, None if employer else place, employer),)
    )


def test_each_office_gives_the_roles_of_the_access_matrix():
    firm, other_firm = uuid4(), uuid4()
    secretary, manager = caller(Role.SECRETARY), caller(Role.MANAGER, employer=firm)
    district = caller(Role.DISTRICT, "500154")
    by_town = {Role.GROWER, Role.WORKER, Role.MANAGER}
    for role in Role:
        assert may_give(secretary, role, at=VILLAGE) is (role in by_town)
        assert not may_give(secretary, role, at=DADE)
        assert may_give(manager, role, at=VILLAGE, employer_id=firm) is (role == Role.WORKER)
        assert not may_give(manager, role, at=VILLAGE, employer_id=other_firm)
        assert not may_give(manager, role, at=VILLAGE)
        assert may_give(district, role, at=DADE) is (role != Role.DISTRICT)
        for nobody in (Role.GROWER, Role.WORKER, Role.TECHNICIAN):
            assert not may_give(caller(nobody), role, at=VILLAGE)
    assert roles_to_give(caller(Role.TECHNICIAN)) == ()


def test_a_worker_manages_no_employer():
    assert caller(Role.WORKER, employer=uuid4()).employers == frozenset()


def test_only_growers_and_workers_use_a_pin():
    assert uses_pin(["grower", "worker"])
    assert not any(uses_pin([role, "grower"]) for role in Role if role not in ("grower", "worker"))
    office = Held(Role.MANAGER, None, uuid4())
    assert effective([office], SecretKind.PIN) == ()
    assert effective([office], SecretKind.PASSWORD) == (office,)
