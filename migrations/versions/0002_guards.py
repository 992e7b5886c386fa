"""What the database refuses by itself: editing a book, leaving out an event, and looking into another LSO's rows."""

from __future__ import annotations

from alembic import op

from cif_engine.errors import RuleError

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The keys of each table that is only added to: REPLACE on any of them would remove the older row.
KEYS = {
    "event": (
        ("lso_id", "seq"),
        ("lso_id", "id"),
        ("lso_id", "kind", "receipt_no"),
        ("lso_id", "kind", "voucher_no"),
        ("lso_id", "kind", "external_id"),
    ),
    "posting": (("lso_id", "event_seq", "line"),),
    "answer": (("lso_id", "idempotency_key"),),
}

OF_ONE_LSO = (
    "api_key",
    "book",
    "institution",
    "household",
    "member",
    "fund",
    "custodian",
    "agreement",
    "tranche",
    "product",
    "account",
    "account_balance",
    "event",
    "posting",
    "answer",
    "loan",
    "instalment",
    "loan_position",
    "loan_state",
)


def upgrade() -> None:
    """Create the guards; PostgreSQL knows SQLSTATEs of our own, in SQLite the message begins with them."""
    if op.get_context().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgres()
        _separate_lsos()


def downgrade() -> None:
    """Refuse."""
    raise RuleError("The guards of a book are never taken away. To go back, restore a backup made before.")


def _guard_sqlite() -> None:
    for table, keys in KEYS.items():
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
    op.execute("""
        CREATE TRIGGER event_refuses_gap BEFORE INSERT ON event
        WHEN NEW.seq > 1 AND NOT EXISTS (SELECT 1 FROM event WHERE lso_id = NEW.lso_id AND seq = NEW.seq - 1)
        BEGIN SELECT RAISE(ABORT, 'CIF02: the event before this one is missing'); END
    """)


def _same(table: str, key: tuple[str, ...]) -> str:
    matches = " AND ".join(f"{column} = NEW.{column}" for column in key)
    return f"SELECT 1 FROM {table} WHERE {matches}"  # noqa: S608 - names of this file


def _guard_postgres() -> None:
    op.execute("""
        CREATE FUNCTION refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'CIF01';
        END $$
    """)
    for table in KEYS:
        op.execute(f"""
            CREATE TRIGGER {table}_refuses_edit BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_edit()
        """)
        op.execute(f"""
            CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit()
        """)
    # Volatile, so that it sees the rows which the same statement added before this one. It asks in order, because a
    # plan made while the table is empty would else take any index that begins with lso_id, and be kept for good.
    op.execute("""
        CREATE FUNCTION refuse_gap() RETURNS trigger LANGUAGE plpgsql VOLATILE
        SET plan_cache_mode = force_generic_plan AS $$
        DECLARE before bigint;
        BEGIN
            SELECT seq INTO before FROM event
            WHERE lso_id = NEW.lso_id AND seq < NEW.seq ORDER BY seq DESC LIMIT 1;
            IF before IS DISTINCT FROM NEW.seq - 1 THEN
                RAISE EXCEPTION 'the event before this one is missing' USING ERRCODE = 'CIF02';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER event_refuses_gap BEFORE INSERT ON event
        FOR EACH ROW WHEN (NEW.seq > 1) EXECUTE FUNCTION refuse_gap()
    """)


def _separate_lsos() -> None:
    """Show and take the rows of the LSO that `cif.lso_id` names, of all where it is '*', of none where it is not set.

    Plain comparisons, '*' first: policies of sharded tables may hold no subquery.
    """
    for table in OF_ONE_LSO:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")  # else it does not bind the owner
        op.execute(f"""
            CREATE POLICY one_lso ON {table}
            USING (current_setting('cif.lso_id', true) = '*' OR lso_id::text = current_setting('cif.lso_id', true))
        """)
