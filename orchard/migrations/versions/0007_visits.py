"""Requests for a visit, records, prescriptions and photos.

First tables: there are no old rows. Reversible: all rows of these tables are lost.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

revision = "0007_visits"
down_revision = "0006_reminders"


def upgrade() -> None:
    if not covers("county"):
        return
    op.create_table(
        "visit_day_off",
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["account.id"], name=op.f("fk_visit_day_off_technician_id")
        ),
        sa.PrimaryKeyConstraint("technician_id", "day", name=op.f("pk_visit_day_off")),
        info={"scope": "county"},
    )
    op.create_table(
        "visit_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plot_id", sa.Uuid(), nullable=False),
        sa.Column("town_code", sa.String(9), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=False),
        sa.Column("problem", sa.String(20), nullable=False),
        sa.Column("rank_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "taken",
                "scheduled",
                "visited",
                "answered",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("technician_id", sa.Uuid(), nullable=True),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'scheduled') = (slot IS NOT NULL) AND (slot IS NULL OR on_day IS NOT NULL)",
            name=op.f("ck_visit_request_slot_while_scheduled"),
        ),
        sa.CheckConstraint(
            "technician_id IS NOT NULL OR state = 'asked' OR state = 'cancelled'",
            name=op.f("ck_visit_request_somebody_took_it"),
        ),
        sa.ForeignKeyConstraint(["plot_id"], ["plot.id"], name=op.f("fk_visit_request_plot_id")),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["account.id"], name=op.f("fk_visit_request_requested_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["account.id"], name=op.f("fk_visit_request_technician_id")
        ),
        sa.ForeignKeyConstraint(
            ["town_code"], ["place.code"], name=op.f("fk_visit_request_town_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_request")),
        info={"scope": "county"},
    )
    op.create_index(
        "ix_visit_request_plot", "visit_request", ["plot_id", "problem", "asked_at"], unique=False
    )
    op.create_index(
        "ix_visit_request_pool", "visit_request", ["town_code", "state", "rank_at"], unique=False
    )
    op.create_index(
        "ix_visit_request_technician",
        "visit_request",
        ["technician_id", "state", "on_day"],
        unique=False,
    )
    op.create_index(
        "uq_visit_request_diary",
        "visit_request",
        ["technician_id", "on_day", "slot"],
        unique=True,
        sqlite_where=sa.text("slot IS NOT NULL"),
        postgresql_where=sa.text("slot IS NOT NULL"),
    )
    op.create_table(
        "prescription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("product", sa.String(80), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("phi_days", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "applied",
                "partly",
                "not",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column(
            "why",
            sa.Enum(
                "cost",
                "labour",
                "weather",
                "not_sold",
                "not_convinced",
                name="why",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("followed_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "outcome <> 'not' OR why IS NOT NULL", name=op.f("ck_prescription_not_for_reason")
        ),
        sa.CheckConstraint(
            "why IS NULL OR outcome <> 'applied'",
            name=op.f("ck_prescription_applied_without_reason"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (followed_at IS NULL)",
            name=op.f("ck_prescription_whole_follow_up"),
        ),
        sa.ForeignKeyConstraint(
            ["followed_by_id"], ["account.id"], name=op.f("fk_prescription_followed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["visit_request.id"], name=op.f("fk_prescription_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prescription")),
        sa.UniqueConstraint("request_id", "n", name=op.f("uq_prescription_request_id_n")),
        info={"scope": "county"},
    )
    op.create_table(
        "visit_event",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "asked",
                "photo",
                "taken",
                "scheduled",
                "handed_over",
                "nobody_there",
                "did_not_come",
                "answered",
                "cancelled",
                "recorded",
                "corrected",
                "confirmed",
                "followed_up",
                name="event_kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("from_id", sa.Uuid(), nullable=True),
        sa.Column("to_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.String(400), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_visit_event_by_id")),
        sa.ForeignKeyConstraint(["from_id"], ["account.id"], name=op.f("fk_visit_event_from_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["visit_request.id"], name=op.f("fk_visit_event_request_id")
        ),
        sa.ForeignKeyConstraint(["to_id"], ["account.id"], name=op.f("fk_visit_event_to_id")),
        sa.PrimaryKeyConstraint("request_id", "n", name=op.f("pk_visit_event")),
        info={"scope": "county"},
    )
    op.create_table(
        "visit_photo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column(
            "of",
            sa.Enum(
                "request",
                "record",
                name="photo_of",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "ready",
                "broken",
                name="photo_state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_visit_photo_by_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["visit_request.id"], name=op.f("fk_visit_photo_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_photo")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_visit_photo_request_id"), "visit_photo", ["request_id"], unique=False)
    op.create_index(
        "ix_visit_photo_waiting",
        "visit_photo",
        ["made_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "visit_record",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("found", sa.String(400), nullable=False),
        sa.Column("diagnosis", sa.String(20), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("came", sa.Boolean(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "rating IS NULL OR rating BETWEEN 1 AND 3", name=op.f("ck_visit_record_three_faces")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_visit_record_by_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["visit_request.id"], name=op.f("fk_visit_record_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_visit_record")),
        info={"scope": "county"},
    )
    op.create_index("ix_visit_record_by", "visit_record", ["by_id"], unique=False)
    op.create_table(
        "visit_record_change",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.String(4000), nullable=False),
        sa.Column("after", sa.String(4000), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["account.id"], name=op.f("fk_visit_record_change_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["visit_record.request_id"],
            name=op.f("fk_visit_record_change_request_id"),
        ),
        sa.PrimaryKeyConstraint("request_id", "version", name=op.f("pk_visit_record_change")),
        info={"scope": "county"},
    )


def downgrade() -> None:
    if not covers("county"):
        return
    op.drop_table("visit_record_change")
    op.drop_index("ix_visit_record_by", table_name="visit_record")
    op.drop_table("visit_record")
    op.drop_index(
        "ix_visit_photo_waiting",
        table_name="visit_photo",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(op.f("ix_visit_photo_request_id"), table_name="visit_photo")
    op.drop_table("visit_photo")
    op.drop_table("visit_event")
    op.drop_table("prescription")
    op.drop_index(
        "uq_visit_request_diary",
        table_name="visit_request",
        sqlite_where=sa.text("slot IS NOT NULL"),
        postgresql_where=sa.text("slot IS NOT NULL"),
    )
    op.drop_index("ix_visit_request_technician", table_name="visit_request")
    op.drop_index("ix_visit_request_pool", table_name="visit_request")
    op.drop_index("ix_visit_request_plot", table_name="visit_request")
    op.drop_table("visit_request")
    op.drop_table("visit_day_off")
