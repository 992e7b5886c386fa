"""Registers against the facts, folded in Python, and against the ledger: no row too many, no rupee missing."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.errors import MalformedCursorError, NotFoundError, ReportNotCutError
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import CASH_ROLES, Role
from cif_engine.loans.life import LoanLife, live
from cif_engine.loans.standing import Status
from cif_engine.loans.statement import Due, schedule_on
from cif_engine.moments import to_micros
from cif_engine.money import format_amount, parse_amount
from cif_engine.operations.asking import Question
from cif_engine.operations.files import FileForm, ReportFile
from cif_engine.operations.reporting import FIRST_PAGE, Page, Period
from cif_engine.operations.reports import composed, consolidation
from cif_engine.operations.reports.arrears import DAYS_AHEAD, arrears_register
from cif_engine.operations.reports.money_registers import AT_ONCE, collection_register, disbursement_register
from cif_engine.operations.reports.registers import Place, Rows, register_file, register_page
from cif_engine.operations.reports.shown import report_file, report_view
from cif_engine.persistence.cutting import Asked
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.standings import Within
from cif_engine.portfolio.cuts import Cut, Cutting
from tests.books import Book, a_book, a_funded_book
from tests.laws.settings import some_histories
from tests.reports.reading import Row, content, csv_rows, pages
from tests.reports.test_periods import lives_known
from tests.strategies import BEGINNING, PRODUCTS, History, days, histories, tell

A_FEW = some_histories(12)
ALWAYS = Period(date(2023, 1, 1), date(2026, 12, 31))
MONTH = Period(date(2024, 2, 1), date(2024, 2, 29))
periods = st.tuples(days, days).map(lambda ends: Period(min(ends), max(ends)))
SPLIT = ("principal", "charge", "fees", "penalties", "credit", "recovered")


def asked(*books: Book, known_at: int | None = None, cutting: Cutting | None = None) -> Question:
    return Question(Within(tuple(book.lso_id for book in books)), cutting or Cutting(), known_at)


def total(rows: list[Row], key: str) -> int:
    return sum(parse_amount(row[key], signed=True) for row in rows)


# The registers of money and the ledger -------------------------------------------------------------------------


@A_FEW
@given(histories(), periods, st.data())
def test_the_registers_of_a_period_come_to_what_is_posted_in_it(
    shared_databases: Databases, history: History, period: Period, data: st.DataObject
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    tell(book, history)
    known_at = data.draw(st.none() | st.sampled_from([row["recorded_at"] for row in book.rows("event")]))
    disbursed = list(pages(shared_databases, asked(book, known_at=known_at), disbursement_register(period)))
    collected = list(pages(shared_databases, asked(book, known_at=known_at), collection_register(period)))
    others = Others(lives_known(book, known_at), period)

    accounts = {row["code"]: Role(row["role"]) for row in book.rows("account")}
    in_cash = [row for row in collected if accounts.get(row["account"]) in CASH_ROLES]
    lent, kept = total(disbursed, "principal"), total(disbursed, "charge_up_front")
    expected = {
        "cash": total(in_cash, "received") - total(disbursed, "handed_out") - others.refunded,
        Role.LOANS_OUTSTANDING: lent - total(collected, "principal") - others.written_off,
        Role.SERVICE_CHARGE_INCOME: -kept - total(collected, "charge"),
        Role.FEE_INCOME: -total(collected, "fees"),
        Role.PENALTY_INCOME: -total(collected, "penalties"),
        Role.RECOVERIES: -total(collected, "recovered"),
        Role.BORROWER_CREDIT: others.refunded + others.credit_used - total(collected, "credit"),
    }
    posted = of_loans(book, accounts, period, known_at)
    assert {role: posted[role] for role in expected} == expected


class Others:
    """What else moves money of loans in a period, by their lives: refunds, credit that pays another loan, losses."""

    def __init__(self, lives: dict[str, LoanLife], period: Period) -> None:
        self.refunded = self.credit_used = self.written_off = 0
        for step in chain.from_iterable(life.steps for life in lives.values()):
            if period.from_on <= step.fact.effective_on <= period.to_on:
                self.written_off += step.written_off_minor
                amount_minor = step.fact.says.get("amount_minor", 0)
                self.refunded += amount_minor * (step.fact.kind is Kind.CREDIT_REFUNDED)
                self.credit_used += amount_minor * (step.fact.kind is Kind.CREDIT_USED)


def of_loans(book: Book, accounts: dict[str, Role], period: Period, known_at: int | None) -> defaultdict[Any, int]:
    """Return what is posted for loans in a period, by role, debits positive; all money under `cash`."""
    events = {row["seq"] for row in book.rows("event") if known_at is None or row["recorded_at"] <= known_at}
    sums: defaultdict[Any, int] = defaultdict(int)
    for row in book.rows("posting"):
        counts = row["loan_id"] and row["event_seq"] in events
        if counts and period.from_on <= row["effective_on"] <= period.to_on:
            for side, sign in (("debit", 1), ("credit", -1)):
                role = accounts[row[side]]
                sums["cash" if role in CASH_ROLES else role] += sign * row["amount_minor"]
    return sums


@A_FEW
@given(histories(), periods)
def test_each_row_of_the_collections_is_split_into_all_of_what_came(
    shared_databases: Databases, history: History, period: Period
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    tell(book, history)
    rows = list(pages(shared_databases, asked(book), collection_register(period)))
    for row in rows:
        assert total([row], "received") == sum(total([row], part) for part in SPLIT), row
        assert period.from_on.isoformat() <= row["day"] <= period.to_on.isoformat()
    assert [row["day"] for row in rows] == sorted(row["day"] for row in rows)


# Who to visit --------------------------------------------------------------------------------------------------


@A_FEW
@given(histories(), days, st.data())
def test_whoever_is_late_is_on_the_list_with_what_her_statement_says(
    shared_databases: Databases, history: History, as_of: date, data: st.DataObject
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    tell(book, history)
    known_at = data.draw(st.none() | st.sampled_from([row["recorded_at"] for row in book.rows("event")]))
    question, register = asked(book, known_at=known_at), arrears_register(as_of)
    numbers = {row["id"]: row["number"] for row in book.rows("loan")}
    lives = {numbers[loan]: life for loan, life in lives_on(book, known_at, as_of)}

    late = {row["loan"]: list_entry(row) for row in pages(shared_databases, question, register)}
    assert late == {
        loan: told_of(life, as_of)
        for loan, life in lives.items()
        if life.standing.status is Status.OPEN and life.standing.days_late(as_of) > 0
    }
    soon = [
        (row["loan"], row["due_on"], row["due"]) for row in pages(shared_databases, question, register, "Falling due")
    ]
    assert sorted(soon) == sorted(chain.from_iterable(falling_due(loan, life, as_of) for loan, life in lives.items()))


def lives_on(book: Book, known_at: int | None, as_of: date) -> Iterator[tuple[str, LoanLife]]:
    """Give the lives of loans by the facts up to a day."""
    for loan, life in lives_known(book, known_at).items():
        if facts := [fact for fact in life.facts if fact.effective_on <= as_of]:
            yield loan, live(facts)


def list_entry(row: Row) -> tuple[Any, ...]:
    return tuple(
        row[key] for key in ("days_late", "overdue", "overdue_charge", "outstanding", "next_due", "last_paid_on")
    )


def told_of(life: LoanLife, as_of: date) -> tuple[Any, ...]:
    rows = schedule_on(life, as_of)
    late = [row for row in rows if row.due is Due.LATE]
    following = [row for row in rows if row.due in (Due.DUE_TODAY, Due.TO_COME)]
    paid = [step.fact.effective_on for step in life.steps if step.fact.kind is Kind.REPAYMENT_RECEIVED]
    return (
        life.standing.days_late(as_of),
        format_amount(sum(row.instalment.principal_minor - row.principal_paid_minor for row in late)),
        format_amount(sum(row.instalment.charge_minor - row.charge_paid_minor for row in late)),
        format_amount(life.standing.outstanding_minor),
        format_amount(following[0].unpaid_minor) if following else None,
        paid[-1].isoformat() if paid else None,
    )


def falling_due(loan: str, life: LoanLife, as_of: date) -> Iterator[tuple[str, str, str]]:
    if life.standing.status is Status.OPEN:
        for row in schedule_on(life, as_of):
            due_on = row.instalment.due_on
            if as_of <= due_on <= as_of + timedelta(days=DAYS_AHEAD) and row.unpaid_minor:
                yield loan, due_on.isoformat(), format_amount(row.unpaid_minor)


# To date -------------------------------------------------------------------------------------------------------


@A_FEW
@given(histories(), days)
def test_what_was_done_to_date_is_what_the_loans_say(
    shared_databases: Databases, history: History, as_of: date
) -> None:
    book = a_book(shared_databases, products=PRODUCTS)
    tell(book, history)
    (shown,) = report_view(consolidation.cycles(shared_databases, asked(book), as_of))["tables"]
    lives = dict(lives_on(book, None, as_of))
    loans = [row for row in book.rows("loan") if row["id"] in lives and lives[row["id"]].standing.was_disbursed]
    assert shown["total"]["loans"] == len(loans)
    assert shown["total"]["borrowers"] == len({row["member_id"] for row in loans})
    assert parse_amount(shown["total"]["disbursed"]) == sum(lives[row["id"]].standing.disbursed_minor for row in loans)
    by_cycle = {row["cycle"]: row["loans"] for row in shown["rows"]}
    assert by_cycle == {
        cycle: [row["cycle"] for row in loans].count(cycle) for cycle in {row["cycle"] for row in loans}
    }


# Pages, files, scopes ------------------------------------------------------------------------------------------


@pytest.fixture
def village(shared_databases: Databases) -> tuple[Book, Book]:
    """Two LSOs; in each Zainab pays for five months, twice on the same day, and Amna never."""
    books = tuple(a_funded_book(shared_databases, 60_000, on=BEGINNING) for _ in range(2))
    for book in books:
        loan = book.lends(12_000, on=BEGINNING)
        book.lends(6_000, on=BEGINNING, member="Amna")
        for month in range(2, 7):
            book.repays(loan, 600, on=date(2024, month, 1))
            book.repays(loan, 400, on=date(2024, month, 1))
    return books[0], books[1]


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_pages_of_any_size_go_through_all_lsos_as_the_file_does(village: tuple[Book, Book], limit: int) -> None:
    databases, question = village[0].databases, asked(*village)
    for register, count in ((collection_register(ALWAYS), 20), (arrears_register(date(2024, 4, 20)), 2)):
        paged = list(pages(databases, question, register, limit=limit))
        filed = csv_rows(databases, question, register)
        assert [as_text(row) for row in paged] == filed
        assert len(filed) == count
        assert [row["lso"] for row in filed] == sorted(row["lso"] for row in filed)


def as_text(row: Row) -> Row:
    return {key: "" if value is None else str(value) for key, value in row.items()}


def test_more_facts_than_are_read_at_once_are_all_there(
    village: tuple[Book, Book], monkeypatch: pytest.MonkeyPatch
) -> None:
    databases, register = village[0].databases, collection_register(ALWAYS)
    at_once = csv_rows(databases, asked(village[0]), register)
    assert len(at_once) < AT_ONCE
    monkeypatch.setattr("cif_engine.operations.reports.money_registers.AT_ONCE", 3)
    assert csv_rows(databases, asked(village[0]), register) == at_once


def test_a_register_is_narrowed_as_a_portfolio_is(village: tuple[Book, Book]) -> None:
    databases = village[0].databases
    codes = sorted({row["lso"] for row in csv_rows(databases, asked(*village), collection_register(ALWAYS))})
    one = Cutting(only=((Cut.LSO, (codes[1],)),))
    assert {row["lso"] for row in csv_rows(databases, asked(*village, cutting=one), collection_register(ALWAYS))} == {
        codes[1]
    }
    bank = Cutting(only=((Cut.CHANNEL, ("cash",)),))
    assert not csv_rows(databases, asked(*village, cutting=bank), disbursement_register(ALWAYS))
    assert not csv_rows(databases, asked(*village, cutting=bank), arrears_register(date(2024, 4, 20)))


def test_a_register_lists_and_is_not_cut(village: tuple[Book, Book]) -> None:
    cut = Cutting((Cut.VO,))
    with pytest.raises(ReportNotCutError):
        register_page(village[0].databases, asked(village[0], cutting=cut), arrears_register(BEGINNING), FIRST_PAGE)
    with pytest.raises(ReportNotCutError):
        consolidation.cycles(village[0].databases, asked(village[0], cutting=cut), BEGINNING)


def test_only_tables_that_are_there_are_shown(village: tuple[Book, Book]) -> None:
    with pytest.raises(NotFoundError):
        register_page(village[0].databases, asked(village[0]), arrears_register(BEGINNING), FIRST_PAGE, "Collections")


@pytest.mark.parametrize(
    "after", ["DAS", ["DAS"], ["DAS", "2024-01-01", "7"], ["DAS", "not a day", 7], [1, "2024-01-01", 7]]
)
def test_a_cursor_that_no_page_gave_is_refused(village: tuple[Book, Book], after: Any) -> None:  # noqa: ANN401 - anything
    (code,) = {row["lso"] for row in csv_rows(village[0].databases, asked(village[0]), collection_register(ALWAYS))}
    sent = [code if part == "DAS" else part for part in after] if isinstance(after, list) else after
    with pytest.raises(MalformedCursorError):
        register_page(village[0].databases, asked(village[0]), collection_register(ALWAYS), Page(10, sent))


def test_what_is_recorded_while_a_register_is_read_is_not_in_it(village: tuple[Book, Book]) -> None:
    """Both LSOs get a repayment while the first of them is read: the register is of the moment it began."""
    databases, register = village[0].databases, collection_register(ALWAYS)
    before = csv_rows(databases, asked(*village), register)
    loans = [max(row["number"] for row in book.rows("loan")) for book in village]
    listing = register.listings[0]

    def read(connection: sa.Connection, question: Asked, after: Place | None) -> Rows:
        while loans:
            village[len(loans) - 1].repays(loans.pop(), 500, on=date(2024, 8, 1))
        return listing.read(connection, question, after)

    interrupted = replace(register, listings=(replace(listing, read=read),))
    assert csv_rows(databases, asked(*village), interrupted) == before
    assert len(csv_rows(databases, asked(*village), register)) == len(before) + 2


# Law 7 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", list(FileForm))
def test_a_file_of_two_dates_is_byte_for_byte_the_same_after_whatever_is_recorded_later(
    village: tuple[Book, Book], form: FileForm
) -> None:
    book = village[0]
    known_at = to_micros(datetime.fromisoformat(first_page(book)["known_at"]))
    given = [content(file) for file in files(book, known_at, form)]
    loan = book.lends(3_000, on=date(2024, 2, 10), member="Marvi")
    book.repays(loan, 500, on=date(2024, 2, 20))
    (wrong, *_) = (row["id"] for row in book.rows("event") if row["kind"] == "repayment_received")
    book.reverses(wrong)
    assert [content(file) for file in files(book, known_at, form)] == given
    now = [content(file) for file in files(book, None, form)]
    assert all(one != other for one, other in zip(now, given, strict=True))


def first_page(book: Book) -> dict[str, Any]:
    return register_page(book.databases, asked(book), collection_register(ALWAYS), FIRST_PAGE)


def files(book: Book, known_at: int | None, form: FileForm) -> Iterator[ReportFile]:
    databases, question = book.databases, asked(book, known_at=known_at)
    for said in (composed.summary, composed.dcb, consolidation.districts, consolidation.indicators):
        yield report_file(said(databases, question, MONTH), form, "portfolio" if said is composed.summary else None)
    for said_on in (composed.par, composed.ageing, consolidation.cycles):
        yield report_file(said_on(databases, question, MONTH.to_on), form)
    for register in (arrears_register(MONTH.to_on), disbursement_register(MONTH), collection_register(MONTH)):
        yield register_file(databases, question, register, form)
