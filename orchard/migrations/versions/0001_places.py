"""Places by statistical code, shared by all counties.

First tables: there are no old rows. Reversible: all rows of these tables are lost.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

revision = "0001_places"
down_revision = None


def upgrade() -> None:
    if not covers("shared"):
        return
    op.create_table(
        "place",
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "county",
                "town",
                "village",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("parent_code", sa.String(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("elevation_m", sa.Integer(), nullable=True),
        sa.Column("point_source", sa.String(400), nullable=True),
        sa.Column("point_confidence", sa.String(1), nullable=True),
        sa.ForeignKeyConstraint(["parent_code"], ["place.code"], name=op.f("fk_place_parent_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_place")),
        info={"scope": "shared"},
    )
    op.create_index(op.f("ix_place_parent_code"), "place", ["parent_code"], unique=False)


def downgrade() -> None:
    if not covers("shared"):
        return
    op.drop_index(op.f("ix_place_parent_code"), table_name="place")
    op.drop_table("place")
