"""A worker may object to a day shown as paid: he did not get the money.

Reversible: such an objection becomes one for another reason, its words stay.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

revision = "0013_not_received"
down_revision = "0012_visit_messages"

OLD = ("quantity", "rate", "day", "not_me", "other")
NEW = (*OLD[:4], "not_received", "other")


def upgrade() -> None:
    if covers("county"):
        _change(OLD, NEW)


def downgrade() -> None:
    if not covers("county"):
        return
    op.execute("UPDATE pay_answer SET reason = 'other' WHERE reason = 'not_received'")
    _change(NEW, OLD)


def _change(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    with op.batch_alter_table("pay_answer", copy_from=_table(before)) as batch:
        batch.alter_column("reason", type_=_reason(after), existing_type=_reason(before))


def _reason(values: tuple[str, ...]) -> sa.Enum:
    return _enum("objection", *values)


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def _table(reasons: tuple[str, ...]) -> sa.Table:
    """Return the table as it stands before: SQLite makes it anew from this."""
    names = {"ck": "ck_%(table_name)s_%(constraint_name)s"}
    state = _enum("answer_state", "confirmed", "objected", "answered")
    return sa.Table(
        "pay_answer",
        sa.MetaData(naming_convention=names),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("reason", _reason(reasons), nullable=True),
        sa.Column("claimed_x100", sa.Integer(), nullable=True),
        sa.Column("correction_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'objected') = (reason IS NOT NULL)", name="objected_for_reason"
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name="fk_pay_answer_by_id"),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["pay_line.id"], name="fk_pay_answer_correction_id"
        ),
        sa.ForeignKeyConstraint(["line_id"], ["pay_line.id"], name="fk_pay_answer_line_id"),
        sa.PrimaryKeyConstraint("line_id", "version", name="pk_pay_answer"),
        sa.Index("ix_pay_answer_objected", "line_id", sqlite_where=sa.text("state = 'objected'")),
    )
