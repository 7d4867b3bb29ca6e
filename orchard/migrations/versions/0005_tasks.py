"""Tasks, what happened to them, and the switches of the towns.

First tables: there are no old rows. Reversible: all rows of these tables are lost.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

revision = "0005_tasks"
down_revision = "0004_weather"


def upgrade() -> None:
    if not covers("county"):
        return
    op.create_table(
        "calendar_switch",
        sa.Column("town_code", sa.String(9), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("by_account_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_account_id"], ["account.id"], name=op.f("fk_calendar_switch_by_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["town_code"], ["place.code"], name=op.f("fk_calendar_switch_town_code")
        ),
        sa.PrimaryKeyConstraint("town_code", "code", "version", name=op.f("pk_calendar_switch")),
        info={"scope": "county"},
    )
    op.create_table(
        "task",
        sa.Column("plot_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("occurrence", sa.String(36), nullable=False),
        sa.Column(
            "source",
            sa.Enum("calendar", "technician", "event", name="source", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("open", "done", "skipped", name="state", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("late_after", sa.Date(), nullable=False),
        sa.Column("window_to", sa.Date(), nullable=False),
        sa.Column("harm", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("postponed_to", sa.Date(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "rain",
                "no_hands",
                "no_money",
                "not_needed",
                "other",
                "switched_off",
                "window_over",
                "forecast_changed",
                "plan_changed",
                name="reason",
                native_enum=False,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "reason IS NULL OR reason = 'rain' OR reason IN ('no_hands', 'no_money', 'not_needed', "
            "'other', 'switched_off', 'window_over', 'forecast_changed', 'plan_changed')",
            name=op.f("ck_task_reason"),
        ),
        sa.CheckConstraint(
            "source = 'calendar' OR source IN ('technician', 'event')", name=op.f("ck_task_source")
        ),
        sa.CheckConstraint(
            "state <> 'skipped' OR reason IS NOT NULL", name=op.f("ck_task_skipped_for_reason")
        ),
        sa.CheckConstraint(
            "state = 'open' OR state IN ('done', 'skipped')", name=op.f("ck_task_state")
        ),
        sa.CheckConstraint(
            "due_on <= late_after AND late_after <= window_to", name=op.f("ck_task_days_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["account.id"], name=op.f("fk_task_changed_by_id")
        ),
        sa.ForeignKeyConstraint(["plot_id"], ["plot.id"], name=op.f("fk_task_plot_id")),
        sa.PrimaryKeyConstraint("plot_id", "code", "occurrence", name=op.f("pk_task")),
        info={"scope": "county"},
        sqlite_with_rowid=False,
    )
    op.create_table(
        "task_change",
        sa.Column("plot_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("occurrence", sa.String(36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("state_from", sa.String(20), nullable=False),
        sa.Column("state_to", sa.String(20), nullable=False),
        sa.Column("postponed_from", sa.Date(), nullable=True),
        sa.Column("postponed_to", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(20), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_task_change_by_id")),
        sa.ForeignKeyConstraint(
            ["plot_id", "code", "occurrence"],
            ["task.plot_id", "task.code", "task.occurrence"],
            name=op.f("fk_task_change_plot_id_code_occurrence"),
        ),
        sa.PrimaryKeyConstraint(
            "plot_id", "code", "occurrence", "version", name=op.f("pk_task_change")
        ),
        info={"scope": "county"},
    )


def downgrade() -> None:
    if not covers("county"):
        return
    op.drop_table("task_change")
    op.drop_table("task")
    op.drop_table("calendar_switch")
