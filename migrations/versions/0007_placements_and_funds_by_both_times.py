"""What reports cut by keeps its past: where an LSO is placed, and whose fund it is; row-level security costs less."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cif_engine.dates import EARLIEST_DAY
from cif_engine.errors import RuleError
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Id

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEYS = {"lso_placement": ("lso_id", "number"), "fund_version": ("lso_id", "fund_id", "number")}
PLACED = "rsp_id, district_id, tehsil_id, union_council_id"
OF_FUND = "funder, programme, reserve_floor_minor"

SETTING = "current_setting('cif.lso_id', true)"
# A CASE, because of it the planner expects every other row; of a comparison of two texts it would expect one in two
# hundred. No subquery: sharded tables take none, and it would keep a union of several tables on one processor.
ONE_LSO = f"CASE WHEN {SETTING} = '*' THEN true ELSE lso_id::text = {SETTING} END"


def upgrade() -> None:
    """Give every LSO and every fund a first version, from the beginning and known since ever; then guard them."""
    _create_tables()
    _fill()
    if op.get_context().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgres()
        _separate_lsos()


def downgrade() -> None:
    """Refuse."""
    raise RuleError("Where an LSO was placed is never forgotten. To go back, restore a backup made before.")


def _create_tables() -> None:
    op.create_table(
        "lso_placement",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("valid_from", Day(), nullable=False),
        sa.Column("recorded_at", WHOLE_NUMBER, nullable=False),
        sa.Column("actor", sa.Text()),
        sa.Column("rsp_id", Id(), nullable=False),
        sa.Column("district_id", Id(), nullable=False),
        sa.Column("tehsil_id", Id()),
        sa.Column("union_council_id", Id()),
        sa.PrimaryKeyConstraint("lso_id", "number", name="pk_lso_placement"),
        sa.ForeignKeyConstraint(["lso_id"], ["lso.id"], name="fk_lso_placement_lso_id_lso"),
        sa.ForeignKeyConstraint(["rsp_id"], ["rsp.id"], name="fk_lso_placement_rsp_id_rsp"),
        sa.ForeignKeyConstraint(["district_id"], ["area.id"], name="fk_lso_placement_district_id_area"),
        sa.ForeignKeyConstraint(["tehsil_id"], ["area.id"], name="fk_lso_placement_tehsil_id_area"),
        sa.ForeignKeyConstraint(["union_council_id"], ["area.id"], name="fk_lso_placement_union_council_id_area"),
        sqlite_strict=True,
    )
    op.create_index("ix_lso_placement_rsp_id", "lso_placement", ["rsp_id"])
    op.create_table(
        "fund_version",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("fund_id", Id(), nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("valid_from", Day(), nullable=False),
        sa.Column("recorded_at", WHOLE_NUMBER, nullable=False),
        sa.Column("actor", sa.Text()),
        sa.Column("funder", sa.Text(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("reserve_floor_minor", WHOLE_NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("lso_id", "fund_id", "number", name="pk_fund_version"),
        sa.ForeignKeyConstraint(
            ["lso_id", "fund_id"], ["fund.lso_id", "fund.id"], name="fk_fund_version_lso_id_fund_id_fund"
        ),
        sqlite_strict=True,
    )
    op.add_column("book", sa.Column("versions_recorded_at", WHOLE_NUMBER, nullable=False, server_default="0"))


def _fill() -> None:
    first = f"1, '{EARLIEST_DAY}', 0"
    op.execute(f"""
        INSERT INTO lso_placement (lso_id, number, valid_from, recorded_at, {PLACED})
        SELECT id, {first}, {PLACED} FROM lso
    """)  # noqa: S608 - names of this file
    op.execute(f"""
        INSERT INTO fund_version (lso_id, fund_id, number, valid_from, recorded_at, {OF_FUND})
        SELECT lso_id, id, {first}, {OF_FUND} FROM fund
    """)  # noqa: S608 - as above


def _guard_sqlite() -> None:
    for table, key in KEYS.items():
        for verb in ("UPDATE", "DELETE"):
            op.execute(f"""
                CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table}
                BEGIN SELECT RAISE(ABORT, 'CIF01: rows of {table} are only ever added'); END
            """)
        # A row may also be replaced by its rowid; where the statement names none, it is -1 here.
        taken = " OR ".join(f"EXISTS ({_same(table, columns)})" for columns in (key, ("rowid",)))
        op.execute(f"""
            CREATE TRIGGER {table}_refuses_replace BEFORE INSERT ON {table} WHEN {taken}
            BEGIN SELECT RAISE(ABORT, 'CIF03: this row of {table} is there already'); END
        """)


def _same(table: str, columns: tuple[str, ...]) -> str:
    matches = " AND ".join(f"{column} = NEW.{column}" for column in columns)
    return f"SELECT 1 FROM {table} WHERE {matches}"  # noqa: S608 - names of this file


def _guard_postgres() -> None:
    for table in KEYS:
        op.execute(f"""
            CREATE TRIGGER {table}_refuses_edit BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_edit()
        """)
        op.execute(f"""
            CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit()
        """)


def _separate_lsos() -> None:
    """Separate the new tables, and let the planner expect the right number of rows of all tables."""
    for table in KEYS:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY one_lso ON {table} USING ({ONE_LSO})")
    separated = op.get_bind().exec_driver_sql(
        "SELECT polrelid::regclass::text FROM pg_policy WHERE polname = 'one_lso'"
    )
    for table in list(separated.scalars()):
        op.execute(f"ALTER POLICY one_lso ON {table} USING ({ONE_LSO})")
