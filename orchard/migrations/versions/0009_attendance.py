"""Sheets, work days, their corrections, and days too hot to work.

First tables: there are no old rows. Reversible: all rows of these tables are lost.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

revision = "0009_attendance"
down_revision = "0008_hiring"


def upgrade() -> None:
    if not covers("county"):
        return
    op.create_table(
        "heat_day",
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "rule",
            sa.Enum(
                "stop",
                "six_hours",
                "shorten",
                name="heat_rule",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("high_c", sa.Float(), nullable=False),
        sa.Column("overruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overruled_by_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_heat_day_employer_id")
        ),
        sa.ForeignKeyConstraint(
            ["overruled_by_id"], ["account.id"], name=op.f("fk_heat_day_overruled_by_id")
        ),
        sa.PrimaryKeyConstraint("employer_id", "day", name=op.f("pk_heat_day")),
        info={"scope": "county"},
    )
    op.create_table(
        "sheet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("crew_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"], name=op.f("fk_sheet_crew_id")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_sheet_employer_id")
        ),
        sa.ForeignKeyConstraint(["saved_by_id"], ["account.id"], name=op.f("fk_sheet_saved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet")),
        sa.UniqueConstraint("crew_id", "day", name=op.f("uq_sheet_crew_id_day")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_sheet_employer_id"), "sheet", ["employer_id"], unique=False)
    op.create_table(
        "workday",
        sa.Column("hire_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("half_days", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("half_days >= 0 AND half_days <= 2", name=op.f("ck_workday_half_days")),
        sa.ForeignKeyConstraint(["hire_id"], ["hire.id"], name=op.f("fk_workday_hire_id")),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["account.id"], name=op.f("fk_workday_written_by_id")
        ),
        sa.PrimaryKeyConstraint("hire_id", "day", name=op.f("pk_workday")),
        info={"scope": "county"},
        sqlite_with_rowid=False,
    )
    op.create_table(
        "workday_change",
        sa.Column("hire_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("half_days_before", sa.Integer(), nullable=False),
        sa.Column("half_days_after", sa.Integer(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "NOT is_late OR reason <> ''", name=op.f("ck_workday_change_late_for_reason")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_workday_change_by_id")),
        sa.ForeignKeyConstraint(
            ["hire_id", "day"],
            ["workday.hire_id", "workday.day"],
            name=op.f("fk_workday_change_hire_id_day"),
        ),
        sa.PrimaryKeyConstraint("hire_id", "day", "version", name=op.f("pk_workday_change")),
        info={"scope": "county"},
    )


def downgrade() -> None:
    if not covers("county"):
        return
    op.drop_table("workday_change")
    op.drop_table("workday")
    op.drop_index(op.f("ix_sheet_employer_id"), table_name="sheet")
    op.drop_table("sheet")
    op.drop_table("heat_day")
