"""What moved a figure: acts of one loan, each with its effect, in the order in which the book learned of them."""

from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live
from cif_engine.portfolio.contributions import NOTHING, Contribution, Subject, add_up_contributions, contribution
from cif_engine.portfolio.restating import Act, Belongs, Cause, Heard, Line, acts_of, add_up_acts, cause_of
from cif_engine.portfolio.subjects import Days, Sought, subject
from tests.laws.settings import some_histories
from tests.lives import Life, lives
from tests.portfolio.test_demand import periods
from tests.reports.figures_told import RULES, days_of, every_sought
from tests.unit.loans.stories import (
    AUGUST,
    JULY,
    JUNE,
    LENT,
    MAY,
    credit_used,
    fee,
    paid,
    paused,
    penalty,
    refunded,
    replanned,
    reversal,
    waived,
    written_off,
)

AT_RISK = subject(Sought("par_n", days=30), Days(JULY, RULES))
SINCE = 10


def heard(*acts: Iterable[LoanFact]) -> list[Heard]:
    """Return the loan as it was lent, and these acts, heard one after the other from moment 11 on."""
    told = [Heard(SINCE, seq, fact) for seq, fact in enumerate(LENT, 1)]
    for at, act in enumerate(acts, SINCE + 1):
        told += (Heard(at, len(told) + 1, fact) for fact in act)
    return told


def changes(acts: Iterable[Act]) -> list[tuple[Cause, int, int]]:
    return [(act.cause, *act.change) for act in acts]


def test_each_act_has_its_effect_and_what_changes_nothing_is_left_out() -> None:
    """On 1 July the loan of 1,000, due in halves on 1 May and 1 June, is late by 61 days.

    | recorded | what                         | outstanding | late by | at risk over 30 days | change      |
    |----------|------------------------------|-------------|---------|----------------------|-------------|
    | 11       | 550 of 1 May                 |         500 |      30 |                  500 | -500, -500  |
    | 12       | 100 of 15 June, 50 of charge |         450 |      30 |                  450 |  -50,  -50  |
    | 13       | 100 of 1 August: news        |         450 |      30 |                  450 |             |
    | 14       | 11 was a mistake             |         950 |      61 |                  950 |  500,  500  |
    """
    first = paid("p", 550, MAY)
    acts = acts_of(
        heard([first], [paid("q", 100, date(2024, 6, 15))], [paid("r", 100, AUGUST)], [reversal("x", first)]),
        AT_RISK,
        SINCE,
    )
    assert changes(acts) == [
        (Cause.REPAYMENTS, -500, -500),
        (Cause.REPAYMENTS, -50, -50),
        (Cause.REVERSALS, 500, 500),
    ]
    assert [(act.at, [one.seq for one in act.heard]) for act in acts] == [(11, [5]), (12, [6]), (14, [8])]


def test_facts_of_one_moment_are_one_act() -> None:
    """550 of 1 May leave 500; they were 220, of which 50 are charge, and leave 830."""
    wrong = paid("p", 550, MAY)
    right = paid("q", 220, MAY, replaces=wrong.id)
    acts = acts_of(heard([wrong], [reversal("x", wrong), right]), AT_RISK, SINCE + 1)
    assert changes(acts) == [(Cause.CORRECTIONS, 330, 330)]


def test_a_new_loan_is_what_it_is_since_its_money() -> None:
    told = [Heard(SINCE + place, place, fact) for place, fact in enumerate(LENT, 1)]
    assert changes(acts_of(told, AT_RISK, SINCE)) == [(Cause.DISBURSEMENTS, 1_000, 1_000)]
    assert acts_of(told, AT_RISK, SINCE + len(LENT)) == []


def test_a_loan_that_is_not_asked_for_has_no_acts() -> None:
    assert acts_of(heard([paid("p", 550, MAY)]), AT_RISK, SINCE, Belongs(before=False, after=False)) == []


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        ([paid("p", 1, MAY)], Cause.REPAYMENTS),
        ([paid("p", 1, MAY, replaces="o")], Cause.CORRECTIONS),
        ([reversal("x", paid("p", 1, MAY)), paid("q", 1, MAY, replaces="p")], Cause.CORRECTIONS),
        ([reversal("x", paid("p", 1, MAY))], Cause.REVERSALS),
        ([paused("r", 1, MAY)], Cause.RESCHEDULES),
        ([paused("r", 1, MAY, moratorium="m")], Cause.MORATORIA),
        ([replanned("r", {}, MAY)], Cause.RESCHEDULES),
        ([written_off("w", MAY)], Cause.WRITE_OFFS),
        ([LENT[-1], paid("p", 1, MAY)], Cause.DISBURSEMENTS),
        ([LENT[0]], Cause.APPLICATIONS),
        ([fee("f", 1, MAY)], Cause.DUES),
        ([penalty("f", 1, MAY)], Cause.DUES),
        ([waived("f", MAY)], Cause.DUES),
        ([credit_used("c", 1, MAY)], Cause.CREDITS),
        ([refunded("c", 1, MAY)], Cause.CREDITS),
    ],
)
def test_what_an_act_is(facts: list[LoanFact], cause: Cause) -> None:
    assert cause_of(facts) is cause
    assert cause_of(reversed(facts)) is cause


def test_lines_count_acts_and_loans() -> None:
    lines: dict[Cause, Line] = {}
    one, other = heard([paid("p", 550, MAY)], [paid("q", 100, JUNE)]), heard([paid("p", 200, MAY)])
    for told in (one, other):
        add_up_acts(lines, acts_of(told, AT_RISK, SINCE))
    line = lines[Cause.REPAYMENTS]
    assert (list(lines), line.acts, line.loans) == ([Cause.REPAYMENTS], 3, 2)
    assert line.change == add_up_contributions(
        act.change for told in (one, other) for act in acts_of(told, AT_RISK, SINCE)
    )


@some_histories(80)
@given(lives(), st.permutations(range(40)), periods, st.integers(0, 12), st.data())
def test_the_effects_of_all_acts_sum_to_the_difference(
    history: Life, order: list[int], period: list[date], known: int, data: st.DataObject
) -> None:
    facts = list(history.facts)
    later = [facts[place] for place in order if known + 1 <= place < len(facts)]
    told = [Heard(place, place, fact) for place, fact in enumerate((*facts[: known + 1], *later))]
    sought = data.draw(st.sampled_from(list(every_sought(period[1]))))
    about = subject(sought, days_of(sought.figure, *period))
    acts = acts_of(told, about, known)
    assert all(act.change != NOTHING for act in acts)
    assert add_up_contributions(act.change for act in acts) == of(facts, about).less(of(facts[: known + 1], about))


def of(facts: list[LoanFact], about: Subject) -> Contribution:
    return contribution(live(facts), about)
