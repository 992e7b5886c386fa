"""A payload has one text form, so that no database's own idea of JSON can change a hash."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.kinds import Kind
from cif_engine.ledger.events import Fact, Papers
from cif_engine.ledger.payloads import naming_replaced, read_payload, write_payload

scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(exclude_categories=["Cs"]))
)
values = st.recursive(
    scalars,
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text("abc", max_size=3), parts),
    max_leaves=8,
)
payloads = st.dictionaries(st.text("abc", max_size=3), values)


def test_keys_are_sorted_and_nothing_is_spaced() -> None:
    payload = {"b": [1, None, True], "a": {"d": "زینب", "c": 2}}
    assert write_payload(payload) == '{"a":{"c":2,"d":"زینب"},"b":[1,null,true]}'


@given(payloads)
def test_what_is_written_reads_back(payload: dict[str, object]) -> None:
    assert read_payload(write_payload(payload)) == payload


@given(payloads, st.randoms(use_true_random=False))
def test_the_order_in_which_keys_were_given_changes_nothing(payload: dict[str, object], order: random.Random) -> None:
    shuffled = order.sample(list(payload.items()), len(payload))
    assert write_payload(dict(shuffled)) == write_payload(payload)


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        pytest.param({"amount": 1.5}, "float", id="a float"),
        pytest.param({"amounts": [1, [2.0]]}, "float", id="a float in a list"),
        pytest.param({"terms": {"rate": float("nan")}}, "float", id="not a number"),
        pytest.param({"amount": Decimal("1.5")}, "Decimal", id="a decimal"),
    ],
)
def test_only_text_whole_numbers_and_truth_values_are_written(payload: dict[str, object], found: str) -> None:
    with pytest.raises(TypeError, match=f"^a payload holds text, whole numbers and truth values, not {found}$"):
        write_payload(payload)


def test_a_fact_names_the_one_it_replaces_beside_all_else_that_it_says() -> None:
    fact = Fact("b", Kind.EXPENSE_PAID, date(2024, 5, 1), '{"note":null,"z":1}', papers=Papers("R-1", replaces="a"))
    assert naming_replaced(fact) == replace(fact, payload='{"note":null,"replaces":"a","z":1}')


def test_a_fact_that_replaces_none_says_what_it_said() -> None:
    fact = Fact("b", Kind.EXPENSE_PAID, date(2024, 5, 1), '{"note":null}', papers=Papers("R-1"))
    assert naming_replaced(fact) is fact


def test_papers_tell_the_numbers_that_there_are() -> None:
    assert Papers().numbers == {}
    assert Papers(voucher_no="V-1", replaces="a").numbers == {"voucher_no": "V-1"}
    assert Papers("R-1", "V-1", "X-1").numbers == {"receipt_no": "R-1", "voucher_no": "V-1", "external_id": "X-1"}
