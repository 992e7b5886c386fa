"""The accountant's page: what each fact is posted as, and what a late one posts."""

from datetime import date
from typing import Any

import pytest

from cif_engine.bookings import (
    book_allowance,
    book_change,
    book_life,
    book_money_in,
    book_money_out,
    book_move,
    book_shortfalls,
    book_step,
)
from cif_engine.kinds import Kind
from cif_engine.ledger.postings import Posting
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live
from cif_engine.loans.replanning import numbered
from cif_engine.loans.said import write_schedule
from cif_engine.loans.schedule import Instalment
from tests.unit.loans import stories

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


def test_a_further_part_that_comes_last_is_booked_with_the_credit_it_uses() -> None:
    """As it happened, not as a difference: the money handed out and the credit that repays some of it stay apart."""
    facts = (*stories.LENT, stories.paid("p", 1_130, MAY))
    part = stories.disbursed(500, JUNE, numbered([(stories.JULY, 500, 20)]), "6")
    assert book_change(LOAN, "CIF", live(facts), live((*facts, part))) == (
        Posting(JUNE, LOANS, BANK, 500, LOAN),
        Posting(JUNE, CREDIT, LOANS, 10, LOAN),
        Posting(JUNE, CREDIT, CHARGE, 20, LOAN),
    )


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


# Fees, penalties, credit, losses ---------------------------------------------------------------------------------

ALLOWANCE, FEES, PENALTIES, RECOVERIES = "CIF.1190", "CIF.4030", "CIF.4040", "CIF.4050"
WRITE_OFFS, PROVISIONS = "CIF.5020", "CIF.5030"
Moves = list[tuple[str, str, int]]

BOOKED: dict[str, tuple[tuple[LoanFact, ...], Moves]] = {
    # what follows the disbursement of 1,000 with 100 of charge; debit, credit and amount of its last fact
    "a fee is booked when it is paid": ((stories.fee("f", 30, MAY),), []),
    "the least is booked": ((stories.paid("p", 1, MAY),), [(CASH, CHARGE, 1)]),
    "fees and penalties paid are income": (
        (stories.fee("f", 30, MAY), stories.penalty("q", 20, MAY), stories.paid("p", 110, MAY)),
        [(CASH, LOANS, 10), (CASH, CHARGE, 50), (CASH, FEES, 30), (CASH, PENALTIES, 20)],
    ),
    "credit that meets a fee": (
        (stories.paid("p", 1_150, MAY), stories.fee("f", 30, JUNE)),
        [(CREDIT, FEES, 30)],
    ),
    "credit used as a payment is not moved to itself": (
        (stories.paid("p", 1_120, MAY, held_in=CREDIT),),
        [(CREDIT, LOANS, 1_000), (CREDIT, CHARGE, 100)],
    ),
    "a top-up settles the old loan within loans outstanding": (
        (stories.paid("p", 60, MAY, held_in=LOANS),),
        [(LOANS, CHARGE, 50)],
    ),
    "credit given back": (
        (stories.paid("p", 1_150, MAY), stories.refunded("r", 30, JUNE)),
        [(CREDIT, CASH, 30)],
    ),
    "credit used for another loan is booked with the payment of that one": (
        (stories.paid("p", 1_150, MAY), stories.credit_used("u", 30, JUNE)),
        [],
    ),
    "dues waived were never income": ((stories.waived("w", MAY, charge=60),), []),
    "a pause": ((stories.paused("s", 1, MAY),), []),
    "a write-off": ((stories.written_off("x", MAY),), [(ALLOWANCE, LOANS, 1_000)]),
    "a write-off of nothing": ((stories.paid("p", 1_100, MAY), stories.written_off("x", MAY)), []),
    "what is recovered, and what is more than was lost": (
        (stories.written_off("x", MAY), stories.paid("p", 1_040, JUNE)),
        [(CASH, CREDIT, 40), (CASH, RECOVERIES, 1_000)],
    ),
    "a further part that credit repays some of": (
        (
            stories.paid("p", 1_130, MAY),
            stories.disbursed(500, JUNE, numbered([(stories.JULY, 500, 20)]), "6"),
        ),
        [(LOANS, BANK, 500), (CREDIT, LOANS, 10), (CREDIT, CHARGE, 20)],
    ),
}


@pytest.mark.parametrize("what", BOOKED)
def test_each_fact_is_posted_on_its_day_for_its_loan(what: str) -> None:
    story, moves = BOOKED[what]
    step = live((*stories.LENT, *story)).steps[-1]
    on = story[-1].effective_on
    assert book_step(LOAN, "CIF", step) == tuple(Posting(on, *move, LOAN) for move in moves)


HANDED_OUT: dict[str, tuple[dict[str, Any], Moves]] = {
    "in full": ({}, [(LOANS, BANK, 1_000)]),
    "less a charge up front": ({"charge_up_front_minor": 80}, [(LOANS, BANK, 920), (LOANS, CHARGE, 80)]),
    "less what settles another loan": ({"settles": {"loan": "x", "amount_minor": 300}}, [(LOANS, BANK, 700)]),
    "less both": (
        {"charge_up_front_minor": 80, "settles": {"loan": "x", "amount_minor": 300}},
        [(LOANS, BANK, 620), (LOANS, CHARGE, 80)],
    ),
    "nothing, all settles another loan": ({"settles": {"loan": "x", "amount_minor": 1_000}}, []),
}


@pytest.mark.parametrize("what", HANDED_OUT)
def test_the_borrower_gets_what_is_left_of_the_loan(what: str) -> None:
    says, moves = HANDED_OUT[what]
    step = live((stories.applied(), stories.decided(), stories.disbursed(**says))).steps[-1]
    assert book_step(LOAN, "CIF", step) == tuple(Posting(APRIL, *move, LOAN) for move in moves)


def test_what_is_set_aside_is_an_expense_and_what_is_released_takes_it_back() -> None:
    assert book_allowance(MAY, 500, "CIF", release=False) == (Posting(MAY, PROVISIONS, ALLOWANCE, 500),)
    assert book_allowance(MAY, 500, "CIF", release=True) == (Posting(MAY, ALLOWANCE, PROVISIONS, 500),)


def test_what_was_lost_beyond_what_was_set_aside_is_an_expense_of_the_fund() -> None:
    assert book_shortfalls("CIF", {MAY: 50, JUNE: -30}) == (
        Posting(MAY, WRITE_OFFS, ALLOWANCE, 50),
        Posting(JUNE, ALLOWANCE, WRITE_OFFS, 30),
    )
    assert book_shortfalls("CIF", {MAY: 1}) == (Posting(MAY, WRITE_OFFS, ALLOWANCE, 1),)
    assert book_shortfalls("CIF", {}) == ()


def test_a_reversed_fact_takes_its_postings_back_on_their_day() -> None:
    wrong = paid("p", 600, MAY)
    before = live((APPLIED, DISBURSED, wrong))
    after = live((APPLIED, DISBURSED, wrong, stories.reversal("r", wrong)))
    assert book_change(LOAN, "CIF", before, after) == (
        Posting(MAY, LOANS, CASH, 500, LOAN),
        Posting(MAY, CHARGE, CASH, 100, LOAN),
    )
    assert book_change(LOAN, "CIF", after, before) == (
        Posting(MAY, CASH, LOANS, 500, LOAN),
        Posting(MAY, CASH, CHARGE, 100, LOAN),
    )


def test_a_life_that_did_not_change_posts_nothing() -> None:
    facts = (APPLIED, DISBURSED, paid("p", 600, MAY))
    assert book_change(LOAN, "CIF", live(facts), live(facts)) == ()
