"""Figures as printed: what their texts say, how exactly, and which texts say nothing."""

import pytest

from cif_engine.errors import ParameterRefusedError, PrintedUnreadableError
from cif_engine.reported.measures import MEASURES, find_measure
from cif_engine.reported.parameters import MEANINGS, USUAL
from cif_engine.reported.printed import Kind, Unit, read_printed


@pytest.mark.parametrize(
    ("text", "unit", "value", "step"),
    [
        ("327,152,021", Unit.PKR, 32_715_202_100, 100),
        ("32,71,52,021", Unit.PKR, 32_715_202_100, 100),
        ("4000000", Unit.PKR, 400_000_000, 100),
        ("10.50", Unit.PKR, 1_050, 1),
        ("90.320168", Unit.PKR_MILLION, 9_032_016_800, 100),
        ("90.32", Unit.PKR_MILLION, 9_032_000_000, 1_000_000),
        ("85.80", Unit.PKR_MILLION, 8_580_000_000, 1_000_000),
        (" 269 ", Unit.PKR_MILLION, 26_900_000_000, 100_000_000),
        ("1.5", Unit.PKR_LAKH, 15_000_000, 1_000_000),
        ("2", Unit.PKR_CRORE, 2_000_000_000, 1_000_000_000),
        ("12", Unit.PKR_THOUSAND, 1_200_000, 100_000),
        ("1", Unit.PKR_BILLION, 100_000_000_000, 100_000_000_000),
        ("1,250", Unit.NUMBER, 1_250, 1),
        ("1250.00", Unit.NUMBER, 1_250, 1),
        ("4000000.000", Unit.PKR, 400_000_000, 1),
        ("99%", Unit.PER_CENT, 990_000, 10_000),
        ("99.5 %", Unit.PER_CENT, 995_000, 1_000),
        ("0", Unit.PKR, 0, 100),
    ],
)
def test_a_text_says_a_value_and_its_last_digit(text: str, unit: Unit, value: int, step: int) -> None:
    printed = read_printed(text, unit)
    assert (printed.text, printed.value, printed.step) == (text, value, step)


@pytest.mark.parametrize("text", [None, "", " ", "-", "--", "\u2013", "\u2014", "..", "n/a", "N.A.", "NaN", "nil"])
def test_a_dash_is_missing_and_not_nought(text: str | None) -> None:
    printed = read_printed(text, Unit.NUMBER)
    assert printed.is_missing
    assert (printed.value, printed.text) == (None, text)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("five", Unit.NUMBER),
        ("-5", Unit.NUMBER),
        ("1.5", Unit.NUMBER),
        ("1,2,3", Unit.NUMBER),
        ("1,00", Unit.NUMBER),
        ("٣٢٧", Unit.NUMBER),
        ("1e6", Unit.PKR),
        ("5 m", Unit.PKR),
        ("1.005", Unit.PKR),
        ("1.123456789", Unit.PKR_MILLION),
        ("99%", Unit.PKR),
        ("9" * 20, Unit.PKR),
        ("9" * 41, Unit.NUMBER),
        ("100001", Unit.PER_CENT),
    ],
)
def test_what_is_no_figure_is_refused(text: str, unit: Unit) -> None:
    with pytest.raises(PrintedUnreadableError):
        read_printed(text, unit)


@pytest.mark.parametrize(
    ("text", "unit", "least", "most"),
    [
        ("721", Unit.NUMBER, 721, 721),
        ("9,900", Unit.NUMBER, 9_900, 9_900),
        ("16,900", Unit.NUMBER, 16_800, 17_000),
        ("17,000", Unit.NUMBER, 16_830, 17_170),
        ("15,431,000", Unit.PKR, 1_543_000_000, 1_543_200_000),
        ("4,000,000", Unit.PKR, 396_000_000, 404_000_000),
        ("327,152,021", Unit.PKR, 32_715_202_000, 32_715_202_200),
        ("1", Unit.PKR_MILLION, 0, 200_000_000),
        ("0", Unit.PKR, 0, 100),
    ],
)
def test_what_was_meant_lies_around_what_was_printed(text: str, unit: Unit, least: int, most: int) -> None:
    printed = read_printed(text, unit)
    assert (printed.least, printed.most) == (least, most)


@pytest.mark.parametrize(
    ("text", "unit", "words"),
    [
        ("90.32", Unit.PKR_MILLION, "PKR 90.32 million"),
        ("4,000,000", Unit.PKR, "PKR 4,000,000"),
        ("7097", Unit.NUMBER, "7097"),
        ("99%", Unit.PER_CENT, "99 %"),
    ],
)
def test_a_figure_is_told_with_its_unit(text: str, unit: Unit, words: str) -> None:
    assert str(read_printed(text, unit)) == words


def test_a_measure_has_the_names_of_published_tables_and_the_units_at_their_end() -> None:
    disbursed, borrowers = MEASURES["disbursed"], MEASURES["borrowers"]
    assert find_measure("disbursed") == (disbursed, None)
    assert find_measure("cif_disbursed_pkr_million") == (disbursed, Unit.PKR_MILLION)
    assert find_measure("disbursed_pkr") == (disbursed, Unit.PKR)
    assert find_measure("cif_borrowers") == (borrowers, None)
    assert find_measure("borrowers_pkr") is None
    assert find_measure("igg_amount") is None
    assert disbursed.kind is Kind.AMOUNT


def test_parameters_are_data_each_with_a_meaning() -> None:
    assert set(USUAL.view()) == set(MEANINGS)
    changed = USUAL.changed({"jump_factor": "2.5", "loan_max": "60000"})
    assert (changed.view()["jump_factor"], changed.loan_max, changed.loan_min) == ("2.5", 60_000, USUAL.loan_min)
    assert USUAL.of_products({"loan_max": 25_000}).loan_max == 25_000


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("nothing", "1"),
        ("loan_max", "0"),
        ("loan_max", "2.5"),
        ("loan_max", "x"),
        ("loan_max", ""),
        ("loan_max", "9" * 12),
        ("jump_factor", "2."),
        ("jump_factor", "0.0"),
        ("jump_factor", "-1"),
    ],
)
def test_a_parameter_that_is_none_is_refused(name: str, written: str) -> None:
    with pytest.raises(ParameterRefusedError):
        USUAL.changed({name: written})
