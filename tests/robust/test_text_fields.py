"""Every text field of every form takes every bad string: kept as it is, or refused beside it."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from orchard import clock
from orchard.accounts import doors
from tests import make
from tests.access.state import Watch
from tests.robust import corpus
from tests.robust.cast import fill
from tests.robust.forms import CHOSEN, TYPED, Form, clients, every_form
from tests.robust.typist import LEAVES_TRIES, Typist, judge

HARD = 2  # of all strings, besides those that no sample may leave out
EVERY = int(os.environ.get("ORCHARD_CAMPAIGN_EVERY", "1"))  # n-th string in a campaign
THIN = 16  # of the strings this part in a short run


@pytest.fixture(autouse=True)
def morning(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the clock stand, and a secret cost nothing to check: thousands are tried."""
    monkeypatch.setattr(doors, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    doors._nobodys.cache_clear()
    with clock.frozen_at(make.NOW):
        yield
    doors._nobodys.cache_clear()


def typists() -> Iterator[Typist]:
    """Yield one typist for each form, whoever can reach it."""
    browsers = clients(fill())
    by_endpoint: dict[str, Form] = {}
    for (endpoint, _), form in every_form(browsers).items():
        by_endpoint.setdefault(endpoint, form)
    for form in by_endpoint.values():
        yield Typist(browsers[form.role], form)


def hard() -> list[str]:
    """Return the strings that three neighbouring fields share also in a short run."""
    all_of_them = corpus.strings()
    return [*all_of_them[:: len(all_of_them) // HARD], *all_of_them[-6:]]


def share(field: int, fields: int) -> Sequence[str]:
    """Return a field's share of a short run; a NUL, which PostgreSQL stores nowhere, is in each."""
    nul = next(text for text in corpus.strings() if "\x00" in text)
    return [nul, *hard()[field % 3 :: 3], *corpus.strings()[field :: fields * THIN]]


def run(kinds: frozenset[str], choose: Callable[[int, int], Sequence[str]]) -> Counter[str]:
    """Type into every field of some kinds; count what became of the strings."""
    todo = [(typist, name) for typist in typists() for name in typist.form.names(kinds)]
    watch, outcomes = Watch(), Counter[str]()
    for index, (typist, name) in enumerate(todo):
        tries = typist.form.endpoint in LEAVES_TRIES
        for text in choose(index, len(todo)):
            watch.changed()
            answer = typist.type(name, text)
            try:
                wrote = watch.changed() and not tries
                outcome = judge(typist, name, text, answer, wrote)
            except AssertionError as error:
                where = f"{typist.form.endpoint} {name} {text[:80]!r}: {answer.status_code}"
                raise AssertionError(where) from error
            outcomes[outcome] += 1
    outcomes["fields"] = len(todo)
    return outcomes


def test_every_text_field_takes_bad_strings(
    sqlite_database: Path, say: Callable[[str], None]
) -> None:
    outcomes = run(TYPED, share)
    say(f"text fields: {dict(outcomes)}")
    assert outcomes["fields"] >= 20


@pytest.mark.campaign
def test_every_field_takes_the_hardest_strings_on_both_databases(
    database: str, say: Callable[[str], None]
) -> None:
    hardest = [text for text in corpus.strings() if "\x00" in text][:2] + hard()[-4:]
    outcomes = run(TYPED | CHOSEN, lambda _field, _fields: hardest)
    say(f"{database}: every field: {dict(outcomes)}")


@pytest.mark.campaign
def test_every_text_field_takes_all_of_them(
    sqlite_database: Path, say: Callable[[str], None]
) -> None:
    outcomes = run(TYPED, lambda _field, _fields: corpus.strings()[::EVERY])
    say(f"text fields, every string in every field: {dict(outcomes)}")
