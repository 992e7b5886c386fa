"""Verification names what was tampered with behind the backs of the guards; sound books are in `tests/laws`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
import sqlalchemy as sa

from cif_engine.errors import NotFoundError
from cif_engine.ledger.events import Papers
from cif_engine.operations.findings import Finding, Law
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.tables import TABLES
from tests.books import a_funded_book
from tests.reports.village import Village, new_id

LOAN = TABLES["loan"]
JANUARY, FEBRUARY, MARCH = date(2021, 1, 1), date(2021, 2, 1), date(2021, 3, 1)
DISBURSED, LAST = 6, 8
"""The seq of the disbursement and of the last event: three for the tranche, three for the loan, two repayments."""


@pytest.fixture
def village(databases: Databases) -> Village:
    village = Village.founded(databases)
    village.give(100_000_00, JANUARY)
    loan = village.lend(12_000_00, JANUARY)
    village.repay(loan, 1_200_00, MARCH)
    village.repay(loan, 2_400_00, FEBRUARY, papers=Papers(receipt_no="R-1"))
    return village


def tamper(village: Village, *statements: str) -> list[Finding]:
    """Change the book with the guards removed, and verify it. `:lso` is the LSO's id."""
    with village.databases.writing() as connection:
        remove_guards(connection)
        for statement in statements:
            connection.execute(sa.text(statement), {"lso": village.lso_id})
    return verify(village.databases, village.lso_id)


def remove_guards(connection: sa.Connection) -> None:
    """Do what someone with the keys of the database could do first."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for name in connection.exec_driver_sql(triggers).scalars().all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    for table in ("event", "posting", "answer"):
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    public = "connamespace = 'public'::regnamespace"
    checks = f"SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'c' AND {public}"  # noqa: S608 - made here
    for table, name in connection.exec_driver_sql(checks).all():
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


@dataclass(frozen=True)
class Tampering:
    """What is done to the book, and the findings it must lead to: the law and a part of where and what."""

    statements: tuple[str, ...]
    found: tuple[tuple[Law, str, str], ...]


def case(name: str, statement: str | tuple[str, ...], *found: tuple[Law, str, str]) -> object:
    statements = (statement,) if isinstance(statement, str) else statement
    return pytest.param(Tampering(statements, found), id=name)


UNSEALED = "its hash is not that of what it says and posts"
TAMPERINGS = [
    case(
        "a payload",
        "UPDATE event SET payload = replace(payload, '120000', '110000') WHERE lso_id = :lso AND seq = 7",
        (Law.CHAIN, f"event {LAST - 1}", UNSEALED),
        (Law.REBUILD, "-00001, loan_position", "outstanding_minor"),
        (Law.REBUILD, "-00001", "its postings of 2021-03-01 to CIF.1010"),
        (Law.SUB_LEDGER, "fund CIF, loans_outstanding", "it is not the outstanding principal of its loans"),
        (Law.FUND_IDENTITY, "fund CIF", "money and loans"),
    ),
    case(
        "who recorded it",
        "UPDATE event SET actor = 'nobody' WHERE lso_id = :lso AND seq = 2",
        (Law.CHAIN, "event 2", UNSEALED),
    ),
    case(
        "a kind no one knows",
        "UPDATE event SET kind = 'gift' WHERE lso_id = :lso AND seq = 3",
        (Law.CHAIN, "event 3", "its kind is not known"),
        (Law.REBUILD, "sub-grants, tranche", "received_on"),
    ),
    case(
        "a payload that is no JSON",
        "UPDATE event SET payload = 'x' WHERE lso_id = :lso AND seq = 8",
        (Law.CHAIN, f"event {LAST}", UNSEALED),
        (Law.REBUILD, "loan ", "its facts cannot be read"),
    ),
    case(
        "an agreement that is no JSON",
        "UPDATE event SET payload = 'x' WHERE lso_id = :lso AND seq = 1",
        (Law.CHAIN, "event 1", UNSEALED),
        (Law.REBUILD, "sub-grants", "agreements and tranches cannot be read from the events"),
    ),
    case(
        "the moment it was recorded",
        "UPDATE event SET recorded_at = 5 WHERE lso_id = :lso AND seq = 4",
        (Law.CHAIN, "event 4", "it was not recorded after the one before it"),
        (Law.CHAIN, "event 4", UNSEALED),
    ),
    case(
        "the hash of the event before",
        "UPDATE event SET prev_hash = hash WHERE lso_id = :lso AND seq = 4",
        (Law.CHAIN, "event 4", "it is not sealed with the one before it"),
    ),
    case(
        "an event taken out",
        ("DELETE FROM event WHERE lso_id = :lso AND seq = 4",),
        (Law.CHAIN, "event 5", "events are missing before it"),
        (Law.CHAIN, "event 5", "it is not sealed with the one before it"),
        (Law.REBUILD, "loan ", "its facts cannot be read"),
    ),
    case(
        "the last event cut off",
        (
            "DELETE FROM posting WHERE lso_id = :lso AND event_seq = 8",
            "DELETE FROM paper WHERE lso_id = :lso",
            "DELETE FROM event WHERE lso_id = :lso AND seq = 8",
        ),
        (Law.CHAIN, f"event {LAST - 1}", "the head of the book is not its last event"),
        (Law.REBUILD, "account CIF.1010", "its stored balance is not what its postings sum to"),
    ),
    case(
        "the head of the book",
        "UPDATE book SET head_recorded_at = head_recorded_at + 1 WHERE lso_id = :lso",
        (Law.CHAIN, f"event {LAST}", "the head of the book is not its last event"),
    ),
    case(
        "the amount of a posting",
        "UPDATE posting SET amount_minor = amount_minor + 1 WHERE lso_id = :lso AND event_seq = 6",
        (Law.CHAIN, f"event {DISBURSED}", UNSEALED),
        (Law.REBUILD, "account CIF.1020", "its stored balance"),
        (Law.REBUILD, "account CIF.1100", "its stored balance"),
        (Law.REBUILD, "-00001", "its postings of 2021-01-01 to CIF.1020 are not what its facts call for"),
        (Law.SUB_LEDGER, "fund CIF, loans_outstanding", "it is not the outstanding principal"),
        (Law.FUND_IDENTITY, "fund CIF", "money and loans less liabilities"),
    ),
    case(
        "a posting of nothing",
        "UPDATE posting SET amount_minor = 0 WHERE lso_id = :lso AND event_seq = 6",
        (Law.BALANCED, f"event {DISBURSED}", "a posting moves nothing"),
    ),
    case(
        "a posting within one account",
        "UPDATE posting SET debit = credit WHERE lso_id = :lso AND event_seq = 6",
        (Law.BALANCED, f"event {DISBURSED}", "a posting moves nothing"),
    ),
    case(
        "the day of a posting",
        "UPDATE posting SET effective_on = '2021-01-15' WHERE lso_id = :lso AND event_seq = 3",
        (Law.CHAIN, "event 3", UNSEALED),
        (Law.FLOOR, "account CIF.1020", "it is below zero at the end of 2021-01-01"),
    ),
    case(
        "the loan of a posting taken out",
        "UPDATE posting SET loan_id = NULL WHERE lso_id = :lso AND event_seq = 7",
        (Law.CHAIN, "event 7", UNSEALED),
        (Law.REBUILD, "-00001", "its postings of 2021-03-01 to CIF.1010"),
    ),
    case(
        "the loan of a posting",
        """
        UPDATE posting SET loan_id = (SELECT id FROM fund WHERE lso_id = :lso AND code = 'SHOP')
        WHERE lso_id = :lso AND event_seq = 7
        """,
        (Law.SUB_LEDGER, "event 7", "a posting is of a loan that the event is not of"),
    ),
    case(
        "a number of paper",
        "UPDATE paper SET number = 'R-2' WHERE lso_id = :lso",
        (Law.REBUILD, "papers, paper repayment_received receipt_no R-1", "the row is missing"),
        (Law.REBUILD, "papers, paper repayment_received receipt_no R-2", "no event calls for the row"),
    ),
    case(
        "who bears a number of paper",
        "UPDATE paper SET event_id = (SELECT id FROM event WHERE lso_id = :lso AND seq = 1) WHERE lso_id = :lso",
        (Law.REBUILD, "receipt_no R-1", "event_id"),
    ),
    case(
        "a balance",
        "UPDATE account_balance SET balance_minor = 1 WHERE lso_id = :lso AND code = 'CIF.1020'",
        (Law.REBUILD, "account CIF.1020", "its stored balance is not what its postings sum to"),
    ),
    case(
        "a balance taken out",
        "DELETE FROM account_balance WHERE lso_id = :lso AND code = 'CIF.5010'",
        (Law.REBUILD, "account CIF.5010", "its balance is missing"),
    ),
    case(
        "a floor",
        "UPDATE account_balance SET floored = NOT floored WHERE lso_id = :lso AND code = 'CIF.1010'",
        (Law.REBUILD, "account CIF.1010", "the floor under it is not that of its role"),
    ),
    case(
        "the role of an account",
        "UPDATE account SET role = 'bank' WHERE lso_id = :lso AND code = 'CIF.1010'",
        (Law.CHART, "account CIF.1010", "its code is not that of its role"),
    ),
    case(
        "an account taken out",
        (
            "DELETE FROM account_balance WHERE lso_id = :lso AND code = 'CIF.5010'",
            "DELETE FROM account WHERE lso_id = :lso AND code = 'CIF.5010'",
        ),
        (Law.CHART, "account CIF.5010", "it is missing"),
    ),
    case(
        "a role no one knows",
        "UPDATE account SET role = 'purse' WHERE lso_id = :lso AND code = 'CIF.1010'",
        (Law.CHAIN, "the book", "a stored value cannot be read"),
    ),
    case(
        "a position",
        "UPDATE loan_position SET oldest_due_on = '2030-01-01' WHERE lso_id = :lso",
        (Law.REBUILD, "-00001, loan_position", "oldest_due_on"),
    ),
    case(
        "the history of a loan",
        "UPDATE loan_state SET valid_to = '2021-02-02' WHERE lso_id = :lso AND valid_to = '2021-02-01'",
        (Law.REBUILD, "2021-01-01", "valid_to"),
    ),
    case(
        "a day of the history taken out",
        "DELETE FROM loan_state WHERE lso_id = :lso AND valid_to = '2021-02-01'",
        (Law.REBUILD, "2021-01-01", "the row is missing"),
    ),
    case(
        "an instalment",
        "UPDATE instalment SET principal_minor = 1 WHERE lso_id = :lso AND number = 3",
        (Law.REBUILD, " 3", "principal_minor"),
    ),
    case(
        "what was agreed",
        "UPDATE loan SET approved_minor = 1 WHERE lso_id = :lso",
        (Law.REBUILD, "-00001, loan", "approved_minor"),
    ),
    case(
        "a tranche",
        "UPDATE tranche SET received_on = NULL WHERE lso_id = :lso",
        (Law.REBUILD, "sub-grants, tranche", "received_on"),
    ),
    case(
        "an agreement",
        "UPDATE agreement SET amount_minor = 1 WHERE lso_id = :lso",
        (Law.REBUILD, "sub-grants, agreement", "amount_minor"),
    ),
]


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_what_was_tampered_with_is_named(village: Village, tampering: Tampering) -> None:
    findings = tamper(village, *tampering.statements)
    for law, where, what in tampering.found:
        assert any(found.law is law and where in found.where and what in found.what for found in findings), (
            f"{law} {where} {what} not in {findings}"
        )


ANSWERS = {
    "taken out": ("DELETE FROM answer WHERE lso_id = :lso AND event_seq = 3", ("event 3",)),
    "turned into a refusal": (
        "UPDATE answer SET outcome = 'refused' WHERE lso_id = :lso AND event_seq = 3",
        ("event 3",),
    ),
    "of another request": (
        "UPDATE answer SET idempotency_key = 'K' WHERE lso_id = :lso AND event_seq = 3",
        ("event 3", "answer to K"),
    ),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_an_answer_that_is_not_that_of_an_event_is_named(databases: Databases, what: str) -> None:
    """Its request, sent again, would be recorded twice; a request that was never recorded would be answered."""
    book = a_funded_book(databases)
    assert verify(databases, book.lso_id) == []
    tampering, where = ANSWERS[what]
    with databases.writing() as connection:
        remove_guards(connection)
        connection.execute(sa.text(tampering), {"lso": book.lso_id})
    assert [(found.law, found.where) for found in verify(databases, book.lso_id)] == [
        (Law.ONCE, place) for place in where
    ]


def test_only_what_was_tampered_with_is_named(village: Village) -> None:
    findings = tamper(village, "UPDATE instalment SET principal_minor = 1 WHERE lso_id = :lso AND number = 3")
    assert [(found.law, found.what, found.expected, found.found) for found in findings] == [
        (Law.REBUILD, "principal_minor", "120000", "1")
    ]


def test_a_loan_that_no_event_tells_of_is_named(village: Village) -> None:
    stray = new_id()
    with village.databases.writing(village.lso_id) as connection:
        told = connection.execute(sa.select(LOAN).where(LOAN.c.lso_id == village.lso_id)).mappings().one()
        connection.execute(sa.insert(LOAN).values({**told, "id": stray, "number": "X"}))
    findings = verify(village.databases, village.lso_id)
    assert [(found.law, found.where, found.what) for found in findings] == [
        (Law.REBUILD, f"loan {stray}, loan", "no event calls for the row")
    ]


def test_a_finding_reads_as_one_line_and_as_json(village: Village) -> None:
    (found,) = tamper(village, "UPDATE account_balance SET balance_minor = 1 WHERE lso_id = :lso AND code = 'CIF.1020'")
    assert str(found) == (
        f"{found.lso} account CIF.1020: its stored balance is not what its postings sum to: "
        "expected 88000.00, found 0.01 (law 8: rebuild = stored)"
    )
    assert found.view()["expected"] == "88000.00"


def test_other_books_are_verified_too_and_an_unknown_one_is_not_found(village: Village) -> None:
    other = Village.founded(village.databases)
    tamper(village, "UPDATE book SET head_recorded_at = head_recorded_at + 1 WHERE lso_id = :lso")
    assert len(verify(village.databases)) == 1
    assert verify(village.databases, other.lso_id) == []
    with pytest.raises(NotFoundError):
        verify(village.databases, new_id())
