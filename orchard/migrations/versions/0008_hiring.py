"""Employers' recognition, openings, rosters, crews, hires, statuses and doubles.

First tables: there are no old rows. Reversible: all rows of these tables are lost.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

revision = "0008_hiring"
down_revision = "0007_visits"


def upgrade() -> None:
    if not covers("county"):
        return
    op.create_table(
        "same_person",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_same_person_other_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_same_person_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_same_person")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_same_person_other_id"), "same_person", ["other_id"], unique=False)
    op.create_table(
        "crew",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_crew_employer_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_crew_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crew")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_crew_employer_id"), "crew", ["employer_id"], unique=False)
    op.create_table(
        "opening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("work", sa.String(20), nullable=False),
        sa.Column("workplace_code", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "day",
                "hour",
                "jin",
                "basket",
                name="pay_basis",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("rate_fen_x100", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("days > 0", name=op.f("ck_opening_days_positive")),
        sa.CheckConstraint("people > 0", name=op.f("ck_opening_people_positive")),
        sa.CheckConstraint("rate_fen_x100 > 0", name=op.f("ck_opening_rate_positive")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_opening_employer_id")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_opening_made_by_id")),
        sa.ForeignKeyConstraint(
            ["workplace_code"], ["place.code"], name=op.f("fk_opening_workplace_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_opening_employer_id"), "opening", ["employer_id"], unique=False)
    op.create_index(
        "ix_opening_list", "opening", ["workplace_code", "first_day", "id"], unique=False
    )
    op.create_table(
        "recognition_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "recognised",
                "under_watch",
                "struck_off",
                name="recognition_event_kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_recognition_event_by_id")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_recognition_event_employer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognition_event")),
        info={"scope": "county"},
    )
    op.create_index(
        op.f("ix_recognition_event_employer_id"), "recognition_event", ["employer_id"], unique=False
    )
    op.create_table(
        "roster",
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("registered_code", sa.String(12), nullable=True),
        sa.Column("is_linked", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_roster_by_id")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_roster_employer_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_roster_person_id")),
        sa.PrimaryKeyConstraint("employer_id", "person_id", name=op.f("pk_roster")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_roster_person_id"), "roster", ["person_id"], unique=False)
    op.create_table(
        "same_person_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("is_same", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["account.id"], name=op.f("fk_same_person_decision_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["first_id"], ["person.id"], name=op.f("fk_same_person_decision_first_id")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["person.id"], name=op.f("fk_same_person_decision_second_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_same_person_decision")),
        info={"scope": "county"},
    )
    op.create_index(
        "ix_same_person_decision_pair",
        "same_person_decision",
        ["first_id", "second_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_same_person_decision_second_id"),
        "same_person_decision",
        ["second_id"],
        unique=False,
    )
    op.create_table(
        "status_period",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "lifted_out",
                "monitored",
                name="status_kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on >= from_on", name=op.f("ck_status_period_days_in_order")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_status_period_by_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_status_period_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_period")),
        info={"scope": "county"},
    )
    op.create_index(
        "ix_status_period_person", "status_period", ["person_id", "from_on"], unique=False
    )
    op.create_table(
        "application",
        sa.Column("opening_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "withdrawn",
                "hired",
                "declined",
                name="application_state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["opening_id"], ["opening.id"], name=op.f("fk_application_opening_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_application_person_id")
        ),
        sa.PrimaryKeyConstraint("opening_id", "person_id", name=op.f("pk_application")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_application_person_id"), "application", ["person_id"], unique=False)
    op.create_table(
        "hire",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("crew_id", sa.Uuid(), nullable=True),
        sa.Column("opening_id", sa.Uuid(), nullable=True),
        sa.Column("work", sa.String(20), nullable=False),
        sa.Column("workplace_code", sa.String(), nullable=False),
        sa.Column("registered_code", sa.String(12), nullable=True),
        sa.Column(
            "relation",
            sa.Enum(
                "labour_contract",
                "part_time",
                "service",
                "mutual_help",
                name="relation",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "basis",
            sa.Enum(
                "day",
                "hour",
                "jin",
                "basket",
                name="pay_basis",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("terms", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_on >= started_on", name=op.f("ck_hire_days_in_order")
        ),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"], name=op.f("fk_hire_crew_id")),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_hire_employer_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_hire_made_by_id")),
        sa.ForeignKeyConstraint(["opening_id"], ["opening.id"], name=op.f("fk_hire_opening_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hire_person_id")),
        sa.ForeignKeyConstraint(
            ["workplace_code"], ["place.code"], name=op.f("fk_hire_workplace_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hire")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_hire_opening_id"), "hire", ["opening_id"], unique=False)
    op.create_index("ix_hire_person", "hire", ["person_id", "started_on"], unique=False)
    op.create_index("ix_hire_sheet", "hire", ["employer_id", "crew_id", "started_on"], unique=False)
    op.create_index(
        "ix_hire_counted",
        "hire",
        [
            *("workplace_code", "started_on", "ended_on"),
            *("id", "person_id", "employer_id", "registered_code"),
        ],
        unique=False,
    )
    op.create_table(
        "hire_event",
        sa.Column("hire_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "made",
                "confirmed",
                "objected",
                "changed",
                "ended",
                name="hire_event_kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("facts", sa.String(2000), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_hire_event_by_id")),
        sa.ForeignKeyConstraint(["hire_id"], ["hire.id"], name=op.f("fk_hire_event_hire_id")),
        sa.PrimaryKeyConstraint("hire_id", "version", name=op.f("pk_hire_event")),
        info={"scope": "county"},
    )


def downgrade() -> None:
    if not covers("county"):
        return
    op.drop_table("hire_event")
    op.drop_index("ix_hire_counted", table_name="hire")
    op.drop_index("ix_hire_sheet", table_name="hire")
    op.drop_index("ix_hire_person", table_name="hire")
    op.drop_index(op.f("ix_hire_opening_id"), table_name="hire")
    op.drop_table("hire")
    op.drop_index(op.f("ix_application_person_id"), table_name="application")
    op.drop_table("application")
    op.drop_index("ix_status_period_person", table_name="status_period")
    op.drop_table("status_period")
    op.drop_index(op.f("ix_same_person_decision_second_id"), table_name="same_person_decision")
    op.drop_index("ix_same_person_decision_pair", table_name="same_person_decision")
    op.drop_table("same_person_decision")
    op.drop_index(op.f("ix_roster_person_id"), table_name="roster")
    op.drop_table("roster")
    op.drop_index(op.f("ix_recognition_event_employer_id"), table_name="recognition_event")
    op.drop_table("recognition_event")
    op.drop_index("ix_opening_list", table_name="opening")
    op.drop_index(op.f("ix_opening_employer_id"), table_name="opening")
    op.drop_table("opening")
    op.drop_index(op.f("ix_crew_employer_id"), table_name="crew")
    op.drop_table("crew")
    op.drop_index(op.f("ix_same_person_other_id"), table_name="same_person")
    op.drop_table("same_person")
