"""The hash chain, against the published vectors and against an auditor's own program (`tests/reference_chain.py`)."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.kinds import Kind
from cif_engine.ledger.chain import VERSION, encode, event_hash, genesis, seal
from cif_engine.ledger.events import Event, Fact, Head, Papers
from cif_engine.ledger.postings import Posting
from tests.reference_chain import encode_row, first_hash, next_hash

PUBLISHED = Path(__file__).parents[3] / "docs" / "chain.md"
VECTORS: list[dict[str, Any]] = [
    json.loads(block) for block in re.findall(r"```json\n(.*?)```", PUBLISHED.read_text(encoding="utf-8"), re.DOTALL)
]
GENESIS, EVENTS = VECTORS[0], VECTORS[1:]

LSO = "0190a0a0-0000-7000-8000-000000000001"
FACT = Fact("0190a0a0-0000-7000-8000-0000000000f1", Kind.EXPENSE_PAID, date(2024, 5, 1), '{"amount_minor":100}')
POSTING = Posting(date(2024, 5, 1), "CIF.5010", "CIF.1020", 100)
CHANGES = [
    replace(FACT, id=FACT.id[:-1] + "2"),
    replace(FACT, kind=Kind.MONEY_MOVED),
    replace(FACT, effective_on=date(2024, 5, 2)),
    replace(FACT, payload='{"amount_minor":101}'),
    replace(FACT, fund_id=LSO),
    replace(FACT, loan_id=LSO),
    replace(FACT, reverses=LSO),
    replace(FACT, papers=Papers(receipt_no="1")),
    replace(FACT, papers=Papers(voucher_no="1")),
    replace(FACT, papers=Papers(external_id="1")),
    replace(FACT, papers=Papers(external_id="")),
]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
maybe = st.none() | texts
facts = st.builds(
    Fact, texts, st.sampled_from(Kind), st.dates(), texts, maybe, maybe, st.builds(Papers, maybe, maybe, maybe), maybe
)
postings = st.lists(
    st.builds(Posting, st.dates(), st.just("CIF.1010"), st.sampled_from(["CIF.1020", "صندوق"]), st.integers(1, 10**15)),
    max_size=4,
)
moments = st.integers(0, 2**62)


def test_the_published_genesis_is_the_engines() -> None:
    assert genesis(GENESIS["lso_id"]).hash.hex() == first_hash(GENESIS["lso_id"]).hex() == GENESIS["hash"]


def test_a_book_begins_before_its_first_event_at_the_beginning_of_time() -> None:
    assert genesis(LSO) == Head(LSO, 0, 0, first_hash(LSO))


@pytest.mark.parametrize("vector", EVENTS, ids=lambda vector: str(vector["event"]["kind"]))
def test_each_published_event_is_sealed_as_published(vector: dict[str, Any]) -> None:
    event, moved = vector["event"], vector["postings"]
    papers = Papers(event["receipt_no"], event["voucher_no"], event["external_id"])
    fact = Fact(
        event["id"],
        Kind(event["kind"]),
        date.fromisoformat(event["effective_on"]),
        event["payload"],
        event["fund_id"],
        event["loan_id"],
        papers,
        event["reverses"],
    )
    posted = [Posting(**{**row, "effective_on": date.fromisoformat(row["effective_on"])}) for row in moved]
    before = bytes.fromhex(vector["prev_hash"])
    stamps = (event["lso_id"], event["seq"], event["recorded_at"], event["actor"], event["idempotency_key"])

    encoding = encode(*stamps, fact, posted)
    assert encoding.hex() == encode_row(event, moved).hex() == vector["encoding"]
    assert event_hash(before, encoding).hex() == next_hash(before, event, moved).hex() == vector["hash"]


def test_the_published_events_are_a_chain() -> None:
    hashes = [GENESIS["hash"], *(vector["hash"] for vector in EVENTS)]
    assert [vector["prev_hash"] for vector in EVENTS] == hashes[:-1]


@given(fact=facts, moved=postings, at=moments, actor=texts, key=maybe)
def test_any_event_is_sealed_as_an_auditors_own_program_would(
    fact: Fact, moved: list[Posting], at: int, actor: str, key: str | None
) -> None:
    event = seal(genesis(LSO), fact, moved, at, actor, key)
    rows = [{name: getattr(posting, name) for name in Posting.__dataclass_fields__} for posting in moved]
    assert event.hash == next_hash(event.prev_hash, _row(event), rows)


def test_an_event_follows_the_head_and_becomes_the_head() -> None:
    first = seal(genesis(LSO), FACT, (POSTING,), 5, "accountant", "key")
    assert (first.seq, first.recorded_at, first.prev_hash) == (1, 5, genesis(LSO).hash)
    assert first.head == Head(LSO, 1, 5, first.hash)


def test_moments_grow_even_when_the_clock_goes_back() -> None:
    head = replace(genesis(LSO), seq=7, recorded_at=1_000)
    assert seal(head, FACT, (), 999, "accountant", None).recorded_at == 1_001
    assert seal(head, FACT, (), 1_000, "accountant", None).recorded_at == 1_001
    assert seal(head, FACT, (), 1_002, "accountant", None).recorded_at == 1_002


def test_what_is_recorded_as_one_is_known_at_one_moment() -> None:
    head = replace(genesis(LSO), seq=7, recorded_at=1_000)
    second = seal(head, FACT, (), 2_000, "accountant", None, as_one=True)
    assert (second.seq, second.recorded_at) == (8, 1_000)


@pytest.mark.parametrize("changed", CHANGES, ids=lambda fact: repr(fact)[-40:])
def test_whatever_is_changed_in_a_fact_changes_its_hash(changed: Fact) -> None:
    assert _hash(changed) != _hash(FACT)


@pytest.mark.parametrize(
    "moved",
    [
        (),
        (POSTING, POSTING),
        (replace(POSTING, effective_on=date(2024, 5, 2)),),
        (replace(POSTING, debit="CIF.5020"),),
        (replace(POSTING, credit="CIF.1010"),),
        (replace(POSTING, amount_minor=101),),
        (replace(POSTING, loan_id=LSO),),
    ],
)
def test_whatever_is_changed_in_a_posting_changes_the_hash(moved: tuple[Posting, ...]) -> None:
    assert _hash(FACT, moved) != _hash(FACT)


def test_another_book_another_clerk_another_key_another_moment_give_another_hash() -> None:
    events = [
        seal(genesis(LSO), FACT, (), 5, "accountant", "key"),
        seal(genesis(LSO[:-1] + "2"), FACT, (), 5, "accountant", "key"),
        seal(genesis(LSO), FACT, (), 5, "manager", "key"),
        seal(genesis(LSO), FACT, (), 5, "accountant", None),
        seal(genesis(LSO), FACT, (), 6, "accountant", "key"),
    ]
    assert len({event.hash for event in events}) == len(events)


def test_moving_text_from_one_field_to_the_next_changes_the_encoding() -> None:
    one = replace(FACT, papers=Papers("12", "3"))
    other = replace(FACT, papers=Papers("1", "23"))
    assert encode(LSO, 1, 5, "a", None, one, ()) != encode(LSO, 1, 5, "a", None, other, ())


def test_the_encoding_begins_with_its_version() -> None:
    assert encode(LSO, 1, 5, "a", None, FACT, ()).startswith(VERSION)


def _hash(fact: Fact, moved: tuple[Posting, ...] = (POSTING,)) -> bytes:
    return seal(genesis(LSO), fact, moved, 5, "accountant", "key").hash


def _row(event: Event) -> dict[str, Any]:
    fact = event.fact
    return {
        "lso_id": event.lso_id,
        "seq": event.seq,
        "recorded_at": event.recorded_at,
        "actor": event.actor,
        "idempotency_key": event.idempotency_key,
        "id": fact.id,
        "kind": fact.kind.value,
        "effective_on": fact.effective_on,
        "fund_id": fact.fund_id,
        "loan_id": fact.loan_id,
        "receipt_no": fact.papers.receipt_no,
        "voucher_no": fact.papers.voucher_no,
        "external_id": fact.papers.external_id,
        "reverses": fact.reverses,
        "payload": fact.payload,
    }
