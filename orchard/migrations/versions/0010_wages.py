"""Rates, pay lines, payments, answers, and sealed ID numbers.

First tables: there are no old rows. Reversible: all rows of these tables are lost.
"""

import sqlalchemy as sa
from alembic import op

from orchard.migrations.scope import covers

revision = "0010_wages"
down_revision = "0009_attendance"


def upgrade() -> None:
    if not covers("county"):
        return
    op.create_table(
        "id_clash",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_id_clash_by_id")),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_id_clash_other_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_id_clash_person_id")),
        sa.PrimaryKeyConstraint("person_id", "other_id", name=op.f("pk_id_clash")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_id_clash_other_id"), "id_clash", ["other_id"], unique=False)
    op.create_table(
        "id_number",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.String(20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("keyed_hash", sa.String(64), nullable=False),
        sa.Column("masked", sa.String(18), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_id_number_person_id")),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["account.id"], name=op.f("fk_id_number_written_by_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_id_number")),
        sa.UniqueConstraint("keyed_hash", name=op.f("uq_id_number_keyed_hash")),
        info={"scope": "county"},
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "wages",
                "advance",
                name="payment_kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "means",
            sa.Enum(
                "cash", "bank", name="means", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column(
            "proof",
            sa.Enum(
                "bank_receipt",
                "signature",
                "missing",
                name="proof",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_payment_amount_positive")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_payment_employer_id")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_payment_made_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        info={"scope": "county"},
    )
    op.create_index(
        "ix_payment_person", "payment", ["employer_id", "person_id", "paid_on"], unique=False
    )
    op.create_index(op.f("ix_payment_person_id"), "payment", ["person_id"], unique=False)
    op.create_index(
        "ix_payment_unproved",
        "payment",
        ["employer_id"],
        unique=False,
        sqlite_where=sa.text("proof = 'missing'"),
        postgresql_where=sa.text("proof = 'missing'"),
    )
    op.create_table(
        "rate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("work", sa.String(20), nullable=False),
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
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("rate_fen_x100 > 0", name=op.f("ck_rate_rate_positive")),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_rate_employer_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("fk_rate_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate")),
        info={"scope": "county"},
    )
    op.create_index(
        "ix_rate_of_work", "rate", ["employer_id", "work", "basis", "from_on"], unique=False
    )
    op.create_table(
        "payment_deduction",
        sa.Column("advance_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_payment_deduction_amount_positive")),
        sa.ForeignKeyConstraint(
            ["advance_id"], ["payment.id"], name=op.f("fk_payment_deduction_advance_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_deduction_payment_id")
        ),
        sa.PrimaryKeyConstraint("advance_id", "payment_id", name=op.f("pk_payment_deduction")),
        info={"scope": "county"},
    )
    op.create_index(
        op.f("ix_payment_deduction_payment_id"), "payment_deduction", ["payment_id"], unique=False
    )
    op.create_table(
        "payment_proof",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "proof",
            sa.Enum(
                "bank_receipt",
                "signature",
                "missing",
                name="proof",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("proof <> 'missing'", name=op.f("ck_payment_proof_proof_there")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_payment_proof_by_id")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_proof_payment_id")
        ),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_payment_proof")),
        info={"scope": "county"},
    )
    op.create_table(
        "pay_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hire_id", sa.Uuid(), nullable=False),
        sa.Column("worked_on", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "earned",
                "correction",
                name="line_kind",
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
        sa.Column("quantity_x100", sa.Integer(), nullable=False),
        sa.Column("rate_fen_x100", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'correction') = (corrects_id IS NOT NULL)", name=op.f("ck_pay_line_corrects")
        ),
        sa.CheckConstraint(
            "kind <> 'correction' OR note <> ''", name=op.f("ck_pay_line_correction_says_why")
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["pay_line.id"], name=op.f("fk_pay_line_corrects_id")
        ),
        sa.ForeignKeyConstraint(["hire_id"], ["hire.id"], name=op.f("fk_pay_line_hire_id")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["account.id"], name=op.f("fk_pay_line_made_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_line")),
        info={"scope": "county"},
    )
    op.create_index(op.f("ix_pay_line_corrects_id"), "pay_line", ["corrects_id"], unique=False)
    op.create_index("ix_pay_line_hire", "pay_line", ["hire_id", "worked_on"], unique=False)
    op.create_index(
        "uq_pay_line_earned",
        "pay_line",
        ["hire_id", "worked_on"],
        unique=True,
        sqlite_where=sa.text("corrects_id IS NULL"),
        postgresql_where=sa.text("corrects_id IS NULL"),
    )
    op.create_table(
        "pay_answer",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "confirmed",
                "objected",
                "answered",
                name="answer_state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "quantity",
                "rate",
                "day",
                "not_me",
                "other",
                name="objection",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("claimed_x100", sa.Integer(), nullable=True),
        sa.Column("correction_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'objected') = (reason IS NOT NULL)",
            name=op.f("ck_pay_answer_objected_for_reason"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_pay_answer_by_id")),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["pay_line.id"], name=op.f("fk_pay_answer_correction_id")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["pay_line.id"], name=op.f("fk_pay_answer_line_id")),
        sa.PrimaryKeyConstraint("line_id", "version", name=op.f("pk_pay_answer")),
        info={"scope": "county"},
    )
    op.create_index(
        "ix_pay_answer_objected",
        "pay_answer",
        ["line_id"],
        unique=False,
        sqlite_where=sa.text("state = 'objected'"),
        postgresql_where=sa.text("state = 'objected'"),
    )
    op.create_table(
        "payment_line",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["pay_line.id"], name=op.f("fk_payment_line_line_id")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_line_payment_id")
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_payment_line")),
        info={"scope": "county"},
    )
    op.create_index(
        op.f("ix_payment_line_payment_id"), "payment_line", ["payment_id"], unique=False
    )


def downgrade() -> None:
    if not covers("county"):
        return
    op.drop_index(op.f("ix_payment_line_payment_id"), table_name="payment_line")
    op.drop_table("payment_line")
    op.drop_index(
        "ix_pay_answer_objected",
        table_name="pay_answer",
        sqlite_where=sa.text("state = 'objected'"),
        postgresql_where=sa.text("state = 'objected'"),
    )
    op.drop_table("pay_answer")
    op.drop_index(
        "uq_pay_line_earned",
        table_name="pay_line",
        sqlite_where=sa.text("corrects_id IS NULL"),
        postgresql_where=sa.text("corrects_id IS NULL"),
    )
    op.drop_index("ix_pay_line_hire", table_name="pay_line")
    op.drop_index(op.f("ix_pay_line_corrects_id"), table_name="pay_line")
    op.drop_table("pay_line")
    op.drop_table("payment_proof")
    op.drop_index(op.f("ix_payment_deduction_payment_id"), table_name="payment_deduction")
    op.drop_table("payment_deduction")
    op.drop_index("ix_rate_of_work", table_name="rate")
    op.drop_table("rate")
    op.drop_index(
        "ix_payment_unproved",
        table_name="payment",
        sqlite_where=sa.text("proof = 'missing'"),
        postgresql_where=sa.text("proof = 'missing'"),
    )
    op.drop_index(op.f("ix_payment_person_id"), table_name="payment")
    op.drop_index("ix_payment_person", table_name="payment")
    op.drop_table("payment")
    op.drop_table("id_number")
    op.drop_index(op.f("ix_id_clash_other_id"), table_name="id_clash")
    op.drop_table("id_clash")
