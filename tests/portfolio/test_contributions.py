"""What one loan is of a figure, worked on a loan of 1,000 due in halves on 1 May and 1 June."""

from datetime import date, timedelta

import pytest
from hypothesis import given

from cif_engine.errors import CifError, FigurePartError, FigureUnknownError
from cif_engine.loans.life import LoanLife, live
from cif_engine.portfolio.classification import Comparator
from cif_engine.portfolio.contributions import (
    NOTHING,
    Contribution,
    Subject,
    add_up_contributions,
    contribution,
)
from cif_engine.portfolio.roll_rates import BANDS
from cif_engine.portfolio.subjects import DCB_PARTS, KINDS, Days, Sought, kind_of, subject
from tests.laws.settings import some_histories
from tests.portfolio.test_demand import periods
from tests.portfolio.test_roll_rates import some_lives
from tests.reports.figures_told import RULES, days_of, every_sought
from tests.unit.loans.stories import APRIL, AUGUST, JULY, JUNE, LENT, MAY, SEPTEMBER, paid, replanned, written_off

PAID_HALF = live((*LENT, paid("p", 300, MAY), paid("q", 400, JULY)))
"""300 on 1 May, 50 of it charge; 400 on 1 July, of which 50 complete the charge."""

GIVEN_UP = live((*LENT, paid("p", 550, MAY), written_off("w", JULY)))
NEW_PLAN = live((*LENT, replanned("r", {"kind": "equal_instalments", "count": 4}, JUNE)))


SECOND = date(2024, 4, 2)


def of_vintage(cohort: str, part: str | None = None) -> Sought:
    return Sought("vintage", days=0, cohort=cohort, part=part)


def of_cell(came_from: str, went_to: str) -> Sought:
    return Sought("migration", came_from=came_from, went_to=went_to)


CASES: dict[str, tuple[LoanLife, Sought, date | None, date, tuple[int, int]]] = {
    "an amount has no denominator": (PAID_HALF, Sought("gross_portfolio"), None, JUNE, (750, 0)),
    "late by 31, over 30 or more": (PAID_HALF, Sought("par_n", days=30), None, JUNE, (750, 750)),
    "late by 31 days, over 32": (PAID_HALF, Sought("par_n", days=32), None, JUNE, (0, 750)),
    "due on the day is not late": (PAID_HALF, Sought("par_n", days=0), None, MAY, (0, 750)),
    "written off is not in it": (GIVEN_UP, Sought("par_n", days=0), None, JULY, (0, 0)),
    "on a new schedule not late": (NEW_PLAN, Sought("par_n", days=0), None, JUNE, (0, 1_000)),
    "but renegotiated": (NEW_PLAN, Sought("par_n_renegotiated", days=0), None, JUNE, (1_000, 1_000)),
    "in the band": (PAID_HALF, Sought("ageing", part="31-60"), None, JUNE, (750, 0)),
    "in no other": (PAID_HALF, Sought("ageing", part="1-30"), None, JUNE, (0, 0)),
    "in the open band": (PAID_HALF, Sought("ageing", part="> 365"), None, date(2026, 1, 1), (400, 0)),
    "of the class": (PAID_HALF, Sought("provisioning", part="Watch (OAEM)"), None, JUNE, (750, 0)),
    "overdue of what is outstanding": (PAID_HALF, Sought("arrears_rate"), None, JUNE, (250, 750)),
    "overdue is an amount": (PAID_HALF, Sought("overdue"), None, JUNE, (250, 0)),
    "overdue already": (PAID_HALF, Sought("maturity", part="overdue"), None, JUNE, (250, 0)),
    "due on the day, this month": (PAID_HALF, Sought("maturity", part="2024-06"), None, JUNE, (500, 0)),
    "paid of what fell due": (PAID_HALF, Sought("recovery_rate"), None, JUNE, (250, 1_000)),
    "of its cohort": (PAID_HALF, of_vintage("2024-04"), None, JUNE, (750, 1_000)),
    "of no other cohort": (PAID_HALF, of_vintage("2024-05"), None, JUNE, (0, 0)),
    "lost of its cohort": (
        GIVEN_UP,
        of_vintage("2024-04", "written_off"),
        None,
        JULY,
        (500, 1_000),
    ),
    "renegotiated of its cohort": (
        NEW_PLAN,
        of_vintage("2024-04", "renegotiated"),
        None,
        JUNE,
        (1_000, 1_000),
    ),
    "paid on its day": (PAID_HALF, Sought("on_time_rate"), MAY, MAY, (250, 500)),
    "collected of what was overdue": (PAID_HALF, Sought("cleanup"), JULY, JULY, (350, 750)),
    "all principal collected": (PAID_HALF, Sought("collected"), MAY, JULY, (600, 0)),
    "closing overdue": (PAID_HALF, Sought("dcb", part="closing"), MAY, JUNE, (750, 0)),
    "handed out": (PAID_HALF, Sought("disbursed"), APRIL, APRIL, (1_000, 0)),
    "lost": (GIVEN_UP, Sought("written_off"), JULY, AUGUST, (500, 0)),
    "of the average": (GIVEN_UP, Sought("write_off_ratio"), JULY, SEPTEMBER - timedelta(days=1), (500, 500)),
    "a cell of the roll rates": (
        PAID_HALF,
        Sought("migration", came_from="current", went_to="31-60"),
        date(2024, 4, 2),
        JUNE,
        (750, 1_000),
    ),
    "what was repaid of the row": (
        PAID_HALF,
        Sought("migration", came_from="all", went_to="repaid"),
        date(2024, 4, 2),
        JUNE,
        (250, 1_000),
    ),
    "what was lost of the row": (
        GIVEN_UP,
        of_cell("1-30", "written_off"),
        JULY,
        JULY,
        (500, 500),
    ),
}
"""What is told: a life, a figure, the first day of its period, its day, and what the loan is of it."""


@pytest.mark.parametrize(("life", "sought", "from_on", "day", "expected"), list(CASES.values()), ids=list(CASES))
def test_what_a_loan_is_of_a_figure(
    life: LoanLife, sought: Sought, from_on: date | None, day: date, expected: tuple[int, int]
) -> None:
    about = subject(sought, Days(day, RULES, from_on))
    assert contribution(life, about) == Contribution(*expected)
    assert (about.from_on, about.day) == (from_on, day)


@some_histories(40)
@given(some_lives, periods)
def test_the_parts_of_a_figure_sum_to_it(held: list[LoanLife], period: list[date]) -> None:
    def whole(*sought: Sought) -> Contribution:
        abouts = (subject(one, days_of(one.figure, *period)) for one in sought)
        return add_up_contributions(contribution(life, about) for about in abouts for life in held)

    gross = whole(Sought("gross_portfolio"))
    assert whole(*(Sought("ageing", part=band) for band in BANDS)) == gross
    assert whole(*(Sought("provisioning", part=band.name) for band in RULES.bands)) == gross
    assert whole(Sought("par_n", days=0)).denominator_minor == gross.numerator_minor
    collected = (Sought("dcb", part=part) for part in ("of_arrears", "of_current", "in_advance"))
    assert whole(*collected) == whole(Sought("collected")) == whole(Sought("dcb", part="collected"))
    demanded = (Sought("dcb", part=part) for part in ("demand_first", "demand_again"))
    assert whole(*demanded) == whole(Sought("demand")) == whole(Sought("dcb", part="demand"))
    for went_to in (*BANDS, "repaid", "written_off"):
        cells = (Sought("migration", came_from=row, went_to=went_to) for row in (*BANDS, "new"))
        assert whole(*cells) == whole(Sought("migration", came_from="all", went_to=went_to))


def test_an_average_is_divided_by_its_days_in_the_rate_alone() -> None:
    about = subject(Sought("write_off_ratio"), Days(SEPTEMBER - timedelta(days=1), RULES, JULY))
    assert about.averaged_over == 3  # 30 June, 31 July, 31 August
    assert about.rate(Contribution(500, 500)) == "3.000000"
    assert about.rate(NOTHING) is None
    assert subject(Sought("gross_portfolio"), Days(JULY, RULES)).rate(Contribution(5)) is None


@pytest.mark.parametrize("sought", list(every_sought(JULY)), ids=str)
def test_every_figure_and_part_can_be_asked_for(sought: Sought) -> None:
    about = subject(sought, days_of(sought.figure, MAY, JULY))
    assert isinstance(about, Subject)
    assert (about.from_on is not None) == kind_of(sought.figure).of_period
    assert hash(about) == hash(subject(sought, days_of(sought.figure, MAY, JULY)))


def test_over_n_days_is_as_the_rule_set_compares() -> None:
    over = [subject(Sought("par_n", days=30), Days(JUNE, RULES)).measure]
    assert RULES.comparator is Comparator.AT_LEAST
    assert [measure.least_days_late for measure in over] == [30]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("sought", "refusal", "words"),
    [
        (Sought("turns"), FigureUnknownError, "gross_portfolio, par_n"),
        (Sought("par_n"), FigurePartError, "needs days"),
        (Sought("par_n", days=-1), FigurePartError, "from 0"),
        (Sought("migration", went_to="current"), FigurePartError, "needs came_from"),
        (Sought("cleanup", part="all", days=3), FigurePartError, "takes no days and no part"),
        (Sought("dcb", part="all"), FigurePartError, ", ".join(DCB_PARTS)),
        (Sought("ageing", part="all"), FigurePartError, "current, 1-30"),
        (Sought("vintage", days=1, cohort="2024-4"), FigurePartError, "a month"),
        (Sought("maturity", part="0000-04"), FigurePartError, "a month"),
        (Sought("migration", came_from="repaid", went_to="current"), FigurePartError, "new, all"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_for_says_what_can(sought: Sought, refusal: type[CifError], words: str) -> None:
    with pytest.raises(refusal) as refused:
        subject(sought, Days(JULY, RULES, MAY))
    assert words in refused.value.detail


def test_every_kind_of_figure_is_tried_above() -> None:
    assert {sought.figure for sought in every_sought(JULY)} == set(KINDS)
