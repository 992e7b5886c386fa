"""The accountant's page: what each fact is posted as, and what a late one posts."""

from datetime import date
from typing import Any

from cif_engine.bookings import book_change, book_life, book_money_in, book_money_out, book_move, book_step
from cif_engine.kinds import Kind
from cif_engine.ledger.postings import Posting
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live, write_schedule
from cif_engine.loans.schedule import Instalment

APRIL, MAY, JUNE = (date(2024, month, 1) for month in (4, 5, 6))
CASH, BANK, LOANS, CREDIT, CHARGE = "CIF.1010", "CIF.1020", "CIF.1100", "CIF.2010", "CIF.4010"
LOAN = "0190a0a0-0000-7000-8000-0000000000a1"
SCHEDULE = (Instalment(1, MAY, 1_000, 100),)
DISBURSEMENT: dict[str, Any] = {"amount_minor": 1_000, "paid_from": BANK, "schedule": write_schedule(SCHEDULE)}
APPLIED = LoanFact("a", Kind.LOAN_APPLIED, APRIL, {})
DISBURSED = LoanFact("d", Kind.LOAN_DISBURSED, APRIL, DISBURSEMENT)


def paid(fact_id: str, amount: int, on: date, held_in: str = CASH) -> LoanFact:
    return LoanFact(fact_id, Kind.REPAYMENT_RECEIVED, on, {"amount_minor": amount, "held_in": held_in})


def test_money_in_is_debited_where_it_is_held() -> None:
    assert book_money_in(MAY, 500, BANK, "CIF.3020") == (Posting(MAY, BANK, "CIF.3020", 500),)


def test_money_out_is_credited_where_it_was_held() -> None:
    assert book_money_out(MAY, 500, CASH, "CIF.5010") == (Posting(MAY, "CIF.5010", CASH, 500),)


def test_a_move_credits_where_money_was_and_debits_where_it_is() -> None:
    assert book_move(MAY, 500, CASH, BANK) == (Posting(MAY, BANK, CASH, 500),)


def test_an_application_is_not_posted() -> None:
    assert book_step(LOAN, "CIF", live((APPLIED,)).steps[0]) == ()


def test_a_disbursement_turns_money_into_a_loan() -> None:
    assert book_life(LOAN, "CIF", live((APPLIED, DISBURSED)).steps) == (Posting(APRIL, LOANS, BANK, 1_000, LOAN),)


def test_a_repayment_is_split_into_principal_charge_and_credit() -> None:
    step = live((APPLIED, DISBURSED, paid("p", 1_150, MAY))).steps[-1]
    assert book_step(LOAN, "CIF", step) == (
        Posting(MAY, CASH, LOANS, 1_000, LOAN),
        Posting(MAY, CASH, CREDIT, 50, LOAN),
        Posting(MAY, CASH, CHARGE, 100, LOAN),
    )


def test_parts_of_nothing_are_not_posted() -> None:
    step = live((APPLIED, DISBURSED, paid("p", 100, MAY))).steps[-1]
    assert book_step(LOAN, "CIF", step) == (Posting(MAY, CASH, CHARGE, 100, LOAN),)


def test_a_fact_that_comes_last_posts_its_own_booking_alone() -> None:
    facts = (APPLIED, DISBURSED, paid("p", 600, MAY))
    before, after = live(facts), live((*facts, paid("q", 200, JUNE)))
    assert book_change(LOAN, "CIF", before, after) == (Posting(JUNE, CASH, LOANS, 200, LOAN),)


def test_late_paper_posts_itself_and_how_it_re_split_what_came_after() -> None:
    """1,100 are owed. 800 came in June; a receipt of 700 of May is found, so 400 of June's 800 were too much."""
    facts = (APPLIED, DISBURSED, paid("p", 800, JUNE))
    before, after = live(facts), live((*facts, paid("q", 700, MAY, BANK)))
    assert book_change(LOAN, "CIF", before, after) == (
        Posting(MAY, BANK, LOANS, 600, LOAN),
        Posting(MAY, BANK, CHARGE, 100, LOAN),
        # June's 800 had been 100 of charge and 700 of principal; now they are 400 of principal and 400 of credit.
        Posting(JUNE, LOANS, CREDIT, 300, LOAN),
        Posting(JUNE, CHARGE, CREDIT, 100, LOAN),
    )


def test_late_paper_that_changes_no_split_posts_itself_alone() -> None:
    facts = (APPLIED, DISBURSED, paid("p", 100, APRIL), paid("r", 300, JUNE))
    before, after = live(facts), live((*facts, paid("q", 200, MAY)))
    assert book_change(LOAN, "CIF", before, after) == (Posting(MAY, CASH, LOANS, 200, LOAN),)
