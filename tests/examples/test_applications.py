"""Who may borrow how much, worked on paper. Amounts in rupees."""

from datetime import date

import pytest

from cif_engine.errors import LoanStepError, MakerIsCheckerError, NotEligibleError, OverLimitError
from cif_engine.persistence.engines import Databases
from tests.books import INELIGIBLE, NOT_SCORED, TOO_WELL_OFF, FundRules, How, a_funded_book

MAY, JUNE = date(2024, 5, 1), date(2024, 6, 1)
RULES = FundRules(amount_min=5_000, amount_max=25_000, cycle_max=2)


def test_only_eligible_households_borrow(shared_databases: Databases) -> None:
    """The fund lends to households on the list, with a poverty score from 0 to 23.

    | member | on the list | score | answer                                                        |
    |--------|-------------|-------|---------------------------------------------------------------|
    | Zainab | yes         | 10    | taken                                                         |
    | Naz    | no          | 10    | The household is not listed as eligible.                      |
    | Rani   | yes         | 40    | The fund lends to scores 0 to 23; the household has 40.       |
    | Shah B.| yes         | none  | The fund lends to scores 0 to 23; the household has no score. |
    """
    book = a_funded_book(shared_databases)
    book.applies(10_000, on=MAY, member="Zainab")
    reasons = {
        INELIGIBLE: "The household is not listed as eligible.",
        TOO_WELL_OFF: "The fund lends to scores 0 to 23; the household has 40.",
        NOT_SCORED: "The fund lends to scores 0 to 23; the household has no score.",
    }
    for member, reason in reasons.items():
        with pytest.raises(NotEligibleError) as refusal:
            book.applies(10_000, on=MAY, member=member)
        assert refusal.value.detail == reason
    assert len(book.rows("loan")) == 1


def test_amounts_and_cycles_have_limits(shared_databases: Databases) -> None:
    """The fund lends 5,000 to 25,000, to each member twice.

    | Zainab asks for      | answer                                                                 |
    |----------------------|------------------------------------------------------------------------|
    | 4,999.99             | The least that the fund CIF lends is 5000.00.                          |
    | 25,000.01            | The most that the fund CIF lends is 25000.00.                          |
    | 5,000                | taken, her loan 1                                                      |
    | 25,000               | taken, her loan 2                                                      |
    | 6,000                | This would be the member's loan 3; the fund CIF lends 2 times.         |

    An application that the committee refuses is no loan, so it does not count.
    """
    book = a_funded_book(shared_databases, rules=RULES)
    refused = book.applies(9_000, on=MAY)
    book.resolves(refused, on=MAY, approved=False)
    for amount, reason in (("4999.99", "The least .* 5000.00"), ("25000.01", "The most .* 25000.00")):
        with pytest.raises(OverLimitError, match=reason):
            book.applies(amount, on=MAY)
    book.applies(5_000, on=MAY)
    book.applies(25_000, on=MAY)
    with pytest.raises(OverLimitError, match="loan 3; the fund CIF lends 2 times"):
        book.applies(6_000, on=MAY)


def test_whoever_took_the_application_does_not_decide_on_it(shared_databases: Databases) -> None:
    """The accountant records the application. Her own decision is refused, the manager's is taken: 8,000 of 10,000.

    | step                          | by         | answer                               |
    |-------------------------------|------------|--------------------------------------|
    | application for 10,000        | accountant | recorded                             |
    | decision                      | accountant | refused: another must decide         |
    | decision over 12,000          | manager    | refused: more than was requested     |
    | decision over 8,000           | manager    | recorded, resolution R-12            |
    | disbursement of 8,001         | accountant | refused: more than was approved      |
    | disbursement of 8,000         | accountant | recorded                             |
    | a second disbursement         | accountant | refused: the loan is open            |
    """
    book = a_funded_book(shared_databases)
    loan = book.applies(10_000, on=MAY)
    with pytest.raises(MakerIsCheckerError):
        book.resolves(loan, on=JUNE, how=How(actor="accountant"))
    with pytest.raises(OverLimitError, match=r"12000\.00 is more than the 10000\.00 that was requested"):
        book.resolves(loan, on=JUNE, amount=12_000)
    book.resolves(loan, on=JUNE, amount=8_000)
    with pytest.raises(OverLimitError, match=r"8001\.00 is more than the 8000\.00 that was approved"):
        book.disburses(loan, on=JUNE, amount=8_001)
    book.disburses(loan, on=JUNE)
    with pytest.raises(LoanStepError):
        book.disburses(loan, on=JUNE)
    assert book.position(loan)["outstanding_minor"] == 8_000_00
