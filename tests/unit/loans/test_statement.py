"""A loan's statement: line by line, and instalment by instalment."""

from datetime import date, timedelta
from typing import Any

import pytest

from cif_engine.loans.allocation import Settlement, Waived
from cif_engine.loans.facts import LoanFact
from cif_engine.loans.life import live
from cif_engine.loans.replanning import numbered
from cif_engine.loans.statement import Due, InstalmentOnDay, Line, schedule_on, statement_lines
from tests.unit.loans.stories import (
    APRIL,
    JULY,
    JUNE,
    LENT,
    MAY,
    SCHEDULE,
    applied,
    credit_used,
    decided,
    disbursed,
    fee,
    paid,
    paused,
    penalty,
    refunded,
    reversal,
    settling,
    waived,
    written_off,
)

Story = tuple[LoanFact, ...]
DAY = timedelta(days=1)

LINES: dict[str, tuple[Story, dict[str, Any]]] = {
    # what follows the disbursement, and what the last line says besides the fact and its standing
    "money out": ((), {"disbursed_minor": 1_000}),
    "money in": ((paid("p", 60, MAY),), {"paid_minor": 60, "settled": Settlement(50, 10, 0)}),
    "a fee": ((fee("f", 30, MAY),), {"charged_minor": 30}),
    "a penalty": ((penalty("q", 20, MAY),), {"charged_minor": 20}),
    "credit given back": ((paid("p", 1_150, MAY), refunded("r", 30, MAY)), {"refunded_minor": 30}),
    "credit used": ((paid("p", 1_150, MAY), credit_used("u", 20, MAY)), {"refunded_minor": 20}),
    "a waiver": ((waived("w", MAY, charge=60),), {"waived": Waived(0, 0, 60)}),
    "a write-off": ((written_off("x", MAY),), {"written_off_minor": 1_000}),
    "a pause": ((paused("s", 1, MAY),), {}),
    "settled early": (
        (settling("s", 1_050, MAY),),
        {"paid_minor": 1_050, "settled": Settlement(50, 1_000, 0), "waived": Waived(0, 0, 50)},
    ),
}


@pytest.mark.parametrize("what", LINES)
def test_a_line_has_its_money_and_what_that_did(what: str) -> None:
    story, says = LINES[what]
    life = live((*LENT, *story))
    lines = statement_lines(life)
    assert [line.fact for line in lines] == list(life.facts)
    assert lines[-1] == Line((*LENT, *story)[-1], life.standing, **says)


def test_a_reversed_fact_keeps_its_line_with_its_reversal_and_has_no_standing() -> None:
    wrong = paid("p", 60, MAY)
    lines = statement_lines(live((*LENT, wrong, reversal("r", wrong))))
    assert lines[-2:] == (
        Line(wrong, None, paid_minor=60, reversed_by=reversal("r", wrong)),
        Line(reversal("r", wrong), None),
    )


# Instalments ---------------------------------------------------------------------------------------------------

FIRST, SECOND = SCHEDULE
DAYS: dict[str, tuple[Story, date, list[tuple[int, int, Due, int, date | None]]]] = {
    # what follows the disbursement, the day; of each instalment what is met, what it is, days late, paid on
    "before the first": ((), MAY - DAY, [(0, 0, Due.TO_COME, 0, None), (0, 0, Due.TO_COME, 0, None)]),
    "on a due day": ((), MAY, [(0, 0, Due.DUE_TODAY, 0, None), (0, 0, Due.TO_COME, 0, None)]),
    "a day late": ((), MAY + DAY, [(0, 0, Due.LATE, 1, None), (0, 0, Due.TO_COME, 0, None)]),
    "some paid": ((paid("p", 60, MAY),), JUNE, [(10, 50, Due.LATE, 31, None), (0, 0, Due.DUE_TODAY, 0, None)]),
    "one paid, in two": (
        (paid("p", 540, MAY), paid("q", 30, MAY + DAY)),
        JUNE,
        [(500, 50, Due.PAID, 0, MAY + DAY), (0, 20, Due.DUE_TODAY, 0, None)],
    ),
    "all but the last": (
        (paid("p", 1_099, MAY),),
        JULY,
        [(500, 50, Due.PAID, 0, MAY), (499, 50, Due.LATE, 30, None)],
    ),
    "all in advance": (
        (paid("p", 1_100, APRIL),),
        JULY,
        [(500, 50, Due.PAID, 0, APRIL), (500, 50, Due.PAID, 0, APRIL)],
    ),
    "charge waived, and the rest paid": (
        (waived("w", MAY, charge=60), paid("p", 500, MAY + DAY)),
        JUNE,
        [(500, 50, Due.PAID, 0, MAY + DAY), (0, 10, Due.DUE_TODAY, 0, None)],
    ),
    "the last charge waived after all was paid": (
        (paid("p", 1_050, MAY), waived("w", JUNE, charge=5), paid("q", 100, JULY)),
        JULY,
        [(500, 50, Due.PAID, 0, MAY), (500, 50, Due.PAID, 0, JULY)],
    ),
    "written off": (
        (paid("p", 600, MAY), written_off("x", JUNE)),
        JULY,
        [(500, 50, Due.PAID, 0, MAY), (0, 50, Due.LAPSED, 0, None)],
    ),
    "written off on a due day": (
        (written_off("x", APRIL),),
        MAY,
        [(0, 0, Due.LAPSED, 0, None), (0, 0, Due.LAPSED, 0, None)],
    ),
}


@pytest.mark.parametrize("what", DAYS)
def test_each_instalment_is_shown_as_it_is_on_a_day(what: str) -> None:
    story, day, rows = DAYS[what]
    shown = schedule_on(live((*LENT, *story)), day)
    assert shown == tuple(InstalmentOnDay(row, *says) for row, says in zip(SCHEDULE, rows, strict=True))
    left = [1_100 // 2 - row[0] - row[1] for row in rows]
    assert [row.unpaid_minor for row in shown] == left


def test_what_is_shown_is_the_schedule_in_force() -> None:
    shown = schedule_on(live((*LENT, paused("s", 1, MAY))), JUNE)
    assert [(row.instalment.due_on, row.due) for row in shown] == [(JUNE, Due.DUE_TODAY), (JULY, Due.TO_COME)]


def test_an_instalment_of_charge_alone_is_paid_by_its_charge() -> None:
    charge_first = numbered([(MAY, 0, 50), (JUNE, 1_000, 50)])
    life = live((applied(), decided(), disbursed(schedule=charge_first), paid("p", 50, MAY)))
    assert [row.paid_on for row in schedule_on(life, MAY)] == [MAY, None]


@pytest.mark.parametrize("least", [(1, 0), (0, 1)])
def test_an_instalment_of_the_least_is_not_paid_before_it_is(least: tuple[int, int]) -> None:
    life = live((applied(), decided(), disbursed(schedule=numbered([(MAY, *least), (JUNE, 999, 99)]))))
    assert [row.due for row in schedule_on(life, MAY)] == [Due.DUE_TODAY, Due.TO_COME]


def test_an_instalment_whose_principal_is_met_and_its_charge_is_not_is_not_paid() -> None:
    order = {"order": ["principal", "charge", "fee", "penalty"], "across": "kinds"}
    life = live((applied(), decided(), disbursed(allocation=order), paid("p", 1_060, JUNE)))
    assert schedule_on(life, JULY) == (
        InstalmentOnDay(FIRST, 500, 50, Due.PAID, 0, JUNE),
        InstalmentOnDay(SECOND, 500, 10, Due.LATE, 30, None),
    )


def test_what_asks_for_nothing_is_paid_from_the_day_of_the_disbursement() -> None:
    nothing = numbered([(MAY, 0, 0), (JUNE, 1_000, 100)])
    life = live((applied(), decided(), disbursed(schedule=nothing)))
    assert [row.paid_on for row in schedule_on(life, MAY)] == [APRIL, None]


def test_a_loan_without_a_schedule_shows_none() -> None:
    assert schedule_on(live((applied(),)), MAY) == ()
