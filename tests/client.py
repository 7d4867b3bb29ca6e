"""A browser without a screen: keeps the cookie, finds the form's token by itself."""

from functools import cache
from secrets import token_hex
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from orchard import settings
from orchard.app import create_app
from orchard.web.session import DEVICE, SIGNED_IN


class Client(FlaskClient):
    """Flask's client with forms that carry their token."""

    def post_form(self, path: str, data: dict[str, Any] | None = None) -> TestResponse:
        """Send a form as a browser would, with the token of this session."""
        return self.post(path, data={"csrf_token": self.csrf(), **(data or {})})

    def csrf(self) -> str:
        """Return a valid token for this client's session, signed as flask_wtf signs it."""
        with self.session_transaction() as kept:
            secret = kept.setdefault("csrf_token", token_hex(20))
        signer = URLSafeTimedSerializer(str(self.application.secret_key), salt="wtf-csrf-token")
        return str(signer.dumps(secret))


def client(
    token: str | None = None, *, device: str | None = None, app: Flask | None = None
) -> Client:
    """Return a client, signed in when a session's secret is given."""
    chosen = settings.get()
    application = app or _shared(chosen.key("secret_key"), tuple(chosen.trusted_hosts))
    application.test_client_class = Client
    made: Client = application.test_client()  # type: ignore[assignment]
    with made.session_transaction() as kept:
        kept.permanent = True
        if token:
            kept[SIGNED_IN] = token
        if device:
            kept[DEVICE] = device
    return made


@cache
def _shared(_key: str, _hosts: tuple[str, ...]) -> Flask:
    """Return the application of all tests under such settings: a new one takes 80 pages' time.

    Who changes an application makes one of his own.
    """
    return create_app()


def api(secret: str, *, county: str = "500154") -> dict[str, str]:
    """Return the header that a program signs in with."""
    return {"Authorization": f"Bearer {county}.{secret}"}
