"""What a fund and a product allow, and the stated reason when they do not."""

import pytest

from cif_engine.errors import NotEligibleError, OverLimitError
from cif_engine.loans.guards import Limits, PovertyBand, refuse_ineligible, refuse_over_limit

POOR = PovertyBand(0, 23)
ALL = PovertyBand(0, 100)
LIMITS = Limits(amount_min_minor=1_000_00, amount_max_minor=25_000_00, cycle_max=3)


@pytest.mark.parametrize(("score", "band"), [(0, POOR), (23, POOR), (100, ALL), (None, ALL), (12, PovertyBand(12, 18))])
def test_a_listed_household_within_the_band_is_eligible(score: int | None, band: PovertyBand) -> None:
    refuse_ineligible(score, band, listed_eligible=True)


@pytest.mark.parametrize(
    ("score", "band", "listed", "reason"),
    [
        pytest.param(10, POOR, False, "not listed as eligible", id="not on the list, however poor"),
        pytest.param(10, ALL, False, "not listed as eligible", id="not on the list of a fund for all"),
        pytest.param(24, POOR, True, "scores 0 to 23; the household has 24", id="just above the band"),
        pytest.param(11, PovertyBand(12, 18), True, "scores 12 to 18; the household has 11", id="below the band"),
        pytest.param(None, POOR, True, "the household has no score", id="not scored"),
    ],
)
def test_a_household_that_is_not_eligible_is_refused_for_the_reason(
    *, score: int | None, band: PovertyBand, listed: bool, reason: str
) -> None:
    with pytest.raises(NotEligibleError, match=reason):
        refuse_ineligible(score, band, listed_eligible=listed)


@pytest.mark.parametrize(
    ("amount", "cycle", "limits"),
    [
        pytest.param(1_000_00, 1, LIMITS, id="the least"),
        pytest.param(25_000_00, 3, LIMITS, id="the most, for the last time"),
        pytest.param(10**15, 99, Limits(1, None, None), id="no limits"),
    ],
)
def test_within_the_limits_nothing_is_refused(amount: int, cycle: int, limits: Limits) -> None:
    refuse_over_limit(amount, cycle, limits, "the fund CIF")


@pytest.mark.parametrize(
    ("amount", "cycle", "reason", "limit"),
    [
        pytest.param(999_99, 1, "The least that the fund CIF lends is 1000.00.", "1000.00", id="too little"),
        pytest.param(25_000_01, 1, "The most that the fund CIF lends is 25000.00.", "25000.00", id="too much"),
        pytest.param(5_000_00, 4, "loan 4; the fund CIF lends 3 times", 3, id="once too often"),
    ],
)
def test_outside_the_limits_the_limit_is_named(amount: int, cycle: int, reason: str, limit: str | int) -> None:
    with pytest.raises(OverLimitError, match=reason) as refusal:
        refuse_over_limit(amount, cycle, LIMITS, "the fund CIF")
    assert refusal.value.facts == {"limit": limit}
