"""Where a loan stood is kept by the day and by when it was known; what is added is made from the events by a rebuild.

Rows that are here already are taken as known since ever, and as long, so that books can be read and written at once;
`cif migrate` rebuilds every book afterwards, and reports of the past are exact and fast from then on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cif_engine.errors import RuleError
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Flag, Id

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

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
    "fee_outstanding_minor",
    "penalty_outstanding_minor",
    "fee_paid_minor",
    "penalty_paid_minor",
    "written_off_minor",
    "recovered_minor",
    "renegotiated",
    "schedule_no",
)
INSTALMENT = (
    "lso_id",
    "loan_id",
    "schedule_no",
    "number",
    "due_on",
    "principal_minor",
    "charge_minor",
    "principal_due_to_date_minor",
    "charge_due_to_date_minor",
)

COVERED_OF_OPEN = (
    "loan_id",
    "valid_from",
    "known_from",
    "outstanding_minor",
    "principal_paid_minor",
    "oldest_due_on",
    "renegotiated",
    "schedule_no",
)
COVERED = (*COVERED_OF_OPEN[:3], "status", *COVERED_OF_OPEN[3:])

OF_ITS_LOAN = "FROM loan WHERE loan.lso_id = {table}.lso_id AND loan.id = {table}.loan_id"
DISBURSED_ON = f"CASE WHEN schedule_no > 0 THEN (SELECT disbursed_on {OF_ITS_LOAN}) END"
COMMITTED = f"CASE WHEN status = 'approved' THEN coalesce((SELECT approved_minor {OF_ITS_LOAN}), 0) ELSE 0 END"


def upgrade() -> None:
    """Widen the projections of loans."""
    if op.get_context().dialect.name == "sqlite":
        _widen_in_sqlite()
    else:
        _widen_in_postgres()
    _index()
    _create_loan_before()


def downgrade() -> None:
    """Refuse."""
    raise RuleError("What was known when is never forgotten. To go back, restore a backup made before.")


def _widen_in_postgres() -> None:
    """Add columns in place: privileges and row-level security stay."""
    for table in ("loan_position", "loan_state"):
        _add_number(table, "known_from")
        if table == "loan_state":
            _add_number(table, "closed_at")
            op.add_column(table, sa.Column("known_to", WHOLE_NUMBER))
            op.add_column(table, sa.Column("lasted_long", Flag(), nullable=False, server_default="true"))
            op.alter_column(table, "lasted_long", server_default=None)
        op.add_column(table, sa.Column("disbursed_on", Day()))
        op.add_column(table, sa.Column("last_due_on", Day()))
        _add_number(table, "due_before_minor")
        _add_number(table, "committed_minor")
        op.execute(f"UPDATE {table} SET disbursed_on = {DISBURSED_ON.format(table=table)} WHERE schedule_no > 0")  # noqa: S608 - of this file
        op.execute(f"UPDATE {table} SET committed_minor = {COMMITTED.format(table=table)} WHERE status = 'approved'")  # noqa: S608 - of this file
    _add_number("instalment", "known_from")
    op.add_column("instalment", sa.Column("known_to", WHOLE_NUMBER))
    op.drop_index("ix_loan_position_open", "loan_position")
    op.drop_index("ix_loan_state_lso_id_valid_to", "loan_state")
    _key_again("loan_state", "lso_id", "loan_id", "valid_from", "known_from")
    _key_again("instalment", "lso_id", "loan_id", "schedule_no", "number", "known_from")


def _add_number(table: str, name: str) -> None:
    op.add_column(table, sa.Column(name, WHOLE_NUMBER, nullable=False, server_default="0"))
    op.alter_column(table, name, server_default=None)


def _key_again(table: str, *columns: str) -> None:
    op.drop_constraint(f"pk_{table}", table)
    op.create_primary_key(f"pk_{table}", table, list(columns))


def _widen_in_sqlite() -> None:
    """Make the tables again: SQLite adds nothing to a key, and no column without leaving its default behind."""
    op.drop_index("ix_loan_position_open", "loan_position")
    op.drop_index("ix_loan_state_lso_id_valid_to", "loan_state")
    for table in ("loan_position", "loan_state", "instalment"):
        op.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    _create_standings()
    _create_instalment()
    new = {"known_from": "0", "due_before_minor": "0"}
    for table, more in (
        ("loan_position", {}),
        ("loan_state", {"closed_at": "0", "valid_to": "valid_to", "lasted_long": "1"}),
    ):
        told = {name: sql.format(table=f"{table}_before") for name, sql in _TOLD.items()}
        _copy(table, STANDING, {**new, **more, **told})
    _copy("instalment", INSTALMENT, {"known_from": "0"})


_TOLD = {"disbursed_on": DISBURSED_ON, "committed_minor": COMMITTED}


def _copy(table: str, same: tuple[str, ...], new: dict[str, str]) -> None:
    names, values = ", ".join((*same, *new)), ", ".join((*same, *new.values()))
    op.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table}_before")  # noqa: S608 - of this file
    op.drop_table(f"{table}_before")


def _create_standings() -> None:
    op.create_table(
        "loan_position",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("loan_id", Id(), nullable=False),
        sa.Column("known_from", WHOLE_NUMBER, nullable=False),
        *_columns_of_standing(),
        sa.PrimaryKeyConstraint("lso_id", "loan_id", name="pk_loan_position"),
        sa.ForeignKeyConstraint(
            ["lso_id", "loan_id"], ["loan.lso_id", "loan.id"], name="fk_loan_position_lso_id_loan_id_loan"
        ),
        sa.CheckConstraint("outstanding_minor >= 0", name=op.f("ck_loan_position_outstanding_range")),
        sqlite_strict=True,
    )
    valid_from, *of_standing = _columns_of_standing()
    op.create_table(
        "loan_state",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("loan_id", Id(), nullable=False),
        valid_from,
        sa.Column("known_from", WHOLE_NUMBER, nullable=False),
        sa.Column("valid_to", Day(), nullable=False),
        sa.Column("closed_at", WHOLE_NUMBER, nullable=False),
        sa.Column("known_to", WHOLE_NUMBER),
        sa.Column("lasted_long", Flag(), nullable=False),
        *of_standing,
        sa.PrimaryKeyConstraint("lso_id", "loan_id", "valid_from", "known_from", name="pk_loan_state"),
        sa.ForeignKeyConstraint(
            ["lso_id", "loan_id"], ["loan.lso_id", "loan.id"], name="fk_loan_state_lso_id_loan_id_loan"
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_loan_state_interval")),
        sqlite_strict=True,
    )


def _columns_of_standing() -> list[sa.Column[object]]:
    return [
        sa.Column("valid_from", Day(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        *_numbers(STANDING[4:9]),
        sa.Column("oldest_due_on", Day()),
        *_numbers(STANDING[10:16]),
        sa.Column("renegotiated", Flag(), nullable=False),
        sa.Column("schedule_no", WHOLE_NUMBER, nullable=False),
        sa.Column("disbursed_on", Day()),
        sa.Column("due_before_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("committed_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("last_due_on", Day()),
    ]


def _numbers(names: tuple[str, ...]) -> list[sa.Column[object]]:
    return [sa.Column(name, WHOLE_NUMBER, nullable=False) for name in names]


def _create_instalment() -> None:
    op.create_table(
        "instalment",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("loan_id", Id(), nullable=False),
        sa.Column("schedule_no", WHOLE_NUMBER, nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("known_from", WHOLE_NUMBER, nullable=False),
        sa.Column("known_to", WHOLE_NUMBER),
        sa.Column("due_on", Day(), nullable=False),
        *_numbers(INSTALMENT[5:]),
        sa.PrimaryKeyConstraint("lso_id", "loan_id", "schedule_no", "number", "known_from", name="pk_instalment"),
        sa.ForeignKeyConstraint(
            ["lso_id", "loan_id"], ["loan.lso_id", "loan.id"], name="fk_instalment_lso_id_loan_id_loan"
        ),
        sqlite_strict=True,
    )


def _index() -> None:
    """Index what reports ask for; on PostgreSQL two indexes hold all that portfolio at risk asks."""
    _add_index("ix_loan_position_open", "loan_position", ["lso_id"], "status = 'open'", COVERED_OF_OPEN)
    _add_index("ix_loan_state_known", "loan_state", ["lso_id", "lasted_long", "valid_to"], "known_to IS NULL", COVERED)
    _add_index("ix_loan_state_replaced", "loan_state", ["lso_id", "known_to"], "known_to IS NOT NULL")
    op.create_index("ix_loan_state_lso_id_closed_at", "loan_state", ["lso_id", "closed_at"])


def _add_index(name: str, table: str, columns: list[str], where: str, covered: tuple[str, ...] = ()) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        table,
        columns,
        sqlite_where=condition,
        postgresql_where=condition,
        postgresql_include=list(covered) or None,
    )


def _create_loan_before() -> None:
    op.create_table(
        "loan_before",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("loan_id", Id(), nullable=False),
        sa.Column("known_to", WHOLE_NUMBER, nullable=False),
        sa.Column("known_from", WHOLE_NUMBER, nullable=False),
        sa.Column("member_id", Id(), nullable=False),
        sa.Column("product_id", Id(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("cycle", WHOLE_NUMBER, nullable=False),
        sa.Column("household_id", Id(), nullable=False),
        sa.Column("co_id", Id(), nullable=False),
        sa.Column("vo_id", Id(), nullable=False),
        sa.Column("poverty_score", WHOLE_NUMBER),
        sa.Column("gender", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text()),
        sa.Column("disbursed_on", Day()),
        sa.PrimaryKeyConstraint("lso_id", "loan_id", "known_to", name="pk_loan_before"),
        sa.ForeignKeyConstraint(
            ["lso_id", "loan_id"], ["loan.lso_id", "loan.id"], name="fk_loan_before_lso_id_loan_id_loan"
        ),
        sqlite_strict=True,
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE loan_before ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE loan_before FORCE ROW LEVEL SECURITY")
        op.execute("""
            CREATE POLICY one_lso ON loan_before
            USING (current_setting('cif.lso_id', true) = '*' OR lso_id::text = current_setting('cif.lso_id', true))
        """)
