"""The forecast of a fund, asked and told."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.fields import Answer
from api.models.recorded import RECORDED_AT, MoneyText
from cif_engine.errors import CifError
from cif_engine.money import parse_amount


def _read_amount(written: object) -> int:
    try:
        return parse_amount(written)
    except CifError as refusal:
        raise PydanticCustomError(refusal.code, "{detail}", {"detail": refusal.detail}) from refusal


AmountOrNone = Annotated[
    int,
    PlainValidator(_read_amount),
    WithJsonSchema(
        {"type": "string", "pattern": r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?$", "examples": ["1500.00", "0"]}
    ),
]
"""An amount that may be zero."""

ShareText = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]{6}$", examples=["0.912500"])]
"""A share, rounded half even to six decimals for reading."""

MonthText = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$", examples=["2021-11"])]


class AssumptionShown(Answer):
    """Something the forecast rests on. `name` is the parameter by which another value is given, but for `left_out`."""

    name: str
    value: str | None
    source: Literal["given", "measured", "assumed"] = Field(
        description="Given with the question; measured in the months before; or taken for want of both."
    )
    words: str


class DuesOfAge(Answer):
    """Dues that fell due so many months before: what became of them in a month, all months measured added up."""

    months_from: int
    months_to: int | None = Field(description="Null: or more.")
    unpaid: MoneyText = Field(description="Unpaid when the month opened.")
    collected: MoneyText
    written_off: MoneyText
    basis: Literal["given", "measured", "nearest_ages", "schedule", "nothing"]
    collection_rate: ShareText = Field(description="The share of unpaid dues that is expected in a month.")
    loss_rate: ShareText = Field(description="The share of unpaid dues that is expected to be written off in a month.")


class CollectedAfter(Answer):
    """The share of an amount that is expected by the end of so many months after the one in which it falls due."""

    months: int
    share: ShareText


class CollectionHistory(Answer):
    """How the fund's own dues were collected, month by month, and what that lets expect."""

    definition: Literal["collection_curve"]
    from_month: MonthText = Field(alias="from")
    to_month: MonthText = Field(alias="to")
    months_with_dues: int
    is_well_founded: bool = Field(description="False: dues fell in too few of the months to rely on the rates.")
    words: str
    by_age: list[DuesOfAge]
    collected_after: list[CollectedAfter]


class PlanPart(Answer):
    """The share of a new loan that falls due so many months after the one in which it is made."""

    months: int
    share: ShareText


class ForecastOpening(Answer):
    """Where the fund stands on the day."""

    cash_and_bank: MoneyText
    in_transit: MoneyText
    cash: MoneyText = Field(description="All of it: what the first month opens with.")
    committed: MoneyText
    reserve_floor: MoneyText
    outstanding_principal: MoneyText
    overdue: MoneyText = Field(description="Principal and charge that were due before the day and are unpaid.")


class ForecastDues(Answer):
    """Principal and charge: overdue and falling due, less collected and written off, is unpaid at the end."""

    overdue: MoneyText
    falling_due: MoneyText
    collected_of_overdue: MoneyText
    collected_of_falling_due: MoneyText
    written_off: MoneyText
    unpaid: MoneyText


class ForecastCash(Answer):
    """Opening, collected and capital, less expenses, committed and lent, is closing."""

    opening: MoneyText
    collected: MoneyText
    capital: MoneyText
    expenses: MoneyText
    committed: MoneyText = Field(description="Handed out of what was approved by the day.")
    lent: MoneyText = Field(description="Handed out as new loans.")
    closing: MoneyText


class MonthAheadShown(Answer):
    """What is expected of a month; the first one is the rest of the running month."""

    month: MonthText
    from_day: date = Field(alias="from")
    to_day: date = Field(alias="to")
    loans_made: ForecastDues = Field(description="Of loans that were handed out by the day, as their schedules say.")
    loans_to_come: ForecastDues = Field(
        description="Of loans that the forecast itself makes, and of what is committed."
    )
    cash: ForecastCash
    lendable: MoneyText = Field(description="Held after expenses, less what is committed and the reserve floor.")
    loans: int = Field(description="New loans that are made of it.")
    outstanding_principal: MoneyText = Field(description="At the end of the month.")
    cash_share: ShareText | None = Field(description="Of cash and outstanding principal at the end of the month.")


class ForecastTotals(Answer):
    """The months added up.

    Of loans that were made by the day: overdue at the opening and falling due is collected, written off and unpaid.
    """

    overdue_at_opening: MoneyText
    falling_due: MoneyText
    collected: MoneyText
    written_off: MoneyText
    unpaid: MoneyText
    falling_due_later: MoneyText = Field(description="After the last month; in none of the other amounts.")
    loans: int
    lent: MoneyText
    collected_of_loans_to_come: MoneyText
    closing_cash: MoneyText


class FundForecast(Answer):
    """What a fund can expect, month by month, with all that this rests on."""

    lso: str
    fund: str
    as_of: date
    known_at: str | None
    currency: str
    definition: Literal["cash_forecast"]
    assumptions: list[AssumptionShown]
    collection_history: CollectionHistory
    repayment_plan: list[PlanPart]
    opening: ForecastOpening
    months: list[MonthAheadShown]
    totals: ForecastTotals
    idle_month: MonthText | None = Field(description="The first month that closes idle; null: none does.")
    dry_month: MonthText | None = Field(description="The first month in which not one loan can be made; null: none.")

    example: ClassVar[dict[str, Any]] = {
        "lso": "DAS",
        "fund": "CIF",
        "as_of": "2021-10-31",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "definition": "cash_forecast",
        "assumptions": [
            {
                "name": "collection_rate",
                "value": "0.900000",
                "source": "measured",
                "words": "The share that is collected of what falls due in a month. Measured on the fund's own dues.",
            }
        ],
        "collection_history": {
            "definition": "collection_curve",
            "from": "2020-11",
            "to": "2021-10",
            "months_with_dues": 12,
            "is_well_founded": True,
            "words": "Dues fell in 12 of 12 months.",
            "by_age": [
                {
                    "months_from": 0,
                    "months_to": 0,
                    "unpaid": "1000000.00",
                    "collected": "900000.00",
                    "written_off": "0.00",
                    "basis": "measured",
                    "collection_rate": "0.900000",
                    "loss_rate": "0.000000",
                }
            ],
            "collected_after": [{"months": 0, "share": "0.900000"}],
        },
        "repayment_plan": [{"months": 12, "share": "1.000000"}],
        "opening": {
            "cash_and_bank": "50000.00",
            "in_transit": "0.00",
            "cash": "50000.00",
            "committed": "12000.00",
            "reserve_floor": "0.00",
            "outstanding_principal": "950000.00",
            "overdue": "0.00",
        },
        "months": [
            {
                "month": "2021-11",
                "from": "2021-11-01",
                "to": "2021-11-30",
                "loans_made": {
                    "overdue": "0.00",
                    "falling_due": "100000.00",
                    "collected_of_overdue": "0.00",
                    "collected_of_falling_due": "90000.00",
                    "written_off": "0.00",
                    "unpaid": "10000.00",
                },
                "loans_to_come": {
                    "overdue": "0.00",
                    "falling_due": "0.00",
                    "collected_of_overdue": "0.00",
                    "collected_of_falling_due": "0.00",
                    "written_off": "0.00",
                    "unpaid": "0.00",
                },
                "cash": {
                    "opening": "50000.00",
                    "collected": "90000.00",
                    "capital": "0.00",
                    "expenses": "500.00",
                    "committed": "12000.00",
                    "lent": "120000.00",
                    "closing": "7500.00",
                },
                "lendable": "127500.00",
                "loans": 10,
                "outstanding_principal": "992000.00",
                "cash_share": "0.007504",
            }
        ],
        "totals": {
            "overdue_at_opening": "0.00",
            "falling_due": "100000.00",
            "collected": "90000.00",
            "written_off": "0.00",
            "unpaid": "10000.00",
            "falling_due_later": "850000.00",
            "loans": 10,
            "lent": "120000.00",
            "collected_of_loans_to_come": "0.00",
            "closing_cash": "7500.00",
        },
        "idle_month": None,
        "dry_month": None,
    }
