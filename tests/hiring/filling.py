"""Helpers of the hiring tests: filled forms, and who sends them."""

from datetime import date
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from orchard import db
from orchard.accounts.models import Employer
from orchard.accounts.rules import Role
from orchard.hiring import services
from orchard.hiring.models import Roster
from orchard.hiring.rules import PayBasis, Relation
from orchard.ids import new_id
from tests import make
from tests.client import Client, client

TODAY = date(2026, 11, 23)


def text(values: dict[str, Any]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in values.items()}


def offer(**values: Any) -> dict[str, str]:
    """Return an opening's form as a browser sends it."""
    return text(
        {
            "id": new_id(),
            "work": "picking",
            "workplace_code": make.VILLAGE,
            "people": 8,
            "first_day": "2026-12-03",
            "days": 5,
            "basis": "day",
            "rate": "130",
            "note": "",
            **values,
        }
    )


def person(**values: Any) -> dict[str, str]:
    """Return the form of somebody to register."""
    return text(
        {
            "id": new_id(),
            "name": "陈素芬",
            "sex": "female",
            "born_on": "1970-03-08",
            "registered_code": make.VILLAGE,
            "phone": "",
            **values,
        }
    )


def hire(employer: Employer, person_id: UUID | str, **values: Any) -> dict[str, str]:
    """Return the form of a hire."""
    return hire_form(employer.id, person_id, **values)


def hire_form(employer_id: UUID | str, person_id: UUID | str, **values: Any) -> dict[str, str]:
    """Return the form of a hire by an employer's id."""
    return text(
        {
            "id": new_id(),
            "employer_id": employer_id,
            "person_id": person_id,
            "opening_id": "",
            "work": "picking",
            "workplace_code": make.VILLAGE,
            "registered_code": make.VILLAGE,
            "relation": "service",
            "basis": "day",
            "started_on": "2026-11-23",
            "crew_id": "",
            "terms": "",
            **values,
        }
    )


def send_hire(browser: Client, form: dict[str, str]) -> TestResponse:
    """Send the form of a hire from the page of the person whom it names."""
    return browser.post_form(
        f"/employers/{form['employer_id']}/workers/{form['person_id']}/hire", form
    )


def new_hire(employer: Employer, person_id: UUID, **values: Any) -> services.NewHire:
    """Return a hire as a service takes it."""
    return services.NewHire(
        **{
            "id": new_id(),
            "person_id": person_id,
            "employer_id": employer.id,
            "crew_id": None,
            "opening_id": None,
            "work": "picking",
            "workplace_code": make.VILLAGE,
            "registered_code": make.VILLAGE,
            "relation": Relation.SERVICE,
            "basis": PayBasis.DAY,
            "started_on": TODAY,
            **values,
        }
    )


class Firm:
    """An employer with its manager and a worker's browser, and strangers of each kind."""

    def __init__(self) -> None:
        with db.transaction() as session:
            self.employer = make.employer(session)
            self.other = make.employer(session, name="大德合作社", village_code=make.OTHER_VILLAGE)
            self.manager, manager = make.signed_in(
                session, Role.MANAGER, employer_id=self.employer.id
            )
            _, stranger = make.signed_in(session, Role.MANAGER, employer_id=self.other.id)
            self.worker, worker = make.signed_in(
                session, Role.WORKER, of=make.worker(session, phone="+8613900001234")
            )
            _, fellow = make.signed_in(session, Role.WORKER, of=make.worker(session, name="李国富"))
            self.secretary, secretary = make.signed_in(session, Role.SECRETARY)
            _, elsewhere = make.signed_in(session, Role.SECRETARY, place=make.DADE)
        app = client().application
        self.app = app
        self.boss = client(manager, app=app)
        self.stranger = client(stranger, app=app)
        self.hand = client(worker, app=app)
        self.fellow = client(fellow, app=app)
        self.town = client(secretary, app=app)
        self.elsewhere = client(elsewhere, app=app)
        self.anybody = client(app=app)


def known(session, firm, **values):
    """Make somebody who is on the roster of an employer."""
    who = make.worker(session, **values)
    session.add(Roster(employer_id=firm.id, person_id=who.id, at=make.NOW))
    session.flush()
    return who
