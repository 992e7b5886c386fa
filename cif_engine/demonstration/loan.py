"""A loan as the office sees it: on its way to its borrower, and what she owes by what is recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto
from typing import Any

from cif_engine.demonstration.borrowers import Borrower
from cif_engine.demonstration.dues import Due, met_and_unmet
from cif_engine.demonstration.profiles import Offer


class Fate(Enum):
    """What becomes of an application."""

    LENT = auto()
    REFUSED = auto()
    CANCELLED = auto()


@dataclass(eq=False)
class Loan:
    """One loan; amounts in rupees."""

    borrower: Borrower
    vo: str
    offer: Offer
    loan_id: str
    asked: int
    applied_on: date
    late_paper: bool
    fate: Fate
    dues: tuple[Due, ...] = ()
    paid: int = 0
    """By what is recorded, receipts with a wrong amount taken as what was paid."""

    comes_again_at: int = 0
    """She may ask for another loan once she owes so much or less."""

    stopped: bool = False
    """Whether she pays no more before all is paid."""

    in_question: bool = False
    """Whether a receipt of hers waits to be corrected."""

    paused_on: date | None = None
    given_up: bool = False
    held_back: list[tuple[Callable[..., Any], Any, str]] = field(default_factory=list)
    """Steps that are recorded later, when their paper reaches the office."""

    @property
    def owes(self) -> int:
        """What is left of principal and charge; below zero when she paid too much."""
        return sum(due.principal + due.charge for due in self.dues) - self.paid

    @property
    def is_open(self) -> bool:
        """Whether it is recorded beyond doubt that principal is left."""
        return self.outstanding > 0 and not (self.given_up or self.in_question or self.held_back)

    @property
    def unpaid(self) -> list[Due]:
        """What is left, the oldest first."""
        return met_and_unmet(self.dues, self.paid)[1]

    @property
    def outstanding(self) -> int:
        """What is left of the principal."""
        return sum(due.principal for due in self.unpaid)

    def days_late(self, day: date) -> int:
        """Return for how many days its oldest payment has been waited for."""
        unpaid = self.unpaid
        return max((day - unpaid[0].on).days, 0) if unpaid else 0
