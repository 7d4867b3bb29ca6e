"""Plots and the history of their corrections.

First tables: there are no old rows. Reversible: all rows of these tables are lost.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

revision = "0003_plots"
down_revision = "0002_people"


def upgrade() -> None:
    if not covers("county"):
        return
    op.create_table(
        "plot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("grower_id", sa.Uuid(), nullable=True),
        sa.Column("employer_id", sa.Uuid(), nullable=True),
        sa.Column("village_code", sa.String(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("area_mu_x100", sa.Integer(), nullable=False),
        sa.Column("variety", sa.String(20), nullable=False),
        sa.Column("planted_year", sa.Integer(), nullable=True),
        sa.Column("tree_count", sa.Integer(), nullable=True),
        sa.Column("elevation_m", sa.Integer(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("cell", sa.String(20), nullable=False),
        sa.Column("cell_lat", sa.Float(), nullable=False),
        sa.Column("cell_lon", sa.Float(), nullable=False),
        sa.Column("cell_elevation_m", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(grower_id IS NULL) <> (employer_id IS NULL)", name=op.f("ck_plot_one_holder")
        ),
        sa.CheckConstraint("(lat IS NULL) = (lon IS NULL)", name=op.f("ck_plot_whole_position")),
        sa.CheckConstraint("area_mu_x100 > 0", name=op.f("ck_plot_area_positive")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_plot_created_by_id")
        ),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_plot_employer_id")),
        sa.ForeignKeyConstraint(["grower_id"], ["person.id"], name=op.f("fk_plot_grower_id")),
        sa.ForeignKeyConstraint(
            ["village_code"], ["place.code"], name=op.f("fk_plot_village_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plot")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_plot_cell"), "plot", ["cell"], unique=False)
    op.create_index(op.f("ix_plot_employer_id"), "plot", ["employer_id"], unique=False)
    op.create_index(op.f("ix_plot_grower_id"), "plot", ["grower_id"], unique=False)
    op.create_index("ix_plot_list", "plot", ["village_code", "name", "id"], unique=False)
    op.create_table(
        "plot_change",
        sa.Column("plot_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("before", sa.String(1000), nullable=False),
        sa.Column("after", sa.String(1000), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_plot_change_by_id")),
        sa.ForeignKeyConstraint(["plot_id"], ["plot.id"], name=op.f("fk_plot_change_plot_id")),
        sa.PrimaryKeyConstraint("plot_id", "version", name=op.f("pk_plot_change")),
        info={"scope": "county"},
    )


def downgrade() -> None:
    if not covers("county"):
        return
    op.drop_table("plot_change")
    op.drop_index("ix_plot_list", table_name="plot")
    op.drop_index(op.f("ix_plot_grower_id"), table_name="plot")
    op.drop_index(op.f("ix_plot_employer_id"), table_name="plot")
    op.drop_index(op.f("ix_plot_cell"), table_name="plot")
    op.drop_table("plot")
