from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.errors import (
    AmountNegativeError,
    AmountTooLargeError,
    AmountTooPreciseError,
    AmountUnreadableError,
    CifError,
)
from cif_engine.money import (
    MAX_MINOR,
    PKR,
    Currency,
    Rounding,
    format_amount,
    parse_amount,
    read_back,
    round_ratio,
    share_out,
)

DINAR = Currency(code="KWD", minor_digits=3, practical_unit_minor=5)
YEN = Currency(code="JPY", minor_digits=0, practical_unit_minor=1)

amounts = st.integers(0, MAX_MINOR)


@pytest.mark.parametrize(
    ("text", "amount_minor"),
    [
        ("1500.00", 150_000),
        ("1500.5", 150_050),
        ("1500", 150_000),
        (1500, 150_000),
        ("0.07", 7),
        ("0", 0),
        (0, 0),
        ("10000000000000.00", MAX_MINOR),
    ],
)
def test_an_amount_is_read_exactly(text: object, amount_minor: int) -> None:
    assert parse_amount(text) == amount_minor


@pytest.mark.parametrize(
    ("currency", "text", "amount_minor"), [(DINAR, "1.005", 1005), (DINAR, "1", 1000), (YEN, "7", 7)]
)
def test_the_currency_says_how_many_decimals_there_are(currency: Currency, text: str, amount_minor: int) -> None:
    assert parse_amount(text, currency) == amount_minor
    assert parse_amount(format_amount(amount_minor, currency), currency) == amount_minor


@pytest.mark.parametrize(
    "text",
    [
        1500.0,
        True,
        None,
        Decimal(1500),
        b"1500",
        "",
        " 1500",
        "1500 ",
        "1500\n",
        "1,500",
        "1_500",
        "1e3",
        "+1500",
        "--1",
        "-",
        "1500.",
        ".5",
        "007",
        "NaN",
        "Infinity",
        "٣٠٠",  # Arabic-Indic digits
        "۳۰۰",  # Urdu digits
        "\uff11\uff15\uff10\uff10",  # fullwidth digits
        "Rs 1500",
        "1" * 30,
        [1500],
    ],
)
def test_what_is_not_a_plain_number_is_not_an_amount(text: object) -> None:
    with pytest.raises(AmountUnreadableError):
        parse_amount(text)
    with pytest.raises(AmountUnreadableError):
        parse_amount(text, signed=True)


@pytest.mark.parametrize("text", ["-1500.00", "-0.01", -3, "-0"])
def test_a_minus_sign_is_read_only_where_it_has_a_meaning(text: object) -> None:
    with pytest.raises(AmountNegativeError):
        parse_amount(text)
    assert parse_amount(text, signed=True) == -parse_amount(str(text)[1:])


@pytest.mark.parametrize(("text", "currency"), [("1.005", PKR), ("1.000", PKR), ("0.0", YEN), ("1.0001", DINAR)])
def test_more_decimals_than_the_currency_has_are_refused(text: str, currency: Currency) -> None:
    with pytest.raises(AmountTooPreciseError, match=f"{currency.code} has at most {currency.minor_digits} decimals"):
        parse_amount(text, currency)


@pytest.mark.parametrize(
    "text", ["10000000000000.01", "10000000000001", MAX_MINOR, 10**15 + 1, pytest.param(10**5000, id="huge")]
)
def test_an_amount_beyond_the_books_is_refused(text: object) -> None:
    with pytest.raises(AmountTooLargeError):
        parse_amount(text)


@pytest.mark.parametrize("text", ["-10000000000000.01", -MAX_MINOR, pytest.param(-(10**5000), id="huge")])
def test_the_bound_holds_below_zero_too(text: object) -> None:
    with pytest.raises(AmountTooLargeError):
        parse_amount(text, signed=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-1", "An amount below zero has no meaning here."),
        ("1.001", "An amount in PKR has at most 2 decimals."),
        ("1,500", 'An amount is written as a decimal string such as "1500.00", or as a whole number.'),
        (10**15, "An amount is at most 10000000000000.00."),
    ],
)
def test_a_refused_amount_is_told_how_to_write_it(text: object, words: str) -> None:
    with pytest.raises(CifError) as refusal:
        parse_amount(text)
    assert refusal.value.detail == words


@pytest.mark.parametrize(
    ("amount_minor", "text"), [(150_000, "1500.00"), (7, "0.07"), (0, "0.00"), (-5, "-0.05"), (-150_000, "-1500.00")]
)
def test_an_amount_is_written_with_all_its_decimals(amount_minor: int, text: str) -> None:
    assert format_amount(amount_minor) == text


@given(st.integers(-MAX_MINOR, MAX_MINOR), st.sampled_from([PKR, DINAR, YEN]))
def test_what_is_written_reads_back(amount_minor: int, currency: Currency) -> None:
    assert parse_amount(format_amount(amount_minor, currency), currency, signed=True) == amount_minor


@given(st.integers(-(10**18), 10**18))
def test_a_sum_reads_back_however_large_it_is(sum_minor: int) -> None:
    assert read_back(format_amount(sum_minor)) == sum_minor


@given(st.text() | st.integers() | st.floats() | st.booleans() | st.none())
def test_reading_anything_gives_an_amount_or_a_refusal(text: object) -> None:
    try:
        amount_minor = parse_amount(text)
    except (AmountUnreadableError, AmountNegativeError, AmountTooPreciseError, AmountTooLargeError):
        return
    assert 0 <= amount_minor <= MAX_MINOR


@given(st.fractions(min_value=-(10**9), max_value=10**9), st.sampled_from([1, 5, 100, 2000]), st.sampled_from(Rounding))
def test_rounding_gives_the_multiple_beside_the_exact_amount(
    exact: Fraction, multiple_minor: int, rounding: Rounding
) -> None:
    rounded = round_ratio(*exact.as_integer_ratio(), multiple_minor, rounding)
    assert rounded % multiple_minor == 0
    distance = abs(rounded - exact)
    if rounding in {Rounding.HALF_EVEN, Rounding.HALF_UP}:
        assert 2 * distance <= multiple_minor
    else:
        assert distance < multiple_minor
        assert abs(rounded) >= abs(exact) if rounding is Rounding.UP else abs(rounded) <= abs(exact)


@given(amounts, st.integers(1, 600), st.sampled_from([1, 100, 500, 100_000]), st.sampled_from(Rounding))
def test_the_parts_of_a_total_are_all_of_it(total_minor: int, parts: int, unit_minor: int, rounding: Rounding) -> None:
    shares = share_out(total_minor, parts, unit_minor, rounding)
    assert len(shares) == parts
    assert sum(shares) == total_minor
    assert min(shares) >= 0


@given(amounts, st.integers(1, 600), st.sampled_from([1, 100, 500, 100_000]), st.sampled_from(Rounding))
def test_every_part_before_the_last_amount_is_the_same_whole_number_of_units(
    total_minor: int, parts: int, unit_minor: int, rounding: Rounding
) -> None:
    *whole, _remainder = [share for share in share_out(total_minor, parts, unit_minor, rounding) if share] or [0]
    assert all(share % unit_minor == 0 for share in whole)
    assert len(set(whole)) <= 1


@given(amounts, st.integers(1, 600), st.sampled_from([1, 100, 500]))
def test_parts_rounded_down_leave_the_largest_for_the_last(total_minor: int, parts: int, unit_minor: int) -> None:
    shares = share_out(total_minor, parts, unit_minor, Rounding.DOWN)
    assert shares[-1] == max(shares)
    assert shares[-1] - shares[0] < parts * unit_minor
