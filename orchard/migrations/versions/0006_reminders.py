"""What fell due for whom, and the messages that are owed.

First tables: there are no old rows. Reversible: all rows of these tables are lost.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

revision = "0006_reminders"
down_revision = "0005_tasks"


def upgrade() -> None:
    if not covers("county"):
        return
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "morning",
                "frost_1",
                "frost_2",
                "frost_3",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "page", "log", name="channel", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("params", sa.String(400), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "owed",
                "sent",
                "failed",
                "expired",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("useful_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_message_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "person_id",
            "local_date",
            "kind",
            "channel",
            name=op.f("uq_message_person_id_local_date_kind_channel"),
        ),
        info={"scope": "county"},
    )
    op.create_index(
        "ix_message_expired",
        "message",
        ["local_date"],
        unique=False,
        sqlite_where=sa.text("status = 'expired'"),
        postgresql_where=sa.text("status = 'expired'"),
    )
    op.create_index(
        "ix_message_failed",
        "message",
        ["local_date"],
        unique=False,
        sqlite_where=sa.text("status = 'failed'"),
        postgresql_where=sa.text("status = 'failed'"),
    )
    op.create_index(
        "ix_message_frost",
        "message",
        ["local_date"],
        unique=False,
        sqlite_where=sa.text("kind <> 'morning'"),
        postgresql_where=sa.text("kind <> 'morning'"),
    )
    op.create_index(
        "ix_message_owed",
        "message",
        ["useful_until"],
        unique=False,
        sqlite_where=sa.text("status = 'owed'"),
        postgresql_where=sa.text("status = 'owed'"),
    )
    op.create_table(
        "reminder_due",
        sa.Column("plot_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("occurrence", sa.String(36), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reminder_due_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["plot_id", "code", "occurrence"],
            ["task.plot_id", "task.code", "task.occurrence"],
            name=op.f("fk_reminder_due_plot_id_code_occurrence"),
        ),
        sa.PrimaryKeyConstraint(
            "plot_id", "code", "occurrence", "due_on", "person_id", name=op.f("pk_reminder_due")
        ),
        info={"scope": "county"},
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_reminder_due_untold",
        "reminder_due",
        ["person_id", "due_on"],
        unique=False,
        sqlite_where=sa.text("told_on IS NULL"),
        postgresql_where=sa.text("told_on IS NULL"),
    )


def downgrade() -> None:
    if not covers("county"):
        return
    op.drop_index(
        "ix_reminder_due_untold",
        table_name="reminder_due",
        sqlite_where=sa.text("told_on IS NULL"),
        postgresql_where=sa.text("told_on IS NULL"),
    )
    op.drop_table("reminder_due")
    op.drop_index(
        "ix_message_owed",
        table_name="message",
        sqlite_where=sa.text("status = 'owed'"),
        postgresql_where=sa.text("status = 'owed'"),
    )
    op.drop_index(
        "ix_message_frost",
        table_name="message",
        sqlite_where=sa.text("kind <> 'morning'"),
        postgresql_where=sa.text("kind <> 'morning'"),
    )
    op.drop_index(
        "ix_message_failed",
        table_name="message",
        sqlite_where=sa.text("status = 'failed'"),
        postgresql_where=sa.text("status = 'failed'"),
    )
    op.drop_index(
        "ix_message_expired",
        table_name="message",
        sqlite_where=sa.text("status = 'expired'"),
        postgresql_where=sa.text("status = 'expired'"),
    )
    op.drop_table("message")
