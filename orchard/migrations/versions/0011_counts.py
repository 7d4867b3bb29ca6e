"""What is kept of the counts, by hire and by scope, and what waits for a look.

First tables: there are no old rows. Reversible: all rows of these tables are lost.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

revision = "0011_counts"
down_revision = "0010_wages"


def upgrade() -> None:
    if not covers("county"):
        return
    op.create_table(
        "period_count",
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("person_workplaces", sa.Integer(), nullable=False),
        sa.Column("hires", sa.Integer(), nullable=False),
        sa.Column("half_days", sa.Integer(), nullable=False),
        sa.Column("wages_fen", sa.BigInteger(), nullable=False),
        sa.Column("lifted_out_persons", sa.Integer(), nullable=False),
        sa.Column("lifted_out_person_workplaces", sa.Integer(), nullable=False),
        sa.Column("local_village", sa.Integer(), nullable=False),
        sa.Column("local_town", sa.Integer(), nullable=False),
        sa.Column("local_district", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "period", "place_code", "kind", "employer_id", name=op.f("pk_period_count")
        ),
        info={"scope": "county"},
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review_count",
        sa.Column("town_code", sa.String(9), nullable=False),
        sa.Column(
            "item",
            sa.Enum(
                "over_full",
                "doubles",
                "id_clash",
                "missing_id",
                "unknown_home",
                "unverified",
                name="review",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("waiting >= 0", name=op.f("ck_review_count_waiting_not_negative")),
        sa.PrimaryKeyConstraint("town_code", "item", name=op.f("pk_review_count")),
        info={"scope": "county"},
        sqlite_with_rowid=False,
    )
    op.create_table(
        "period_hire",
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("hire_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("workplace_code", sa.String(12), nullable=False),
        sa.Column("half_days", sa.Integer(), nullable=False),
        sa.Column("wages_fen", sa.BigInteger(), nullable=False),
        sa.Column("is_lifted_out", sa.Boolean(), nullable=False),
        sa.Column("local_level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hire_id"], ["hire.id"], name=op.f("fk_period_hire_hire_id")),
        sa.PrimaryKeyConstraint("period", "hire_id", name=op.f("pk_period_hire")),
        info={"scope": "county"},
        sqlite_with_rowid=False,
    )
    op.create_index("ix_period_hire_person", "period_hire", ["period", "person_id"], unique=False)
    op.create_index(
        "ix_period_hire_place",
        "period_hire",
        ["period", "workplace_code", "person_id"],
        unique=False,
    )


def downgrade() -> None:
    if not covers("county"):
        return
    op.drop_index("ix_period_hire_place", table_name="period_hire")
    op.drop_index("ix_period_hire_person", table_name="period_hire")
    op.drop_table("period_hire")
    op.drop_table("review_count")
    op.drop_table("period_count")
