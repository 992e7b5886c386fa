"""What each kind of fact makes of a loan, in worked numbers: of 1,000 lent with 100 of charge on 1 April."""

from datetime import date
from typing import Any

import pytest

from cif_engine.loans.allocation import CHARGE, FEE, PENALTY, PRINCIPAL, USUAL, Order, Settlement, Waived
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live, live_on
from cif_engine.loans.replanning import numbered
from cif_engine.loans.said import read_order, write_order
from cif_engine.loans.standing import Standing, Status
from cif_engine.loans.terms import AllocationOrder
from tests.unit.loans.stories import (
    APRIL,
    AUGUST,
    JULY,
    JUNE,
    LENT,
    MAY,
    SCHEDULE,
    TWO_MONTHS,
    applied,
    appraised,
    cancelled,
    credit_used,
    decided,
    disbursed,
    fee,
    paid,
    paused,
    penalty,
    refunded,
    replanned,
    reversal,
    settling,
    terms_of,
    waived,
    written_off,
)

MAY_10 = date(2024, 5, 10)
OPENED = Standing(
    APRIL, Status.OPEN, 1_000, 100, oldest_due_on=MAY, schedule_no=1, disbursed_on=APRIL, last_due_on=JUNE
)
REPAID: dict[str, Any] = {
    "status": Status.REPAID,
    "outstanding_minor": 0,
    "charge_outstanding_minor": 0,
    "principal_paid_minor": 1_000,
    "charge_paid_minor": 100,
    "oldest_due_on": None,
}
LOST: dict[str, Any] = {
    "status": Status.WRITTEN_OFF,
    "outstanding_minor": 0,
    "charge_outstanding_minor": 0,
    "oldest_due_on": None,
    "written_off_minor": 1_000,
}

Story = tuple[LoanFact, ...]

STANDINGS: dict[str, tuple[Story, dict[str, Any]]] = {
    # what follows the disbursement, and what of the standing it changes
    "nothing": ((), {}),
    "a fee": ((fee("f", 30, MAY),), {"since": MAY, "fee_outstanding_minor": 30}),
    "a penalty": ((penalty("q", 20, MAY),), {"since": MAY, "penalty_outstanding_minor": 20}),
    "a fee and a penalty, partly paid: the penalty first": (
        (fee("f", 30, MAY), penalty("q", 20, MAY), paid("p", 40, MAY)),
        {
            "since": MAY,
            "penalty_paid_minor": 20,
            "fee_paid_minor": 20,
            "fee_outstanding_minor": 10,
        },
    ),
    "both paid, twice": (
        (fee("f", 30, MAY), penalty("q", 20, MAY), paid("p", 60, MAY), fee("g", 5, JUNE), paid("r", 50, JUNE)),
        {
            "since": JUNE,
            "penalty_paid_minor": 20,
            "fee_paid_minor": 30,
            "fee_outstanding_minor": 5,
            "charge_paid_minor": 50,
            "charge_outstanding_minor": 50,
            "principal_paid_minor": 10,
            "outstanding_minor": 990,
        },
    ),
    "a fee of a loan that was repaid": (
        (paid("p", 1_100, MAY), fee("f", 30, JUNE)),
        {**REPAID, "since": JUNE, "status": Status.OPEN, "fee_outstanding_minor": 30},
    ),
    "a penalty of a loan that was repaid": (
        (paid("p", 1_100, MAY), penalty("q", 30, JUNE)),
        {**REPAID, "since": JUNE, "status": Status.OPEN, "penalty_outstanding_minor": 30},
    ),
    "a fee that credit meets in part": (
        (paid("p", 1_120, MAY), fee("f", 30, JUNE)),
        {**REPAID, "since": JUNE, "status": Status.OPEN, "fee_outstanding_minor": 10, "fee_paid_minor": 20},
    ),
    "a penalty that a credit of one meets in part": (
        (paid("p", 1_101, MAY), penalty("q", 2, JUNE)),
        {**REPAID, "since": JUNE, "status": Status.OPEN, "penalty_outstanding_minor": 1, "penalty_paid_minor": 1},
    ),
    "a fee that credit meets": (
        (paid("p", 1_150, MAY), fee("f", 30, JUNE)),
        {**REPAID, "since": JUNE, "credit_minor": 20, "fee_paid_minor": 30},
    ),
    "all kinds waived, up to so much": (
        (penalty("q", 10, MAY), fee("f", 20, MAY), waived("w", MAY, penalty=6, fee=50, charge=60)),
        {"since": MAY, "penalty_outstanding_minor": 4, "charge_outstanding_minor": 40},
    ),
    "charge waived, the rest paid": (
        (waived("w", MAY, charge=100), paid("p", 1_000, MAY)),
        {**REPAID, "since": MAY, "charge_paid_minor": 0},
    ),
    "written off, with all that was owed besides": (
        (fee("f", 30, MAY), penalty("q", 20, MAY), written_off("x", JUNE)),
        {**LOST, "since": JUNE},
    ),
    "written off when some was paid": (
        (paid("p", 350, MAY), written_off("x", JUNE)),
        {
            **LOST,
            "since": JUNE,
            "charge_paid_minor": 50,
            "principal_paid_minor": 300,
            "written_off_minor": 700,
        },
    ),
    "some of it recovered": (
        (written_off("x", JUNE), paid("p", 400, JULY)),
        {**LOST, "since": JULY, "recovered_minor": 400},
    ),
    "more than all of it recovered": (
        (written_off("x", JUNE), paid("p", 400, JULY), paid("r", 650, AUGUST)),
        {**LOST, "since": AUGUST, "recovered_minor": 1_000, "credit_minor": 50},
    ),
    "a write-off that has nothing to write off": (
        (paid("p", 1_110, MAY), written_off("x", JUNE)),
        {**REPAID, "since": JUNE, "credit_minor": 10},
    ),
    "credit given back": (
        (paid("p", 1_150, MAY), refunded("r", 30, JUNE)),
        {**REPAID, "since": JUNE, "credit_minor": 20},
    ),
    "credit used for another loan": (
        (paid("p", 1_150, MAY), credit_used("u", 50, JUNE)),
        {**REPAID, "since": JUNE, "credit_minor": 0},
    ),
    "more credit given back than there is": (
        (paid("p", 1_150, MAY), refunded("r", 51, JUNE)),
        {**REPAID, "since": JUNE, "credit_minor": -1},
    ),
    "a pause": (
        (paused("s", 1, APRIL),),
        {"since": APRIL, "oldest_due_on": JUNE, "renegotiated": True, "schedule_no": 2, "last_due_on": JULY},
    ),
    "a pause after charge was waived and some paid": (
        (waived("w", APRIL, charge=30), paid("p", 120, MAY), paused("s", 2, MAY)),
        {
            "since": MAY,
            "oldest_due_on": JULY,
            "charge_outstanding_minor": 50,
            "charge_paid_minor": 20,
            "outstanding_minor": 900,
            "principal_paid_minor": 100,
            "renegotiated": True,
            "schedule_no": 2,
            "last_due_on": AUGUST,
        },
    ),
    "a pause after two waivers": (
        (waived("v", APRIL, charge=30), waived("w", APRIL, charge=20), paused("s", 1, MAY)),
        {
            "since": MAY,
            "oldest_due_on": JUNE,
            "charge_outstanding_minor": 50,
            "renegotiated": True,
            "schedule_no": 2,
            "last_due_on": JULY,
        },
    ),
    "a pause of the least": (
        (paid("p", 1_099, MAY), paused("s", 1, MAY)),
        {
            **REPAID,
            "status": Status.OPEN,
            "since": MAY,
            "outstanding_minor": 1,
            "principal_paid_minor": 999,
            "oldest_due_on": JULY,
            "renegotiated": True,
            "schedule_no": 2,
            "last_due_on": JULY,
        },
    ),
    "a new plan": (
        (paid("p", 550, MAY), replanned("s", TWO_MONTHS, MAY)),
        {
            "since": MAY,
            "outstanding_minor": 500,
            "charge_outstanding_minor": 50,
            "principal_paid_minor": 500,
            "charge_paid_minor": 50,
            "oldest_due_on": JUNE,
            "renegotiated": True,
            "schedule_no": 2,
            "last_due_on": JULY,
        },
    ),
    "a pause of a loan that is repaid": (
        (paid("p", 1_100, MAY), paused("s", 1, JUNE)),
        {**REPAID, "since": JUNE},
    ),
    "a pause of one that only owes a fee": (
        (paid("p", 1_100, MAY), fee("f", 5, JUNE), paused("s", 1, JUNE)),
        {**REPAID, "status": Status.OPEN, "since": JUNE, "fee_outstanding_minor": 5},
    ),
}


@pytest.mark.parametrize("what", STANDINGS)
def test_a_loan_stands_where_its_facts_put_it(what: str) -> None:
    story, changed = STANDINGS[what]
    assert live((*LENT, *story)).standing == OPENED._replace(**changed)


@pytest.mark.parametrize("what", STANDINGS)
def test_what_is_owed_is_the_sum_of_its_kinds(what: str) -> None:
    standing = live((*LENT, *STANDINGS[what][0])).standing
    kinds = (standing.outstanding_minor, standing.charge_outstanding_minor)
    besides = (standing.fee_outstanding_minor, standing.penalty_outstanding_minor)
    assert standing.owed_minor == sum(kinds) + sum(besides)
    assert standing.owes == (standing.owed_minor > 0) == (standing.status is Status.OPEN)


# How money was split -------------------------------------------------------------------------------------------

SPLITS: dict[str, tuple[Story, Settlement | None, Waived | None, int]] = {
    # the story; of its last step what was settled, waived, written off
    "a repayment": ((paid("p", 60, MAY),), Settlement(50, 10, 0), None, 0),
    "a fee without credit": ((fee("f", 30, MAY),), None, None, 0),
    "a fee with credit": (
        (paid("p", 1_120, MAY), fee("f", 30, JUNE)),
        Settlement(0, 0, -20, fee_minor=20),
        None,
        0,
    ),
    "dues waived": ((fee("f", 20, MAY), waived("w", MAY, 5, 15, 60)), None, Waived(0, 15, 60), 0),
    "a write-off": ((paid("p", 350, MAY), written_off("x", JUNE)), None, None, 700),
    "a write-off of nothing": ((paid("p", 1_100, MAY), written_off("x", JUNE)), None, None, 0),
    "recovered": (
        (written_off("x", JUNE), paid("p", 1_040, JULY)),
        Settlement(0, 0, 40, recovered_minor=1_000),
        None,
        0,
    ),
    "recovered before": (
        (written_off("x", JUNE), paid("p", 990, JULY), paid("r", 40, AUGUST)),
        Settlement(0, 0, 30, recovered_minor=10),
        None,
        0,
    ),
    "a refund": ((paid("p", 1_150, MAY), refunded("r", 30, JUNE)), None, None, 0),
    "a pause": ((paused("s", 1, MAY),), None, None, 0),
}


@pytest.mark.parametrize("what", SPLITS)
def test_a_step_says_what_its_fact_settled_waived_and_wrote_off(what: str) -> None:
    story, settled, was_waived, lost = SPLITS[what]
    step = live((*LENT, *story)).steps[-1]
    assert step.fact == story[-1]
    assert (step.settled, step.waived, step.written_off_minor) == (settled, was_waived, lost)


# Settled early -------------------------------------------------------------------------------------------------

SETTLED: dict[str, tuple[Story, Settlement, Waived | None]] = {
    # On 10 May 1,100 are owed, of which June's charge of 50 is not yet due; 9 of its 31 days are 15.
    "all but June's charge": ((settling("s", 1_050, MAY_10),), Settlement(50, 1_000, 0), Waived(0, 0, 50)),
    "one less settles nothing": ((settling("s", 1_049, MAY_10),), Settlement(100, 949, 0), None),
    "more becomes credit": ((settling("s", 1_100, MAY_10),), Settlement(50, 1_000, 50), Waived(0, 0, 50)),
    "pro rata": (
        (settling("s", 1_065, MAY_10, "pro_rata"),),
        Settlement(65, 1_000, 0),
        Waived(0, 0, 35),
    ),
    "pro rata, in the first month: 15 of 30 days of May's charge": (
        (settling("s", 1_025, date(2024, 4, 16), "pro_rata"),),
        Settlement(25, 1_000, 0),
        Waived(0, 0, 75),
    ),
    "one less, pro rata": ((settling("s", 1_064, MAY_10, "pro_rata"),), Settlement(100, 964, 0), None),
    "pro rata, to tens": (
        (settling("s", 1_060, MAY_10, "pro_rata", unit=10),),
        Settlement(60, 1_000, 0),
        Waived(0, 0, 40),
    ),
    "no rebate agreed": ((settling("s", 1_100, MAY_10, "none"),), Settlement(100, 1_000, 0), None),
    "nothing to forgive": ((settling("s", 1_100, JUNE),), Settlement(100, 1_000, 0), None),
    "fees and penalties are paid too": (
        (fee("f", 7, MAY), penalty("q", 3, MAY), settling("s", 1_060, MAY_10)),
        Settlement(50, 1_000, 0, 3, 7),
        Waived(0, 0, 50),
    ),
    "charge paid before": (
        (paid("p", 580, MAY), settling("s", 500, MAY_10)),
        Settlement(0, 500, 0),
        Waived(0, 0, 20),
    ),
    "charge waived before": (
        (waived("w", MAY, charge=70), settling("s", 1_000, MAY_10)),
        Settlement(0, 1_000, 0),
        Waived(0, 0, 30),
    ),
    "by the schedule in force": (
        (paused("s", 1, MAY), settling("t", 1_050, MAY_10)),
        Settlement(50, 1_000, 0),
        Waived(0, 0, 50),
    ),
}


@pytest.mark.parametrize("what", SETTLED)
def test_a_payment_that_covers_all_but_the_unearned_charge_settles_the_loan(what: str) -> None:
    story, settled, was_waived = SETTLED[what]
    life = live((*LENT, *story))
    assert (life.steps[-1].settled, life.steps[-1].waived) == (settled, was_waived)


@pytest.mark.parametrize(("amount", "owed"), [(1_050, 0), (1_049, 51)])
def test_one_less_than_settles_the_loan_leaves_it_its_charge(amount: int, owed: int) -> None:
    standing = live((*LENT, settling("s", amount, MAY_10))).standing
    assert (standing.owed_minor, standing.status is Status.REPAID) == (owed, owed == 0)


def test_what_was_never_disbursed_is_not_settled_early() -> None:
    step = live((applied(), settling("s", 10, MAY))).steps[-1]
    assert (step.settled, step.waived) == (Settlement(0, 0, 10), None)


def test_until_its_application_is_known_a_loan_counts_as_applied_for() -> None:
    assert live((paid("p", 10, MAY),)).standing == Standing(MAY, Status.APPLIED, credit_minor=10)


def test_the_charge_met_is_what_was_paid_and_what_was_waived() -> None:
    life = live((*LENT, waived("v", MAY, charge=10), waived("w", MAY, fee=5, charge=7), paid("p", 60, MAY)))
    assert life.charge_met_minor == 10 + 7 + 33
    settled = live((*LENT, settling("s", 1_050, MAY_10)))
    assert settled.charge_met_minor == 100


# In parts, and with other orders -------------------------------------------------------------------------------

OWN = numbered([(date(2024, 6, 10), 250, 25), (date(2024, 7, 10), 250, 25)])


def test_a_further_part_is_owed_with_what_falls_due_after_it() -> None:
    life = live((*LENT, paid("p", 560, MAY), disbursed(500, MAY_10, OWN, "6")))
    assert life.disbursed_on == APRIL
    assert life.schedules == (SCHEDULE, numbered([(MAY, 500, 50), (JUNE, 1_000, 100)]))
    assert life.schedule == life.schedules[1]
    assert life.standing == OPENED._replace(
        since=MAY_10,
        outstanding_minor=1_000,
        charge_outstanding_minor=90,
        principal_paid_minor=500,
        charge_paid_minor=60,
        oldest_due_on=JUNE,
        schedule_no=2,
        due_before_minor=500,
    )


def test_a_further_part_opens_a_loan_that_was_repaid_and_takes_its_credit() -> None:
    life = live((*LENT, paid("p", 1_130, MAY), disbursed(500, JUNE, OWN, "6")))
    assert life.schedule == numbered([*((r.due_on, r.principal_minor, r.charge_minor) for r in (*SCHEDULE, *OWN))])
    assert life.steps[-1].settled == Settlement(25, 5, -30)
    assert life.standing == Standing(
        *(JUNE, Status.OPEN, 495, 25, 1_005, 125, 0, OWN[0].due_on),
        schedule_no=2,
        disbursed_on=APRIL,
        due_before_minor=500,
        last_due_on=OWN[-1].due_on,
    )


def test_a_further_part_after_an_early_settlement_is_owed_with_its_own_charge_alone() -> None:
    """30 of charge were waived and 20 paid; June's 50 were forgiven on 10 May, and are 100 with the part's 50."""
    settled = (waived("w", APRIL, charge=30), settling("s", 1_020, MAY_10))
    life = live((*LENT, *settled, disbursed(500, date(2024, 5, 16), OWN, "6")))
    assert life.schedule == numbered([(MAY, 500, 50), (JUNE, 1_000, 100)])
    assert (life.standing.outstanding_minor, life.standing.charge_outstanding_minor) == (500, 50)


def test_a_new_plan_counts_the_first_period_from_the_disbursement() -> None:
    """1,200.00 at 1 % a month: on 16 April 15 of 30 days of the first 12.00 are earned."""
    terms = terms_of({"kind": "declining_balance", "annual_percent": "12", "amortisation": "equal_principal"})
    three = numbered([(MAY, 400_00, 12_00), (JUNE, 400_00, 8_00), (JULY, 400_00, 4_00)])
    lent = (applied(terms), decided(), disbursed(1_200_00, schedule=three))
    life = live((*lent, replanned("s", TWO_MONTHS, date(2024, 4, 16))))
    assert life.schedule == numbered([(date(2024, 5, 16), 600_00, 12_00 + 6_00), (date(2024, 6, 16), 600_00, 6_00)])


def test_a_charge_up_front_is_paid_when_the_loan_is() -> None:
    terms = terms_of({"kind": "flat_percent", "percent": "10", "due": "up_front"})
    free = numbered([(MAY, 500, 0), (JUNE, 500, 0)])
    facts = (applied(terms), decided(), disbursed(schedule=free, charge_up_front_minor=100))
    assert live(facts).standing == OPENED._replace(charge_outstanding_minor=0, charge_paid_minor=100)
    more = disbursed(200, MAY, numbered([(JULY, 200, 0)]), "6", charge_up_front_minor=20)
    assert live((*facts, more)).standing.charge_paid_minor == 120


def test_a_loan_is_repaid_in_the_order_it_was_disbursed_with() -> None:
    order = {"order": ["principal", "charge", "fee", "penalty"], "in_advance": None, "across": "kinds"}
    life = live((applied(), decided(), disbursed(allocation=order), paid("p", 540, MAY)))
    assert life.steps[-1].settled == Settlement(40, 500, 0)


def test_renegotiated_is_who_still_owed_principal_and_stays_so() -> None:
    charge_last = numbered([(MAY, 1_000, 0), (JUNE, 0, 100)])
    facts = (applied(), decided(), disbursed(schedule=charge_last), paid("p", 1_000, MAY), paused("s", 1, MAY))
    life = live(facts)
    assert (life.standing.renegotiated, life.standing.schedule_no) == (False, 2)
    assert life.standing.oldest_due_on == JULY
    earlier = live((*facts, paused("r", 1, APRIL)))
    assert (earlier.standing.renegotiated, earlier.standing.schedule_no) == (True, 3)


# The order of allocation as it is written ------------------------------------------------------------------------


def test_only_another_order_than_the_usual_is_written() -> None:
    assert write_order(AllocationOrder()) is None
    assert read_order(None) == USUAL
    assert write_order(AllocationOrder.model_validate({"across": "kinds"})) == {
        "order": ["penalty", "fee", "charge", "principal"],
        "in_advance": None,
        "across": "kinds",
    }


@pytest.mark.parametrize(
    ("told", "order"),
    [
        pytest.param(
            {"order": ("principal", "charge", "fee", "penalty")},
            Order((PRINCIPAL, CHARGE, FEE, PENALTY), (PRINCIPAL, CHARGE, FEE, PENALTY)),
            id="in advance the same",
        ),
        pytest.param(
            {"in_advance": ("principal", "fee", "penalty", "charge")},
            Order((PENALTY, FEE, CHARGE, PRINCIPAL), (PRINCIPAL, FEE, PENALTY, CHARGE)),
            id="in advance another",
        ),
        pytest.param({"across": "kinds"}, USUAL._replace(by_kind=True), id="kind by kind"),
    ],
)
def test_an_order_reads_back_as_it_was_agreed(told: dict[str, Any], order: Order) -> None:
    assert read_order(write_order(AllocationOrder.model_validate(told))) == order


# What does not hold --------------------------------------------------------------------------------------------

PAID = paid("p", 550, MAY)
WRONG = reversal("r", PAID)


def test_a_reversed_fact_has_no_effect_and_stays_among_the_facts() -> None:
    life = live((*LENT, PAID, WRONG))
    assert life.standing == OPENED
    assert [step.fact for step in life.steps] == list(LENT)
    assert life.facts == (*LENT, PAID, WRONG)
    assert life.voided == {"p": WRONG}


def test_a_fact_whose_reversal_was_reversed_holds_again() -> None:
    life = live((*LENT, PAID, WRONG, reversal("s", WRONG)))
    assert life.standing == live((*LENT, PAID)).standing
    assert life.voided == {"r": reversal("s", WRONG)}


def test_a_loan_whose_facts_are_all_reversed_is_cancelled_since_the_first() -> None:
    refusal = decided(approved=False, on=MAY)
    life = live((applied(), reversal("r", applied()), refusal, reversal("s", refusal)))
    assert life.standing == Standing(APRIL, Status.CANCELLED)
    assert (life.steps, life.schedule, life.disbursed_on) == ((), (), None)
    assert not life.standing.was_disbursed


def test_a_loan_was_disbursed_once_it_has_a_schedule() -> None:
    assert [step.standing.was_disbursed for step in live(LENT).steps] == [False, False, False, True]


def test_a_loan_may_be_cancelled_before_the_money() -> None:
    life = live((applied(), decided(), cancelled(MAY)))
    assert life.standing == Standing(MAY, Status.CANCELLED)


NEWS: dict[str, tuple[Story, LoanFact]] = {
    "the first fact": ((), applied()),
    "the last": ((*LENT, PAID), paid("q", 10, JUNE)),
    "of the same day and kind, with a later id": ((*LENT, PAID), paid("q", 10, MAY)),
    "of the same day and kind, with an earlier id": ((*LENT, PAID), paid("a", 10, MAY)),
    "an earlier one": ((*LENT, PAID), fee("f", 10, APRIL)),
    "the last, after a reversed one": ((*LENT, PAID, WRONG), paid("q", 10, JUNE)),
    "an earlier one than a reversed one": ((*LENT, PAID, WRONG), fee("f", 10, APRIL)),
    "a reversal": ((*LENT, PAID), WRONG),
    "the reversal of a reversal": ((*LENT, PAID, WRONG), reversal("s", WRONG)),
    "a further part": ((*LENT, PAID), disbursed(500, JUNE, OWN, "6")),
}


@pytest.mark.parametrize("what", NEWS)
def test_a_life_without_and_with_a_new_fact_are_the_two_lives_by_themselves(what: str) -> None:
    known, new = NEWS[what]
    assert live_on(known[::-1], new) == (live(known), live((*known, new)))


def test_what_is_approved_is_committed_until_it_is_handed_out() -> None:
    asked = (applied(), appraised())
    assert live(asked).standing.committed_minor == 0
    assert live((*asked, decided(amount=800))).standing.committed_minor == 800
    assert live((*asked, decided(amount=800), fee("f", 30, APRIL))).standing.committed_minor == 800
    assert live((*asked, decided(approved=False))).standing.committed_minor == 0
    assert live((*asked, decided(amount=800), cancelled(on=MAY))).standing.committed_minor == 0
    assert live(LENT).standing.committed_minor == 0


REPLANNED_ON = date(2024, 5, 20)


@pytest.mark.parametrize(
    ("facts", "due_before"),
    [
        pytest.param((paused("w", 1, REPLANNED_ON),), 500, id="what fell due in May stays fallen due"),
        pytest.param((paused("w", 1, MAY),), 0, id="what falls due on the day is not before it"),
        pytest.param(
            (paused("w", 1, REPLANNED_ON), paused("x", 1, REPLANNED_ON)),
            500,
            id="two schedules of one day: the first was never in force",
        ),
        pytest.param(
            (paused("w", 2, REPLANNED_ON), paused("x", 1, JUNE)), 500, id="a later one in which less fell due"
        ),
    ],
)
def test_principal_that_fell_due_under_an_earlier_schedule_is_remembered(facts: Story, due_before: int) -> None:
    assert live((*LENT, *facts)).standing.due_before_minor == due_before
