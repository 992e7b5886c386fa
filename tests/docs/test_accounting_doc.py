"""`docs/accounting.md` is true: its chart is the engine's, its worked bookings are what the engine books."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from cif_engine.bookings import book_change, book_money_in, book_money_out, book_move
from cif_engine.dates import EVERY_DAY_WORKS
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import CHART
from cif_engine.ledger.postings import Posting, balances
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live, live_on, write_schedule
from cif_engine.loans.schedule import make_schedule
from cif_engine.loans.terms import BulletPayment, EqualInstalments, FlatPercent, LoanTerms
from cif_engine.money import format_amount, parse_amount
from tests.docs.markdown import ROOT, tables_by_heading

TABLES = tables_by_heading(ROOT / "docs" / "accounting.md")

CASH, BANK, CUSTODIAN, LOANS, CREDIT = "CIF.1010", "CIF.1020", "CIF.1030.2", "CIF.1100", "CIF.2010"
CAPITAL, CONTRIBUTIONS, PROFIT, EXPENSE = "CIF.3010.1", "CIF.3020", "CIF.4020", "CIF.5010"

FREE = LoanTerms(repayment=EqualInstalments(count=12))
CHARGED = LoanTerms(repayment=EqualInstalments(count=10), charge=FlatPercent(percent=Decimal(8)))
AT_THE_END = LoanTerms(repayment=BulletPayment(after_months=6))

Postings = tuple[Posting, ...]


def day(text: str) -> date:
    return date.fromisoformat(f"2021-{text}")


class Loan:
    """A loan whose facts arrive one by one, in the order in which the office hears of them."""

    def __init__(self, name: str, terms: LoanTerms) -> None:
        self.name = name
        self.terms = terms
        self.facts: tuple[LoanFact, ...] = ()

    def disbursed(self, rupees: str, on: date, paid_from: str) -> Postings:
        schedule = make_schedule(self.terms, parse_amount(rupees), on, EVERY_DAY_WORKS)
        says = {"amount_minor": parse_amount(rupees), "paid_from": paid_from, "schedule": write_schedule(schedule)}
        return self._add(Kind.LOAN_DISBURSED, on, says)

    def repaid(self, rupees: str, on: date, held_in: str = CASH) -> Postings:
        return self._add(Kind.REPAYMENT_RECEIVED, on, {"amount_minor": parse_amount(rupees), "held_in": held_in})

    def _add(self, kind: Kind, on: date, says: dict[str, object]) -> Postings:
        new = LoanFact(f"{self.name}-{len(self.facts)}", kind, on, says)
        before, after = live_on(self.facts, new) if self.facts else (live(()), live((new,)))
        self.facts = (*self.facts, new)
        return book_change(self.name, "CIF", before, after)


def the_year() -> dict[str, Postings]:
    """Return what the engine books for each worked booking of the document, by its heading."""
    goat, shop, seed, mill = Loan("A", FREE), Loan("B", CHARGED), Loan("C", AT_THE_END), Loan("D", CHARGED)
    rupees = parse_amount
    return {
        "Tranche received": book_money_in(day("01-05"), rupees("500000"), BANK, CAPITAL),
        "Other contribution received": book_money_in(day("01-10"), rupees("50000"), BANK, CONTRIBUTIONS),
        "Cash drawn from the bank": book_move(day("01-11"), rupees("60000"), BANK, CASH),
        "Loan disbursed in cash": goat.disbursed("12000", day("01-12"), CASH),
        "Loan disbursed through the bank": shop.disbursed("10000", day("01-12"), BANK),
        "Repayment of principal": goat.repaid("1000", day("02-12")),
        "Repayment with service charge": shop.repaid("1080", day("02-12")),
        "Repayment through a custodian": goat.repaid("1000", day("03-12"), CUSTODIAN),
        "Custodian hands over": book_move(day("03-20"), rupees("1000"), CUSTODIAN, BANK),
        "Overpayment": goat.repaid("10050", day("04-12")),
        "Expense paid": book_money_out(day("05-03"), rupees("1200"), CASH, EXPENSE),
        "Bank profit received": book_money_in(day("06-30"), rupees("2400"), BANK, PROFIT),
        "Capital returned": book_money_out(day("06-30"), rupees("100000"), BANK, CAPITAL),
        "Before the late paper": (
            *seed.disbursed("3000", day("01-15"), CASH),
            *seed.repaid("3000", day("06-01")),
        ),
        "A late repayment of principal": seed.repaid("500", day("05-01")),
        "Before the late paper, with a charge": (
            *mill.disbursed("10000", day("01-15"), CASH),
            *mill.repaid("1500", day("06-01")),
        ),
        "A late repayment, with a charge": mill.repaid("600", day("05-01")),
    }


BOOKED = the_year()


def test_the_chart_is_that_of_the_engine() -> None:
    told = {tuple(row) for row in TABLES["Chart of accounts"]}
    chart = {
        (
            f"{line.number}.n" if line.in_parts else str(line.number),
            line.name,
            line.account_class.value,
            line.role.value,
            "yes" if line.floored else "no",
        )
        for line in CHART
    }
    assert told == chart
    assert len(TABLES["Chart of accounts"]) == len(CHART)


@pytest.mark.parametrize("heading", BOOKED)
def test_a_worked_booking_is_what_the_engine_books(heading: str) -> None:
    booked = [
        [posting.effective_on.isoformat(), posting.debit, posting.credit, format_amount(posting.amount_minor)]
        for posting in BOOKED[heading]
    ]
    assert [[cell.replace(",", "") for cell in row] for row in TABLES[heading]] == booked


def test_the_trial_balance_is_what_the_worked_bookings_sum_to() -> None:
    sums = balances(posting for postings in BOOKED.values() for posting in postings)
    told = {
        code: parse_amount(debit.replace(",", "") or "0") - parse_amount(credit.replace(",", "") or "0")
        for code, _, debit, credit in TABLES["The books after all of this"]
        if code
    }
    assert told == {code: balance for code, balance in sums.items() if balance}
    assert sum(told.values()) == 0


def test_the_accounts_said_to_be_waiting_are_those_that_nothing_books_to() -> None:
    posted_to = Counter(code for postings in BOOKED.values() for row in postings for code in (row.debit, row.credit))
    used = {int(code.split(".")[1]) for code in posted_to}
    told = {int(number) for number, *_ in TABLES["Accounts that wait"]}
    assert told == {line.number for line in CHART} - used
