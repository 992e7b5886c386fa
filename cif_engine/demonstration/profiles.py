"""What an LSO is like whose history is to be made up. Amounts are whole rupees, shares whole per cent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from cif_engine.demonstration.dues import Plan


@dataclass(frozen=True, slots=True)
class Place:
    """A named place or organisation and the code it goes by."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A tranche of the sub-grant, and the day the RSP releases it."""

    released_on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A product: what it lends from and to, how it is repaid, and its share of the loans."""

    code: str
    name: str
    purposes: tuple[str, ...]
    plan: Plan
    least: int
    most: int
    share: int


@dataclass(frozen=True, slots=True)
class Payers:
    """How borrowers pay; whoever is neither late nor defaulting pays by the due date."""

    late: int = 18
    defaulting: int = 3
    splitting: int = 8
    """Payments brought in two parts."""

    overpaying: int = 1
    """Last payments that bring a little too much."""


@dataclass(frozen=True, slots=True)
class Paper:
    """How late the office learns of facts."""

    late: int = 25
    longest_delay_days: int = 45


@dataclass(frozen=True, slots=True)
class Flood:
    """A flood after which the LSO gives some village organisations so many months; `on` is the day it resolves so."""

    on: date
    months: int
    village_organisations: int


@dataclass(frozen=True, slots=True)
class Troubles:
    """What goes wrong with loans and paper, and when the office gives up."""

    mistyped: int = 3
    """Of a thousand receipts, how many are typed with a wrong amount."""

    refunding: int = 70
    """Of a hundred overpayments, how many are given back."""

    cancelled_applications: int = 0
    """How many borrowers do not come for the loan that was approved."""

    set_aside_after_days: int = 365
    written_off_after_days: int = 540
    """How late a loan is that is not paid any more when the LSO sets money aside for it, and when it gives it up."""

    flood: Flood | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """An LSO, its people and its fund, from `formed_on` to `to_on`."""

    lso: Place
    rsp: Place
    province: Place
    district: Place
    tehsil: Place
    union_council: Place
    formed_on: date
    to_on: date
    households_total: int
    households_organised: int
    village_organisations: int
    community_organisations: int
    borrowing_households: int
    loans: int
    grants: tuple[Grant, ...]
    offers: tuple[Offer, ...]
    general_body_members: int | None = None
    executive_committee_members: int | None = None
    charge_percent: int = 0
    refused_applications: int = 0
    capital_returned: int = 0
    most_cycles: int = 6
    custodians: int = 4
    payers: Payers = field(default_factory=Payers)
    paper: Paper = field(default_factory=Paper)
    troubles: Troubles = field(default_factory=Troubles)
    remarks: str = "A made-up LSO: its people, loans and amounts are generated."


class ProfileDoesNotFitError(ValueError):
    """What the profile asks for cannot be made: its money, days or eligible households do not suffice."""
