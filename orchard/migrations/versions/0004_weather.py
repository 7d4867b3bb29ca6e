"""Forecasts by cell, and the days on which the weather server needed a person.

First tables: there are no old rows. Reversible: all rows of these tables are lost, and the next
pull brings the forecasts back.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

revision = "0004_weather"
down_revision = "0003_plots"


def upgrade() -> None:
    if not covers("county"):
        return
    op.create_table(
        "forecast",
        sa.Column("cell", sa.String(20), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("elevation_m", sa.Integer(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("detail", sa.String(500), nullable=False),
        sa.Column("hours", sa.LargeBinary(), nullable=True),
        sa.Column("held", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("cell", name=op.f("pk_forecast")),
        info={"scope": "county"},
    )
    op.create_table(
        "weather_alarm",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("detail", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("on", name=op.f("pk_weather_alarm")),
        info={"scope": "county"},
    )


def downgrade() -> None:
    if not covers("county"):
        return
    op.drop_table("weather_alarm")
    op.drop_table("forecast")
