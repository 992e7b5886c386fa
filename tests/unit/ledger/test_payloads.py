"""A payload has one text form, so that no database's own idea of JSON can change a hash."""

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.ledger.payloads import read_payload, write_payload

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
    "payload",
    [
        pytest.param({"amount": 1.5}, id="a float"),
        pytest.param({"amounts": [1, [2.0]]}, id="a float in a list"),
        pytest.param({"terms": {"rate": float("nan")}}, id="not a number"),
        pytest.param({"amount": Decimal("1.5")}, id="a decimal"),
    ],
)
def test_only_text_whole_numbers_and_truth_values_are_written(payload: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="a payload holds text, whole numbers and truth values"):
        write_payload(payload)
