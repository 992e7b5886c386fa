"""The book: its head, events, postings, accounts, balances, and what was answered."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from cif_engine.persistence.columns import WHOLE_NUMBER
from cif_engine.persistence.tables.declaring import (
    STRICT,
    amount_range,
    day_column,
    flag_column,
    id_column,
    key_column,
    number_column,
    one_of,
    text_column,
    within_book,
)

PAPERS = ("receipt_no", "voucher_no", "external_id")
"""What the numbers on the paper behind a fact are called."""


class Book(SQLModel, table=True):
    """The head of one book, and the row that its one writer locks.

    `versions_recorded_at` is the moment of the last version of what reports go by (`LsoPlacement`, `FundVersion`,
    `TrancheRuleRow`), 0 before any but the first: what is recorded next, in the book or as a version, is later.
    """

    __table_args__ = (sa.ForeignKeyConstraint(["lso_id"], ["lso.id"]), STRICT)
    lso_id: str = key_column()
    head_seq: int = number_column()
    head_recorded_at: int = number_column()
    head_hash: bytes = Field(sa_type=sa.LargeBinary)
    versions_recorded_at: int = number_column(sa_column_kwargs={"server_default": "0"})


class BookEvent(SQLModel, table=True):
    """An event; only ever added."""

    __tablename__: ClassVar[Any] = "event"
    __table_args__ = (
        within_book("lso_id", "book", "lso_id"),
        sa.UniqueConstraint("lso_id", "id"),
        sa.CheckConstraint("seq > 0", name="seq_positive"),
        sa.Index("ix_event_lso_id_loan_id", "lso_id", "loan_id"),
        *(
            sa.Index(
                f"ix_event_lso_id_{sought}",
                "lso_id",
                sought,
                sqlite_where=sa.text(f"{sought} IS NOT NULL"),
                postgresql_where=sa.text(f"{sought} IS NOT NULL"),
            )
            for sought in ("receipt_no", "reverses")
        ),
        STRICT,
    )
    lso_id: str = key_column()
    seq: int = Field(primary_key=True, sa_type=WHOLE_NUMBER)
    id: str = id_column()
    kind: str = text_column()
    effective_on: date = day_column()
    recorded_at: int = number_column()
    actor: str = text_column()
    idempotency_key: str | None = text_column()
    fund_id: str | None = id_column()
    loan_id: str | None = id_column()
    receipt_no: str | None = text_column()
    voucher_no: str | None = text_column()
    external_id: str | None = text_column()
    reverses: str | None = id_column()
    payload: str = text_column()
    prev_hash: bytes = Field(sa_type=sa.LargeBinary)
    hash: bytes = Field(sa_type=sa.LargeBinary)


class Paper(SQLModel, table=True):
    """Which fact bears a number, of those that hold (projection): no two of a kind, and a reversal frees the number."""

    __table_args__ = (within_book("lso_id event_id", "event"), one_of("name", PAPERS), STRICT)
    lso_id: str = key_column()
    kind: str = Field(primary_key=True, sa_type=sa.Text)
    name: str = Field(primary_key=True, sa_type=sa.Text)
    number: str = Field(primary_key=True, sa_type=sa.Text)
    event_id: str = id_column()


class BookPosting(SQLModel, table=True):
    """A posting of an event; only ever added."""

    __tablename__: ClassVar[Any] = "posting"
    __table_args__ = (
        within_book("lso_id event_seq", "event", "lso_id seq"),
        within_book("lso_id debit", "account", "lso_id code"),
        within_book("lso_id credit", "account", "lso_id code"),
        sa.CheckConstraint("debit <> credit", name="two_accounts"),
        amount_range("amount_minor", 1),
        sa.Index("ix_posting_lso_id_debit_effective_on", "lso_id", "debit", "effective_on"),
        sa.Index("ix_posting_lso_id_credit_effective_on", "lso_id", "credit", "effective_on"),
        STRICT,
    )
    lso_id: str = key_column()
    event_seq: int = Field(primary_key=True, sa_type=WHOLE_NUMBER)
    line: int = Field(primary_key=True, sa_type=WHOLE_NUMBER)
    effective_on: date = day_column()
    debit: str = text_column()
    credit: str = text_column()
    amount_minor: int = number_column()
    loan_id: str | None = id_column()


class BookAccount(SQLModel, table=True):
    """An account of a fund."""

    __tablename__: ClassVar[Any] = "account"
    __table_args__ = (
        within_book("lso_id", "book", "lso_id"),
        within_book("lso_id fund_id", "fund"),
        within_book("lso_id custodian_id", "custodian"),
        STRICT,
    )
    lso_id: str = key_column()
    code: str = Field(primary_key=True, sa_type=sa.Text)
    fund_id: str = id_column()
    role: str = text_column()
    name: str = text_column()
    custodian_id: str | None = id_column()


class AccountBalance(SQLModel, table=True):
    """What all postings of an account sum to, debits positive; the database refuses a floored one below zero."""

    __tablename__: ClassVar[Any] = "account_balance"
    __table_args__ = (
        within_book("lso_id code", "account", "lso_id code"),
        sa.CheckConstraint("balance_minor >= 0 OR NOT floored", name="floor").ddl_if(dialect="postgresql"),
        sa.CheckConstraint("balance_minor >= 0 OR floored = 0", name="floor").ddl_if(dialect="sqlite"),
        STRICT,
    )
    lso_id: str = key_column()
    code: str = Field(primary_key=True, sa_type=sa.Text)
    balance_minor: int = number_column(default=0)
    floored: bool = flag_column()


class Answer(SQLModel, table=True):
    """What was answered to a request that moves money or records a fact, kept for ever; only ever added."""

    __table_args__ = (
        within_book("lso_id", "book", "lso_id"),
        one_of("outcome", ("accepted", "refused")),
        STRICT,
    )
    lso_id: str = key_column()
    idempotency_key: str = Field(primary_key=True, sa_type=sa.Text)
    fingerprint: bytes = Field(sa_type=sa.LargeBinary)
    outcome: str = text_column()
    body: str = text_column()
    event_seq: int | None = number_column()
