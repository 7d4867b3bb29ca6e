"""Helpers of the visits' pages: who opens them, and what is sent and kept."""

from io import BytesIO

from PIL import Image
from sqlmodel import select

from orchard import db
from orchard.accounts.rules import Role
from orchard.ids import new_id
from tests import make
from tests.client import client
from tests.page import check_page


def browser(role: Role = Role.GROWER, **values):
    """Return the browser of somebody of a role."""
    with db.transaction() as session:
        return client(make.signed_in(session, role, **values)[1])


def check(answer) -> None:
    """Look at all the HTML of an answer."""
    check_page(answer.text)


def jpeg(edge: int = 40) -> bytes:
    """Return a photo in one colour."""
    data = BytesIO()
    Image.new("RGB", (edge, edge), "green").save(data, "JPEG")
    return data.getvalue()


def form(plot, **values):
    """Return the form in which a visit is asked for."""
    told = {"id": new_id(), "photo_id": new_id(), "plot_id": plot.id, "problem": "insects"}
    return {name: str(value) for name, value in (told | values).items()}


def one(model, **where):
    """Return the one committed row of a table that answers, or None."""
    with db.reading() as session:
        statement = select(model)
        for name, value in where.items():
            statement = statement.where(getattr(model, name) == value)
        return session.exec(statement).one_or_none()
