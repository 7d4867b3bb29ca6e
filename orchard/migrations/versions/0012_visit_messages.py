"""Messages about the day of a visit: a kind of their own, and several on one date.

Old rows keep their words and are about nothing in particular. Reversible: the messages about
visits are lost.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

revision = "0012_visit_messages"
down_revision = "0011_counts"

OLD_KINDS = ("morning", "frost_1", "frost_2", "frost_3")
NEW_KINDS = (*OLD_KINDS, "visit")
OLD_KEY = ["person_id", "local_date", "kind", "channel"]
NEW_KEY = ["person_id", "local_date", "kind", "about", "channel"]
PARTS = {
    "owed": ("useful_until", "status = 'owed'"),
    "failed": ("local_date", "status = 'failed'"),
    "expired": ("local_date", "status = 'expired'"),
    "frost": ("local_date", "kind <> 'morning'"),
}


def upgrade() -> None:
    if not covers("county"):
        return
    with op.batch_alter_table("message", copy_from=_table(OLD_KINDS, OLD_KEY)) as batch:
        batch.add_column(_about())
        batch.alter_column("kind", type_=_kind(NEW_KINDS), existing_type=_kind(OLD_KINDS))
        batch.drop_constraint(_name(OLD_KEY), type_="unique")
        batch.create_unique_constraint(_name(NEW_KEY), NEW_KEY)


def downgrade() -> None:
    if not covers("county"):
        return
    op.execute("DELETE FROM message WHERE kind = 'visit'")
    with op.batch_alter_table("message", copy_from=_table(NEW_KINDS, NEW_KEY)) as batch:
        batch.drop_constraint(_name(NEW_KEY), type_="unique")
        batch.create_unique_constraint(_name(OLD_KEY), OLD_KEY)
        batch.alter_column("kind", type_=_kind(OLD_KINDS), existing_type=_kind(NEW_KINDS))
        batch.drop_column("about")


def _name(key: list[str]) -> str:
    return op.f(f"uq_message_{'_'.join(key)}")


def _kind(values: tuple[str, ...]) -> sa.Enum:
    return _enum("kind", *values)


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def _about() -> sa.Column[str]:
    return sa.Column("about", sa.String(40), server_default="", nullable=False)


def _table(kinds: tuple[str, ...], key: list[str]) -> sa.Table:
    """Return the table as it stands before: SQLite makes it anew from this."""
    moment = sa.DateTime(timezone=True)
    names = {"ck": "ck_%(table_name)s_%(constraint_name)s"}
    return sa.Table(
        "message",
        sa.MetaData(naming_convention=names),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("kind", _kind(kinds), nullable=False),
        *([_about()] if "about" in key else []),
        sa.Column("channel", _enum("channel", "page", "log"), nullable=False),
        sa.Column("params", sa.String(400), nullable=False),
        sa.Column("status", _enum("status", "owed", "sent", "failed", "expired"), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("useful_until", moment, nullable=False),
        sa.Column("claimed_at", moment, nullable=True),
        sa.Column("sent_at", moment, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_message_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint(*key, name=_name(key)),
        *[
            sa.Index(f"ix_message_{part}", column, sqlite_where=sa.text(where))
            for part, (column, where) in PARTS.items()
        ],
    )
