"""Funds, their products and their custodians, said and shown."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from api.fields import AmountMinor, Said
from api.models.network import (
    EXAMPLE_ID,
    UNCHANGED,
    AmountOrNothing,
    ChangeSaid,
    Code,
    Cycle,
    Name,
    PovertyScore,
    Record,
)
from api.models.recorded import MoneyText
from cif_engine.loans.terms import LoanTerms
from cif_engine.network.checks import HIGHEST_POVERTY_SCORE
from cif_engine.network.funds import ChargePolicy, Fund, Product

ChargePolicySaid = Literal["interest_free", "flat_charge"]


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
        return Fund(new_id, **{**said, "charge_policy": ChargePolicy(self.charge_policy)})


class FundChangeSaid(ChangeSaid):
    """Other rules, for what is decided from now on. The holder of a fund stays."""

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

    example: ClassVar[dict[str, Any]] = {"amount_max": "30000.00", "cycle_max": 5}

    @property
    def changes(self) -> dict[str, Any]:
        """The fields that were sent, by the names and types of the engine."""
        changes = dict(super().changes)
        if "charge_policy" in changes:
            changes["charge_policy"] = ChargePolicy(self.charge_policy)
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

    example: ClassVar[dict[str, Any]] = {
        "id": EXAMPLE_ID,
        **FundSaid.example,
        "holder": None,
        "currency": "PKR",
        "poverty_score_from": 0,
        "cycle_max": None,
        "reserve_floor": "0.00",
        "version": 1,
    }


class ProductSaid(Said):
    """A kind of loan that a fund offers: its limits beside the fund's own, and the terms an application starts from."""

    fund: Code
    code: Code
    name: Name
    terms: LoanTerms
    amount_min_minor: AmountMinor = Field(1, alias="amount_min", json_schema_extra={"default": "0.01"})
    amount_max_minor: AmountMinor | None = Field(None, alias="amount_max")
    cycle_max: Cycle | None = None

    example: ClassVar[dict[str, Any]] = {
        "fund": "CIF",
        "code": "GOAT",
        "name": "Livestock, paid back in a year",
        "terms": {"repayment": {"kind": "equal_instalments", "count": 12, "frequency": "monthly"}},
        "amount_max": "25000.00",
    }

    def value(self, new_id: str) -> Product:
        """Return it under a new id."""
        return Product(
            new_id,
            self.fund,
            self.code,
            self.name,
            self.terms,
            self.amount_min_minor,
            self.amount_max_minor,
            self.cycle_max,
        )


class ProductChangeSaid(ChangeSaid):
    """Other limits or terms, for applications from now on."""

    name: Name = UNCHANGED
    terms: LoanTerms = UNCHANGED
    amount_min_minor: AmountMinor = Field(UNCHANGED, alias="amount_min")
    amount_max_minor: AmountMinor | None = Field(UNCHANGED, alias="amount_max")
    cycle_max: Cycle | None = UNCHANGED

    example: ClassVar[dict[str, Any]] = {"amount_max": "30000.00"}


class ProductShown(Record):
    """A kind of loan that a fund offers."""

    fund: str
    code: str
    name: str
    terms: LoanTerms
    amount_min: MoneyText
    amount_max: MoneyText | None
    cycle_max: int | None

    example: ClassVar[dict[str, Any]] = {
        "id": EXAMPLE_ID,
        **ProductSaid.example,
        "terms": LoanTerms.model_validate(ProductSaid.example["terms"]).model_dump(mode="json"),
        "amount_min": "0.01",
        "cycle_max": None,
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
