"""Rule sets: what a loan that is so many days late is classed as, and what is to be provided for it, by day."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from cif_engine.dates import EARLIEST_DAY
from cif_engine.errors import RuleError
from cif_engine.persistence.columns import WHOLE_NUMBER, Day

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

YARDSTICK = "A yardstick: an LSO is not bound by it."
OF_COMMUNITY = """
A default, to be replaced by a version of what the programme decides. The bands are those of the ageing; the rates are
of the order in which microfinance lenders provide for unsecured loans of a year.
"""
OF_SBP = """
In the manner of the State Bank of Pakistan's regulations for microfinance banks, which also ask for a general
provision; that one is not in these rates.
"""
OF_IFRS9 = """
Stages by days late alone, after the presumptions of IFRS 9: more than 30 days is a significant increase of risk, more
than 90 a default. Expected losses are each lender's own estimate, so there are no rates.
"""

# Code, name, comparator, remark, and the bands: class, from and to how many days late, rate.
SHIPPED = (
    (
        "community",
        "Community default",
        ">",
        OF_COMMUNITY,
        (
            ("Current", 0, 0, "0.01"),
            ("Late 1-30", 1, 30, "0.10"),
            ("Late 31-60", 31, 60, "0.25"),
            ("Late 61-90", 61, 90, "0.50"),
            ("Late 91-180", 91, 180, "0.75"),
            ("Late 181-365", 181, 365, "1"),
            ("Late over 365", 366, None, "1"),
        ),
    ),
    (
        "sbp",
        "State Bank of Pakistan style",
        ">=",
        OF_SBP,
        (
            ("Regular", 0, 29, "0"),
            ("Watch (OAEM)", 30, 59, "0"),
            ("Substandard", 60, 89, "0.25"),
            ("Doubtful", 90, 179, "0.50"),
            ("Loss", 180, None, "1"),
        ),
    ),
    (
        "ifrs9",
        "IFRS 9 view",
        ">",
        OF_IFRS9,
        (
            ("Stage 1", 0, 30, None),
            ("Stage 2", 31, 90, None),
            ("Stage 3", 91, None, None),
        ),
    ),
)


def upgrade() -> None:
    """Make the table, put in the sets that every installation begins with, and let rows only be added from then on."""
    table = op.create_table(
        "rule_set",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("effective_from", Day(), nullable=False),
        sa.Column("comparator", sa.Text(), nullable=False),
        sa.Column("bands", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("recorded_at", WHOLE_NUMBER, nullable=False),
        sa.Column("actor", sa.Text()),
        sa.PrimaryKeyConstraint("code", "number", name="pk_rule_set"),
        sa.CheckConstraint("comparator IN ('>', '>=')", name=op.f("ck_rule_set_comparator_known")),
        sqlite_strict=True,
    )
    op.bulk_insert(table, [_shipped(*said) for said in SHIPPED])
    if op.get_context().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgres()


def downgrade() -> None:
    """Refuse."""
    raise RuleError("Reports were made by these rules. To go back, restore a backup made before.")


def _shipped(
    code: str, name: str, comparator: str, remark: str, bands: tuple[tuple[str, int, int | None, str | None], ...]
) -> dict[str, object]:
    """Return a row that every report sees: in force since the first day, recorded before the first moment."""
    keys = ("name", "days_from", "days_to", "rate")
    return {
        "code": code,
        "number": 1,
        "name": name,
        "effective_from": EARLIEST_DAY,
        "comparator": comparator,
        "bands": json.dumps([dict(zip(keys, band, strict=True)) for band in bands], separators=(",", ":")),
        "remark": " ".join((YARDSTICK, *remark.split())),
        "recorded_at": 0,
        "actor": None,
    }


def _guard_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"""
            CREATE TRIGGER rule_set_refuses_{verb.lower()} BEFORE {verb} ON rule_set
            BEGIN SELECT RAISE(ABORT, 'CIF01: rows of rule_set are only ever added'); END
        """)
    op.execute("""
        CREATE TRIGGER rule_set_refuses_replace BEFORE INSERT ON rule_set
        WHEN EXISTS (SELECT 1 FROM rule_set WHERE code = NEW.code AND number = NEW.number)
        OR EXISTS (SELECT 1 FROM rule_set WHERE rowid = NEW.rowid)
        BEGIN SELECT RAISE(ABORT, 'CIF03: this row of rule_set is there already'); END
    """)


def _guard_postgres() -> None:
    op.execute("""
        CREATE TRIGGER rule_set_refuses_edit BEFORE UPDATE OR DELETE ON rule_set
        FOR EACH ROW EXECUTE FUNCTION refuse_edit()
    """)
    op.execute("""
        CREATE TRIGGER rule_set_refuses_truncate BEFORE TRUNCATE ON rule_set
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit()
    """)
