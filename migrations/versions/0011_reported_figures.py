"""Figures that others report, as they were printed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cif_engine.errors import RuleError
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Id

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLE = "reported_set"
UNIQUE = (("rsp_id", "number"), ("id",))
"""What two rows may not share."""


def upgrade() -> None:
    """Make the table, and let rows only be added."""
    op.create_table(
        TABLE,
        sa.Column("rsp_id", Id(), nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("of_lso_id", Id()),
        sa.Column("place", sa.Text()),
        sa.Column("as_of", Day(), nullable=False),
        sa.Column("as_of_printed", sa.Text(), nullable=False),
        sa.Column("formed_on", Day()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("page", sa.Text()),
        sa.Column("printed_on", Day()),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("limits", sa.Text()),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("recorded_at", WHOLE_NUMBER, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rsp_id", "number", name="pk_reported_set"),
        sa.UniqueConstraint("id", name="uq_reported_set_id"),
        sa.ForeignKeyConstraint(["rsp_id"], ["rsp.id"], name="fk_reported_set_rsp_id_rsp"),
        sa.ForeignKeyConstraint(["of_lso_id"], ["lso.id"], name="fk_reported_set_of_lso_id_lso"),
        sa.CheckConstraint("subject IN ('rsp', 'lso', 'settlement')", name=op.f("ck_reported_set_subject_known")),
        sa.CheckConstraint("number > 0", name=op.f("ck_reported_set_number_positive")),
        sqlite_strict=True,
    )
    op.create_index("ix_reported_set_of_lso_id", TABLE, ["of_lso_id"])
    if op.get_context().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgres()


def downgrade() -> None:
    """Refuse."""
    raise RuleError("What was reported is never forgotten. To go back, restore a backup made before.")


def _guard_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"""
            CREATE TRIGGER {TABLE}_refuses_{verb.lower()} BEFORE {verb} ON {TABLE}
            BEGIN SELECT RAISE(ABORT, 'CIF01: rows of {TABLE} are only ever added'); END
        """)
    # A row may also be replaced by its rowid; where the statement names none, it is -1 here.
    taken = " OR ".join(f"EXISTS ({_same(key)})" for key in (*UNIQUE, ("rowid",)))
    op.execute(f"""
        CREATE TRIGGER {TABLE}_refuses_replace BEFORE INSERT ON {TABLE} WHEN {taken}
        BEGIN SELECT RAISE(ABORT, 'CIF03: this row of {TABLE} is there already'); END
    """)


def _same(key: tuple[str, ...]) -> str:
    matches = " AND ".join(f"{column} = NEW.{column}" for column in key)
    return f"SELECT 1 FROM {TABLE} WHERE {matches}"  # noqa: S608 - names of this file


def _guard_postgres() -> None:
    op.execute(f"""
        CREATE TRIGGER {TABLE}_refuses_edit BEFORE UPDATE OR DELETE ON {TABLE}
        FOR EACH ROW EXECUTE FUNCTION refuse_edit()
    """)
    op.execute(f"""
        CREATE TRIGGER {TABLE}_refuses_truncate BEFORE TRUNCATE ON {TABLE}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit()
    """)
