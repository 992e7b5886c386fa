"""The forecast of a fund."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from api.fields import AmountMinor, Code
from api.models.forecasting import AmountOrNone, FundForecast
from api.models.rule_sets import RateSaid
from api.routing import Routes
from api.times import AsOf, KnownAt
from api.visits import BookVisit
from cif_engine.operations.forecast_basis import MOST_LOANS, MOST_MONTHS, WhatIf
from cif_engine.operations.forecasting import forecast_report
from cif_engine.operations.keys import Scope

routes = Routes("reports")

FundCode = Annotated[Code, Path(description="The code of the fund.", examples=["CIF"])]
Months = Annotated[
    int, Query(ge=1, le=MOST_MONTHS, description="So many months ahead, the rest of the running one first.")
]
HistoryMonths = Annotated[
    int, Query(ge=1, le=MOST_MONTHS, description="Collections, loans and expenses are measured in so many months.")
]
LoanAmount = Annotated[AmountMinor | None, Query(description="The size of every new loan. Left out: as measured.")]
TermMonths = Annotated[
    int | None,
    Query(
        ge=1,
        le=MOST_MONTHS,
        description="New loans are repaid in equal parts over so many months. Left out: as measured.",
    ),
]
LoansPerMonth = Annotated[
    int | None,
    Query(ge=0, le=MOST_LOANS, description="At most so many new loans in a month. Left out: all that is lendable."),
]
CollectionRate = Annotated[
    RateSaid | None, Query(description="The share collected of what falls due in a month. Left out: as measured.")
]
CleanupRate = Annotated[
    RateSaid | None, Query(description="The share collected of arrears in a month. Left out: as measured.")
]
Expenses = Annotated[
    AmountOrNone | None, Query(description="Operating expense in a month. Left out: the mean of those measured.")
]
Capital = Annotated[AmountMinor | None, Query(description="New capital that comes. Left out: none.")]
CapitalMonth = Annotated[
    int, Query(ge=1, le=MOST_MONTHS, description="The month ahead in which the capital comes, from 1 to `months`.")
]
IdleAbove = Annotated[
    RateSaid | None,
    Query(description="Idle is a larger share of cash in cash and outstanding principal. Left out: a half."),
]


@routes.get(
    "/lsos/{lso}/funds/{fund}/forecast",
    scope=Scope.PORTFOLIO_READ,
    answer=FundForecast,
    summary="Forecast a fund",
)
async def read_fund_forecast(  # noqa: PLR0913 - a parameter of the address each
    visit: BookVisit,
    fund: FundCode,
    *,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    months: Months = 12,
    history_months: HistoryMonths = 12,
    loan_amount: LoanAmount = None,
    term_months: TermMonths = None,
    loans_per_month: LoansPerMonth = None,
    collection_rate: CollectionRate = None,
    cleanup_rate: CleanupRate = None,
    monthly_expenses: Expenses = None,
    capital: Capital = None,
    capital_month: CapitalMonth = 1,
    idle_above: IdleAbove = None,
) -> Response:
    """What falls due and will be collected, what can be lent of it, and when the fund lies idle or runs dry.

    What falls due is what the schedules say; what is collected of it is expected by how the fund's own dues were
    collected. Nothing is drawn at random: the same books and the same question have the same answer, and every
    assumption is in it. Expectations are no promises; they are rounded to a paisa, not to what people pay.
    """
    asked = WhatIf(
        months=months,
        history_months=history_months,
        loan_minor=loan_amount,
        term_months=term_months,
        loans_per_month=loans_per_month,
        collection_rate=collection_rate,
        cleanup_rate=cleanup_rate,
        monthly_expenses_minor=monthly_expenses,
        capital_minor=capital or 0,
        capital_month=capital_month,
        idle_above=idle_above,
    )
    return await visit.answer(forecast_report, visit.lso_id, fund, as_of or visit.today, asked, known_at)
