"""A person's own messages as JSON."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import g
from flask_openapi3 import Tag

from orchard import db
from orchard.fields import Shape
from orchard.reminders import queries
from orchard.web.interface import Interface

bp = Interface("api_reminders", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="messages")])


class MessageOut(Shape):
    """One message; the text is in the caller's language."""

    id: UUID
    date: date
    kind: str
    text: str
    made_at: datetime


class MessagesOut(Shape):
    """The caller's newest messages, newest first."""

    messages: list[MessageOut]


@bp.get("/messages", responses={200: MessagesOut})
def list() -> dict[str, Any]:
    """Return the caller's own messages."""
    with db.reading() as session:
        own = queries.messages_for(session, g.caller.person_id)
    told = [
        MessageOut(
            id=message.id,
            date=message.local_date,
            kind=message.kind,
            text=queries.text_of(message, g.locale),
            made_at=message.made_at,
        )
        for message in own
    ]
    return MessagesOut(messages=told).model_dump(mode="json")
