"""Helpers of the pay tests: a firm, people it hired, days they worked, and what is written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, SQLModel

from orchard import db
from orchard.accounts.models import Account, ApiToken, Employer, Person
from orchard.accounts.queries import caller_of_account
from orchard.accounts.rules import Caller, Role
from orchard.accounts.services import begin_session, new_token, token_hash
from orchard.attendance.models import Workday
from orchard.hiring.models import Hire
from orchard.hiring.rules import HireEventKind, PayBasis
from orchard.hiring.services import answer_hire
from orchard.ids import new_id
from orchard.wages import services
from orchard.wages.models import (
    IdClash,
    IdNumber,
    PayAnswer,
    PayLine,
    Payment,
    PaymentDeduction,
    PaymentLine,
    PaymentProof,
    Rate,
)
from orchard.wages.services import NewLine, NewRate
from tests import make
from tests.client import api

TODAY = date(2026, 11, 23)
DAY = date(2026, 11, 20)
DAY_RATE = 1_300_000  # 130 yuan
JIN_RATE = 1_500  # 0.15 yuan
SETTLED = {"way": "cash_signature", "paid_on": "2026-11-23", "until": "2026-11-23"}
NUMBER, OTHER_NUMBER = "500154198806060002", "500154197107040008"  # order code 000: nobody's
TABLES: tuple[type[SQLModel], ...] = (
    Rate,
    PayLine,
    PayAnswer,
    Payment,
    PaymentLine,
    PaymentDeduction,
    PaymentProof,
    IdNumber,
    IdClash,
)


@dataclass
class Firm:
    """A manager with his employer, a worker with an account, and what both sign in with."""

    firm: Employer
    manager: Caller
    worker: Caller
    hire: Hire
    token: str
    worker_token: str
    bearer: dict[str, str]
    worker_bearer: dict[str, str]


def firm(session: Session, *, basis: PayBasis = PayBasis.DAY, **values: Any) -> Firm:
    """Make a firm that hired one worker and pays a rate for it."""
    owner = make.employer(session, **{"verified_at": make.NOW, **values})
    scope = {"employer_id": owner.id}
    manager, token = make.signed_in(session, Role.MANAGER, **scope)
    person = make.worker(session)
    worker, worker_token = make.signed_in(session, Role.WORKER, of=person, **scope)
    hire = make.hire(session, owner, person, basis=basis)
    rate(session, manager, owner, basis=basis)
    return Firm(
        owner,
        manager,
        worker,
        hire,
        token,
        worker_token,
        bearer(session, manager),
        bearer(session, worker),
    )


def agree(session: Session, here: Firm) -> None:
    """Let the worker confirm his hire himself."""
    answer_hire(
        session, here.worker, here.hire.id, HireEventKind.CONFIRMED, version=1, now=make.NOW
    )


def bearer(session: Session, caller: Caller) -> dict[str, str]:
    """Return the header with which a program speaks for somebody."""
    secret = new_token()
    session.add(
        ApiToken(account_id=caller.account_id, token_hash=token_hash(secret), made_at=make.NOW)
    )
    session.flush()
    return api(secret)


def rate(session: Session, manager: Caller, owner: Employer, **values: Any) -> Rate:
    """Say what the firm pays."""
    basis = values.get("basis", PayBasis.DAY)
    new = NewRate(
        **{
            "id": new_id(),
            "employer_id": owner.id,
            "work": "picking",
            "basis": basis,
            "rate_fen_x100": DAY_RATE if basis == PayBasis.DAY else JIN_RATE,
            "from_on": date(2026, 1, 1),
            **values,
        }
    )
    return services.add_rate(session, manager, new, now=make.NOW)


def works(session: Session, hire: Hire, day: date = DAY, half_days: int = 2) -> None:
    """Tick a day of a hire, as the sheet would."""
    session.add(Workday(hire_id=hire.id, day=day, half_days=half_days, written_at=make.NOW))
    session.flush()


def line(
    session: Session, here: Firm, day: date = DAY, quantity_x100: int | None = None, **values: Any
) -> PayLine:
    """Write the line of a day that was worked."""
    new = NewLine(**{"id": new_id(), "hire_id": here.hire.id, "worked_on": day, **values})
    if quantity_x100 is not None:
        new = NewLine(new.id, new.hire_id, day, quantity_x100, new.note)
    return services.write_lines(session, here.manager, [new], now=make.NOW)[0]


def worked_line(session: Session, here: Firm, day: date = DAY, **values: Any) -> PayLine:
    """Tick a day and write its line."""
    works(session, here.hire, day)
    return line(session, here, day, **values)


def another(session: Session, role: Role, **values: Any) -> tuple[Caller, str]:
    """Make somebody else who is signed in."""
    return make.signed_in(session, role, **values)


def session_of(session: Session, person: Person, role: Role, **values: Any) -> tuple[Caller, str]:
    """Make an account of somebody with a running session."""
    account: Account = make.account(session, role, of=person, **values)
    who = caller_of_account(session, account.id)
    assert who is not None
    return who, begin_session(session, account, now=make.NOW)


def rows(*models: type[SQLModel]) -> dict[str, list[Any]]:
    """Return everything that is committed about money, to prove that nothing was changed."""
    with db.reading() as session:
        return {
            model.__name__: sorted(
                repr(tuple(row)) for row in session.execute(db.table_of(model).select())
            )
            for model in models or TABLES
        }


def made(**values: Any) -> Firm:
    """Make a firm and commit it."""
    with db.transaction() as session:
        return firm(session, **values)


def wrote(write: Callable[..., Any], *values: Any, **named: Any) -> Any:
    """Do one thing in a transaction of its own and return what it returns."""
    with db.transaction() as session:
        return write(session, *values, **named)


def settle_form(here: Firm, **values: Any) -> dict[str, Any]:
    """Return the form in which somebody is paid."""
    return {"id": str(new_id()), "employer_id": str(here.firm.id), **SETTLED, **values}
