"""Reversing what is of a fund alone: its sub-grant, its allowance, other money in and out, and money on the move.

A reversal posts the inverse of what its event posted, on the same days. A fact that others rest on cannot be gone while
they hold: what must be reversed first is named. A fact that holds again must still be possible, as if recorded now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cif_engine.errors import ReverseFirstError
from cif_engine.kinds import Kind
from cif_engine.ledger.accounts import LINE_OF, Role, account_code
from cif_engine.ledger.postings import Posting, balances
from cif_engine.operations.allowance import refuse_over_allowance, refuse_over_provisions, with_shortfall
from cif_engine.operations.places import refuse_overdraft
from cif_engine.operations.recording import Decision, Request
from cif_engine.operations.reversals import Reversal, first_of, reverse
from cif_engine.operations.sub_grant import (
    refuse_over_capital,
    refuse_receipt,
    refuse_release,
    refuse_same_agreement,
)
from cif_engine.persistence.corrections import StoredEvent, event_by, postings_of_event
from cif_engine.persistence.funding import (
    TrancheFile,
    agreement_files,
    agreement_row,
    facts_about_tranche,
    received_row,
    tranche_files,
    tranche_row,
)
from cif_engine.persistence.network import FundFile, fund_of_id
from cif_engine.persistence.recording import Row


def reverse_fund_fact(
    connection: sa.Connection, request: Request, event: StoredEvent, reversal: Reversal
) -> tuple[Decision, ...]:
    """Decide the reversal of a fact of a fund.

    Raises ReverseFirstError, NotEnoughCashError, OverCapitalError, OverAllowanceError; for a fact that would hold again
    also DuplicateCodeError, OverAgreementError and TrancheStepError.
    """
    assert event.fund_id is not None, "a fact of no loan is of a fund"
    fact, holds_again = first_of(connection, request.lso_id, event)
    change = _Change(connection, request.lso_id, fund_of_id(connection, request.lso_id, event.fund_id), fact)
    rows = change.rows_when_back() if holds_again else change.rows_when_gone()
    undone = tuple(_inverse(change.fund.code, postings_of_event(connection, request.lso_id, event.seq)))
    change.refuse_unbearable(undone)
    postings = with_shortfall(connection, request.lso_id, change.fund.code, undone)
    return (reverse(event, reversal, postings, rows),)


def _inverse(fund_code: str, postings: Iterable[Posting]) -> Iterable[Posting]:
    """Give the postings the other way round, without top-ups of the allowance: those follow from all facts together."""
    top_up = {account_code(fund_code, Role.LOAN_LOSS_ALLOWANCE), account_code(fund_code, Role.WRITE_OFF_EXPENSE)}
    for posting in postings:
        if {posting.debit, posting.credit} != top_up:
            yield Posting(posting.effective_on, posting.credit, posting.debit, posting.amount_minor, posting.loan_id)


@dataclass(frozen=True, slots=True)
class _Change:
    """A fact of a fund that is to be gone, or to hold again."""

    connection: sa.Connection
    lso_id: str
    fund: FundFile
    fact: StoredEvent

    @property
    def says(self) -> dict[str, Any]:
        return self.fact.says

    # Gone ------------------------------------------------------------------------------------------------------

    def rows_when_gone(self) -> tuple[Row, ...]:
        """Return what becomes of the rows that the fact made; refuse while other facts rest on it."""
        if self.fact.kind is Kind.AGREEMENT_SIGNED:
            released = [tranche for tranche in self._tranches() if tranche.agreement_id == self.fact.id]
            self._refuse_while_resting(tranche.id for tranche in released)
            return (Row("agreement", {"lso_id": self.lso_id, "id": self.fact.id}, gone=True),)
        if self.fact.kind is Kind.TRANCHE_RELEASED:
            self._refuse_while_resting(self._about(Kind.TRANCHE_RECEIVED, self.fact.id))
            return (Row("tranche", {"lso_id": self.lso_id, "id": self.fact.id}, gone=True),)
        if self.fact.kind is Kind.TRANCHE_RECEIVED:
            tranche = self._tranche()
            self._refuse_while_resting(self._about(Kind.CAPITAL_RETURNED, tranche.id))
            return (received_row(self.lso_id, self.fund.id, tranche, None),)
        if self.fact.kind is Kind.ALLOWANCE_CHANGED and not self.says["release"]:
            on, amount = self.fact.effective_on, self.says["amount_minor"]
            refuse_over_provisions(self.connection, self.lso_id, self.fund, on, amount)
        return ()

    def _about(self, kind: Kind, tranche_id: str) -> list[str]:
        return facts_about_tranche(self.connection, self.lso_id, kind, tranche_id)

    def _refuse_while_resting(self, ids: Iterable[str]) -> None:
        for resting_id in ids:
            resting = event_by(self.connection, self.lso_id, resting_id)
            assert resting is not None, "what rests on a fact is in the book"
            raise ReverseFirstError(
                f"Event {resting.seq}, {resting.kind} of {resting.effective_on}, rests on it; reverse that first.",
                reverse_first=resting.id,
                reverse_first_seq=resting.seq,
            )

    # Back ------------------------------------------------------------------------------------------------------

    def rows_when_back(self) -> tuple[Row, ...]:
        """Return the rows that the fact makes again; refuse what could not be recorded now."""
        on = self.fact.effective_on
        if self.fact.kind is Kind.AGREEMENT_SIGNED:
            refuse_same_agreement(self.connection, self.lso_id, self.fund, self.says["agreement"])
            return (agreement_row(self.lso_id, self.fund.id, self.fact.id, on, self.says),)
        if self.fact.kind is Kind.TRANCHE_RELEASED:
            self._refuse_release()
            return (tranche_row(self.lso_id, self.fund.id, self.fact.id, on, self.says),)
        if self.fact.kind is Kind.TRANCHE_RECEIVED:
            tranche = self._tranche()
            refuse_receipt(tranche, on)
            return (received_row(self.lso_id, self.fund.id, tranche, on),)
        if self.fact.kind is Kind.ALLOWANCE_CHANGED and self.says["release"]:
            refuse_over_allowance(self.connection, self.lso_id, self.fund, on, self.says["amount_minor"])
        return ()

    def _refuse_release(self) -> None:
        agreements = agreement_files(self.connection, self.lso_id, self.fund.id)
        agreement = next((file for file in agreements if file.id == self.says["agreement_id"]), None)
        if agreement is None:
            raise self._rests_on(self.says["agreement_id"])
        on, number, amount_minor = self.fact.effective_on, self.says["number"], self.says["amount_minor"]
        refuse_release(self.connection, self.lso_id, self.fund, agreement, number, amount_minor, on)

    # Both ------------------------------------------------------------------------------------------------------

    def refuse_unbearable(self, postings: tuple[Posting, ...]) -> None:
        """Refuse what money or capital could not bear on that day or on any later day already recorded."""
        day = self.fact.effective_on
        capital = account_code(self.fund.code, Role.TRANCHE_CAPITAL)
        held = tuple(account_code(self.fund.code, role) for role in Role if LINE_OF[role].floored)
        for code, change in balances(postings).items():
            if change < 0 and code.startswith(held):
                refuse_overdraft(self.connection, self.lso_id, (code,), day, -change)
            elif change > 0 and code.startswith(capital):
                refuse_over_capital(self.connection, self.lso_id, code, day, change)

    def _tranches(self) -> list[TrancheFile]:
        return tranche_files(self.connection, self.lso_id, self.fund.id)

    def _tranche(self) -> TrancheFile:
        """Return the tranche that the fact names."""
        for tranche in self._tranches():
            if tranche.id == self.says["tranche_id"]:
                return tranche
        raise self._rests_on(self.says["tranche_id"])

    def _rests_on(self, event_id: str) -> ReverseFirstError:
        """Return the refusal to let a fact hold again while what it rests on does not."""
        below = event_by(self.connection, self.lso_id, event_id)
        assert below is not None, "what a fact rests on is in the book"
        return ReverseFirstError(
            f"Event {below.seq}, {below.kind} of {below.effective_on}, does not hold; reverse its reversal first.",
            reverse_first=below.id,
            reverse_first_seq=below.seq,
        )
