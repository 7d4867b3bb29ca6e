"""Helpers of the hiring tests: what a page shows, and what is written."""

from sqlmodel import func, select

from orchard import db
from tests.page import check_page


def count(model) -> int:
    """Return how many rows are committed."""
    with db.reading() as session:
        return session.exec(select(func.count()).select_from(model)).one()


def count_in(session, model) -> int:
    """Return how many rows a service's own session sees."""
    return session.exec(select(func.count()).select_from(model)).one()


def stored(model, key):
    """Return a committed row."""
    with db.reading() as session:
        return session.get(model, key)


def shown(answer, status: int = 200) -> str:
    """Return a page's text, after a look at all its HTML."""
    assert answer.status_code == status, answer.text[-500:]
    return check_page(answer.text).text
