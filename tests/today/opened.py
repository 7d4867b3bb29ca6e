"""The morning page as a phone gets it."""

from tests.client import client
from tests.page import check_page


def today(token: str, **headers: str) -> str:
    """Open the page of a session; it is whole and in Chinese."""
    answer = client(token).get("/today", headers=headers)
    assert answer.status_code == 200
    check_page(answer.text)
    return answer.text
