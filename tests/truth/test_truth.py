"""The truth is itself tested: against small portfolios that were worked on paper. Amounts in rupees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import count, pairwise
from typing import Any

import pytest

from tests.truth.card import history
from tests.truth.facts import RUPEE, Agreed, Borrower, Bullet, Equal, Fact, Loan, Plan, SetAside, What, holding
from tests.truth.figures import (
    PAR_DAYS,
    Became,
    Class,
    Collected,
    Known,
    Part,
    allowances,
    average_gross,
    classified,
    collected,
    maturity,
    migration,
    month_ends,
    on_day,
    vintages,
)
from tests.truth.world import make_world

JANUARY, FEBRUARY, MARCH, APRIL, MAY, JUNE, JULY = (date(2024, month, 1) for month in range(1, 8))
ALL_KNOWN = 10**6
TWELVE = Equal(12)
ZAINAB = Borrower("M-1", "H-1", "VO-1", "CO-11", 10, "female")
_ids = count(1)


def _fact(what: What, on: date, rupees: int = 0, at: int = 1, **others: Any) -> Fact:  # noqa: ANN401 - passed on
    return Fact(f"{next(_ids):05}", "loan", what, on, at, rupees * RUPEE)._replace(**others)


def _lent(rupees: int, on: date = JANUARY, plan: Plan = TWELVE, at: int = 1) -> Fact:
    return _fact(What.LENT, on, rupees, at, plan=plan, borrower=ZAINAB, channel="bank")


def _paid(rupees: int, on: date, at: int = 1) -> Fact:
    return _fact(What.PAID, on, rupees, at)


def _undone(fact: Fact, at: int) -> Fact:
    return _fact(What.UNDONE, fact.on, 0, at, undoes=fact.id)


def _known(*facts: Fact, known_at: int = ALL_KNOWN, loan: str = "loan", borrower: Borrower = ZAINAB) -> Known:
    told = history(holding(facts, known_at))
    return Known(Loan(loan, "LSO", "CIF", "TEN", "livestock", 1), replace(told, borrower=borrower))


def _rupees(minors: Iterable[int]) -> list[int]:
    return [minor // RUPEE for minor in minors]


class TestOneLoan:
    def test_a_receipt_found_late_counts_from_its_day_once_it_is_known(self) -> None:
        """12,000 on 1 January in twelve. 1,000 come on 1 February; 1,500 on 10 March, learnt at moment 5.

        | on 31 May as known at | paid  | outstanding | oldest unpaid | days late | overdue |
        |-----------------------|-------|-------------|---------------|-----------|---------|
        | 4                     | 1,000 |      11,000 | 1 March       |        91 |   3,000 |
        | 5                     | 2,500 |       9,500 | 1 April       |        60 |   1,500 |

        On 1 May itself, what is due on that day is not late: 3,000 - 2,500 = 500 are overdue, 1,500 are due and unpaid.
        """
        facts = (_lent(12_000), _paid(1_000, FEBRUARY), _paid(1_500, date(2024, 3, 10), at=5))
        end = date(2024, 5, 31)
        before, after = (_known(*facts, known_at=moment).on(end) for moment in (4, 5))
        assert _rupees((before.outstanding, before.overdue(end))) == [11_000, 3_000]
        assert _rupees((after.outstanding, after.overdue(end))) == [9_500, 1_500]
        assert (before.days_late(end), after.days_late(end)) == (91, 60)
        on_first = _known(*facts).on(MAY)
        assert _rupees((on_first.overdue(MAY), on_first.unpaid_due(MAY))) == [500, 1_500]

    def test_a_charge_is_paid_before_the_principal_of_its_day(self) -> None:
        """1,000 at 10 % in ten: 100 + 10 a month. 150 pay 10 + 100 of February, 10 + 30 of March."""
        stood = _known(_lent(1_000, plan=Equal(10, 10)), _paid(150, FEBRUARY)).on(FEBRUARY)
        assert _rupees((stood.paid, stood.outstanding)) == [130, 870]

    def test_what_cannot_be_shared_is_left_to_the_last(self) -> None:
        """10,000 in twelve whole rupees: 833 eleven times, 837 at the end."""
        assert _rupees(row.minor for row in Equal(12).rows(10_000 * RUPEE, JANUARY)) == [833] * 11 + [837]

    def test_months_are_counted_from_the_start(self) -> None:
        """From 31 January: 29 February, 31 March."""
        assert [row.on for row in Equal(2).rows(200 * RUPEE, date(2024, 1, 31))] == [
            date(2024, 2, 29),
            date(2024, 3, 31),
        ]

    @pytest.mark.parametrize(
        ("moved", "due"),
        [
            pytest.param(False, [(1, 2), (1, 3), (1, 6), (1, 7)], id="kept"),
            pytest.param(True, [(1, 2), (15, 5), (1, 6), (1, 7)], id="moved"),
        ],
    )
    def test_a_pause_moves_what_is_not_late(self, *, moved: bool, due: list[tuple[int, int]]) -> None:
        """4,000 in four; February is paid. Paused on 15 March for two months: March is late, the others move."""
        pause = _fact(What.PAUSED, date(2024, 3, 15), months=2, arrears_moved=moved)
        stood = _known(_lent(4_000, plan=Equal(4)), _paid(1_000, FEBRUARY), pause).on(JULY)
        assert [(row.on.day, row.on.month) for row in stood.rows] == due
        assert stood.renegotiated

    def test_a_new_plan_begins_with_what_was_met(self) -> None:
        """4,000 in four; 1,500 are paid on 1 February. On 15 February the rest goes over five months.

        | due on | before | after                |
        |--------|--------|----------------------|
        | 1 Feb  |  1,000 | 1,000                |
        | 15 Feb |        | 500, paid in advance |
        | 15 Mar |        | 500                  |
        | ...    |        | ...                  |
        | 15 Jul |        | 500                  |

        Before 15 February 1,000 had fallen due under the first schedule.
        """
        anew = _fact(What.PLANNED_ANEW, date(2024, 2, 15), plan=Equal(5))
        stood = _known(_lent(4_000, plan=Equal(4)), _paid(1_500, FEBRUARY), anew).on(JULY)
        assert [(row.on.day, row.on.month, row.minor // RUPEE) for row in stood.rows] == [
            (1, 2, 1_000),
            (15, 2, 500),
            *((15, month, 500) for month in range(3, 8)),
        ]
        assert _rupees((stood.fell_before, stood.due_by(date(2024, 3, 14)))) == [1_000, 1_500]

    def test_a_bullet_that_is_paused_falls_due_again(self) -> None:
        """5,000 due on 1 March are paused on 10 March with arrears moved, for two months: due again on 10 May.

        On 31 March nothing is due by the schedule in force, but 5,000 have fallen due.
        """
        pause = _fact(What.PAUSED, date(2024, 3, 10), months=2, arrears_moved=True)
        stood = _known(_lent(5_000, plan=Bullet(2)), pause).on(date(2024, 3, 31))
        assert [row.on for row in stood.rows] == [date(2024, 5, 10)]
        end = date(2024, 3, 31)
        assert _rupees((stood.due_by(end), stood.fallen_due(end))) == [0, 5_000]
        assert stood.days_late(end) == 0

    def test_a_further_part_is_spread_over_what_falls_due_after_it(self) -> None:
        """9,600 in twelve, 2,000 more on 15 March: 800, 800, then ten of 1,000. Of 3,000 paid before, 400 are ahead."""
        facts = (_lent(9_600), _paid(3_000, FEBRUARY), _lent(2_000, date(2024, 3, 15)))
        stood = _known(*facts).on(MAY)
        assert _rupees(row.minor for row in stood.rows) == [800] * 2 + [1_000] * 10
        assert _rupees((stood.lent, stood.paid, stood.fell_before)) == [11_600, 3_000, 1_600]
        assert stood.days_late(date(2024, 5, 11)) == 10

    def test_credit_meets_a_further_part(self) -> None:
        """1,200 in twelve; 1,500 come back, 300 are hers; of 1,100 more she owes 800."""
        before = (_lent(1_200), _paid(1_500, FEBRUARY))
        assert _known(*before).on(MARCH).repaid
        stood = _known(*before, _lent(1_100, date(2024, 2, 15))).on(MARCH)
        assert _rupees((stood.lent, stood.paid, stood.outstanding)) == [2_300, 1_500, 800]
        assert stood.open

    def test_what_comes_after_a_loan_is_given_up_is_recovered_up_to_the_loss(self) -> None:
        """1,200 of which 200 are paid; 1,000 are lost on 1 May, 700 and 500 come later: 1,000 recovered."""
        facts = [_lent(1_200), _paid(200, FEBRUARY), _fact(What.GIVEN_UP, MAY), _paid(700, JUNE), _paid(500, JULY)]
        stood = _known(*facts).on(JULY)
        assert _rupees((stood.outstanding, stood.lost, stood.recovered, stood.paid)) == [0, 1_000, 1_000, 200]
        assert not stood.open
        assert _known(*facts).history.loss == (MAY, 1_000 * RUPEE)

    def test_a_reversal_that_is_reversed_lets_its_fact_hold_again(self) -> None:
        """1,000 are paid; reversed at moment 3; the reversal is reversed at moment 6."""
        paid = _paid(1_000, FEBRUARY, at=2)
        undone = _undone(paid, at=3)
        facts = (_lent(12_000), paid, undone, _undone(undone, at=6))
        paid_as_known = [_known(*facts, known_at=moment).on(MARCH).paid for moment in (1, 2, 3, 5, 6)]
        assert _rupees(paid_as_known) == [0, 1_000, 0, 0, 1_000]

    def test_a_fee_is_owed_and_is_no_principal(self) -> None:
        """1,200 all paid back on 1 February but for a fee of 100 from 15 January: 1,100 of principal are paid."""
        stood = _known(_lent(1_200), _fact(What.FEE, date(2024, 1, 15), 100), _paid(1_200, FEBRUARY)).on(MARCH)
        assert _rupees((stood.paid, stood.outstanding)) == [1_100, 100]


@pytest.fixture
def village() -> list[Known]:
    """Four loans, each 1,200 in twelve from 1 January. By 31 May 2024 four rows, 400, have fallen due of each.

    | loan | paid by 31 May               | outstanding | oldest unpaid | days late | overdue |
    |------|------------------------------|-------------|---------------|-----------|---------|
    | A    | 100 on each first, Feb - May |         800 | 1 June        |         0 |       0 |
    | B    | 100 on 1 Feb, 250 on 20 Apr  |         850 | 1 May         |        30 |      50 |
    | C    | 0, paused with arrears moved |       1,200 | 15 July       |         0 |       0 |
    | D    | 0                            |       1,200 | 1 February    |       120 |     400 |

    C was paused on 15 April for three months. C and D are of one household.
    """
    pause = _fact(What.PAUSED, date(2024, 4, 15), months=3, arrears_moved=True)
    sister = ZAINAB._replace(member="M-9", household="H-9")
    return [
        _known(_lent(1_200), *(_paid(100, on) for on in (FEBRUARY, MARCH, APRIL, MAY)), loan="A"),
        _known(_lent(1_200), _paid(100, FEBRUARY), _paid(250, date(2024, 4, 20)), loan="B"),
        _known(_lent(1_200), pause, loan="C", borrower=sister),
        _known(_lent(1_200), loan="D", borrower=sister._replace(member="M-8")),
    ]


END_OF_MAY = date(2024, 5, 31)


class TestOnADay:
    def test_the_figures_of_a_day(self, village: list[Known]) -> None:
        """In all 4,050 are outstanding; 2,050 of loans that are late, 450 of it overdue.

        By 31 May 400 had fallen due of each, of C 300 before the pause: 1,500. Of it paid: 400 + 350.
        """
        figures = on_day(village, END_OF_MAY)
        assert figures.gross == 4_050 * RUPEE
        assert (figures.loans, figures.borrowers, figures.households) == (4, 3, 2)
        assert _rupees(figures.late[days].minor for days in PAR_DAYS) == [2_050, 2_050, 1_200, 1_200, 1_200, 0, 0]
        with_renegotiated = [figures.late_or_renegotiated[days].minor for days in PAR_DAYS]
        assert _rupees(with_renegotiated) == [3_250, 3_250, 2_400, 2_400, 2_400, 1_200, 1_200]
        assert figures.overdue == 450 * RUPEE
        assert {name: part.minor // RUPEE for name, part in figures.ages.items() if part.loans} == {
            "current": 2_000,
            "1-30": 850,
            "91-180": 1_200,
        }
        assert _rupees((figures.fell_due, figures.paid_of_it)) == [1_500, 750]

    def test_thirty_days_late_is_over_thirty_for_those_who_count_it_in(self, village: list[Known]) -> None:
        """B is exactly 30 days late."""
        assert _rupees(on_day(village, END_OF_MAY, comparator).late[30].minor for comparator in (">", ">=")) == [
            1_200,
            2_050,
        ]
        assert on_day(village, END_OF_MAY, ">=").late[0] == on_day(village, END_OF_MAY, ">").late[0]

    def test_what_is_unpaid_by_when_it_falls_due(self, village: list[Known]) -> None:
        """On 31 May: B's 50 and D's 400 are overdue. A, B and D owe 100 each month from June to January.

        C's four rows of February to April and May: three late ones fall due on 15 July, May's and those after it
        three months later, from August to April 2025.
        """
        found = {when: minor // RUPEE for when, minor in maturity(village, END_OF_MAY).items()}
        assert found["overdue"] == 450
        assert found["2024-06"] == 300
        assert found["2024-07"] == 300 + 300
        assert found["2024-08"] == 400
        assert found["2025-04"] == 100
        assert sum(found.values()) == 4_050

    def test_provisions_by_class_are_rounded_half_to_even(self) -> None:
        """Of 1,200.50 rupees at 1 % 12.005 rupees are provided: 1,200.5 paisa, to the even one of 1,200 and 1,201."""
        loan = _known(_lent(1_200)._replace(minor=120_050, plan=Bullet(1)))
        classes = [Class("regular", 0, Fraction(1, 100)), Class("loss", 180, Fraction(1))]
        assert classified([loan], MARCH, classes) == {
            "regular": (Part(120_050, 1), 1_200),
            "loss": (Part(0, 0), 0),
        }

    def test_the_allowance_bears_losses_and_the_fund_makes_good_what_it_lacks(self) -> None:
        """500 set aside in March, 300 in June. 1,000 are lost in May: nothing is left until June, then 300."""
        lost = _known(_lent(1_000, plan=Bullet(1)), _fact(What.GIVEN_UP, MAY))
        aside = [SetAside("LSO", "CIF", MARCH, 1, 500 * RUPEE), SetAside("LSO", "CIF", JUNE, 1, 300 * RUPEE)]
        held = [allowances([lost], aside, on)["LSO", "CIF"] for on in (FEBRUARY, APRIL, MAY, JUNE)]
        assert _rupees(held) == [0, 500, 0, 300]


class TestInAPeriod:
    def test_what_fell_due_in_april_and_what_came_in(self, village: list[Known]) -> None:
        """April 2024.

        | loan | opening | demand | on time | came in | of arrears | of current | ahead | closing |
        |------|---------|--------|---------|---------|------------|------------|-------|---------|
        | A    |       0 |    100 |     100 |     100 |            |        100 |       |       0 |
        | B    |     100 |    100 |       0 |     250 |        100 |        100 |    50 |       0 |
        | C    |     200 |    100 |       0 |         |            |            |       |       0 |
        | D    |     200 |    100 |       0 |         |            |            |       |     300 |

        C's 300 were moved by the pause: rescheduled.
        """
        found = collected(village, APRIL, date(2024, 4, 30))
        assert found == Collected(
            opening=500_00,
            demand=400_00,
            demand_first=400_00,
            on_time=100_00,
            on_time_first=100_00,
            collected=350_00,
            of_arrears=100_00,
            of_current=200_00,
            in_advance=50_00,
            rescheduled_due=300_00,
            closing=300_00,
        )

    def test_what_falls_due_again_is_not_due_for_the_first_time(self, village: list[Known]) -> None:
        """On 15 July C's 300 of February to April fall due again. In July A, B and D have 100 each, C only that 300."""
        found = collected(village, JULY, date(2024, 7, 31))
        assert _rupees((found.demand, found.demand_first)) == [600, 300]

    def test_what_was_paid_before_the_period_is_told_apart(self) -> None:
        """Of 1,200 in twelve 150 are paid in January: 100 of February's and 50 of March's were prepaid."""
        loan = _known(_lent(1_200), _paid(150, date(2024, 1, 20)))
        found = collected([loan], FEBRUARY, date(2024, 3, 31))
        assert _rupees((found.demand, found.prepaid, found.on_time, found.closing)) == [200, 150, 150, 50]

    def test_a_loss_takes_what_was_overdue_out(self) -> None:
        """Of 1,200 in twelve nothing is paid; given up on 10 April: in April 200 + 100 - 300 lost = 0 are overdue."""
        loan = _known(_lent(1_200), _fact(What.GIVEN_UP, date(2024, 4, 10)))
        found = collected([loan], APRIL, date(2024, 4, 30))
        amounts = (found.opening, found.demand, found.written_off_due, found.closing, found.lost)
        assert _rupees(amounts) == [200, 100, 300, 0, 1_200]

    def test_an_average_is_the_mean_of_month_ends_and_of_both_ends(self) -> None:
        """From 10 February to 15 April: 9 and 29 February, 31 March, 15 April. 1,200, then 1,100 from 1 March on."""
        period = (date(2024, 2, 10), date(2024, 4, 15))
        assert month_ends(*period) == [date(2024, 2, 9), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 15)]
        loan = _known(_lent(1_200), _paid(100, MARCH))
        assert average_gross([loan], *period) == Fraction((2 * 1_200 + 2 * 1_100) * RUPEE, 4)
        assert month_ends(APRIL, date(2024, 4, 30)) == [date(2024, 3, 31), date(2024, 4, 30)]

    def test_what_became_of_loans_by_their_bands(self, village: list[Known]) -> None:
        """From 31 March to 31 May; on 31 March B is 30 days late, C and D 59, and E is new in May."""
        new = _known(_lent(500, MAY, Bullet(3)), _paid(200, date(2024, 5, 10)), loan="E")
        rows, cells = migration([*village, new], date(2024, 3, 31), END_OF_MAY)
        assert rows == {
            "current": Became(1, 1_000_00, repaid=200_00),
            "1-30": Became(1, 1_100_00, repaid=250_00),
            "31-60": Became(2, 2_400_00),
            "new": Became(1, lent=500_00, repaid=200_00),
        }
        assert cells == {
            ("current", "current"): Part(800_00, 1),
            ("1-30", "1-30"): Part(850_00, 1),
            ("31-60", "current"): Part(1_200_00, 1),
            ("31-60", "91-180"): Part(1_200_00, 1),
            ("new", "current"): Part(300_00, 1),
        }

    def test_cohorts_by_the_month_of_their_first_part(self, village: list[Known]) -> None:
        """All four were lent in January; after two months, on 31 March, 3,500 are late, 2,400 over thirty days."""
        found = vintages(village, END_OF_MAY)
        assert sorted(found) == [("2024-01", months) for months in range(5)]
        after_two = found["2024-01", 2]
        assert _rupees((after_two.lent, after_two.late[0], after_two.late[30], after_two.lost)) == [
            4_800,
            3_500,
            2_400,
            0,
        ]


def test_a_world_follows_from_its_seed_and_has_everything_in_it() -> None:
    """What is nasty about it happens: late paper, mistakes of every kind, pauses, new plans, losses, credit."""
    world, again = make_world(3), make_world(3, offices=12)
    facts = [fact for office in world.offices for fact in office.facts]
    same = [fact for office in again.offices for fact in office.facts]
    assert facts[: len(same)] == same
    assert {fact.what for fact in facts} == set(What)
    for office in world.offices:
        assert all(before.at < after.at for before, after in pairwise(office.acts))
    assert any(isinstance(fact.plan, Agreed) for fact in facts)
