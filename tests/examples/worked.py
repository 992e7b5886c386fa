"""How the examples read answers: amounts as an accountant writes them, accounts without the fund's code."""

from typing import Any

from tests.books import Answer

ZERO = "0.00"
_COLUMNS = ("effective_on", "debit", "credit", "amount")


def posted(answer: Answer) -> list[str]:
    """Return each posting of an answer as a line: `2024-02-01 1010 1100 500.00`, debit before credit."""
    return [" ".join(_without_fund(row[name]) for name in _COLUMNS) for row in answer["postings"]]


def _without_fund(text: str) -> str:
    return text.removeprefix("CIF.")


def split(answer: Answer, part: str = "settled") -> dict[str, str]:
    """Return how a payment was split, or with `waived` what was forgiven; what is zero is left out."""
    parts: dict[str, Any] = answer[part]
    return {name: amount for name, amount in parts.items() if amount != ZERO}
