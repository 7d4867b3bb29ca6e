"""The ways a message leaves the house; each is keyed by the message's id.

A channel raises GatewayDown when trying again may help, and Unsendable when it never will.
The page needs no sending: its messages are there as soon as they are written.
"""

import json
from collections.abc import Callable

from orchard import logs
from orchard.errors import OrchardError
from orchard.reminders.rules import Channel
from orchard.reminders.services import Parcel

log = logs.get("messages")


class GatewayDown(OrchardError):
    """The channel did not take the message now."""

    code = "reminders.gateway_down"


class Unsendable(OrchardError):
    """The channel will never take this message."""

    code = "reminders.unsendable"


def to_page(parcel: Parcel) -> None:
    """Do nothing: the page reads the same row."""


def to_log(parcel: Parcel) -> None:
    """Write one line with kind and counts, without a name, a phone or a place."""
    try:
        params = json.loads(parcel.params)
        counts = {name: params[name] for name in ("n", "missed", "level") if name in params}
    except (ValueError, TypeError) as error:
        raise Unsendable from error
    log.info("message", id=str(parcel.id), kind=parcel.kind.value, **counts)


CHANNELS: dict[Channel, Callable[[Parcel], None]] = {Channel.PAGE: to_page, Channel.LOG: to_log}


def send(parcel: Parcel) -> None:
    """Hand a message to its channel; never called inside a transaction."""
    CHANNELS[parcel.channel](parcel)
