"""Helpers of the door tests: somebody with a secret, a device that was let in, a clock to turn."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from orchard import clock, db
from orchard.accounts import doors, services
from orchard.accounts.models import Account
from orchard.accounts.rules import Role, SecretKind
from tests import make
from tests.client import Client, client

PIN, PASSWORD = "193746", "spring orange on a wet hill"


def with_secret(role: Role = Role.GROWER, *, pin: str = PIN, **values) -> tuple[Account, str]:
    """Make an account that has its secret; growers and workers also a device let in."""
    is_pin = role in (Role.GROWER, Role.WORKER)
    hashed = doors.hash_secret(pin if is_pin else PASSWORD)
    device = services.new_token()
    with db.transaction() as session:
        made = make.account(session, role, **values)
        if is_pin:
            card = services.make_card(session, made, now=make.NOW)
            services.let_in(session, card, device, now=make.NOW)
        kind = SecretKind.PIN if is_pin else SecretKind.PASSWORD
        doors.set_secret(session, made, hashed, kind, now=make.NOW, but=None)
    return made, device


def try_in(browser: Client, phone: str, secret: str, *, address: str = "10.1.1.1"):
    """Send the sign-in form from an address."""
    return browser.post(
        "/sign-in",
        data={"csrf_token": browser.csrf(), "phone": phone, "secret": secret},
        environ_base={"REMOTE_ADDR": address},
    )


def is_in(browser: Client) -> bool:
    """Say whether this browser is signed in."""
    return browser.get("/account").status_code == 200


@contextmanager
def later(**span: float) -> Iterator[None]:
    """Stand some time after the start of the test."""
    with clock.frozen_at(make.NOW + timedelta(**span)):
        yield


def signed_in_browser(role: Role = Role.GROWER) -> tuple[Client, Account]:
    """Return a browser that signed in through the form."""
    account, device = with_secret(role)
    browser = client(device=device)
    answer = try_in(browser, account.phone, PIN if role in (Role.GROWER, Role.WORKER) else PASSWORD)
    assert answer.status_code == 303
    return browser, account
