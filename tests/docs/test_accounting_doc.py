"""`docs/accounting.md` is true: its chart is the engine's, its worked bookings are what the engine books."""

from datetime import date
from decimal import Decimal

import pytest

from cif_engine.bookings import (
    book_allowance,
    book_change,
    book_money_in,
    book_money_out,
    book_move,
    book_shortfalls,
)
from cif_engine.dates import EVERY_DAY_WORKS
from cif_engine.fund.allowance import shortfall_change, shortfalls
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import CHART
from cif_engine.ledger.postings import Posting, balances
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live, live_on
from cif_engine.loans.said import write_schedule
from cif_engine.loans.schedule import make_schedule
from cif_engine.loans.terms import BulletPayment, EqualInstalments, FlatPercent, LoanTerms
from cif_engine.money import format_amount, parse_amount
from tests.docs.markdown import ROOT, tables_by_heading

TABLES = tables_by_heading(ROOT / "docs" / "accounting.md")

CASH, BANK, CUSTODIAN, LOANS, CREDIT = "CIF.1010", "CIF.1020", "CIF.1030.2", "CIF.1100", "CIF.2010"
CAPITAL, CONTRIBUTIONS, PROFIT, EXPENSE = "CIF.3010.1", "CIF.3020", "CIF.4020", "CIF.5010"
FUND, ALLOWANCE, WRITE_OFFS = "CIF", "CIF.1190", "CIF.5020"

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

    def disbursed(self, rupees: str, on: date, paid_from: str, more: dict[str, object] | None = None) -> Postings:
        schedule = make_schedule(self.terms, parse_amount(rupees), on, EVERY_DAY_WORKS)
        says = {"amount_minor": parse_amount(rupees), "paid_from": paid_from, "schedule": write_schedule(schedule)}
        return self._add(Kind.LOAN_DISBURSED, on, {**says, **(more or {})})

    def repaid(self, rupees: str, on: date, held_in: str = CASH) -> Postings:
        return self._add(Kind.REPAYMENT_RECEIVED, on, {"amount_minor": parse_amount(rupees), "held_in": held_in})

    def settled(self, rupees: str, on: date, held_in: str = CASH) -> Postings:
        """Pay the loan off before its time, with the rebate by days; assert that it owes nothing more."""
        rebate = {"policy": "pro_rata", "unit_minor": self.terms.rounding_unit_minor}
        says = {"amount_minor": parse_amount(rupees), "held_in": held_in, "rebate": rebate}
        postings = self._add(Kind.REPAYMENT_RECEIVED, on, says)
        assert live(self.facts).standing.owed_minor == 0
        return postings

    def reversed(self, kind: Kind) -> Postings:
        """Reverse the last fact of a kind."""
        wrong = [fact for fact in self.facts if fact.kind is kind][-1]
        return self._add(Kind.FACT_REVERSED, wrong.effective_on, {"reverses": wrong.id})

    def waived(self, penalty: str, on: date) -> Postings:
        return self._add(
            Kind.DUES_WAIVED, on, {"penalty_minor": parse_amount(penalty), "fee_minor": 0, "charge_minor": 0}
        )

    def lent_credit(self, rupees: str, on: date) -> Postings:
        return self._add(Kind.CREDIT_USED, on, {"amount_minor": parse_amount(rupees)})

    def charged(self, kind: Kind, rupees: str, on: date) -> Postings:
        return self._add(kind, on, {"amount_minor": parse_amount(rupees), "name": "visit", "due_on": on.isoformat()})

    def refunded(self, rupees: str, on: date) -> Postings:
        return self._add(Kind.CREDIT_REFUNDED, on, {"amount_minor": parse_amount(rupees), "paid_from": CASH})

    def written_off(self, on: date) -> Postings:
        return self._add(Kind.LOAN_WRITTEN_OFF, on, {"resolution_no": "R-40", "reason": "flood"})

    def _add(self, kind: Kind, on: date, says: dict[str, object]) -> Postings:
        new = LoanFact(f"{self.name}-{len(self.facts)}", kind, on, says)
        before, after = live_on(self.facts, new) if self.facts else (live(()), live((new,)))
        self.facts = (*self.facts, new)
        return book_change(self.name, "CIF", before, after)


def with_shortfall(before: Postings, new: Postings) -> Postings:
    """Return the postings of a new fact with the shortfalls it changes, given all that was posted before."""
    moves = [
        (posting.effective_on, posting.amount_minor if posting.credit == ALLOWANCE else -posting.amount_minor)
        for posting in (*before, *new)
        if ALLOWANCE in (posting.debit, posting.credit) and WRITE_OFFS not in (posting.debit, posting.credit)
    ]
    moves_before = moves[: len(moves) - sum(ALLOWANCE in (posting.debit, posting.credit) for posting in new)]
    return (*new, *book_shortfalls(FUND, shortfall_change(moves, shortfalls(moves_before))))


def the_year() -> dict[str, Postings]:
    """Return what the engine books for each worked booking of the document, by its heading."""
    goat, shop, seed, mill = Loan("A", FREE), Loan("B", CHARGED), Loan("C", AT_THE_END), Loan("D", CHARGED)
    field, cart, oven = Loan("E", AT_THE_END), Loan("F", AT_THE_END), Loan("G", FREE)
    rupees = parse_amount
    expense = book_money_out(day("05-05"), rupees("700"), CASH, EXPENSE)
    provided = book_allowance(day("05-31"), rupees("3500"), FUND, release=False)
    released = book_allowance(day("06-05"), rupees("500"), FUND, release=True)
    lent = field.disbursed("4000", day("01-18"), CASH)
    lost = with_shortfall((*provided, *released), field.written_off(day("06-10")))
    late = book_allowance(day("06-08"), rupees("400"), FUND, release=False)
    fee_and_penalty = (
        *cart.disbursed("1000", day("01-20"), CASH),
        *cart.charged(Kind.FEE_CHARGED, "100", day("02-01")),
        *cart.charged(Kind.PENALTY_CHARGED, "50", day("02-15")),
    )
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
        "Credit balance refunded": goat.refunded("50", day("04-20")),
        "Loan disbursed with a charge up front": oven.disbursed(
            "2000", day("01-22"), CASH, {"charge_up_front_minor": rupees("100")}
        ),
        "Loan with a fee and a penalty": fee_and_penalty,
        "Repayment with a fee and a penalty": cart.repaid("400", day("03-01")),
        "Expense paid twice": (*expense, *expense),
        "Expense reversed": tuple(
            Posting(row.effective_on, row.credit, row.debit, row.amount_minor) for row in expense
        ),
        "Provision made": provided,
        "Provision released": released,
        "Loan that will be lost": lent,
        "Loan written off": lost,
        "Recovery of a loan written off": field.repaid("300", day("06-20")),
        "Provision that was found late": with_shortfall((*provided, *released, *lost), late),
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
        "A repayment reversed": mill.reversed(Kind.REPAYMENT_RECEIVED),
        "The right repayment instead": mill.repaid("60", day("05-01")),
        "A waiver found late": cart.waived("20", day("02-20")),
        "A loan settled early": mill.settled("8827", day("06-10")),
        **_credit_at_work(seed),
        **_a_top_up(),
        **_more_losses(field, (*provided, *released, *lost, *with_shortfall((*provided, *released, *lost), late))),
    }


def _credit_at_work(seed: Loan) -> dict[str, Postings]:
    plough = Loan("J", AT_THE_END)
    return {
        "Credit meets a fee": seed.charged(Kind.FEE_CHARGED, "30", day("06-05")),
        "Her next loan": plough.disbursed("2000", day("06-05"), CASH),
        "Credit used for the next loan": (
            *seed.lent_credit("470", day("06-10")),
            *plough.repaid("470", day("06-10"), held_in=CREDIT),
        ),
    }


def _a_top_up() -> dict[str, Postings]:
    old, new = Loan("H", CHARGED), Loan("I", FREE)
    settles: dict[str, object] = {"settles": {"amount_minor": parse_amount("3519")}}
    return {
        "Before the top-up": (*old.disbursed("5000", day("03-01"), BANK), *old.repaid("1620", day("06-01"))),
        "A new loan settles the old one": (
            *new.disbursed("10000", day("06-15"), BANK, settles),
            *old.settled("3519", day("06-15"), held_in=LOANS),
        ),
    }


def _more_losses(field: Loan, posted: Postings) -> dict[str, Postings]:
    ox = Loan("K", AT_THE_END)
    lent = ox.disbursed("1200", day("01-15"), CASH)
    late = with_shortfall(posted, field.repaid("500", day("06-05")))
    posted += late
    lost = with_shortfall(posted, ox.written_off(day("06-20")))
    posted += lost
    return {
        "A late repayment of a loan written off": late,
        "Another loan that will be lost": lent,
        "Loan written off without an allowance": lost,
        "Recovery of the other loan": ox.repaid("200", day("06-25")),
        "Write-off reversed": with_shortfall(posted, ox.reversed(Kind.LOAN_WRITTEN_OFF)),
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


def test_every_account_of_the_chart_stands_in_a_worked_booking() -> None:
    posted_to = {code for postings in BOOKED.values() for row in postings for code in (row.debit, row.credit)}
    assert {int(code.split(".")[1]) for code in posted_to} == {line.number for line in CHART}
