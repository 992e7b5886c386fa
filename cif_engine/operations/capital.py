"""The capital statement: what funders gave, what became of it in a period, and where it is now, over all LSOs.

Opening + what came + what was earned - what went and was lost = closing, row by row; the rows sum to the total.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cif_engine.money import format_amount
from cif_engine.operations.asking import Question, key_view, opened
from cif_engine.operations.over_funds import by_funder, funds_head
from cif_engine.operations.reporting import Period
from cif_engine.operations.views import View
from cif_engine.persistence.capital_sums import FundSums, fund_sums_by
from cif_engine.persistence.engines import Databases
from cif_engine.portfolio.cuts import Key, in_order

DEFINITION = "capital_statement"


def capital_statement(databases: Databases, question: Question, period: Period) -> View:
    """Return the statement by funder, or as the question is cut; raises NotFoundError and ReportNotCutError.

    The funds of a row are those that are in it on the last day, so that its opening and its closing are of the same.
    """
    asked_for = by_funder(question)
    with opened(databases, asked_for, period.to_on) as asked:
        before, after = (
            fund_sums_by(asked.connection, asked.asked, day, asked.form)
            for day in (period.from_on - date.resolution, period.to_on)
        )
        head = funds_head(asked, asked_for, period.to_on)
    sums = {key: (before.get(key, FundSums()), after[key]) for key in sorted(after, key=in_order)}
    return {
        "definition": DEFINITION,
        "from": period.from_on.isoformat(),
        "to": period.to_on.isoformat(),
        **head,
        "total": statement_view(*_total(sums)),
        "rows": [{"key": key_view(asked.form, key), **statement_view(*pair)} for key, pair in sums.items()],
    }


def statement_view(before: FundSums, after: FundSums) -> View:
    """Return what changed from one day to another. What borrowers paid beyond what they owed is no one's gain."""
    changed = FundSums(*(now - then for now, then in zip(after, before, strict=True)))
    return {
        "opening": stand_view(before),
        "received": format_amount(changed.received_minor),
        "returned": format_amount(changed.returned_minor),
        "contributions": format_amount(changed.contributions_minor),
        "income": {
            "earned": format_amount(changed.earned_minor),
            "bank_profit": format_amount(changed.bank_profit_minor),
            "recovered": format_amount(changed.recovered_minor),
            "amount": format_amount(changed.income_minor),
        },
        "spent": format_amount(changed.expense_minor),
        "written_off": format_amount(changed.written_off_minor),
        "set_aside": format_amount(changed.allowance_minor),
        "closing": stand_view(after),
    }


def stand_view(sums: FundSums) -> View:
    """Return what the funds were given, what they are worth, and where the money is, on a day."""
    return {
        "capital": format_amount(sums.capital_minor),
        "fund_value": format_amount(sums.fund_value_minor),
        "cash": format_amount(sums.cash_minor),
        "outstanding_principal": format_amount(sums.outstanding_minor),
        "allowance": format_amount(sums.allowance_minor),
        "borrower_credit_balances": format_amount(sums.credit_minor),
    }


def _total(sums: Mapping[Key, tuple[FundSums, FundSums]]) -> tuple[FundSums, FundSums]:
    before = FundSums(*map(sum, zip(*(pair[0] for pair in sums.values()), strict=True))) if sums else FundSums()
    after = FundSums(*map(sum, zip(*(pair[1] for pair in sums.values()), strict=True))) if sums else FundSums()
    return before, after
