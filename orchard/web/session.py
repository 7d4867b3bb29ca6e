"""The signed cookie: it holds only secrets whose rows in the database decide, and small choices."""

from copy import deepcopy
from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer

from orchard import clock

SIGNED_IN = "s"  # secret of the session row
DEVICE = "d"  # secret of the device row
COUNTY = "c"
PARKED = "parked"  # see web/parked.py: survives signing in
COOKIE_DAYS = 400  # the longest that browsers keep one; the rows end much earlier


class Stamp(TimestampSigner):
    """Notes when a cookie was signed by the clock that everything here is reasoned by."""

    def get_timestamp(self) -> int:
        """Return this moment as Unix time."""
        return int(clock.now().timestamp())


class Doors(SecureCookieSessionInterface):
    """Flask's signed cookie, `__Host-` and Secure on https, plain on a loopback http."""

    _signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs the cookie: made once for an application, not for each request."""
        if self._signer is None and (made := super().get_signing_serializer(app)):
            made.signer = Stamp
            self._signer = made
        return self._signer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Open the cookie as Flask does; one that comes again is known letter by letter.

        What it holds is then a copy of what its signature proved; its age is told each time. One
        that a clock signed which was ahead is young: the rows say when a session ends.
        """
        signer = self.get_signing_serializer(app)
        cookie = request.cookies.get(self.get_cookie_name(app))
        if signer is None or not cookie:
            return super().open_session(app, request)
        try:
            held, signed_at = _proved(signer, cookie)
        except BadSignature:
            return self.session_class()
        age = clock.now().timestamp() - signed_at
        is_young = age <= app.permanent_session_lifetime.total_seconds()
        return self.session_class(deepcopy(held) if is_young else None)

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


@lru_cache(maxsize=1024)
def _proved(signer: URLSafeTimedSerializer, cookie: str) -> tuple[dict[str, Any], int]:
    """Return what a cookie holds and when it was signed (Unix time); BadSignature is not kept."""
    held, signed_at = signer.loads(cookie, return_timestamp=True)
    return held, int(signed_at.timestamp())


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
