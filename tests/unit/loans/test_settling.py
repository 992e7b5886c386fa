"""What settles a loan on a day."""

from datetime import date

import pytest

from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live
from cif_engine.loans.settling import Quote, agreed_terms, settlement_quote
from cif_engine.loans.standing import Status
from cif_engine.loans.terms import Rebate
from tests.unit.loans.stories import (
    LENT,
    MARCH,
    MAY,
    applied,
    fee,
    paid,
    paused,
    penalty,
    reversal,
    settling,
    terms_of,
    waived,
    written_off,
)

MAY_10 = date(2024, 5, 10)

QUOTES: dict[str, tuple[tuple[LoanFact, ...], Rebate, int, Quote]] = {
    # what happened before 10 May, the policy, its unit; penalty, fee, charge, rebate, principal
    "all is owed, no rebate": ((), Rebate.NONE, 1, Quote(0, 0, 100, 0, 1_000)),
    "June's charge is not yet due": ((), Rebate.NOT_YET_DUE, 1, Quote(0, 0, 100, 50, 1_000)),
    "9 of its 31 days are": ((), Rebate.PRO_RATA, 1, Quote(0, 0, 100, 35, 1_000)),
    "to tens": ((), Rebate.PRO_RATA, 10, Quote(0, 0, 100, 40, 1_000)),
    "some of it paid": ((paid("p", 570, MAY),), Rebate.NOT_YET_DUE, 1, Quote(0, 0, 30, 30, 500)),
    "some of it waived": ((waived("w", MAY, charge=70),), Rebate.NOT_YET_DUE, 1, Quote(0, 0, 30, 30, 1_000)),
    "all charge paid": ((paid("p", 600, MAY),), Rebate.NOT_YET_DUE, 1, Quote(0, 0, 0, 0, 500)),
    "by the schedule in force": ((paused("s", 1, MAY),), Rebate.NOT_YET_DUE, 1, Quote(0, 0, 100, 50, 1_000)),
    "fees and penalties are never forgiven": (
        (fee("f", 30, MAY), penalty("q", 20, MAY)),
        Rebate.NOT_YET_DUE,
        1,
        Quote(20, 30, 100, 50, 1_000),
    ),
    "repaid": ((paid("p", 1_100, MAY),), Rebate.PRO_RATA, 1, Quote(0, 0, 0, 0, 0)),
    "written off": ((written_off("x", MAY),), Rebate.PRO_RATA, 1, Quote(0, 0, 0, 0, 0)),
}


@pytest.mark.parametrize("what", QUOTES)
def test_a_quote_is_all_that_is_owed_and_what_is_forgiven_of_it(what: str) -> None:
    story, policy, unit, quote = QUOTES[what]
    assert settlement_quote(live((*LENT, *story)), MAY_10, policy, unit) == quote


def test_the_total_takes_the_rebate_off() -> None:
    assert Quote(20, 30, 100, 50, 1_000).total_minor == 20 + 30 + 100 - 50 + 1_000


def test_what_was_not_disbursed_needs_nothing() -> None:
    assert settlement_quote(live((applied(),)), MAY_10, Rebate.PRO_RATA, 1) == Quote(0, 0, 0, 0, 0)


def test_the_first_instalment_earns_its_charge_from_the_disbursement() -> None:
    """On 16 April 15 of the 30 days of 50 are 25; all of June's 50 is forgiven besides."""
    assert settlement_quote(live(LENT), date(2024, 4, 16), Rebate.PRO_RATA, 1).rebate_minor == 75


@pytest.mark.parametrize("what", QUOTES)
def test_paying_the_quote_settles_the_loan_and_one_less_does_not(what: str) -> None:
    story, policy, unit, quote = QUOTES[what]
    if quote.total_minor:
        settled, short = (
            live((*LENT, *story, settling("z", amount, MAY_10, policy.value, unit))).standing
            for amount in (quote.total_minor, quote.total_minor - 1)
        )
        assert (settled.status, settled.credit_minor) == (Status.REPAID, 0)
        assert short.status is Status.OPEN


@pytest.mark.parametrize(
    "more", [(), (paid("p", 1, MARCH),), (reversal("r", applied()),)], ids=["alone", "after another fact", "reversed"]
)
def test_the_terms_are_those_it_was_applied_for_with(more: tuple[LoanFact, ...]) -> None:
    """Whatever stands before the application, and whether or not it was reversed."""
    terms = terms_of(rebate="pro_rata", rounding_unit="5.00")
    assert agreed_terms(live((*more, applied(terms)))) == terms
