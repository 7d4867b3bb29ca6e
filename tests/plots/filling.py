"""Helpers of the plot tests: a filled form and who sends it."""

from datetime import date

from orchard.accounts.rules import Caller
from orchard.ids import new_id
from orchard.plots import services
from orchard.plots.models import Plot
from tests import make

TODAY = date(2026, 11, 23)


def form(**values: object) -> dict[str, str]:
    """Return a new plot's form as a browser sends it."""
    filled = {
        "id": new_id(),
        "name": "桥头那块",
        "village_code": make.VILLAGE,
        "area_mu": "6.5",
        "variety": "chunjin",
        **values,
    }
    return {name: str(value) for name, value in filled.items()}


def facts(**values) -> services.Facts:
    """Return facts of a plot as a form gives them."""
    return services.Facts(
        **{
            "name": "桥头那块",
            "village_code": make.VILLAGE,
            "area_mu_x100": 650,
            "variety": "chunjin",
            **values,
        }
    )


def register(session, caller: Caller, *, id=None, employer_id=None, **values) -> Plot:
    """Register a plot as the form would."""
    return services.register_plot(
        session,
        caller,
        facts(**values),
        id=id or new_id(),
        employer_id=employer_id,
        now=make.NOW,
        today=TODAY,
    )
