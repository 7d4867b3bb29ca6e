"""The door: the table of permissions decides before any view runs."""

from flask import abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from orchard.web import parked
from orchard.web.permissions import ALLOWED, PHOTO_BODIES, PHOTO_BODY, PUBLIC
from orchard.web.roles import EVERYONE

MOST_FIELDS = 1000  # no form of ours has a tenth of it; multipart forms have the same limit
LONGEST_QUERY = 4096  # characters behind the question mark


def check_size() -> None:
    """Refuse more fields or a longer address than any page of ours makes."""
    if len(request.query_string) > LONGEST_QUERY:
        abort(414)
    if request.endpoint in PHOTO_BODIES:
        request.max_content_length = PHOTO_BODY
    if request.method not in ("GET", "HEAD") and len(request.form) > MOST_FIELDS:
        abort(413)


def guard() -> Response | None:
    """Stop the request unless the table names a role of the caller. Unlisted: refused.

    Not signed in: 303 to sign-in, with what was typed kept; for the JSON interface 401.
    """
    endpoint = request.endpoint
    if endpoint is None or endpoint in PUBLIC:
        return None
    if g.caller is None:
        if is_api():
            abort(401)
        parked.keep()
        return redirect(url_for("accounts.sign_in"), code=303)
    allowed = ALLOWED.get(endpoint, frozenset())
    if allowed != EVERYONE and not g.caller.roles & allowed:  # also who has lost his last role
        abort(403)
    return None


def is_api() -> bool:
    """Say whether the request is for the JSON interface."""
    return request.path.startswith("/api/")
