"""A fund with the rules of its programme, what it offers, and who carries its money."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cif_engine.errors import ChargeNotAllowedError
from cif_engine.loans.terms import LoanTerms, NoCharge
from cif_engine.network.checks import (
    HIGHEST_POVERTY_SCORE,
    check_amount,
    check_code,
    check_count,
    check_name,
    check_order,
)


class ChargePolicy(StrEnum):
    """Whether the loans of a fund may carry a service charge."""

    INTEREST_FREE = "interest_free"
    FLAT_CHARGE = "flat_charge"


@dataclass(frozen=True, slots=True)
class Fund:
    """A revolving fund. `holder` is the code of the VO that holds it; None: the LSO does.

    Households whose poverty score lies in the band, both ends included, may borrow.
    """

    id: str
    code: str
    name: str
    programme: str
    funder: str
    lender_of_record: str
    holder: str | None = None
    poverty_score_from: int = 0
    poverty_score_to: int = HIGHEST_POVERTY_SCORE
    amount_min_minor: int = 1
    amount_max_minor: int | None = None
    cycle_max: int | None = None
    charge_policy: ChargePolicy = ChargePolicy.INTEREST_FREE
    reserve_floor_minor: int = 0

    def __post_init__(self) -> None:
        check_code(self.code)
        for field in ("name", "programme", "funder", "lender_of_record"):
            object.__setattr__(self, field, check_name(getattr(self, field), f"/{field}"))
        check_count(self.poverty_score_from, "/poverty_score_from", most=HIGHEST_POVERTY_SCORE)
        check_count(self.poverty_score_to, "/poverty_score_to", most=HIGHEST_POVERTY_SCORE)
        check_order(self.poverty_score_from, self.poverty_score_to, "/poverty_score_from")
        check_amount(self.reserve_floor_minor, "/reserve_floor")
        _check_limits(self)


@dataclass(frozen=True, slots=True)
class Product:
    """A kind of loan that the fund of this code offers: its limits, and the terms an application starts from."""

    id: str
    fund: str
    code: str
    name: str
    terms: LoanTerms
    amount_min_minor: int = 1
    amount_max_minor: int | None = None
    cycle_max: int | None = None

    def __post_init__(self) -> None:
        check_code(self.code)
        object.__setattr__(self, "name", check_name(self.name))
        _check_limits(self)


@dataclass(frozen=True, slots=True)
class Custodian:
    """A named person who carries collected money, known by her number within the LSO."""

    id: str
    number: int
    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", check_name(self.name))


def refuse_charge(policy: ChargePolicy, terms: LoanTerms, pointer: str = "/terms/charge") -> None:
    """Refuse terms with a charge in a fund that charges nothing; raises ChargeNotAllowedError."""
    if policy is ChargePolicy.INTEREST_FREE and not isinstance(terms.charge, NoCharge):
        raise ChargeNotAllowedError("The fund is interest-free, the terms carry a charge.", pointer=pointer)


def _check_limits(offer: Fund | Product) -> None:
    check_amount(offer.amount_min_minor, "/amount_min", least_minor=1)
    check_amount(offer.amount_max_minor, "/amount_max", least_minor=1)
    check_order(offer.amount_min_minor, offer.amount_max_minor, "/amount_min")
    check_count(offer.cycle_max, "/cycle_max", least=1)
