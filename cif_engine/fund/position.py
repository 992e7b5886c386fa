"""Where a fund stands on one day: what it was given, what it holds, what it may lend. Amounts in minor units."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Books:
    """What a fund's own accounts say: each is what its accounts sum to, in the direction in which they grow."""

    tranches_received_minor: int
    capital_returned_minor: int
    contributions_minor: int
    cash_in_hand_minor: int
    bank_minor: int
    in_transit_minor: int
    income_minor: int
    expense_minor: int
    loans_minor: int
    """The balance of loans outstanding, gross: what the ledger says of the loans."""
    allowance_minor: int
    """What is set aside for loans that may be lost."""
    credits_minor: int
    """The balance of borrower credit balances."""


@dataclass(frozen=True, slots=True)
class Lent:
    """What the loans themselves say, from their facts. `committed_minor` is approved and not yet disbursed."""

    outstanding_minor: int
    credits_minor: int
    committed_minor: int


@dataclass(frozen=True, slots=True)
class FundPosition:
    """The books and the loans of a fund side by side, and the reserve that its rules keep back."""

    books: Books
    lent: Lent
    reserve_floor_minor: int

    @property
    def capital_minor(self) -> int:
        """Tranches received, less what went back, and other contributions."""
        books = self.books
        return books.tranches_received_minor - books.capital_returned_minor + books.contributions_minor

    @property
    def cash_and_bank_minor(self) -> int:
        """What can be paid out; money in transit cannot."""
        return self.books.cash_in_hand_minor + self.books.bank_minor

    @property
    def available_minor(self) -> int:
        """What may be lent now; below zero when more is promised than is there."""
        return self.cash_and_bank_minor - self.lent.committed_minor - self.reserve_floor_minor

    @property
    def called_for_minor(self) -> int:
        """What capital, income and expense say the fund must be worth."""
        return self.capital_minor + self.books.income_minor - self.books.expense_minor

    @property
    def found_minor(self) -> int:
        """What the fund is worth: its money and what borrowers owe, less the allowance and what it owes them."""
        money_minor = self.cash_and_bank_minor + self.books.in_transit_minor
        return money_minor + self.lent.outstanding_minor - self.books.allowance_minor - self.lent.credits_minor

    @property
    def identity_holds(self) -> bool:
        """Law 5. The loans are counted by themselves, not by the ledger, so that the two sides can disagree."""
        return self.called_for_minor == self.found_minor
