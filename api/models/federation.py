"""Both sides of each tranche, as an RSP's ledger and the books of its LSOs have them, and what of both cancels."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from api.fields import Answer
from api.models.coverage import CoverageFigures
from api.models.portfolio import KnownMoment
from api.models.recorded import RECORDED_AT, MoneyText

StatusShown = Literal["matched", "different", "in_transit", "only_released", "only_booked"]


class StatusSum(Answer):
    """The tranches of one status."""

    status: StatusShown = Field(
        description="`matched`: received, and both sides say the same. `different`: received, and they do not. "
        "`in_transit`: released, and not received yet. `only_released`: in the RSP's ledger alone. `only_booked`: in "
        "the book of the LSO alone."
    )
    tranches: int
    released: MoneyText
    received: MoneyText

    example: ClassVar[dict[str, Any]] = {
        "status": "matched",
        "tranches": 1,
        "released": "4000000.00",
        "received": "4000000.00",
    }


class LeftOfReleased(Answer):
    """What does not cancel of the sub-grants released."""

    in_transit: MoneyText
    only_released: MoneyText
    beyond_received: MoneyText = Field(description="Released beyond what was received of the same tranches.")


class LeftOfReceived(Answer):
    """What does not cancel of the capital received."""

    only_booked: MoneyText
    beyond_released: MoneyText = Field(description="Received beyond what was released of the same tranches.")


class EliminationShown(Answer):
    """Sub-grants released by the RSP against capital received by its LSOs: one money, told twice.

    Each side is `amount`, which cancels, and what is left of it.
    """

    definition: Literal["eliminated"]
    sub_grants_released: MoneyText
    capital_received: MoneyText
    amount: MoneyText
    left_of_released: LeftOfReleased
    left_of_received: LeftOfReceived
    returned: MoneyText = Field(description="Went back to the RSP, as the books say; its ledger of releases does not.")
    complete: bool = Field(description="Whether nothing but money in transit is left.")


class ConsolidationShown(Answer):
    """The funds of all LSOs of the RSP as one. Sub-grants and the capital they became are not counted twice."""

    capital: MoneyText
    cash: MoneyText = Field(description="Cash in hand, bank, and with custodians.")
    outstanding_principal: MoneyText
    allowance: MoneyText
    borrower_credit_balances: MoneyText
    fund_value: MoneyText
    in_transit: MoneyText = Field(description="On its way from the RSP to its LSOs.")
    with_in_transit: MoneyText


class TrancheNamed(Answer):
    """A tranche of an LSO's fund."""

    lso: str
    fund: str
    tranche: int


class TrancheReleased(Answer):
    """A tranche in the RSP's ledger; released in several payments, it has the day of the first."""

    amount: MoneyText
    released_on: date
    references: list[str]


class TrancheBooked(Answer):
    """A tranche in the book of the LSO."""

    amount: MoneyText
    released_on: date
    received_on: date | None
    returned: MoneyText


class PairShown(TrancheNamed):
    """A tranche as both sides have it."""

    status: StatusShown
    differences: list[Literal["amount", "released_on", "received_before_release"]] = Field(
        description="In what the two sides differ. `received_before_release`: before the last payment of it."
    )
    released: TrancheReleased | None
    booked: TrancheBooked | None
    amount_difference: MoneyText | None = Field(description="Released less booked; null where one side is missing.")
    days_in_transit: int | None = Field(
        description="Since the RSP released what the LSO has not received; null where that is not so."
    )
    resembles: TrancheNamed | None = Field(
        description="Where one side is missing: the tranche of the same LSO and amount that is on the other side alone."
    )


_KEY = {"lso": "DAS", "fund": "CIF", "tranche": 1}


class FederationShown(Answer):
    """What an RSP released beside what its LSOs received, tranche by tranche, what of it cancels, and what is left."""

    rsp: str
    as_of: date
    known_at: KnownMoment
    currency: str
    summary: list[StatusSum]
    elimination: EliminationShown
    consolidation: ConsolidationShown
    coverage: CoverageFigures
    tranches: list[PairShown]

    example: ClassVar[dict[str, Any]] = {
        "rsp": "SRSO",
        "as_of": "2021-10-31",
        "known_at": RECORDED_AT,
        "currency": "PKR",
        "summary": [StatusSum.example],
        "elimination": {
            "definition": "eliminated",
            "sub_grants_released": "5500000.00",
            "capital_received": "4000000.00",
            "amount": "4000000.00",
            "left_of_released": {"in_transit": "1500000.00", "only_released": "0.00", "beyond_received": "0.00"},
            "left_of_received": {"only_booked": "0.00", "beyond_released": "0.00"},
            "returned": "0.00",
            "complete": True,
        },
        "consolidation": {
            "capital": "4000000.00",
            "cash": "1437000.00",
            "outstanding_principal": "2563000.00",
            "allowance": "0.00",
            "borrower_credit_balances": "0.00",
            "fund_value": "4000000.00",
            "in_transit": "1500000.00",
            "with_in_transit": "5500000.00",
        },
        "coverage": CoverageFigures.example,
        "tranches": [
            {
                **_KEY,
                "status": "matched",
                "differences": [],
                "released": {"amount": "4000000.00", "released_on": "2016-12-01", "references": ["BPV-118"]},
                "booked": {
                    "amount": "4000000.00",
                    "released_on": "2016-12-01",
                    "received_on": "2016-12-05",
                    "returned": "0.00",
                },
                "amount_difference": "0.00",
                "days_in_transit": None,
                "resembles": None,
            }
        ],
    }
