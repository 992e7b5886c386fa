"""The profile of an LSO, as it is told."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.fund_figures import FundRatio, ReachShown
from api.models.portfolio import GrossPortfolio, KnownMoment, LoansQuery, ParShown, RateShown, RateText, RuleSetUsed
from api.models.recorded import EVENT_ID, RECORDED_AT, MoneyText
from api.models.reports import AvailableShown, CapitalShown
from cif_engine.operations.profiles import NOTES
from cif_engine.portfolio.classification import Comparator
from cif_engine.reported.findings import Verdict

_BEHIND = f"known_at={RECORDED_AT}&figure="
_YEAR = f"from=2020-08-01&to=2021-07-31&{_BEHIND}"
_TO_DATE = f"from=2017-03-06&to=2021-07-31&{_BEHIND}"
_ON_THE_DAY = f"as_of=2021-07-31&{_BEHIND}"


class CodeAndName(Answer):
    """Something with a code and a name."""

    code: str
    name: str


class ProfilePlace(Answer):
    """Where the LSO belonged on the day, as known then; the names are those of today."""

    rsp: CodeAndName
    district: CodeAndName
    tehsil: CodeAndName | None
    union_council: CodeAndName | None
    households_eligible: int | None


class RegistersShown(Answer):
    """What the registers of the LSO say today, whatever day is asked."""

    name: str
    formed_on: date | None
    households_total: int | None
    households_organised: int | None
    organised_share: RateText | None = Field(description="Organised households of all: what is published as coverage.")
    village_organisations: int
    community_organisations: int
    members: int
    general_body_members: int | None
    executive_committee_members: int | None


class AmountToDate(Answer):
    """An amount of all loans ever made, by the day."""

    definition: Literal["disbursed_to_date", "written_off_to_date"]
    amount: MoneyText
    loans_query: LoansQuery


class OnTimeInYear(RateShown):
    """What was collected by its due date of what fell due for the first time in the twelve months."""

    from_on: date = Field(alias="from")
    to_on: date = Field(alias="to")


class ProfileFigures(Answer):
    """The figures of a fund, or of all funds of the LSO as one. Loans, borrowers and households are three counts."""

    capital: CapitalShown
    disbursed_to_date: AmountToDate
    loans_to_date: int
    borrowers_to_date: int
    households_to_date: int = Field(description="In the total each once, however many funds it had loans of.")
    average_loan: MoneyText | None = Field(description="Disbursed to date for each loan; null where there is none.")
    gross_portfolio: GrossPortfolio
    loans: int = Field(description="Those that are open, as are those of borrowers and households.")
    borrowers: int
    households: int
    par_30: ParShown
    on_time_rate: OnTimeInYear
    recovery_rate: RateShown
    written_off_to_date: AmountToDate
    turns: FundRatio
    reach: ReachShown
    available: AvailableShown


class FundProfile(ProfileFigures):
    """A fund with its figures. Funder and programme are those of the day, as known then."""

    fund: str
    name: str
    funder: str
    programme: str
    holder: str | None = Field(description="The VO that holds it; null: the LSO does.")


class TrendPoint(Answer):
    """Amounts of all funds at the end of a day."""

    as_of: date
    capital: MoneyText
    disbursed_to_date: MoneyText
    gross_portfolio: MoneyText


class OfPurpose(Answer):
    """What was disbursed by the day for some purpose."""

    loans: int
    disbursed: MoneyText
    share: RateText | None = Field(description="Of all that was disbursed.")


class PurposeShown(OfPurpose):
    """What was disbursed by the day for one purpose."""

    purpose: str


class OtherPurposes(OfPurpose):
    """What was disbursed by the day for all other purposes."""

    purposes: int


class PurposesShown(Answer):
    """What was disbursed by purpose, the largest first."""

    rows: list[PurposeShown]
    others: OtherPurposes | None = Field(description="Null: there are no others.")


class PrintedFigure(Answer):
    """A reported figure as it was printed."""

    measure: str
    title: str
    printed: str


class PrintedShown(Answer):
    """The last figures by the day that were reported of the LSO in totals."""

    set: str = Field(description="The id of the reported figures; there the findings are.")
    as_of: date
    as_of_printed: str
    source: str
    page: str | None
    printed_on: date | None
    verdict: Verdict
    figures: list[PrintedFigure]


class ProfileShown(Answer):
    """The profile of an LSO on a day."""

    lso: str
    as_of: date
    known_at: KnownMoment
    currency: str
    rule_set: RuleSetUsed
    comparator: Comparator = Field(description="Late over n days is by more than n days (>), or by n and more (>=).")
    notes: list[str] = Field(description="What is of the day, and what is of today.")
    rests_on: Literal["loan_level", "totals_only", "nothing"] = Field(
        description="What is known of the LSO by the day: its loans (none, where only capital came yet), totals that "
        "others reported, or nothing."
    )
    place: ProfilePlace
    registers: RegistersShown
    total: ProfileFigures
    funds: list[FundProfile] = Field(description="Those that were given or had lent anything by the day.")
    trend: list[TrendPoint] = Field(description="Month-ends, the last of them the day itself.")
    purposes: PurposesShown
    printed: PrintedShown | None = Field(description="Null: nothing was reported by the day. It is in no figure.")

    example: ClassVar[dict[str, Any]]


_FIGURES: dict[str, Any] = {
    "capital": {
        "definition": "capital",
        "tranches_received": "4000000.00",
        "returned": "0.00",
        "contributions": "0.00",
        "amount": "4000000.00",
    },
    "disbursed_to_date": {
        "definition": "disbursed_to_date",
        "amount": "8460000.00",
        "loans_query": f"{_TO_DATE}disbursed",
    },
    "loans_to_date": 721,
    "borrowers_to_date": 330,
    "households_to_date": 327,
    "average_loan": "11733.70",
    "gross_portfolio": {
        "definition": "gross_portfolio",
        "amount": "2563000.00",
        "loans_query": f"{_ON_THE_DAY}gross_portfolio",
    },
    "loans": 240,
    "borrowers": 238,
    "households": 236,
    "par_30": {
        "definition": "par_n",
        "rate": "0.040000",
        "numerator": "102520.00",
        "denominator": "2563000.00",
        "days": 30,
        "comparator": ">",
        "loans": 11,
        "loans_query": f"{_ON_THE_DAY}par_n&days=30",
    },
    "on_time_rate": {
        "definition": "on_time_rate",
        "rate": "0.925000",
        "numerator": "1850000.00",
        "denominator": "2000000.00",
        "from": "2020-08-01",
        "to": "2021-07-31",
        "loans_query": f"{_YEAR}on_time_rate",
    },
    "recovery_rate": {
        "definition": "recovery_rate",
        "rate": "0.975000",
        "numerator": "5850000.00",
        "denominator": "6000000.00",
        "loans_query": f"{_ON_THE_DAY}recovery_rate",
    },
    "written_off_to_date": {
        "definition": "written_off_to_date",
        "amount": "37000.00",
        "loans_query": f"{_TO_DATE}written_off",
    },
    "turns": {"definition": "turns", "rate": "2.115000", "numerator": "8460000.00", "denominator": "4000000.00"},
    "reach": {"definition": "reach", "rate": "0.256873", "numerator": 327, "denominator": 1273},
    "available": {
        "definition": "available",
        "cash_and_bank": "1400000.00",
        "committed": "36000.00",
        "reserve_floor": "0.00",
        "amount": "1364000.00",
    },
}
ProfileShown.example = {
    "lso": "DAS",
    "as_of": "2021-07-31",
    "known_at": RECORDED_AT,
    "currency": "PKR",
    "rule_set": {"code": "community", "number": 1, "name": "Community default"},
    "comparator": ">",
    "notes": list(NOTES),
    "rests_on": "loan_level",
    "place": {
        "rsp": {"code": "NRSP", "name": "National Rural Support Programme"},
        "district": {"code": "TAY", "name": "Tando Allahyar"},
        "tehsil": {"code": "JHM", "name": "Jhando Mari"},
        "union_council": {"code": "DAS", "name": "Dasori"},
        "households_eligible": 1273,
    },
    "registers": {
        "name": "Dasori",
        "formed_on": "2017-01-20",
        "households_total": 3056,
        "households_organised": 2321,
        "organised_share": "0.759490",
        "village_organisations": 10,
        "community_organisations": 105,
        "members": 2412,
        "general_body_members": 30,
        "executive_committee_members": 15,
    },
    "total": _FIGURES,
    "funds": [
        {
            "fund": "CIF",
            "name": "Community Investment Fund",
            "funder": "European Union",
            "programme": "SUCCESS",
            "holder": None,
            **_FIGURES,
        }
    ],
    "trend": [
        {
            "as_of": "2021-07-31",
            "capital": "4000000.00",
            "disbursed_to_date": "8460000.00",
            "gross_portfolio": "2563000.00",
        }
    ],
    "purposes": {
        "rows": [{"purpose": "Livestock", "loans": 440, "disbursed": "5160600.00", "share": "0.610000"}],
        "others": {"purposes": 6, "loans": 281, "disbursed": "3299400.00", "share": "0.390000"},
    },
    "printed": {
        "set": EVENT_ID,
        "as_of": "2021-07-31",
        "as_of_printed": "July 2021",
        "source": "LSO profiles of the programme",
        "page": "3",
        "printed_on": None,
        "verdict": "impossible",
        "figures": [{"measure": "disbursed", "title": "Disbursed", "printed": "327,152,021"}],
    },
}
