"""Where a loan stood, and when that was known: worked by hand, and against the facts known at any moment."""

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.kinds import Kind
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.history import (
    ENDLESS,
    Interval,
    dues_before,
    history,
    interval_at,
    known_before,
    revise,
)
from cif_engine.loans.life import live
from cif_engine.loans.origin import origin
from tests.laws.settings import some_histories
from tests.laws.test_a_loans_whole_life import as_told
from tests.lives import ASKED_FOR, MADE_UNDER, Life, lives
from tests.unit.loans.stories import APRIL, JULY, JUNE, LENT, MAY, applied, disbursed, paid, paused

FIRST, SECOND, THIRD, FOURTH = 100, 200, 300, 400


def taken_back(fact_id: str, reversed_id: str, on: date) -> LoanFact:
    return LoanFact(fact_id, Kind.FACT_REVERSED, on, {"reverses": reversed_id})


Told = tuple[tuple[int, LoanFact], ...]

LENT_FIRST: Told = tuple((FIRST, fact) for fact in LENT)


def said(told: Told) -> list[tuple[date, date | None, int, int, int | None, int | None]]:
    """Return all intervals of a loan: since, until, outstanding, known from, closed at, known to."""
    known = history(told)
    return [
        (
            one.standing.since,
            one.valid_to,
            one.standing.outstanding_minor,
            one.known_from,
            one.closed_at,
            one.known_to,
        )
        for one in (*known.ended, known.position)
    ]


STORIES = {
    "paid in time": (
        ((SECOND, paid("p", 550, MAY)), (THIRD, paid("q", 550, JUNE))),
        [
            (APRIL, MAY, 1_000, FIRST, SECOND, None),
            (MAY, JUNE, 500, SECOND, THIRD, None),
            (JUNE, None, 0, THIRD, None, None),
        ],
    ),
    "a second payment of the day": (
        ((SECOND, paid("p", 50, MAY)), (THIRD, paid("q", 500, MAY))),
        [
            (APRIL, MAY, 1_000, FIRST, SECOND, None),
            (MAY, ENDLESS, 1_000, SECOND, THIRD, THIRD),
            (MAY, None, 500, THIRD, None, None),
        ],
    ),
    "May's paper comes after June's": (
        ((SECOND, paid("q", 550, JUNE)), (THIRD, paid("p", 550, MAY))),
        [
            (APRIL, JUNE, 1_000, FIRST, SECOND, THIRD),
            (APRIL, MAY, 1_000, THIRD, THIRD, None),
            (MAY, JUNE, 500, THIRD, THIRD, None),
            (JUNE, ENDLESS, 500, SECOND, THIRD, THIRD),
            (JUNE, None, 0, THIRD, None, None),
        ],
    ),
    "reversed": (
        ((SECOND, paid("p", 550, MAY)), (THIRD, taken_back("r", "p", MAY))),
        [
            (APRIL, MAY, 1_000, FIRST, SECOND, THIRD),
            (APRIL, None, 1_000, THIRD, None, None),
            (MAY, ENDLESS, 500, SECOND, THIRD, THIRD),
        ],
    ),
    "corrected in one act: what stood before is known since ever": (
        ((SECOND, paid("p", 550, MAY)), (THIRD, taken_back("r", "p", MAY)), (THIRD, paid("c", 50, MAY))),
        [
            (APRIL, MAY, 1_000, FIRST, SECOND, None),
            (MAY, ENDLESS, 500, SECOND, THIRD, THIRD),
            (MAY, None, 1_000, THIRD, None, None),
        ],
    ),
    "recorded and taken back in one act: nobody knew of it": (
        ((SECOND, paid("p", 550, MAY)), (SECOND, taken_back("r", "p", MAY))),
        [(APRIL, None, 1_000, FIRST, None, None)],
    ),
}


@pytest.mark.parametrize(("told", "expected"), STORIES.values(), ids=STORIES.keys())
def test_what_is_known_of_a_loan_is_never_forgotten(told: Told, expected: list[tuple[object, ...]]) -> None:
    assert sorted(said((*LENT_FIRST, *told)), key=str) == sorted(expected, key=str)


def test_a_report_finds_what_was_known_on_its_day() -> None:
    known = history((*LENT_FIRST, (SECOND, paid("q", 550, JUNE)), (THIRD, paid("p", 550, MAY))))
    versions = (*known.ended, known.position)

    def outstanding(day: date, known_at: int) -> int | None:
        found = interval_at(versions, day, known_at)
        return found and found.standing.outstanding_minor

    assert [outstanding(MAY, at) for at in (FIRST - 1, FIRST, SECOND, THIRD)] == [None, 1_000, 1_000, 500]
    assert [outstanding(JUNE, at) for at in (FIRST, SECOND, THIRD - 1, THIRD)] == [1_000, 500, 500, 0]
    assert outstanding(date(2024, 3, 31), THIRD) is None


def test_a_schedule_that_was_made_anew_keeps_the_first_and_one_taken_back_stays_known() -> None:
    known = history((*LENT_FIRST, (SECOND, paused("w", 1, MAY)), (THIRD, taken_back("r", "w", MAY))))
    assert [(row.due.place, row.due.instalment.due_on, row.known_from, row.known_to) for row in known.every_due] == [
        ((1, 1), MAY, FIRST, None),
        ((1, 2), JUNE, FIRST, None),
        ((2, 1), JUNE, SECOND, THIRD),
        ((2, 2), JULY, SECOND, THIRD),
    ]


def test_what_a_loan_was_made_under_is_kept_when_its_disbursement_is_corrected() -> None:
    asked = applied()._replace(says={**applied().says, **ASKED_FOR, **MADE_UNDER})
    wrong = disbursed(channel="cash", **MADE_UNDER)
    right = disbursed(on=MAY, fact_id="6", channel="cheque", **{**MADE_UNDER, "co_id": "d"})
    later = disbursed(on=JUNE, fact_id="7", channel="bank", **MADE_UNDER)
    told = (
        (FIRST, asked),
        (FIRST, wrong),
        (SECOND, taken_back("r", "5", APRIL)),
        (SECOND, right),
        (THIRD, paid("p", 50, MAY)),
        (FOURTH, taken_back("s", "6", MAY)),
        (FOURTH, later),
    )
    known = history(told)
    assert [(was.known_from, was.known_to) for was in known.origins] == [(0, SECOND), (SECOND, FOURTH)]
    assert [(was.origin.co_id, was.origin.channel, was.origin.disbursed_on) for was in known.origins] == [
        ("c", "cash", APRIL),
        ("d", "cheque", MAY),
    ]
    facts = live(fact for _, fact in told)
    assert origin(facts.facts, facts.voided).disbursed_on == JUNE
    assert origin([asked], ()).disbursed_on is None


def test_the_rows_of_before_a_moment_are_those_that_it_replaced_and_those_that_still_hold() -> None:
    known = history((*LENT_FIRST, (SECOND, paused("w", 1, MAY)), (THIRD, taken_back("r", "w", MAY))))
    before = dues_before(known.every_due, THIRD)
    assert [(row.due.place, row.known_from, row.known_to) for row in before] == [
        ((1, 1), FIRST, None),
        ((1, 2), FIRST, None),
        ((2, 1), SECOND, None),
        ((2, 2), SECOND, None),
    ]
    assert dues_before(known.every_due, FIRST) == ()


@some_histories(200)
@given(lives(), st.randoms(use_true_random=False))
def test_the_history_says_for_every_day_and_moment_what_the_facts_known_then_say(
    life: Life, order: random.Random
) -> None:
    told = recorded(life, order)
    known = history(told)
    versions = (*known.ended, known.position)
    days = sorted({fact.effective_on for _, fact in told})
    for known_at in sorted({at for at, _ in told}):
        as_known = live(fact for at, fact in told if at <= known_at)
        for day in days:
            found = interval_at(versions, day, known_at)
            assert (found and found.standing) == as_known.standing_on(day) or not as_known.steps, (day, known_at)
            assert sum(_counts(one, day, known_at) for one in versions) <= 1


@some_histories(200)
@given(lives(), st.randoms(use_true_random=False))
def test_what_is_saved_act_by_act_is_the_history(life: Life, order: random.Random) -> None:
    """An act of several facts may be saved fact by fact: each begins from what was known before the act."""
    told = recorded(life, order)
    stored: tuple[Interval, ...] = ()
    for count, (at, _) in enumerate(told, 1):
        now = live(fact for _, fact in told[:count])
        revised = revise(known_before((one for one in stored if one.known_to in (None, at)), at), now.timeline(), at)
        older = tuple(one for one in stored if one.known_to not in (None, at))
        stored = (*older, *revised.replaced, *revised.holding)
    known = history(told)
    assert sorted(stored, key=str) == sorted((*known.ended, known.position), key=str)


def recorded(life: Life, order: random.Random) -> Told:
    """Return the facts as they may be recorded, now and then several as one act."""
    moments: list[tuple[int, LoanFact]] = []
    at = FIRST
    for fact in as_told(life, order):
        at += order.choice((0, 1, 1, 1)) if moments else 0
        moments.append((at, fact))
    return tuple(moments)


def _counts(one: Interval, day: date, known_at: int) -> bool:
    return interval_at((one,), day, known_at) is not None
