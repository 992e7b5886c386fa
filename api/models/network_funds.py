"""Funds, their products and their custodians, said and shown."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from api.fields import AmountMinor, Answer, Day, Said
from api.models.network import (
    EXAMPLE_ID,
    UNCHANGED,
    AmountOrNothing,
    ChangeSaid,
    Code,
    Cycle,
    DatedChangeSaid,
    Name,
    PovertyScore,
    Record,
)
from api.models.recorded import MoneyText
from cif_engine.dates import DAYS_IN_WEEK, Weekday
from cif_engine.loans.terms import LoanTerms
from cif_engine.network.checks import HIGHEST_POVERTY_SCORE
from cif_engine.network.funds import LONGEST_TERM_MONTHS, OFFERED, ChargePolicy, Fund, Product, ProductTerms

ChargePolicySaid = Literal["interest_free", "flat_charge", "any_charge"]
WeekdaySaid = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
RestDays = Annotated[
    list[WeekdaySaid],
    Field(
        max_length=DAYS_IN_WEEK - 1,
        description="Days of the week on which nobody collects: due dates that fall on them move as on holidays.",
        examples=[["sunday"]],
    ),
]
TermMonths = Annotated[int, Field(strict=True, ge=1, le=LONGEST_TERM_MONTHS)]


class FundSaid(Said):
    """A revolving fund with the rules of its programme. Households whose score lies in the band may borrow."""

    code: Code
    name: Name
    programme: Name
    funder: Name
    lender_of_record: Name = Field(description="Who lends in law, whoever keeps the books.")
    holder: Code | None = Field(None, description="The code of the VO that holds the fund; left out: the LSO does.")
    poverty_score_from: PovertyScore = 0
    poverty_score_to: PovertyScore = HIGHEST_POVERTY_SCORE
    amount_min_minor: AmountMinor = Field(1, alias="amount_min", json_schema_extra={"default": "0.01"})
    amount_max_minor: AmountMinor | None = Field(None, alias="amount_max", description="Of one loan.")
    cycle_max: Cycle | None = Field(None, description="How many loans of this fund a member may have in all.")
    charge_policy: ChargePolicySaid = "interest_free"
    reserve_floor_minor: AmountOrNothing = Field(
        0, alias="reserve_floor", description="What is never lent.", json_schema_extra={"default": "0.00"}
    )
    rest_days: RestDays = Field(default_factory=list, json_schema_extra={"default": []})

    example: ClassVar[dict[str, Any]] = {
        "code": "CIF",
        "name": "Community Investment Fund",
        "programme": "SUCCESS",
        "funder": "European Union",
        "lender_of_record": "LSO Dasori",
        "poverty_score_to": 23,
        "amount_min": "5000.00",
        "amount_max": "25000.00",
        "charge_policy": "interest_free",
    }

    def value(self, new_id: str) -> Fund:
        """Return it under a new id."""
        said = self.model_dump(by_alias=False)
        policy, rest_days = ChargePolicy(self.charge_policy), tuple(map(Weekday, self.rest_days))
        return Fund(new_id, **{**said, "charge_policy": policy, "rest_days": rest_days})


class FundChangeSaid(DatedChangeSaid):
    """Other rules, for what is decided from now on. The holder of a fund stays.

    `effective_on` goes with the funder, the programme and the reserve: reports of days before it show what held then.
    """

    name: Name = UNCHANGED
    programme: Name = UNCHANGED
    funder: Name = UNCHANGED
    lender_of_record: Name = UNCHANGED
    poverty_score_from: PovertyScore = UNCHANGED
    poverty_score_to: PovertyScore = UNCHANGED
    amount_min_minor: AmountMinor = Field(UNCHANGED, alias="amount_min")
    amount_max_minor: AmountMinor | None = Field(UNCHANGED, alias="amount_max")
    cycle_max: Cycle | None = UNCHANGED
    charge_policy: ChargePolicySaid = UNCHANGED
    reserve_floor_minor: AmountOrNothing = Field(UNCHANGED, alias="reserve_floor")
    rest_days: RestDays = UNCHANGED

    example: ClassVar[dict[str, Any]] = {"amount_max": "30000.00", "cycle_max": 5}

    @property
    def changes(self) -> dict[str, Any]:
        """The fields that were sent, by the names and types of the engine."""
        changes = dict(super().changes)
        if "charge_policy" in changes:
            changes["charge_policy"] = ChargePolicy(self.charge_policy)
        if "rest_days" in changes:
            changes["rest_days"] = tuple(map(Weekday, self.rest_days))
        return changes


class FundShown(Record):
    """A revolving fund. Every amount of the fund, here and in its books, is in `currency`."""

    code: str
    name: str
    programme: str
    funder: str
    lender_of_record: str
    holder: str | None
    currency: Literal["PKR"]
    poverty_score_from: int
    poverty_score_to: int
    amount_min: MoneyText
    amount_max: MoneyText | None
    cycle_max: int | None
    charge_policy: ChargePolicySaid
    reserve_floor: MoneyText
    rest_days: list[WeekdaySaid]

    example: ClassVar[dict[str, Any]] = {
        "id": EXAMPLE_ID,
        **FundSaid.example,
        "holder": None,
        "currency": "PKR",
        "poverty_score_from": 0,
        "cycle_max": None,
        "reserve_floor": "0.00",
        "rest_days": [],
        "version": 1,
    }


class OfferSaid(Said):
    """What a product offers: the terms an application starts from, and limits beside the fund's own."""

    terms: LoanTerms
    amount_min_minor: AmountMinor = Field(1, alias="amount_min", json_schema_extra={"default": "0.01"})
    amount_max_minor: AmountMinor | None = Field(None, alias="amount_max")
    cycle_min: Cycle = Field(1, description="The first loan of a member that may be of this product.")
    cycle_max: Cycle | None = None
    term_min_months: TermMonths | None = Field(
        None, description="At least so many months from the start of a loan to the last day of its plan."
    )
    term_max_months: TermMonths | None = Field(None, description="At most so many months.")

    @property
    def offered(self) -> dict[str, Any]:
        """What is offered, by the names and types of the engine."""
        return {name: getattr(self, name) for name in OFFERED}


class ProductSaid(OfferSaid):
    """A kind of loan that a fund offers, with what it offers from the beginning: paper may come late."""

    fund: Code
    code: Code
    name: Name

    example: ClassVar[dict[str, Any]] = {
        "fund": "CIF",
        "code": "GOAT",
        "name": "Livestock, paid back in a year",
        "terms": {"repayment": {"kind": "equal_instalments", "count": 12, "frequency": "monthly"}},
        "amount_max": "25000.00",
    }

    def value(self, new_id: str) -> Product:
        """Return it under a new id."""
        return Product(new_id, self.fund, self.code, self.name, **self.offered)


class ProductTermsSaid(OfferSaid):
    """What a product offers from a day on, in whole: a limit that is left out is none, whatever it was before."""

    valid_from: Day = Field(description="The first day of applications that start from these terms.")

    example: ClassVar[dict[str, Any]] = {
        "valid_from": "2026-07-01",
        "terms": {"repayment": {"kind": "equal_instalments", "count": 18, "frequency": "monthly"}},
        "amount_max": "40000.00",
        "cycle_min": 2,
        "term_max_months": 18,
    }

    def value(self) -> ProductTerms:
        """Return it as the engine has it."""
        return ProductTerms(self.valid_from, **self.offered)


class ProductChangeSaid(ChangeSaid):
    """Another name; or other limits or terms, for applications from today on."""

    name: Name = UNCHANGED
    terms: LoanTerms = UNCHANGED
    amount_min_minor: AmountMinor = Field(UNCHANGED, alias="amount_min")
    amount_max_minor: AmountMinor | None = Field(UNCHANGED, alias="amount_max")
    cycle_min: Cycle = UNCHANGED
    cycle_max: Cycle | None = UNCHANGED
    term_min_months: TermMonths | None = UNCHANGED
    term_max_months: TermMonths | None = UNCHANGED

    example: ClassVar[dict[str, Any]] = {"amount_max": "30000.00"}


class OfferShown(Answer):
    """What a product offers from a day on, until another version begins."""

    valid_from: date
    terms: LoanTerms
    amount_min: MoneyText
    amount_max: MoneyText | None
    cycle_min: int
    cycle_max: int | None
    term_min_months: int | None
    term_max_months: int | None

    example: ClassVar[dict[str, Any]] = {
        "valid_from": "1900-01-01",
        "terms": LoanTerms.model_validate(ProductSaid.example["terms"]).model_dump(mode="json"),
        "amount_min": "0.01",
        "amount_max": "25000.00",
        "cycle_min": 1,
        "cycle_max": None,
        "term_min_months": None,
        "term_max_months": None,
    }


class ProductVersion(OfferShown):
    """One version of a product; of two that begin on one day, the later number counts."""

    number: int = Field(ge=1)

    example: ClassVar[dict[str, Any]] = {"number": 1, **OfferShown.example}


class ProductShown(Record, OfferShown):
    """A kind of loan, with what it offers today, and in `versions` all that it offered, offers and will offer."""

    fund: str
    code: str
    name: str
    versions: list[ProductVersion]

    example: ClassVar[dict[str, Any]] = {
        "id": EXAMPLE_ID,
        **ProductSaid.example,
        **OfferShown.example,
        "versions": [ProductVersion.example],
        "version": 1,
    }


class CustodianSaid(Said):
    """A named person who carries collected money."""

    name: Name

    example: ClassVar[dict[str, Any]] = {"name": "Hajra"}


class CustodianShown(Record):
    """A custodian; collected money is in transit with her until she hands it over."""

    number: int = Field(ge=1, description="Her number within the LSO.")
    name: str

    example: ClassVar[dict[str, Any]] = {"id": EXAMPLE_ID, "number": 1, "name": "Hajra", "version": 1}
