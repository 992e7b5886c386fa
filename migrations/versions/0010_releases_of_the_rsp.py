"""What an RSP's own finance ledger says it released to its LSOs, and what was answered to those who told it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cif_engine.errors import RuleError
from cif_engine.money import MAX_MINOR
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Id

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UNIQUE = {
    "rsp_release": (("rsp_id", "number"), ("id",), ("reverses",)),
    "rsp_answer": (("rsp_id", "idempotency_key"),),
}
"""What two rows of a table may not share."""


def upgrade() -> None:
    """Make the tables, and let rows only be added."""
    _create_tables()
    if op.get_context().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgres()


def downgrade() -> None:
    """Refuse."""
    raise RuleError("What an RSP said that it released is never forgotten. To go back, restore a backup made before.")


def _create_tables() -> None:
    op.create_table(
        "rsp_release",
        sa.Column("rsp_id", Id(), nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("to_lso_id", Id(), nullable=False),
        sa.Column("fund", sa.Text(), nullable=False),
        sa.Column("tranche", WHOLE_NUMBER, nullable=False),
        sa.Column("amount_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("released_on", Day(), nullable=False),
        sa.Column("reverses", Id()),
        sa.Column("reason", sa.Text()),
        sa.Column("recorded_at", WHOLE_NUMBER, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rsp_id", "number", name="pk_rsp_release"),
        sa.UniqueConstraint("id", name="uq_rsp_release_id"),
        sa.UniqueConstraint("reverses", name="uq_rsp_release_reverses"),
        sa.ForeignKeyConstraint(["rsp_id"], ["rsp.id"], name="fk_rsp_release_rsp_id_rsp"),
        sa.ForeignKeyConstraint(["to_lso_id"], ["lso.id"], name="fk_rsp_release_to_lso_id_lso"),
        sa.ForeignKeyConstraint(["reverses"], ["rsp_release.id"], name="fk_rsp_release_reverses_rsp_release"),
        sa.CheckConstraint("number > 0", name=op.f("ck_rsp_release_number_positive")),
        sa.CheckConstraint(f"amount_minor BETWEEN 1 AND {MAX_MINOR}", name=op.f("ck_rsp_release_amount_minor_range")),
        sqlite_strict=True,
    )
    op.create_table(
        "rsp_answer",
        sa.Column("rsp_id", Id(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rsp_id", "idempotency_key", name="pk_rsp_answer"),
        sa.ForeignKeyConstraint(["rsp_id"], ["rsp.id"], name="fk_rsp_answer_rsp_id_rsp"),
        sa.CheckConstraint("outcome IN ('accepted', 'refused')", name=op.f("ck_rsp_answer_outcome_known")),
        sqlite_strict=True,
    )


def _guard_sqlite() -> None:
    for table, keys in UNIQUE.items():
        for verb in ("UPDATE", "DELETE"):
            op.execute(f"""
                CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table}
                BEGIN SELECT RAISE(ABORT, 'CIF01: rows of {table} are only ever added'); END
            """)
        # A row may also be replaced by its rowid; where the statement names none, it is -1 here.
        taken = " OR ".join(f"EXISTS ({_same(table, key)})" for key in (*keys, ("rowid",)))
        op.execute(f"""
            CREATE TRIGGER {table}_refuses_replace BEFORE INSERT ON {table} WHEN {taken}
            BEGIN SELECT RAISE(ABORT, 'CIF03: this row of {table} is there already'); END
        """)


def _same(table: str, key: tuple[str, ...]) -> str:
    matches = " AND ".join(f"{column} = NEW.{column}" for column in key)
    return f"SELECT 1 FROM {table} WHERE {matches}"  # noqa: S608 - names of this file


def _guard_postgres() -> None:
    for table in UNIQUE:
        op.execute(f"""
            CREATE TRIGGER {table}_refuses_edit BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_edit()
        """)
        op.execute(f"""
            CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit()
        """)
