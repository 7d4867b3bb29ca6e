"""One more thing that waits for a look: workshops at work without recognition.

Reversible: the numbers of workshops that wait are lost, until they are counted again.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

revision = "0015_unrecognised"
down_revision = "0014_course"

OLD_ITEMS = ("over_full", "doubles", "id_clash", "missing_id", "unknown_home", "unverified")
NEW_ITEMS = (*OLD_ITEMS, "unrecognised")


def upgrade() -> None:
    if not covers("county"):
        return
    _change(OLD_ITEMS, NEW_ITEMS)


def downgrade() -> None:
    if not covers("county"):
        return
    op.execute("DELETE FROM review_count WHERE item = 'unrecognised'")
    _change(NEW_ITEMS, OLD_ITEMS)


def _change(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    with op.batch_alter_table("review_count", copy_from=_table(before)) as batch:
        batch.alter_column("item", type_=_item(after), existing_type=_item(before))


def _item(values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name="review", native_enum=False, create_constraint=True, length=20)


def _table(items: tuple[str, ...]) -> sa.Table:
    """Return the table as it stands before: SQLite makes it anew from this."""
    return sa.Table(
        "review_count",
        sa.MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"}),
        sa.Column("town_code", sa.String(9), nullable=False),
        sa.Column("item", _item(items), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("waiting >= 0", name="waiting_not_negative"),
        sa.PrimaryKeyConstraint("town_code", "item", name="pk_review_count"),
        sqlite_with_rowid=False,
    )
