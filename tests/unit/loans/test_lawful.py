"""Which facts of a loan can be true together."""

import pytest

from cif_engine.errors import CifError, CreditTooSmallError, LoanNotOpenError, LoanStepError, OverLimitError
from cif_engine.loans.facts import LoanFact, in_order
from cif_engine.loans.lawful import refuse_unlawful
from cif_engine.loans.life import live
from cif_engine.loans.replanning import numbered
from tests.unit.loans.stories import (
    APRIL,
    JULY,
    JUNE,
    LENT,
    MARCH,
    MAY,
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
    reversal,
    waived,
    written_off,
)

Story = tuple[LoanFact, ...]
FIRST, SECOND = numbered([(MAY, 600, 0)]), numbered([(JUNE, 400, 0)])
IN_PARTS = (applied(), decided(), disbursed(600, APRIL, FIRST), disbursed(400, MAY, SECOND, "6"))

LAWFUL: dict[str, Story] = {
    "nothing yet": (),
    "applied": (applied(),),
    "decided without an appraisal": (applied(), decided()),
    "refused": (applied(), appraised(), decided(approved=False)),
    "cancelled at once": (applied(), cancelled()),
    "cancelled after the appraisal": (applied(), appraised(), cancelled()),
    "cancelled after the approval": (applied(), decided(), cancelled()),
    "disbursed": LENT,
    "disbursed in parts": IN_PARTS,
    "in parts, the first one repaid": (*IN_PARTS[:3], paid("p", 600, APRIL), IN_PARTS[3]),
    "all that can befall it": (
        *LENT,
        fee("f", 10, MAY),
        penalty("q", 10, MAY),
        waived("w", MAY, 1, 1, 1),
        paid("p", 100, MAY),
        paused("s", 1, MAY),
        written_off("x", JUNE),
        paid("r", 50, JULY),
    ),
    "all credit given back": (*LENT, paid("p", 1_150, MAY), credit_used("u", 20, MAY), refunded("r", 30, MAY)),
    "credit of what was recovered": (*LENT, written_off("x", MAY), paid("p", 1_001, JUNE), refunded("r", 1, JUNE)),
    "a fact out of turn that was reversed": (applied(), paid("p", 5, MAY), reversal("r", paid("p", 5, MAY))),
}


@pytest.mark.parametrize("what", LAWFUL)
def test_facts_in_their_turn_are_lawful(what: str) -> None:
    refuse_unlawful(live(LAWFUL[what] or (applied(), reversal("r", applied()))), "DAS-1")


OUT_OF_TURN: dict[str, tuple[Story, str, str]] = {
    # the story, where the loan stood, what the refusal says
    "applied for twice": (
        (applied(), LoanFact("2", applied().kind, MAY, applied().says)),
        "applied",
        "Loan DAS-1 is applied since 2024-04-01; loan_applied of 2024-05-01 follows nothing.",
    ),
    "decided twice": (
        (applied(), decided(), LoanFact("9", decided().kind, MAY, decided().says)),
        "approved",
        "Loan DAS-1 is approved since 2024-04-01; loan_decided of 2024-05-01 follows applied or appraised.",
    ),
    "appraised after the decision": (
        (applied(), decided(), appraised(MAY)),
        "approved",
        "Loan DAS-1 is approved since 2024-04-01; loan_appraised of 2024-05-01 follows applied or appraised.",
    ),
    "disbursed without a decision": (
        (applied(), disbursed(on=MAY)),
        "applied",
        "Loan DAS-1 is applied since 2024-04-01; loan_disbursed of 2024-05-01 follows approved or open or repaid.",
    ),
    "disbursed though refused": (
        (applied(), decided(approved=False), disbursed(on=MAY)),
        "refused",
        "Loan DAS-1 is refused since 2024-04-01; loan_disbursed of 2024-05-01 follows approved or open or repaid.",
    ),
    "disbursed though cancelled": (
        (applied(), decided(), cancelled(), disbursed(on=MAY)),
        "cancelled",
        "Loan DAS-1 is cancelled since 2024-04-01; loan_disbursed of 2024-05-01 follows approved or open or repaid.",
    ),
    "disbursed though written off": (
        (applied(), decided(), disbursed(600, APRIL, FIRST), written_off("x", APRIL), disbursed(1, MAY, SECOND, "6")),
        "written_off",
        "Loan DAS-1 is written_off since 2024-04-01; loan_disbursed of 2024-05-01 follows approved or open or repaid.",
    ),
    "cancelled though disbursed": (
        (*LENT, cancelled(MAY)),
        "open",
        "Loan DAS-1 is open since 2024-04-01; loan_cancelled of 2024-05-01 follows applied or appraised or approved.",
    ),
}


@pytest.mark.parametrize("what", OUT_OF_TURN)
def test_a_step_out_of_turn_is_refused_with_where_the_loan_stands(what: str) -> None:
    story, status, reason = OUT_OF_TURN[what]
    refusal = refused(story, LoanStepError)
    assert refusal.detail == reason
    assert refusal.pointer == "/effective_on"
    assert refusal.facts == {"loan": "DAS-1", "status": status, "event": in_order(story)[-1].id}


def test_a_loan_begins_with_its_application() -> None:
    refusal = refused((applied(), decided(on=MARCH)), LoanStepError)
    assert refusal.detail == "Loan DAS-1 was not applied for by 2024-03-01."
    assert refusal.facts == {"loan": "DAS-1", "event": decided().id}


@pytest.mark.parametrize(
    "fact",
    [fee("f", 1, MAY), waived("w", MAY), paid("p", 1, MAY), refunded("r", 1, MAY), written_off("x", MAY)],
    ids=lambda fact: fact.kind.value,
)
def test_nothing_befalls_a_loan_that_was_not_disbursed(fact: LoanFact) -> None:
    for story in ((applied(), decided(), fact), (fact, applied(on=JUNE))):
        refusal = refused(story, LoanNotOpenError)
        assert refusal.detail == "Loan DAS-1 was not disbursed by 2024-05-01."
        assert (refusal.pointer, refusal.facts) == ("/loan", {"loan": "DAS-1", "event": fact.id})


@pytest.mark.parametrize(
    "fact",
    [fee("f", 1, JUNE), penalty("q", 1, JUNE), waived("w", JUNE), paused("s", 1, JUNE), written_off("y", JUNE)],
    ids=lambda fact: fact.kind.value,
)
def test_a_loan_that_was_written_off_only_recovers(fact: LoanFact) -> None:
    refusal = refused((*LENT, written_off("x", MAY), fact), LoanNotOpenError)
    assert refusal.detail == ("Loan DAS-1 was written off by 2024-06-01; only money that is recovered can be recorded.")
    assert (refusal.pointer, refusal.facts) == ("/loan", {"loan": "DAS-1", "event": fact.id})


CREDITS: dict[str, tuple[Story, str]] = {
    # the story, how much below zero its last fact leaves the credit
    "a little more than there is": ((paid("p", 1_150, MAY), refunded("r", 51, JUNE)), "0.01"),
    "used where there is none": ((credit_used("u", 20, JUNE),), "0.20"),
    "given back before it was used": (
        (paid("p", 1_150, MAY), refunded("r", 50, JUNE), credit_used("u", 1, JULY)),
        "0.01",
    ),
}


@pytest.mark.parametrize("what", CREDITS)
def test_no_more_credit_is_given_back_than_there_is(what: str) -> None:
    story, short = CREDITS[what]
    refusal = refused((*LENT, *story), CreditTooSmallError)
    assert refusal.detail == (
        f"The borrower's credit of loan DAS-1 would be {short} below zero on {story[-1].effective_on}: "
        "more of it is given back or used than there is."
    )
    assert (refusal.pointer, refusal.facts) == ("/amount", {"loan": "DAS-1", "short": short, "event": story[-1].id})


@pytest.mark.parametrize("approved", [999, 600])
def test_no_more_is_handed_out_than_was_approved(approved: int) -> None:
    facts = (applied(), decided(amount=approved), *IN_PARTS[2:])
    refusal = refused(facts, OverLimitError)
    limit = f"{approved / 100:.2f}"
    assert refusal.detail == f"Loan DAS-1 would be handed out to 10.00, more than the {limit} that was approved."
    assert (refusal.pointer, refusal.facts) == ("/amount", {"limit": limit, "event": in_order(facts)[-1].id})


def refused(facts: Story, error: type[CifError]) -> CifError:
    """Return the refusal of these facts in whatever order they come."""
    with pytest.raises(error) as refusal:
        refuse_unlawful(live(facts[::-1]), "DAS-1")
    return refusal.value
