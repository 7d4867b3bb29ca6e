"""How the periods filled day by day.

The course is counted every night: until the first one, nothing is compared by day. Reversible:
the courses are lost.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

revision = "0014_course"
down_revision = "0013_not_received"


def upgrade() -> None:
    if not covers("county"):
        return
    op.create_table(
        "period_course",
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("place_code", sa.String(9), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("period", "place_code", "day", name=op.f("pk_period_course")),
        info={"scope": "county"},
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    if not covers("county"):
        return
    op.drop_table("period_course")
