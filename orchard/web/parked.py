"""What somebody typed before signing in comes back after it, in his own signed cookie.

It may not go into the database: a refused write leaves no trace there. Secrets are never kept.
"""

from urllib.parse import urlsplit

from flask import current_app, g, request, session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from orchard.web.session import PARKED as KEPT

MOST_CHARACTERS = 1200  # together with the rest the cookie stays under the 4 KB of a browser
SECRET = frozenset({"csrf_token", "secret", "password", "pin", "token", "id_number"})


def keep() -> None:
    """Remember where the caller was going, and what he had typed."""
    typed = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in SECRET and not request.files
    ]
    if sum(len(name) + len(value) for name, value in typed) > MOST_CHARACTERS:
        typed = []
    where = request.full_path.rstrip("?") if request.method == "GET" else request.path
    session[KEPT] = {"at": where[:300], "typed": typed, "whose": g.get("ended_session")}


def destination() -> str | None:
    """Return where the caller was going, if it is a page of ours that can be opened."""
    parked = session.get(KEPT)
    return inside(parked["at"]) if parked else None


def _opens(path: str) -> bool:
    """Say whether a page answers a plain GET there."""
    try:
        current_app.url_map.bind("").match(urlsplit(path).path, method="GET")
    except HTTPException:
        return False
    return True


def ended_session() -> str | None:
    """Return which ended session typed what is parked: only its owner gets it back."""
    return (session.get(KEPT) or {}).get("whose")


def forget() -> None:
    """Drop what was parked: somebody else signed in."""
    session.pop(KEPT, None)


def inside(path: str | None) -> str | None:
    """Return the path only if it stays inside this site and a page answers there."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")):
        return None
    if any(ord(char) < 32 for char in path) or "\\" in path:
        return None
    parts = urlsplit(path)
    return None if parts.scheme or parts.netloc or not _opens(path) else path


def typed() -> MultiDict[str, str] | None:
    """Return once what was typed into the form at this path before signing in."""
    parked = session.get(KEPT)
    if not parked or parked["at"] != request.path:
        return None
    session.pop(KEPT)
    return MultiDict([(name, value) for name, value in parked["typed"]]) or None
