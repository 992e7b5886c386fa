"""What the operations of a portfolio have in common: the parameters, and the question that they make."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.exceptions import RequestValidationError

from api.fields import Day
from api.portfolio_addresses import PortfolioVisit
from api.times import ToDay
from api.visits import parameter_finding
from cif_engine.dates import FiscalYear
from cif_engine.operations.asking import COMMUNITY, Question
from cif_engine.operations.portfolio_tables import MOST_MONTHS
from cif_engine.operations.reporting import Period
from cif_engine.portfolio.par import PAR_DAYS
from cif_engine.rules import CODE_PATTERN

RuleSetCode = Annotated[
    str,
    Query(
        pattern=f"^{CODE_PATTERN}$",
        description="The rule set whose comparator and classes count: the version in force on the day.",
        examples=["sbp"],
    ),
]
CohortMonths = Annotated[
    int, Query(ge=1, le=MOST_MONTHS, description="How many months of disbursement, up to the last one over.")
]
LateOver = Annotated[int, Query(json_schema_extra={"enum": list(PAR_DAYS)}, description="Late over so many days.")]
FromDay = Annotated[
    Day | None,
    Query(alias="from", description="The first day. Left out: 1 July of the fiscal year that the last day lies in."),
]


def asked(visit: PortfolioVisit, known_at: int | None, rule_set: str = COMMUNITY) -> Question:
    """Return what is asked about, of whose loans."""
    return Question(visit.within, visit.cutting, known_at, rule_set)


def late_over(days: int) -> int:
    """Return the number of days, if it is one that figures are told over; raises RequestValidationError."""
    if days not in PAR_DAYS:
        words = f"It is one of {', '.join(map(str, PAR_DAYS))}."
        raise RequestValidationError([parameter_finding("value_unknown", "days", words)])
    return days


def fiscal_period(visit: PortfolioVisit, from_day: FromDay, to_day: ToDay) -> Period:
    """Return the days that a report covers; raises PeriodReversedError."""
    to_on = to_day or visit.today
    return Period(from_day or FiscalYear.of(to_on).first_day, to_on)
