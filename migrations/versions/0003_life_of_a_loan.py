"""A loan's whole life: corrections, fees and penalties, schedules made anew, write-offs; who may do which of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cif_engine.errors import RuleError
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Flag, Id

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PAPERS = ("receipt_no", "voucher_no", "external_id")

STANDING = (
    "lso_id",
    "loan_id",
    "valid_from",
    "status",
    "outstanding_minor",
    "charge_outstanding_minor",
    "principal_paid_minor",
    "charge_paid_minor",
    "credit_minor",
    "oldest_due_on",
)
INSTALMENT = (
    "lso_id",
    "loan_id",
    "number",
    "due_on",
    "principal_minor",
    "charge_minor",
    "principal_due_to_date_minor",
    "charge_due_to_date_minor",
)

# What else stands of a loan from now on, and what it is of a loan of before. Status is that of its own row.
FIRST_SCHEDULE = "CASE WHEN status IN ('open', 'repaid') THEN 1 ELSE 0 END"
NEW_OF_STANDING = {
    "fee_outstanding_minor": "0",
    "penalty_outstanding_minor": "0",
    "fee_paid_minor": "0",
    "penalty_paid_minor": "0",
    "written_off_minor": "0",
    "recovered_minor": "0",
    "renegotiated": "0",
    "schedule_no": FIRST_SCHEDULE,
}

NEW_ACCOUNTS = (
    ("fee_income", "4030", "Fee income"),
    ("penalty_income", "4040", "Penalty income"),
    ("recoveries", "4050", "Recoveries of loans written off"),
)

# What a maker may not check: which events ask for another hand, whose hand it may not be, and what to say.
SAME_HAND = (
    (
        "event_refuses_own_reversal",
        "NEW.kind = 'fact_reversed'",
        "id = NEW.reverses",
        "a fact is not reversed by who recorded it",
    ),
    (
        "event_refuses_own_loan",
        "NEW.kind IN ('loan_rescheduled', 'loan_written_off', 'dues_waived')",
        "loan_id = NEW.loan_id AND kind = 'loan_disbursed'",
        "what is owed of a loan is not changed by who disbursed it",
    ),
)


def upgrade() -> None:
    """Widen the projections and fill them from what is recorded; let numbers be borne again; guard the new kinds."""
    if op.get_context().dialect.name == "sqlite":
        _widen_in_sqlite()
    else:
        _widen_in_postgres()
    _create_paper()
    _open_accounts()
    _free_numbers()
    _guard()


def downgrade() -> None:
    """Refuse."""
    raise RuleError("What a loan lived through is never forgotten. To go back, restore a backup made before.")


# Projections ---------------------------------------------------------------------------------------------------


def _widen_in_postgres() -> None:
    """Add columns in place: privileges and row-level security stay, and few rows are written again."""
    for table in ("loan_position", "loan_state"):
        for name in NEW_OF_STANDING:
            of_before = "1" if name == "schedule_no" else "0"
            _add_column(table, name, Flag() if name == "renegotiated" else WHOLE_NUMBER, of_before)
        op.execute(f"UPDATE {table} SET schedule_no = 0 WHERE {FIRST_SCHEDULE} = 0")  # noqa: S608 - of this file
    _add_column("instalment", "schedule_no", WHOLE_NUMBER, "1")
    op.drop_constraint("pk_instalment", "instalment")
    op.create_primary_key("pk_instalment", "instalment", ["lso_id", "loan_id", "schedule_no", "number"])


def _add_column(table: str, name: str, column_type: sa.types.TypeEngine[int] | Flag, of_before: str) -> None:
    op.add_column(table, sa.Column(name, column_type, nullable=False, server_default=of_before))
    op.alter_column(table, name, server_default=None)


def _widen_in_sqlite() -> None:
    """Make the tables again: SQLite adds nothing to a key, and no column without leaving its default behind."""
    op.drop_index("ix_loan_position_open", "loan_position")
    op.drop_index("ix_loan_state_lso_id_valid_to", "loan_state")
    for table in ("loan_position", "loan_state", "instalment"):
        op.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    _create_standings()
    _create_instalment()
    _copy("loan_position", STANDING, NEW_OF_STANDING)
    _copy("loan_state", (*STANDING, "valid_to"), NEW_OF_STANDING)
    _copy("instalment", INSTALMENT, {"schedule_no": "1"})
    op.create_index("ix_loan_position_open", "loan_position", ["lso_id"], sqlite_where=sa.text("status = 'open'"))
    op.create_index("ix_loan_state_lso_id_valid_to", "loan_state", ["lso_id", "valid_to"])


def _copy(table: str, same: tuple[str, ...], new: dict[str, str]) -> None:
    names, values = ", ".join((*same, *new)), ", ".join((*same, *new.values()))
    op.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table}_before")  # noqa: S608 - of this file
    op.drop_table(f"{table}_before")


def _create_standings() -> None:
    op.create_table(
        "loan_position",
        *_columns_of_standing(),
        sa.PrimaryKeyConstraint("lso_id", "loan_id", name="pk_loan_position"),
        sa.ForeignKeyConstraint(
            ["lso_id", "loan_id"], ["loan.lso_id", "loan.id"], name="fk_loan_position_lso_id_loan_id_loan"
        ),
        sa.CheckConstraint("outstanding_minor >= 0", name=op.f("ck_loan_position_outstanding_range")),
        sqlite_strict=True,
    )
    op.create_table(
        "loan_state",
        *_columns_of_standing(),
        sa.Column("valid_to", Day(), nullable=False),
        sa.PrimaryKeyConstraint("lso_id", "loan_id", "valid_from", name="pk_loan_state"),
        sa.ForeignKeyConstraint(
            ["lso_id", "loan_id"], ["loan.lso_id", "loan.id"], name="fk_loan_state_lso_id_loan_id_loan"
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_loan_state_interval")),
        sqlite_strict=True,
    )


def _columns_of_standing() -> list[sa.Column[object]]:
    return [
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
        sa.Column("fee_outstanding_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("penalty_outstanding_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("fee_paid_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("penalty_paid_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("written_off_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("recovered_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("renegotiated", Flag(), nullable=False),
        sa.Column("schedule_no", WHOLE_NUMBER, nullable=False),
    ]


def _create_instalment() -> None:
    op.create_table(
        "instalment",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("loan_id", Id(), nullable=False),
        sa.Column("schedule_no", WHOLE_NUMBER, nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("due_on", Day(), nullable=False),
        sa.Column("principal_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("charge_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("principal_due_to_date_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("charge_due_to_date_minor", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("lso_id", "loan_id", "schedule_no", "number", name="pk_instalment"),
        sa.ForeignKeyConstraint(
            ["lso_id", "loan_id"], ["loan.lso_id", "loan.id"], name="fk_instalment_lso_id_loan_id_loan"
        ),
        sqlite_strict=True,
    )


def _create_paper() -> None:
    op.create_table(
        "paper",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("event_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("lso_id", "kind", "name", "number", name="pk_paper"),
        sa.ForeignKeyConstraint(
            ["lso_id", "event_id"], ["event.lso_id", "event.id"], name="fk_paper_lso_id_event_id_event"
        ),
        sa.CheckConstraint("name IN ('receipt_no', 'voucher_no', 'external_id')", name=op.f("ck_paper_name_known")),
        sqlite_strict=True,
    )
    for name in PAPERS:
        # Nothing was reversed before this revision, so every event bears its numbers.
        op.execute(f"""
            INSERT INTO paper (lso_id, kind, name, number, event_id)
            SELECT lso_id, kind, '{name}', {name}, id FROM event WHERE {name} IS NOT NULL
        """)  # noqa: S608 - of this file
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE paper ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE paper FORCE ROW LEVEL SECURITY")
        op.execute("""
            CREATE POLICY one_lso ON paper
            USING (current_setting('cif.lso_id', true) = '*' OR lso_id::text = current_setting('cif.lso_id', true))
        """)


# The book ------------------------------------------------------------------------------------------------------


def _open_accounts() -> None:
    """Open what every fund has from now on in the funds that exist: an account, and a balance of nothing."""
    for role, number, name in NEW_ACCOUNTS:
        op.execute(f"""
            INSERT INTO account (lso_id, code, fund_id, role, name)
            SELECT lso_id, code || '.{number}', id, '{role}', '{name}' FROM fund
        """)  # noqa: S608 - of this file
        op.execute(f"""
            INSERT INTO account_balance (lso_id, code, balance_minor, floored)
            SELECT lso_id, code || '.{number}', 0, {_false()} FROM fund
        """)  # noqa: S608 - of this file


def _false() -> str:
    return "0" if op.get_context().dialect.name == "sqlite" else "false"


def _free_numbers() -> None:
    """Let a number be borne again by the fact that corrects one; that no two bear it is upheld by the key of paper."""
    for name in PAPERS:
        op.drop_index(f"uq_event_lso_id_kind_{name}", "event")
    for sought in ("receipt_no", "reverses"):
        op.create_index(
            f"ix_event_lso_id_{sought}",
            "event",
            ["lso_id", sought],
            sqlite_where=sa.text(f"{sought} IS NOT NULL"),
            postgresql_where=sa.text(f"{sought} IS NOT NULL"),
        )
    if op.get_context().dialect.name == "sqlite":
        op.execute("DROP TRIGGER event_refuses_replace")
        op.execute("""
            CREATE TRIGGER event_refuses_replace BEFORE INSERT ON event
            WHEN EXISTS (SELECT 1 FROM event WHERE lso_id = NEW.lso_id AND seq = NEW.seq)
              OR EXISTS (SELECT 1 FROM event WHERE lso_id = NEW.lso_id AND id = NEW.id)
              OR EXISTS (SELECT 1 FROM event WHERE rowid = NEW.rowid)
            BEGIN SELECT RAISE(ABORT, 'CIF03: this row of event is there already'); END
        """)


# Whose hand ----------------------------------------------------------------------------------------------------


def _guard() -> None:
    """Refuse (CIF04) that whoever made something also checks it."""
    if op.get_context().dialect.name == "sqlite":
        for name, asks, made, says in SAME_HAND:
            op.execute(f"""
                CREATE TRIGGER {name} BEFORE INSERT ON event
                WHEN {asks} AND EXISTS (
                    SELECT 1 FROM event WHERE lso_id = NEW.lso_id AND {made} AND actor = NEW.actor
                )
                BEGIN SELECT RAISE(ABORT, 'CIF04: {says}'); END
            """)  # noqa: S608 - of this file
        return
    for name, asks, made, says in SAME_HAND:
        op.execute(f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
            BEGIN
                IF EXISTS (SELECT 1 FROM event WHERE lso_id = NEW.lso_id AND {made} AND actor = NEW.actor) THEN
                    RAISE EXCEPTION '{says}' USING ERRCODE = 'CIF04';
                END IF;
                RETURN NEW;
            END $$
        """)  # noqa: S608 - of this file
        op.execute(f"""
            CREATE TRIGGER {name} BEFORE INSERT ON event
            FOR EACH ROW WHEN ({asks}) EXECUTE FUNCTION {name}()
        """)
