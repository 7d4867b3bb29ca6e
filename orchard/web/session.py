"""The signed cookie: it holds only secrets whose rows in the database decide, and small choices."""

from typing import Any

from flask import Flask, Response, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer

SIGNED_IN = "s"  # secret of the session row
DEVICE = "d"  # secret of the device row
COUNTY = "c"
PARKED = "parked"  # see web/parked.py: survives signing in
COOKIE_DAYS = 400  # the longest that browsers keep one; the rows end much earlier


class Doors(SecureCookieSessionInterface):
    """Flask's signed cookie, `__Host-` and Secure on https, plain on a loopback http."""

    _signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs the cookie: made once for an application, not for each request."""
        self._signer = self._signer or super().get_signing_serializer(app)
        return self._signer

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie if anything in it changed; mark the answer as made for its reader."""
        if session.modified:
            super().save_session(app, session, response)
        elif session.accessed:
            vary = response.headers.get("Vary")
            response.headers["Vary"] = f"{vary}, Cookie" if vary else "Cookie"

    def get_cookie_name(self, app: Flask) -> str:
        """Return the name that fits the scheme."""
        return "__Host-orchard" if request.is_secure else "orchard"

    def get_cookie_secure(self, app: Flask) -> bool:
        """Say whether the cookie may travel on https only."""
        return request.is_secure


def begin(token: str) -> None:
    """Put a new session's secret into a cookie that holds nothing of the old one."""
    names = (DEVICE, COUNTY, PARKED)
    kept: dict[str, Any] = {name: session[name] for name in names if name in session}
    session.clear()
    session.update(kept)
    session.permanent = True
    session[SIGNED_IN] = token


def end() -> None:
    """Forget the session; the device stays known."""
    session.pop(SIGNED_IN, None)
    session.pop("csrf_token", None)
