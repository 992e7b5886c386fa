"""Rules that a funder gives to a tranche, by day and since when known; what is committed is found by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cif_engine.errors import RuleError
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Id

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = ("lso_id", "fund_id", "tranche", "number")
SETTING = "current_setting('cif.lso_id', true)"
ONE_LSO = f"CASE WHEN {SETTING} = '*' THEN true ELSE lso_id::text = {SETTING} END"


def upgrade() -> None:
    """Make the table, let rows only be added to it, and find approved loans quickly."""
    _create_table()
    committed = sa.text("committed_minor > 0")
    op.create_index(
        "ix_loan_position_committed",
        "loan_position",
        ["lso_id"],
        sqlite_where=committed,
        postgresql_where=committed,
    )
    if op.get_context().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgres()


def downgrade() -> None:
    """Refuse."""
    raise RuleError("Loans were made under these rules. To go back, restore a backup made before.")


def _create_table() -> None:
    op.create_table(
        "tranche_rule",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("fund_id", Id(), nullable=False),
        sa.Column("tranche", WHOLE_NUMBER, nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("valid_from", Day(), nullable=False),
        sa.Column("recorded_at", WHOLE_NUMBER, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("turns", sa.Text(), nullable=False),
        sa.Column("poverty_score_from", WHOLE_NUMBER),
        sa.Column("poverty_score_to", WHOLE_NUMBER),
        sa.Column("women_share_min", sa.Text()),
        sa.Column("areas", sa.Text(), nullable=False),
        sa.Column("amount_max_minor", WHOLE_NUMBER),
        sa.Column("cycle_max", WHOLE_NUMBER),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(*KEY, name="pk_tranche_rule"),
        sa.ForeignKeyConstraint(
            ["lso_id", "fund_id"], ["fund.lso_id", "fund.id"], name="fk_tranche_rule_lso_id_fund_id_fund"
        ),
        sa.CheckConstraint("turns IN ('first', 'all')", name=op.f("ck_tranche_rule_turns_known")),
        sqlite_strict=True,
    )


def _guard_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"""
            CREATE TRIGGER tranche_rule_refuses_{verb.lower()} BEFORE {verb} ON tranche_rule
            BEGIN SELECT RAISE(ABORT, 'CIF01: rows of tranche_rule are only ever added'); END
        """)
    # A row may also be replaced by its rowid; where the statement names none, it is -1 here.
    taken = " OR ".join(f"EXISTS ({_same(columns)})" for columns in (KEY, ("rowid",)))
    op.execute(f"""
        CREATE TRIGGER tranche_rule_refuses_replace BEFORE INSERT ON tranche_rule WHEN {taken}
        BEGIN SELECT RAISE(ABORT, 'CIF03: this row of tranche_rule is there already'); END
    """)


def _same(columns: tuple[str, ...]) -> str:
    matches = " AND ".join(f"{column} = NEW.{column}" for column in columns)
    return f"SELECT 1 FROM tranche_rule WHERE {matches}"  # noqa: S608 - names of this file


def _guard_postgres() -> None:
    op.execute("""
        CREATE TRIGGER tranche_rule_refuses_edit BEFORE UPDATE OR DELETE ON tranche_rule
        FOR EACH ROW EXECUTE FUNCTION refuse_edit()
    """)
    op.execute("""
        CREATE TRIGGER tranche_rule_refuses_truncate BEFORE TRUNCATE ON tranche_rule
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit()
    """)
    op.execute("ALTER TABLE tranche_rule ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE tranche_rule FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_lso ON tranche_rule USING ({ONE_LSO})")
