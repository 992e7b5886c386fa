"""What a product offers is kept by the day it holds from; a fund names its rest days, and may take any charge."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cif_engine.dates import EARLIEST_DAY
from cif_engine.errors import RuleError
from cif_engine.persistence.columns import WHOLE_NUMBER, Day, Id

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOVED = ("terms", "amount_min_minor", "amount_max_minor", "cycle_max")
"""What a product had for ever, and has from a day on now."""

OLD_POLICIES = "charge_policy IN ('interest_free', 'flat_charge')"
NEW_POLICIES = "charge_policy IN ('interest_free', 'flat_charge', 'any_charge')"


def upgrade() -> None:
    """Give every product its first version, from the beginning; then widen what a fund may say."""
    _create_product_terms()
    _move_terms()
    op.add_column("fund", sa.Column("rest_days", sa.Text(), nullable=False, server_default=""))
    _allow_any_charge()


def downgrade() -> None:
    """Refuse."""
    raise RuleError("What was offered on which day is never forgotten. To go back, restore a backup made before.")


def _create_product_terms() -> None:
    op.create_table(
        "product_terms",
        sa.Column("lso_id", Id(), nullable=False),
        sa.Column("product_id", Id(), nullable=False),
        sa.Column("number", WHOLE_NUMBER, nullable=False),
        sa.Column("valid_from", Day(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("amount_min_minor", WHOLE_NUMBER, nullable=False),
        sa.Column("amount_max_minor", WHOLE_NUMBER),
        sa.Column("cycle_min", WHOLE_NUMBER, nullable=False),
        sa.Column("cycle_max", WHOLE_NUMBER),
        sa.Column("term_min_months", WHOLE_NUMBER),
        sa.Column("term_max_months", WHOLE_NUMBER),
        sa.PrimaryKeyConstraint("lso_id", "product_id", "number", name="pk_product_terms"),
        sa.ForeignKeyConstraint(
            ["lso_id", "product_id"],
            ["product.lso_id", "product.id"],
            name="fk_product_terms_lso_id_product_id_product",
        ),
        sqlite_strict=True,
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE product_terms ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE product_terms FORCE ROW LEVEL SECURITY")
        op.execute("""
            CREATE POLICY one_lso ON product_terms
            USING (current_setting('cif.lso_id', true) = '*' OR lso_id::text = current_setting('cif.lso_id', true))
        """)


def _move_terms() -> None:
    moved = ", ".join(MOVED)
    op.execute(f"""
        INSERT INTO product_terms (lso_id, product_id, number, valid_from, cycle_min, {moved})
        SELECT lso_id, id, 1, '{EARLIEST_DAY}', 1, {moved} FROM product
    """)  # noqa: S608 - names of this file
    for column in MOVED:
        op.drop_column("product", column)


def _allow_any_charge() -> None:
    """Widen the check; funds that already offer a charge on the declining balance are the ones that take any."""
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint("ck_fund_charge_policy_known", "fund")
        op.create_check_constraint(op.f("ck_fund_charge_policy_known"), "fund", NEW_POLICIES)
    else:
        _widen_check_in_sqlite()
    op.execute("""
        UPDATE fund SET charge_policy = 'any_charge' WHERE charge_policy = 'flat_charge' AND EXISTS (
            SELECT 1 FROM product
            JOIN product_terms ON product_terms.lso_id = product.lso_id AND product_terms.product_id = product.id
            WHERE product.lso_id = fund.lso_id AND product.fund_id = fund.id
            AND product_terms.terms LIKE '%"declining_balance"%'
        )
    """)


def _widen_check_in_sqlite() -> None:
    """Rewrite the declaration of the table, the way SQLite documents for changes that leave the rows as they are.

    Making the table again would drop it under the foreign keys of the book. See "Making Other Kinds Of Table Schema
    Changes" in SQLite's documentation of ALTER TABLE.
    """
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    widened = connection.execute(
        sa.text("UPDATE sqlite_schema SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = 'fund'"),
        {"old": OLD_POLICIES, "new": NEW_POLICIES},
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
    if widened.rowcount != 1:
        raise RuleError("The table of funds is not declared as it was made.")
