"""Helpers of the visits' pages: who opens them, and what is sent and kept."""

from io import BytesIO

from PIL import Image
from sqlmodel import select

from orchard import db
from orchard.accounts import services as accounts
from orchard.accounts.models import ApiToken
from orchard.accounts.rules import Role
from orchard.ids import new_id
from tests import make
from tests.client import api, client
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


def program(session, caller):
    """Return a function that calls the interface as somebody."""
    secret = accounts.new_token()
    hashed = accounts.token_hash(secret)
    session.add(ApiToken(account_id=caller.account_id, token_hash=hashed, made_at=make.NOW))
    browser = client()

    def call(method: str, path: str, body=None, **options):
        options |= {"json": body} if body is not None else {}
        return browser.open(f"/api/v1{path}", method=method, headers=api(secret), **options)

    return call
