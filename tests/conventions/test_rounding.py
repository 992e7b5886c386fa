from decimal import Decimal
from fractions import Fraction

import pytest

from cif_engine.money import Rounding, round_ratio, share_out

EVEN, UP, AWAY, DOWN = Rounding.HALF_EVEN, Rounding.HALF_UP, Rounding.UP, Rounding.DOWN


@pytest.mark.parametrize(
    ("exact", "multiple_minor", "expected"),
    [
        pytest.param(Decimal("1562.5"), 1, {EVEN: 1562, UP: 1563, AWAY: 1563, DOWN: 1562}, id="half-above-even"),
        pytest.param(Decimal("1563.5"), 1, {EVEN: 1564, UP: 1564, AWAY: 1564, DOWN: 1563}, id="half-above-odd"),
        pytest.param(Decimal("1562.4"), 1, {EVEN: 1562, UP: 1562, AWAY: 1563, DOWN: 1562}, id="below-half"),
        pytest.param(Decimal("1562.6"), 1, {EVEN: 1563, UP: 1563, AWAY: 1563, DOWN: 1562}, id="above-half"),
        pytest.param(Decimal("-1562.5"), 1, {EVEN: -1562, UP: -1563, AWAY: -1563, DOWN: -1562}, id="below-zero"),
        pytest.param(1500, 100, {EVEN: 1500, UP: 1500, AWAY: 1500, DOWN: 1500}, id="already-whole"),
        pytest.param(1450, 100, {EVEN: 1400, UP: 1500, AWAY: 1500, DOWN: 1400}, id="half-a-rupee"),
        pytest.param(Fraction(100_000, 6), 100, {EVEN: 16700, UP: 16700, AWAY: 16700, DOWN: 16600}, id="a-sixth"),
        pytest.param(0, 100, {EVEN: 0, UP: 0, AWAY: 0, DOWN: 0}, id="nothing"),
    ],
)
def test_rounding(exact: Fraction | Decimal | int, multiple_minor: int, expected: dict[Rounding, int]) -> None:
    ratio = exact.as_integer_ratio()
    assert {rounding: round_ratio(*ratio, multiple_minor, rounding) for rounding in Rounding} == expected


@pytest.mark.parametrize(
    ("total_minor", "parts", "unit_minor", "rounding", "shares"),
    [
        pytest.param(100_000, 6, 100, EVEN, (16_700,) * 5 + (16_500,), id="remainder-below"),
        pytest.param(100_000, 6, 100, DOWN, (16_600,) * 5 + (17_000,), id="remainder-above"),
        pytest.param(100_000, 4, 100, EVEN, (25_000,) * 4, id="no-remainder"),
        pytest.param(100_050, 4, 100, EVEN, (25_000,) * 3 + (25_050,), id="paisa-go-to-the-last"),
        pytest.param(300, 12, 100, EVEN, (0,) * 11 + (300,), id="too-small-to-share"),
        pytest.param(700, 12, 100, EVEN, (100,) * 7 + (0,) * 5, id="used-up-before-the-end"),
        pytest.param(750, 12, 100, EVEN, (100,) * 7 + (50,) + (0,) * 4, id="used-up-with-a-remainder"),
        pytest.param(700, 1, 500, EVEN, (700,), id="one-part-is-all-of-it"),
        pytest.param(0, 3, 100, EVEN, (0, 0, 0), id="nothing"),
    ],
)
def test_sharing_out(
    total_minor: int, parts: int, unit_minor: int, rounding: Rounding, shares: tuple[int, ...]
) -> None:
    assert share_out(total_minor, parts, unit_minor, rounding) == shares
