"""People, accounts, grants, sessions; the job ledger and facts of the installation.

First tables: there are no old rows. Reversible: all rows of these tables are lost.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

revision = "0002_people"
down_revision = "0001_places"


def upgrade() -> None:
    if not covers("county"):
        return
    op.create_table(
        "installation",
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("value", sa.String(400), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_installation")),
        info={"scope": "county"},
    )
    op.create_table(
        "job_run",
        sa.Column("job", sa.String(40), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "running",
                "done",
                "failed",
                name="run_state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("beats", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.String(80), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.String(400), nullable=False),
        sa.Column("error", sa.String(400), nullable=False),
        sa.PrimaryKeyConstraint("job", "slot", name=op.f("pk_job_run")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_job_run_state"), "job_run", ["state"], unique=False)
    op.create_index(
        "uq_job_run_running",
        "job_run",
        ["job"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("phone_hash", sa.String(64), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
        info={"scope": "county"},
    )
    op.create_index(
        op.f("ix_sign_in_attempt_address_hash"), "sign_in_attempt", ["address_hash"], unique=False
    )
    op.create_index(
        op.f("ix_sign_in_attempt_phone_hash"), "sign_in_attempt", ["phone_hash"], unique=False
    )
    op.create_index(
        op.f("ix_sign_in_attempt_tried_at"), "sign_in_attempt", ["tried_at"], unique=False
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("phone", sa.String(20), nullable=True),
        sa.Column(
            "sex",
            sa.Enum(
                "female", "male", name="sex", native_enum=False, create_constraint=True, length=20
            ),
            nullable=True,
        ),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("village_code", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["village_code"], ["place.code"], name=op.f("fk_person_village_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        info={"scope": "county"},
    )
    op.create_index("ix_person_list", "person", ["name", "id"], unique=False)
    op.create_index(op.f("ix_person_village_code"), "person", ["village_code"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("secret_hash", sa.String(200), nullable=True),
        sa.Column(
            "secret_kind",
            sa.Enum(
                "pin",
                "password",
                name="secret_kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("locale", sa.String(10), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("person_id", name=op.f("uq_account_person_id")),
        sa.UniqueConstraint("phone", name=op.f("uq_account_phone")),
        info={"scope": "county"},
    )
    op.create_table(
        "employer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "household",
                "cooperative",
                "company",
                "plantation",
                "workshop",
                name="employer_kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("village_code", sa.String(), nullable=False),
        sa.Column("opened_by_id", sa.Uuid(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["person.id"], name=op.f("fk_employer_opened_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["village_code"], ["place.code"], name=op.f("fk_employer_village_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_employer_village_code"), "employer", ["village_code"], unique=False)
    op.create_table(
        "account_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "grower",
                "worker",
                "technician",
                "manager",
                "secretary",
                "district",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("place_code", sa.String(), nullable=True),
        sa.Column("employer_id", sa.Uuid(), nullable=True),
        sa.Column("granted_by_id", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(place_code IS NULL) <> (employer_id IS NULL)", name=op.f("ck_account_grant_one_scope")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_grant_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_account_grant_employer_id")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["account.id"], name=op.f("fk_account_grant_granted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["place_code"], ["place.code"], name=op.f("fk_account_grant_place_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_grant")),
        info={"scope": "county"},
    )
    op.create_index(
        op.f("ix_account_grant_account_id"), "account_grant", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_account_grant_employer_id"), "account_grant", ["employer_id"], unique=False
    )
    op.create_index(
        op.f("ix_account_grant_place_code"), "account_grant", ["place_code"], unique=False
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_api_token_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_api_token_account_id"), "api_token", ["account_id"], unique=False)
    op.create_table(
        "audit_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("place_code", sa.String(12), nullable=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_audit_line_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_line")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_audit_line_account_id"), "audit_line", ["account_id"], unique=False)
    op.create_index(op.f("ix_audit_line_at"), "audit_line", ["at"], unique=False)
    op.create_index(op.f("ix_audit_line_subject"), "audit_line", ["subject"], unique=False)
    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("let_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_device_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint(
            "secret_hash", "account_id", name=op.f("uq_device_secret_hash_account_id")
        ),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_device_account_id"), "device", ["account_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_invitation_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["account.id"], name=op.f("fk_invitation_made_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_invitation_account_id"), "invitation", ["account_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("browser", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)


def downgrade() -> None:
    if not covers("county"):
        return
    op.drop_index(op.f("ix_session_account_id"), table_name="session")
    op.drop_table("session")
    op.drop_index(op.f("ix_invitation_account_id"), table_name="invitation")
    op.drop_table("invitation")
    op.drop_index(op.f("ix_device_account_id"), table_name="device")
    op.drop_table("device")
    op.drop_index(op.f("ix_audit_line_subject"), table_name="audit_line")
    op.drop_index(op.f("ix_audit_line_at"), table_name="audit_line")
    op.drop_index(op.f("ix_audit_line_account_id"), table_name="audit_line")
    op.drop_table("audit_line")
    op.drop_index(op.f("ix_api_token_account_id"), table_name="api_token")
    op.drop_table("api_token")
    op.drop_index(op.f("ix_account_grant_place_code"), table_name="account_grant")
    op.drop_index(op.f("ix_account_grant_employer_id"), table_name="account_grant")
    op.drop_index(op.f("ix_account_grant_account_id"), table_name="account_grant")
    op.drop_table("account_grant")
    op.drop_index(op.f("ix_employer_village_code"), table_name="employer")
    op.drop_table("employer")
    op.drop_table("account")
    op.drop_index("ix_person_list", table_name="person")
    op.drop_index(op.f("ix_person_village_code"), table_name="person")
    op.drop_table("person")
    op.drop_index(op.f("ix_sign_in_attempt_tried_at"), table_name="sign_in_attempt")
    op.drop_index(op.f("ix_sign_in_attempt_phone_hash"), table_name="sign_in_attempt")
    op.drop_index(op.f("ix_sign_in_attempt_address_hash"), table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_index("uq_job_run_running", table_name="job_run")
    op.drop_index(op.f("ix_job_run_state"), table_name="job_run")
    op.drop_table("job_run")
    op.drop_table("installation")
