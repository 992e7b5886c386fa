"""How many households are eligible keeps its past; and rules for the health of funds, as data with a day."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from cif_engine.dates import EARLIEST_DAY
from cif_engine.errors import RuleError
from cif_engine.persistence.columns import WHOLE_NUMBER, Day

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

REMARK = """
A yardstick: no fund is bound by it. The limits are of the order in which lenders to the poor judge themselves; to be
replaced by a version of what the programme decides.
"""
# Component, limits of good and of fair, weight.
LIMITS = (
    ("capital_base", "0.95", "0.80", 35),
    ("default_rate", "0.05", "0.10", 35),
    ("cash_share", "0.25", "0.50", 15),
    ("dormancy", "60", "180", 15),
)
SAYS = {
    "late_over_days": 90,
    "limits": [dict(zip(("component", "good", "fair", "weight"), limit, strict=True)) for limit in LIMITS],
    "points": {"good": 100, "fair": 50, "poor": 0},
    "good_from": 75,
    "fair_from": 50,
}
SHIPPED = {
    "code": "community",
    "number": 1,
    "name": "Community default",
    "effective_from": EARLIEST_DAY,
    "says": json.dumps(SAYS, separators=(",", ":")),
    "remark": " ".join(REMARK.split()),
    "recorded_at": 0,
    "actor": None,
}

REFUSE_UPDATE = """
    CREATE TRIGGER lso_placement_refuses_update BEFORE UPDATE ON lso_placement
    BEGIN SELECT RAISE(ABORT, 'CIF01: rows of lso_placement are only ever added'); END
"""
FILL = "UPDATE lso_placement SET households_eligible = (SELECT households_eligible FROM lso WHERE id = lso_id)"


def upgrade() -> None:
    """Let every placement say what its LSO says; make the table of rules with the one that is shipped, and guard it."""
    op.add_column("lso_placement", sa.Column("households_eligible", WHOLE_NUMBER))
    table = op.create_table(
        "health_rule",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("effective_from", Day(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("recorded_at", WHOLE_NUMBER, nullable=False),
        sa.Column("actor", sa.Text()),
        sa.PrimaryKeyConstraint("code", "number", name="pk_health_rule"),
        sqlite_strict=True,
    )
    op.bulk_insert(table, [SHIPPED])
    if op.get_context().dialect.name == "sqlite":
        _fill_sqlite()
        _guard_sqlite()
    else:
        _fill_postgres()
        _guard_postgres()


def downgrade() -> None:
    """Refuse."""
    raise RuleError("Funds were rated by these rules. To go back, restore a backup made before.")


def _fill_sqlite() -> None:
    """No report has counted eligible households so far, so what is said today is all that was ever known."""
    op.execute("DROP TRIGGER lso_placement_refuses_update")
    op.execute(FILL)
    op.execute(REFUSE_UPDATE)


def _fill_postgres() -> None:
    op.execute("ALTER TABLE lso_placement DISABLE TRIGGER lso_placement_refuses_edit")
    op.execute(FILL)
    op.execute("ALTER TABLE lso_placement ENABLE TRIGGER lso_placement_refuses_edit")


def _guard_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"""
            CREATE TRIGGER health_rule_refuses_{verb.lower()} BEFORE {verb} ON health_rule
            BEGIN SELECT RAISE(ABORT, 'CIF01: rows of health_rule are only ever added'); END
        """)
    op.execute("""
        CREATE TRIGGER health_rule_refuses_replace BEFORE INSERT ON health_rule
        WHEN EXISTS (SELECT 1 FROM health_rule WHERE code = NEW.code AND number = NEW.number)
        OR EXISTS (SELECT 1 FROM health_rule WHERE rowid = NEW.rowid)
        BEGIN SELECT RAISE(ABORT, 'CIF03: this row of health_rule is there already'); END
    """)


def _guard_postgres() -> None:
    op.execute("""
        CREATE TRIGGER health_rule_refuses_edit BEFORE UPDATE OR DELETE ON health_rule
        FOR EACH ROW EXECUTE FUNCTION refuse_edit()
    """)
    op.execute("""
        CREATE TRIGGER health_rule_refuses_truncate BEFORE TRUNCATE ON health_rule
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit()
    """)
