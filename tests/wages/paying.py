"""Helpers of the pay tests: corrections, payments and answers, as their services take them."""

from datetime import timedelta

from orchard.ids import new_id
from orchard.wages import answers, payments, reckoning
from orchard.wages.payments import Chosen, HandedOver
from orchard.wages.reckoning import Correction
from orchard.wages.rules import Proof
from tests import make
from tests.wages.earning import TODAY

NOW = make.NOW
LATER = NOW + timedelta(hours=1)
ALL = Chosen()


def correct(session, here, first, quantity_x100, *, version=1, now=LATER, **values):
    """Correct a line; return the further line and what was asked."""
    change = Correction(
        **{
            "id": new_id(),
            "quantity_x100": quantity_x100,
            "rate_fen_x100": None,
            "note": "秤错了",
            "version": version,
            **values,
        }
    )
    return reckoning.correct_line(session, here.manager, first.id, change, now=now), change


def handed(here, **values):
    """Return money as it is handed over."""
    return HandedOver(
        **{
            "id": new_id(),
            "employer_id": here.firm.id,
            "person_id": here.hire.person_id,
            "means": "cash",
            "proof": Proof.SIGNATURE,
            "paid_on": TODAY,
            **values,
        }
    )


def settle(session, here, chosen=ALL, **values):
    """Pay what is owed."""
    return payments.settle(
        session, here.manager, handed(here, **values), chosen, now=NOW, today=TODAY
    )


def advance(session, here, fen, **values):
    """Pay in advance."""
    return payments.give_advance(
        session, here.manager, handed(here, **values), fen, now=NOW, today=TODAY
    )


def say(session, who, first, state, version=0, **values):
    """Answer a line as a worker."""
    return answers.answer(session, who, first.id, answers.Said(version, state, **values), now=NOW)
