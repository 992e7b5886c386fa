"""A fund with the rules of its programme, what it offers, and who carries its money."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Final

from cif_engine.dates import EARLIEST_DAY, Calendar, Weekday
from cif_engine.errors import ChargeNotAllowedError
from cif_engine.loans.terms import MOST_INSTALMENTS, DecliningBalance, LoanTerms, NoCharge
from cif_engine.network.checks import (
    HIGHEST_POVERTY_SCORE,
    check_amount,
    check_code,
    check_count,
    check_name,
    check_order,
)

LONGEST_TERM_MONTHS: Final = MOST_INSTALMENTS


class ChargePolicy(StrEnum):
    """Which service charge the loans of a fund may carry: none, a flat one, or any, on the declining balance too."""

    INTEREST_FREE = "interest_free"
    FLAT_CHARGE = "flat_charge"
    ANY_CHARGE = "any_charge"


@dataclass(frozen=True, slots=True)
class Fund:
    """A revolving fund. `holder` is the code of the VO that holds it; None: the LSO does.

    Households whose poverty score lies in the band, both ends included, may borrow. Nobody collects on `rest_days`.
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
    rest_days: tuple[Weekday, ...] = ()

    def __post_init__(self) -> None:
        check_code(self.code)
        object.__setattr__(self, "rest_days", _in_order_of_the_week(self.rest_days))
        for field in ("name", "programme", "funder", "lender_of_record"):
            object.__setattr__(self, field, check_name(getattr(self, field), f"/{field}"))
        check_count(self.poverty_score_from, "/poverty_score_from", most=HIGHEST_POVERTY_SCORE)
        check_count(self.poverty_score_to, "/poverty_score_to", most=HIGHEST_POVERTY_SCORE)
        check_order(self.poverty_score_from, self.poverty_score_to, "/poverty_score_from")
        check_amount(self.reserve_floor_minor, "/reserve_floor")
        _check_limits(self)


@dataclass(frozen=True, slots=True)
class ProductTerms:
    """What a product offers from a day on: its limits, and the terms an application starts from.

    The term of a loan is counted in months from its start to the last day that its plan names.
    """

    valid_from: date
    terms: LoanTerms
    amount_min_minor: int = 1
    amount_max_minor: int | None = None
    cycle_max: int | None = None
    cycle_min: int = 1
    term_min_months: int | None = None
    term_max_months: int | None = None

    def __post_init__(self) -> None:
        _check_limits(self)
        _check_term_limits(self)


@dataclass(frozen=True, slots=True)
class Product:
    """A kind of loan that the fund of this code offers, with what it offers from the beginning (`ProductTerms`)."""

    id: str
    fund: str
    code: str
    name: str
    terms: LoanTerms
    amount_min_minor: int = 1
    amount_max_minor: int | None = None
    cycle_max: int | None = None
    cycle_min: int = 1
    term_min_months: int | None = None
    term_max_months: int | None = None

    def __post_init__(self) -> None:
        check_code(self.code)
        object.__setattr__(self, "name", check_name(self.name))
        _check_limits(self)
        _check_term_limits(self)

    @property
    def first_terms(self) -> ProductTerms:
        """What it offers until other terms are recorded: for every day, since paper may come late."""
        return ProductTerms(EARLIEST_DAY, **{name: getattr(self, name) for name in OFFERED})


OFFERED: Final = tuple(field.name for field in fields(ProductTerms) if field.name != "valid_from")
"""What may differ from one version of a product to the next."""


@dataclass(frozen=True, slots=True)
class Custodian:
    """A named person who carries collected money, known by her number within the LSO."""

    id: str
    number: int
    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", check_name(self.name))


def refuse_charge(policy: ChargePolicy, terms: LoanTerms, pointer: str = "/terms/charge") -> None:
    """Refuse terms with a charge that the fund does not take; raises ChargeNotAllowedError."""
    if policy is ChargePolicy.INTEREST_FREE and not isinstance(terms.charge, NoCharge):
        raise ChargeNotAllowedError("The fund is interest-free, the terms carry a charge.", pointer=pointer)
    if policy is ChargePolicy.FLAT_CHARGE and isinstance(terms.charge, DecliningBalance):
        raise ChargeNotAllowedError(
            "The fund takes flat charges only, the terms charge on the declining balance.", pointer=pointer
        )


def in_force(versions: Sequence[ProductTerms], day: date) -> ProductTerms:
    """Return what a product offers on a day; of versions from one day, given as they were recorded, the last."""
    begun = [version for version in reversed(versions) if version.valid_from <= day]
    return max(begun, key=lambda version: version.valid_from)


def in_force_from(versions: Sequence[ProductTerms], day: date) -> tuple[ProductTerms, ...]:
    """Return what a product offers on a day and on any day after it, as far as is recorded."""
    changes = sorted({day, *(version.valid_from for version in versions if version.valid_from > day)})
    return tuple(in_force(versions, change) for change in changes)


def _check_limits(offer: Fund | ProductTerms | Product) -> None:
    check_amount(offer.amount_min_minor, "/amount_min", least_minor=1)
    check_amount(offer.amount_max_minor, "/amount_max", least_minor=1)
    check_order(offer.amount_min_minor, offer.amount_max_minor, "/amount_min")
    check_count(offer.cycle_max, "/cycle_max", least=1)


def _check_term_limits(offer: ProductTerms | Product) -> None:
    check_count(offer.cycle_min, "/cycle_min", least=1)
    check_order(offer.cycle_min, offer.cycle_max, "/cycle_min")
    check_count(offer.term_min_months, "/term_min_months", least=1, most=LONGEST_TERM_MONTHS)
    check_count(offer.term_max_months, "/term_max_months", least=1, most=LONGEST_TERM_MONTHS)
    check_order(offer.term_min_months or 1, offer.term_max_months, "/term_min_months")


def _in_order_of_the_week(rest_days: Iterable[Weekday]) -> tuple[Weekday, ...]:
    """Return each day once, Monday first; raises CalendarWithoutWorkError when none is left to work."""
    named = tuple(day for day in Weekday if day in rest_days)
    Calendar.of_week(frozenset(), named)
    return named
