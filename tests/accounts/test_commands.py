"""`orchard account add`, `orchard token`, and the nightly purge."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select as columns
from sqlmodel import func, select

from jobs.accounts import purge
from orchard import clock, db, ledger
from orchard.accounts.doors import is_let_in_by
from orchard.accounts.models import Account, Grant, Invitation, SignInAttempt, SignInSession
from orchard.accounts.rules import Role
from orchard.accounts.services import let_in, make_card
from orchard.cli import main
from tests import make
from tests.accounts.arriving import PASSWORD, is_in
from tests.client import client

pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


def run(*arguments: str):
    return CliRunner().invoke(main, list(arguments))


def test_the_first_account_signs_in_by_the_printed_link():
    done = run(
        "account",
        "add",
        "--name",
        "陈主任",
        "--phone",
        "138 0000 1234",
        "--role",
        "secretary",
        "--place",
        make.ZHUXI,
    )
    assert done.exit_code == 0, done.output
    path = done.output.strip().removeprefix("http://127.0.0.1:8000")
    browser = client()
    assert browser.post_form(path).location == "/in"
    assert browser.post_form("/in", {"secret": PASSWORD}).status_code == 303
    assert is_in(browser)
    assert browser.get("/people").status_code == 200


def test_a_second_role_is_added_to_the_same_account():
    for role, place in (
        ("grower", make.VILLAGE),
        ("technician", make.ZHUXI),
        ("grower", make.VILLAGE),
    ):
        assert (
            run(
                "account",
                "add",
                "--name",
                "陈",
                "--phone",
                "13800001234",
                "--role",
                role,
                "--place",
                place,
            ).exit_code
            == 0
        )
    with db.reading() as session:
        assert session.exec(select(func.count()).select_from(Account)).one() == 1
        assert session.exec(select(func.count()).select_from(Grant)).one() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"--phone": "12"},
        {"--name": "\x07"},
        {"--place": "500199"},
        {"--role": "manager"},
        {"--employer": "01a20e33-2d48-76fc-a14f-9a069441fc71"},
    ],
)
def test_a_wrong_option_is_one_clear_line_and_writes_nothing(wrong):
    chosen = {"--name": "陈", "--phone": "13800001234", "--role": "grower", **wrong}
    done = run("account", "add", *(part for pair in chosen.items() for part in pair))
    assert done.exit_code != 0
    assert len(done.output.strip().splitlines()) == 1
    with db.reading() as session:
        assert session.exec(select(func.count()).select_from(Account)).one() == 0


def test_a_token_opens_the_interface_with_the_rights_of_the_account():
    with db.transaction() as session:
        make.account(session, number="+8613800001234")
    printed = run("token", "13800001234").output.strip()
    head = {"Authorization": f"Bearer {printed}"}
    assert client().get("/api/v1/me", headers=head).json["roles"][0]["role"] == "grower"
    assert client().get("/api/v1/people", headers=head).status_code == 403
    assert run("token", "13800009999").exit_code != 0


def test_old_tries_sessions_and_cards_go_and_young_ones_stay():
    with db.transaction() as session:
        account = make.account(session)
        for days in (1, 29, 31, 400):
            then = make.NOW - timedelta(days=days)
            session.add(SignInAttempt(phone_hash="p", address_hash="a", tried_at=then))
            session.add(_ended(account, then, days))
            make_card(session, account, now=then - timedelta(days=7))
    with db.transaction() as session:
        for card in session.exec(select(Invitation)):
            card.expires_at = card.made_at + timedelta(days=7)
            session.add(card)
        ledger.claim(session, "doors", make.NOW - timedelta(hours=20), by="x", now=make.NOW)
    counts = _run_purge()
    assert counts == {"tries": 2, "sessions": 2, "cards": 2}
    with db.reading() as session:
        for model in (SignInAttempt, SignInSession, Invitation):
            assert session.exec(select(func.count()).select_from(model)).one() == 2


def test_the_card_an_account_came_in_by_last_stays():
    with db.transaction() as session:
        firm = make.employer(session)
        manager = make.account(session, Role.MANAGER, employer_id=firm.id)
        worker = make.account(session, Role.WORKER, number=make.phone(7007))
        for days in (90, 80):  # both used, long ago
            then = make.NOW - timedelta(days=days)
            let_in(session, make_card(session, worker, now=then, by=manager.id), "d", now=then)
        make_card(session, worker, now=make.NOW - timedelta(days=70), by=manager.id)
        ledger.claim(session, "doors", make.NOW - timedelta(hours=20), by="x", now=make.NOW)
    assert _run_purge()["cards"] == 2
    with db.reading() as session:
        left = session.exec(select(Invitation)).one()
        assert left.used_at == make.NOW - timedelta(days=80)
        assert session.scalar(columns(is_let_in_by(worker.id, firm.id)))


def _ended(account, then, days) -> SignInSession:
    return SignInSession(
        account_id=account.id,
        token_hash=f"t{days}",
        begun_at=then,
        seen_at=then,
        proved_at=then,
        ended_at=then,
    )


def _run_purge() -> dict[str, int]:
    with db.transaction() as session:
        row = session.exec(select(ledger.JobRun)).one()
        row.state = ledger.RunState.DONE
        session.add(row)
    with db.transaction() as session:
        run = ledger.claim(session, "doors", make.NOW, by="y", now=make.NOW)
    return purge(run)


def test_a_clock_that_jumped_purges_nothing():
    with db.transaction() as session:
        account = make.account(session)
        then = make.NOW - timedelta(days=400)
        session.add(_ended(account, then, 400))
        run = ledger.claim(session, "doors", make.NOW, by="y", now=make.NOW)
    assert purge(run)["clock_doubted"] == 1
    with db.reading() as session:
        assert session.exec(select(func.count()).select_from(SignInSession)).one() == 1
