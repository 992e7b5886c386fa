"""The life of a loan is a fold over its facts in canonical order, whatever order they come in."""

import random
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.kinds import RANK, Kind
from cif_engine.ledger.payloads import read_payload, write_payload
from cif_engine.loans.allocation import Settlement
from cif_engine.loans.facts import LoanFact, in_order
from cif_engine.loans.life import live, live_on
from cif_engine.loans.said import read_schedule, write_schedule
from cif_engine.loans.schedule import Instalment
from cif_engine.loans.standing import Standing, Status

APRIL, MAY, JUNE, JULY = (date(2024, month, 1) for month in (4, 5, 6, 7))
SCHEDULE = (Instalment(1, MAY, 500, 50), Instalment(2, JUNE, 500, 50))

APPLIED = LoanFact("a", Kind.LOAN_APPLIED, APRIL, {})
APPRAISED = LoanFact("b", Kind.LOAN_APPRAISED, APRIL, {})
APPROVED = LoanFact("c", Kind.LOAN_DECIDED, APRIL, {"approved": True, "amount_minor": 1_000})
REFUSED = LoanFact("c", Kind.LOAN_DECIDED, APRIL, {"approved": False})
DISBURSED = LoanFact("d", Kind.LOAN_DISBURSED, APRIL, {"amount_minor": 1_000, "schedule": write_schedule(SCHEDULE)})
LENT = (APPLIED, APPRAISED, APPROVED, DISBURSED)


def paid(fact_id: str, amount: int, on: date) -> LoanFact:
    return LoanFact(fact_id, Kind.REPAYMENT_RECEIVED, on, {"amount_minor": amount})


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        pytest.param((APPLIED,), Status.APPLIED, id="applied"),
        pytest.param((APPLIED, APPRAISED), Status.APPRAISED, id="appraised"),
        pytest.param((APPLIED, APPRAISED, APPROVED), Status.APPROVED, id="approved"),
        pytest.param((APPLIED, REFUSED), Status.REFUSED, id="refused"),
        pytest.param(LENT, Status.OPEN, id="disbursed"),
        pytest.param((*LENT, paid("e", 1_099, MAY)), Status.OPEN, id="nearly repaid"),
        pytest.param((*LENT, paid("e", 1_100, MAY)), Status.REPAID, id="repaid"),
    ],
)
def test_a_loan_stands_where_its_last_fact_put_it(facts: tuple[LoanFact, ...], status: Status) -> None:
    assert live(facts).standing.status is status


def test_a_disbursed_loan_owes_its_schedule() -> None:
    assert live(LENT).standing == Standing(
        APRIL, Status.OPEN, 1_000, 100, oldest_due_on=MAY, schedule_no=1, disbursed_on=APRIL, last_due_on=JUNE
    )
    assert live(LENT).disbursed_on == APRIL
    assert live(LENT).schedule == SCHEDULE


def test_before_disbursement_nothing_is_owed() -> None:
    life = live((APPLIED,))
    assert not life.standing.owes
    assert (life.disbursed_on, life.schedule) == (None, ())


def test_a_payment_moves_what_is_paid_and_what_is_owed() -> None:
    life = live((*LENT, paid("e", 600, MAY)))
    assert life.steps[-1].settled == Settlement(charge_minor=100, principal_minor=500, credit_minor=0)
    assert life.standing == Standing(
        MAY, Status.OPEN, 500, 0, 500, 100, 0, JUNE, schedule_no=1, disbursed_on=APRIL, last_due_on=JUNE
    )


def test_a_loan_that_owes_its_charge_alone_is_still_open() -> None:
    charge_last = (Instalment(1, MAY, 1_000, 0), Instalment(2, JUNE, 0, 100))
    says = {"amount_minor": 1_000, "schedule": write_schedule(charge_last)}
    life = live((APPLIED, APPROVED, LoanFact("d", Kind.LOAN_DISBURSED, APRIL, says), paid("e", 1_000, MAY)))
    assert (life.standing.status, life.standing.outstanding_minor, life.standing.owes) == (Status.OPEN, 0, True)


def test_late_paper_that_repays_the_loan_turns_a_later_payment_into_credit() -> None:
    """600 of June were taken for principal, until a receipt of 800 of May is found."""
    life = live((*LENT, paid("e", 600, JUNE), paid("f", 800, MAY)))
    assert [step.settled for step in life.steps[-2:]] == [Settlement(100, 700, 0), Settlement(0, 300, 300)]
    assert life.standing.credit_minor == 300


def test_facts_of_one_day_come_in_the_order_of_their_kinds_then_of_their_ids() -> None:
    later_id_first = (paid("z", 10, APRIL), paid("y", 20, APRIL))
    for facts in permutations((*LENT, *later_id_first)):
        assert [fact.id for fact in in_order(facts)] == ["a", "b", "c", "d", "y", "z"]


@given(
    st.lists(st.tuples(st.integers(1, 700), st.sampled_from([APRIL, MAY, JUNE, JULY])), max_size=6),
    st.randoms(use_true_random=False),
)
def test_facts_in_any_order_make_the_same_life(payments: list[tuple[int, date]], order: random.Random) -> None:
    facts = [*LENT, *(paid(f"p{number}", *payment) for number, payment in enumerate(payments))]
    shuffled = order.sample(facts, len(facts))
    assert live(shuffled) == live(facts)


@given(
    st.lists(st.tuples(st.integers(1, 700), st.sampled_from([APRIL, MAY, JUNE, JULY])), max_size=6),
    st.randoms(use_true_random=False),
)
def test_a_new_fact_makes_of_a_life_what_all_its_facts_together_make(
    payments: list[tuple[int, date]], order: random.Random
) -> None:
    facts = [*LENT, *(paid(f"p{number}", *payment) for number, payment in enumerate(payments))]
    *known, new = order.sample(facts, len(facts))
    assert live_on(known, new) == (live(known), live(facts))


def test_the_first_fact_begins_a_life() -> None:
    assert live_on((), APPLIED)[1] == live((APPLIED,))


@given(st.lists(st.tuples(st.integers(1, 700), st.sampled_from([APRIL, MAY, JUNE, JULY])), max_size=6))
def test_what_is_paid_and_what_is_owed_sum_to_what_was_lent(payments: list[tuple[int, date]]) -> None:
    life = live((*LENT, *(paid(f"p{number}", *payment) for number, payment in enumerate(payments))))
    for step in life.steps[3:]:
        at = step.standing
        assert at.outstanding_minor + at.principal_paid_minor == 1_000
        assert at.charge_outstanding_minor + at.charge_paid_minor == 100
        assert at.owes == (at.status is Status.OPEN)
        assert (at.oldest_due_on is None) == (at.status is Status.REPAID)


def test_where_a_loan_stood_on_a_day_is_what_its_facts_until_then_say() -> None:
    life = live((*LENT, paid("e", 100, MAY), paid("f", 100, MAY), paid("g", 900, JULY)))
    before, on_may, in_june, after = (life.standing_on(day) for day in (date(2024, 3, 31), MAY, JUNE, date.max))
    assert before is None
    assert on_may is not None
    assert on_may.charge_paid_minor + on_may.principal_paid_minor == 200
    assert in_june == on_may
    assert after == life.standing


def test_the_timeline_keeps_the_last_standing_of_each_day() -> None:
    life = live((*LENT, paid("e", 100, MAY), paid("f", 100, MAY), paid("g", 900, JULY)))
    assert [(at.since, at.status) for at in life.timeline()] == [
        (APRIL, Status.OPEN),
        (MAY, Status.OPEN),
        (JULY, Status.REPAID),
    ]
    assert life.timeline()[1] == life.standing_on(MAY)


@pytest.mark.parametrize(
    ("oldest_due_on", "day", "late"),
    [
        pytest.param(None, JULY, 0, id="nothing unpaid"),
        pytest.param(JUNE, MAY, 0, id="not due yet"),
        pytest.param(JUNE, JUNE, 0, id="due today"),
        pytest.param(JUNE, date(2024, 6, 2), 1, id="due yesterday"),
        pytest.param(JUNE, JULY, 30, id="due a month ago"),
    ],
)
def test_days_late_count_from_the_oldest_unpaid_due_date(oldest_due_on: date | None, day: date, late: int) -> None:
    assert Standing(APRIL, Status.OPEN, oldest_due_on=oldest_due_on).days_late(day) == late


def test_a_schedule_reads_back_as_it_was_written() -> None:
    written = write_payload({"schedule": write_schedule(SCHEDULE)})
    assert read_schedule(read_payload(written)["schedule"]) == SCHEDULE


def test_every_kind_has_its_rank_and_money_in_comes_before_money_out() -> None:
    assert set(RANK) == set(Kind)
    assert RANK[Kind.TRANCHE_RECEIVED] < RANK[Kind.LOAN_DISBURSED] < RANK[Kind.REPAYMENT_RECEIVED]
    assert RANK[Kind.REPAYMENT_RECEIVED] < RANK[Kind.CAPITAL_RETURNED]
