import re
from decimal import Decimal

import pytest

from cif_engine.errors import NotFoundError
from cif_engine.money import parse_amount
from cif_engine.portfolio.defining import Definition, Unit
from cif_engine.portfolio.definitions import DEFINITIONS, definition
from cif_engine.portfolio.par import Rate

EVERY = [pytest.param(defined, id=defined.id) for defined in DEFINITIONS.values()]

_ID = re.compile(r"[a-z]+(_[a-z]+)*")

OF_THE_DESIGN = {
    *("gross_portfolio", "par_n", "par_n_renegotiated", "arrears_rate", "ageing", "on_time_rate", "cleanup"),
    *("recovery_rate", "dcb", "write_off_ratio", "risk_coverage", "migration", "vintage", "maturity"),
    *("provisioning", "capital", "fund_value", "capital_index", "available", "utilisation", "idle", "turns"),
    *("velocity", "reach"),
}


def test_every_figure_of_a_portfolio_is_defined() -> None:
    assert set(DEFINITIONS) >= OF_THE_DESIGN


def test_a_definition_is_found_by_its_id_and_no_other() -> None:
    assert definition("par_n").title == "Portfolio at risk over n days"
    for unknown in ("par_30", "PAR_N", ""):
        with pytest.raises(NotFoundError):
            definition(unknown)


@pytest.mark.parametrize("defined", EVERY)
def test_a_definition_says_all_that_is_to_be_said(defined: Definition) -> None:
    assert _ID.fullmatch(defined.id)
    for sentence in (defined.words, defined.source, defined.example.words, *defined.notes):
        assert sentence.endswith("."), sentence
        assert sentence == " ".join(sentence.split()), sentence
    assert not defined.title.endswith(".")
    assert len(defined.words) > len(defined.title)


@pytest.mark.parametrize("defined", EVERY)
def test_a_share_says_of_what_in_what_and_nothing_else_does(defined: Definition) -> None:
    is_share = defined.unit in {Unit.SHARE, Unit.SHARES}
    assert (defined.numerator is not None) == is_share
    assert (defined.denominator is not None) == is_share
    assert not is_share or len(defined.example.parts) == 2


@pytest.mark.parametrize("defined", EVERY)
def test_a_worked_example_comes_out(defined: Definition) -> None:
    values = [parse_amount(value, signed=True) for _, value in defined.example.parts]
    match defined.unit:
        case Unit.SHARE | Unit.SHARES:
            assert Rate(defined.id, *values).in_decimals() == defined.example.result
        case Unit.AMOUNT | Unit.AMOUNTS:
            assert len(values) > 1
            assert sum(values) == parse_amount(defined.example.result)
        case Unit.COUNT | Unit.DAYS:
            assert values == []
            assert Decimal(defined.example.result) == int(defined.example.result)


@pytest.mark.parametrize("defined", EVERY)
def test_another_figure_is_named_by_an_id_that_there_is(defined: Definition) -> None:
    """What looks like an id in the words of a definition is one."""
    said = " ".join(filter(None, (defined.words, defined.numerator, defined.denominator, *defined.notes)))
    named = {word for word in re.findall(r"[a-z_]+", said) if "_" in word}
    assert named <= set(DEFINITIONS)
