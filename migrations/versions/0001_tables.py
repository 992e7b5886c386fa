"""The tables of a book, the network around it, and what is projected from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cif_engine.errors import RuleError
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Flag, Id

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables in the order of their foreign keys; what guards them is the next revision."""
    _create_reference_tables()
    _create_people()
    _create_funds()
    _create_books()
    _create_loans()


def downgrade() -> None:
    """Refuse."""
    raise RuleError("A book is never thrown away. To go back, restore a backup made before the migration.")


def _create_reference_tables() -> None:
    op.create_table(
        "area",
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", Id()),
        sa.Column("version", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_area"),
        sa.UniqueConstraint("kind", "code", name="uq_area_kind_code"),
        sa.ForeignKeyConstraint(["parent_id"], ["area.id"], name="fk_area_parent_id_area"),
        sa.CheckConstraint(
            "kind IN ('province', 'district', 'tehsil', 'union_council')", name=op.f("ck_area_kind_known")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "rsp",
        sa.Column("id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rsp"),
        sa.UniqueConstraint("code", name="uq_rsp_code"),
        sqlite_strict=True,
    )
    op.create_table(
        "lso",
        sa.Column("id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rsp_id", Id(), nullable=False),
        sa.Column("district_id", Id(), nullable=False),
        sa.Column("tehsil_id", Id()),
        sa.Column("union_council_id", Id()),
        sa.Column("formed_on", Day()),
        sa.Column("households_total", WHOLE_NUMBER),
        sa.Column("households_organised", WHOLE_NUMBER),
        sa.Column("households_eligible", WHOLE_NUMBER),
        sa.Column("general_body_members", WHOLE_NUMBER),
        sa.Column("executive_committee_members", WHOLE_NUMBER),
        sa.Column("remarks", sa.Text()),
        sa.Column("version", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lso"),
        sa.UniqueConstraint("code", name="uq_lso_code"),
        sa.ForeignKeyConstraint(["district_id"], ["area.id"], name="fk_lso_district_id_area"),
        sa.ForeignKeyConstraint(["rsp_id"], ["rsp.id"], name="fk_lso_rsp_id_rsp"),
        sa.ForeignKeyConstraint(["tehsil_id"], ["area.id"], name="fk_lso_tehsil_id_area"),
        sa.ForeignKeyConstraint(["union_council_id"], ["area.id"], name="fk_lso_union_council_id_area"),
        sqlite_strict=True,
    )
    op.create_index("ix_lso_district_id", "lso", ["district_id"])
    op.create_index("ix_lso_rsp_id", "lso", ["rsp_id"])
    op.create_table(
        "holiday",
        sa.Column("on", Day(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("on", name="pk_holiday"),
        sqlite_strict=True,
    )
    op.create_table(
        "api_key",
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("bound_to", sa.Text(), nullable=False),
        sa.Column("rsp_id", Id()),
        sa.Column("lso_id", Id()),
        sa.Column("created_at", WHOLE_NUMBER, nullable=False),
        sa.Column("expires_at", WHOLE_NUMBER),
        sa.Column("revoked_at", WHOLE_NUMBER),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
        sa.UniqueConstraint("secret_hash", name="uq_api_key_secret_hash"),
        sa.ForeignKeyConstraint(["lso_id"], ["lso.id"], name="fk_api_key_lso_id_lso"),
        sa.ForeignKeyConstraint(["rsp_id"], ["rsp.id"], name="fk_api_key_rsp_id_rsp"),
        sa.CheckConstraint("bound_to IN ('lso', 'rsp', 'all')", name=op.f("ck_api_key_bound_to_known")),
        sqlite_strict=True,
    )


def _create_people() -> None:
    """The head of each book stands here, since all that belongs to an LSO refers to it."""
    op.create_table(
        "book",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("head_seq", WHOLE_NUMBER, nullable=False),
        sa.Column("head_recorded_at", WHOLE_NUMBER, nullable=False),
        sa.Column("head_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("lso_id", name="pk_book"),
        sa.ForeignKeyConstraint(["lso_id"], ["lso.id"], name="fk_book_lso_id_lso"),
        sqlite_strict=True,
    )
    op.create_table(
        "institution",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("vo_id", Id()),
        sa.Column("formed_on", Day()),
        sa.Column("version", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("lso_id", "id", name="pk_institution"),
        sa.UniqueConstraint("lso_id", "kind", "code", name="uq_institution_lso_id_kind_code"),
        sa.ForeignKeyConstraint(["lso_id"], ["book.lso_id"], name="fk_institution_lso_id_book"),
        sa.ForeignKeyConstraint(
            ["lso_id", "vo_id"],
            ["institution.lso_id", "institution.id"],
            name="fk_institution_lso_id_vo_id_institution",
        ),
        sa.CheckConstraint("(kind = 'vo') = (vo_id IS NULL)", name=op.f("ck_institution_co_within_vo")),
        sa.CheckConstraint("kind IN ('vo', 'co')", name=op.f("ck_institution_kind_known")),
        sqlite_strict=True,
    )
    op.create_table(
        "household",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("head_name", sa.Text(), nullable=False),
        sa.Column("settlement", sa.Text()),
        sa.Column("poverty_score", WHOLE_NUMBER),
        sa.Column("eligible", Flag(), nullable=False),
        sa.Column("version", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("lso_id", "id", name="pk_household"),
        sa.UniqueConstraint("lso_id", "code", name="uq_household_lso_id_code"),
        sa.ForeignKeyConstraint(["lso_id"], ["book.lso_id"], name="fk_household_lso_id_book"),
        sa.CheckConstraint("poverty_score BETWEEN 0 AND 100", name=op.f("ck_household_poverty_score_range")),
        sqlite_strict=True,
    )
    op.create_table(
        "member",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("household_id", Id(), nullable=False),
        sa.Column("co_id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("relation_name", sa.Text()),
        sa.Column("gender", sa.Text(), nullable=False),
        sa.Column("cnic", sa.Text()),
        sa.Column("joined_on", Day()),
        sa.Column("version", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("lso_id", "id", name="pk_member"),
        sa.UniqueConstraint("lso_id", "code", name="uq_member_lso_id_code"),
        sa.ForeignKeyConstraint(
            ["lso_id", "co_id"], ["institution.lso_id", "institution.id"], name="fk_member_lso_id_co_id_institution"
        ),
        sa.ForeignKeyConstraint(
            ["lso_id", "household_id"],
            ["household.lso_id", "household.id"],
            name="fk_member_lso_id_household_id_household",
        ),
        sa.CheckConstraint("gender IN ('female', 'male')", name=op.f("ck_member_gender_known")),
        sqlite_strict=True,
    )
    op.create_index("ix_member_lso_id_cnic", "member", ["lso_id", "cnic"])
    op.create_index("ix_member_lso_id_household_id", "member", ["lso_id", "household_id"])


def _create_funds() -> None:
    op.create_table(
        "fund",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("funder", sa.Text(), nullable=False),
        sa.Column("holder_id", Id()),
        sa.Column("lender_of_record", sa.Text(), nullable=False),
        sa.Column("poverty_score_from", WHOLE_NUMBER, nullable=False),
        sa.Column("poverty_score_to", WHOLE_NUMBER, nullable=False),
        sa.Column("amount_min_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("amount_max_minor", WHOLE_NUMBER),
        sa.Column("cycle_max", WHOLE_NUMBER),
        sa.Column("charge_policy", sa.Text(), nullable=False),
        sa.Column("reserve_floor_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("version", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("lso_id", "id", name="pk_fund"),
        sa.UniqueConstraint("lso_id", "code", name="uq_fund_lso_id_code"),
        sa.ForeignKeyConstraint(["lso_id"], ["book.lso_id"], name="fk_fund_lso_id_book"),
        sa.ForeignKeyConstraint(
            ["lso_id", "holder_id"],
            ["institution.lso_id", "institution.id"],
            name="fk_fund_lso_id_holder_id_institution",
        ),
        sa.CheckConstraint(
            "charge_policy IN ('interest_free', 'flat_charge')", name=op.f("ck_fund_charge_policy_known")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "custodian",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("lso_id", "id", name="pk_custodian"),
        sa.UniqueConstraint("lso_id", "number", name="uq_custodian_lso_id_number"),
        sa.ForeignKeyConstraint(["lso_id"], ["book.lso_id"], name="fk_custodian_lso_id_book"),
        sqlite_strict=True,
    )
    op.create_table(
        "agreement",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("fund_id", Id(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("signed_on", Day(), nullable=False),
        sa.Column("amount_minor", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("lso_id", "id", name="pk_agreement"),
        sa.UniqueConstraint("lso_id", "fund_id", "number", name="uq_agreement_lso_id_fund_id_number"),
        sa.ForeignKeyConstraint(
            ["lso_id", "fund_id"], ["fund.lso_id", "fund.id"], name="fk_agreement_lso_id_fund_id_fund"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "tranche",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("fund_id", Id(), nullable=False),
        sa.Column("agreement_id", Id(), nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("released_on", Day(), nullable=False),
        sa.Column("amount_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("received_on", Day()),
        sa.PrimaryKeyConstraint("lso_id", "id", name="pk_tranche"),
        sa.UniqueConstraint("lso_id", "fund_id", "number", name="uq_tranche_lso_id_fund_id_number"),
        sa.ForeignKeyConstraint(
            ["lso_id", "agreement_id"],
            ["agreement.lso_id", "agreement.id"],
            name="fk_tranche_lso_id_agreement_id_agreement",
        ),
        sa.ForeignKeyConstraint(
            ["lso_id", "fund_id"], ["fund.lso_id", "fund.id"], name="fk_tranche_lso_id_fund_id_fund"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "product",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("fund_id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("amount_min_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("amount_max_minor", WHOLE_NUMBER),
        sa.Column("cycle_max", WHOLE_NUMBER),
        sa.Column("version", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("lso_id", "id", name="pk_product"),
        sa.UniqueConstraint("lso_id", "code", name="uq_product_lso_id_code"),
        sa.ForeignKeyConstraint(
            ["lso_id", "fund_id"], ["fund.lso_id", "fund.id"], name="fk_product_lso_id_fund_id_fund"
        ),
        sqlite_strict=True,
    )


def _create_books() -> None:
    op.create_table(
        "account",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("fund_id", Id(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("custodian_id", Id()),
        sa.PrimaryKeyConstraint("lso_id", "code", name="pk_account"),
        sa.ForeignKeyConstraint(["lso_id"], ["book.lso_id"], name="fk_account_lso_id_book"),
        sa.ForeignKeyConstraint(
            ["lso_id", "custodian_id"],
            ["custodian.lso_id", "custodian.id"],
            name="fk_account_lso_id_custodian_id_custodian",
        ),
        sa.ForeignKeyConstraint(
            ["lso_id", "fund_id"], ["fund.lso_id", "fund.id"], name="fk_account_lso_id_fund_id_fund"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "account_balance",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("balance_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("floored", Flag(), nullable=False),
        sa.PrimaryKeyConstraint("lso_id", "code", name="pk_account_balance"),
        sa.ForeignKeyConstraint(
            ["lso_id", "code"], ["account.lso_id", "account.code"], name="fk_account_balance_lso_id_code_account"
        ),
        sa.CheckConstraint("balance_minor >= 0 OR NOT floored", name=op.f("ck_account_balance_floor")).ddl_if(
            dialect="postgresql"
        ),
        sa.CheckConstraint("balance_minor >= 0 OR floored = 0", name=op.f("ck_account_balance_floor")).ddl_if(
            dialect="sqlite"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "event",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("seq", WHOLE_NUMBER, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("effective_on", Day(), nullable=False),
        sa.Column("recorded_at", WHOLE_NUMBER, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text()),
        sa.Column("fund_id", Id()),
        sa.Column("loan_id", Id()),
        sa.Column("receipt_no", sa.Text()),
        sa.Column("voucher_no", sa.Text()),
        sa.Column("external_id", sa.Text()),
        sa.Column("reverses", Id()),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("lso_id", "seq", name="pk_event"),
        sa.UniqueConstraint("lso_id", "id", name="uq_event_lso_id_id"),
        sa.ForeignKeyConstraint(["lso_id"], ["book.lso_id"], name="fk_event_lso_id_book"),
        sa.CheckConstraint("seq > 0", name=op.f("ck_event_seq_positive")),
        sqlite_strict=True,
    )
    op.create_index("ix_event_lso_id_loan_id", "event", ["lso_id", "loan_id"])
    op.create_index(
        "uq_event_lso_id_kind_external_id",
        "event",
        ["lso_id", "kind", "external_id"],
        unique=True,
        sqlite_where=sa.text("external_id IS NOT NULL"),
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_index(
        "uq_event_lso_id_kind_receipt_no",
        "event",
        ["lso_id", "kind", "receipt_no"],
        unique=True,
        sqlite_where=sa.text("receipt_no IS NOT NULL"),
        postgresql_where=sa.text("receipt_no IS NOT NULL"),
    )
    op.create_index(
        "uq_event_lso_id_kind_voucher_no",
        "event",
        ["lso_id", "kind", "voucher_no"],
        unique=True,
        sqlite_where=sa.text("voucher_no IS NOT NULL"),
        postgresql_where=sa.text("voucher_no IS NOT NULL"),
    )
    op.create_table(
        "posting",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("event_seq", WHOLE_NUMBER, nullable=False),
        sa.Column("line", WHOLE_NUMBER, nullable=False),
        sa.Column("effective_on", Day(), nullable=False),
        sa.Column("debit", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("amount_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("loan_id", Id()),
        sa.PrimaryKeyConstraint("lso_id", "event_seq", "line", name="pk_posting"),
        sa.ForeignKeyConstraint(
            ["lso_id", "credit"], ["account.lso_id", "account.code"], name="fk_posting_lso_id_credit_account"
        ),
        sa.ForeignKeyConstraint(
            ["lso_id", "debit"], ["account.lso_id", "account.code"], name="fk_posting_lso_id_debit_account"
        ),
        sa.ForeignKeyConstraint(
            ["lso_id", "event_seq"], ["event.lso_id", "event.seq"], name="fk_posting_lso_id_event_seq_event"
        ),
        sa.CheckConstraint("amount_minor BETWEEN 1 AND 1000000000000000", name=op.f("ck_posting_amount_minor_range")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_posting_two_accounts")),
        sqlite_strict=True,
    )
    op.create_index("ix_posting_lso_id_credit_effective_on", "posting", ["lso_id", "credit", "effective_on"])
    op.create_index("ix_posting_lso_id_debit_effective_on", "posting", ["lso_id", "debit", "effective_on"])
    op.create_table(
        "answer",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("event_seq", WHOLE_NUMBER),
        sa.PrimaryKeyConstraint("lso_id", "idempotency_key", name="pk_answer"),
        sa.ForeignKeyConstraint(["lso_id"], ["book.lso_id"], name="fk_answer_lso_id_book"),
        sa.CheckConstraint("outcome IN ('accepted', 'refused')", name=op.f("ck_answer_outcome_known")),
        sqlite_strict=True,
    )


def _create_loans() -> None:
    op.create_table(
        "loan",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("household_id", Id(), nullable=False),
        sa.Column("fund_id", Id(), nullable=False),
        sa.Column("product_id", Id(), nullable=False),
        sa.Column("co_id", Id(), nullable=False),
        sa.Column("vo_id", Id(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("mip_no", sa.Text()),
        sa.Column("poverty_score", WHOLE_NUMBER),
        sa.Column("gender", sa.Text(), nullable=False),
        sa.Column("cycle", WHOLE_NUMBER, nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("requested_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("approved_minor", WHOLE_NUMBER),
        sa.Column("resolution_no", sa.Text()),
        sa.Column("disbursed_minor", WHOLE_NUMBER),
        sa.Column("channel", sa.Text()),
        sa.Column("applied_on", Day(), nullable=False),
        sa.Column("decided_on", Day()),
        sa.Column("disbursed_on", Day()),
        sa.Column("applied_by", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text()),
        sa.PrimaryKeyConstraint("lso_id", "id", name="pk_loan"),
        sa.UniqueConstraint("lso_id", "number", name="uq_loan_lso_id_number"),
        sa.ForeignKeyConstraint(
            ["lso_id", "co_id"], ["institution.lso_id", "institution.id"], name="fk_loan_lso_id_co_id_institution"
        ),
        sa.ForeignKeyConstraint(["lso_id", "fund_id"], ["fund.lso_id", "fund.id"], name="fk_loan_lso_id_fund_id_fund"),
        sa.ForeignKeyConstraint(
            ["lso_id", "household_id"],
            ["household.lso_id", "household.id"],
            name="fk_loan_lso_id_household_id_household",
        ),
        sa.ForeignKeyConstraint(
            ["lso_id", "member_id"], ["member.lso_id", "member.id"], name="fk_loan_lso_id_member_id_member"
        ),
        sa.ForeignKeyConstraint(
            ["lso_id", "product_id"], ["product.lso_id", "product.id"], name="fk_loan_lso_id_product_id_product"
        ),
        sa.ForeignKeyConstraint(
            ["lso_id", "vo_id"], ["institution.lso_id", "institution.id"], name="fk_loan_lso_id_vo_id_institution"
        ),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> applied_by", name=op.f("ck_loan_maker_is_not_checker")),
        sqlite_strict=True,
    )
    op.create_index("ix_loan_lso_id_member_id", "loan", ["lso_id", "member_id"])
    op.create_table(
        "instalment",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("loan_id", Id(), nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("due_on", Day(), nullable=False),
        sa.Column("principal_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("charge_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("principal_due_to_date_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("charge_due_to_date_minor", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("lso_id", "loan_id", "number", name="pk_instalment"),
        sa.ForeignKeyConstraint(
            ["lso_id", "loan_id"], ["loan.lso_id", "loan.id"], name="fk_instalment_lso_id_loan_id_loan"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "loan_position",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("loan_id", Id(), nullable=False),
        sa.Column("valid_from", Day(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("outstanding_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("charge_outstanding_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("principal_paid_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("charge_paid_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("credit_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("oldest_due_on", Day()),
        sa.PrimaryKeyConstraint("lso_id", "loan_id", name="pk_loan_position"),
        sa.ForeignKeyConstraint(
            ["lso_id", "loan_id"], ["loan.lso_id", "loan.id"], name="fk_loan_position_lso_id_loan_id_loan"
        ),
        sa.CheckConstraint("outstanding_minor >= 0", name=op.f("ck_loan_position_outstanding_range")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_loan_position_open",
        "loan_position",
        ["lso_id"],
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "loan_state",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("loan_id", Id(), nullable=False),
        sa.Column("valid_from", Day(), nullable=False),
        sa.Column("valid_to", Day(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("outstanding_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("charge_outstanding_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("principal_paid_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("charge_paid_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("credit_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("oldest_due_on", Day()),
        sa.PrimaryKeyConstraint("lso_id", "loan_id", "valid_from", name="pk_loan_state"),
        sa.ForeignKeyConstraint(
            ["lso_id", "loan_id"], ["loan.lso_id", "loan.id"], name="fk_loan_state_lso_id_loan_id_loan"
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_loan_state_interval")),
        sqlite_strict=True,
    )
    op.create_index("ix_loan_state_lso_id_valid_to", "loan_state", ["lso_id", "valid_to"])
