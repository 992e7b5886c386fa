"""How lots are told: the turns of a source, and of all sources together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cif_engine.fund.pieces import Source
from cif_engine.fund.turns import SourceTurns, Turn
from cif_engine.money import format_amount
from cif_engine.operations.views import View


def source_view(source: Source) -> View:
    """Return where money came from."""
    return {"source": source.kind.value, "number": source.number or None}


def source_turns_view(source: SourceTurns, households: Mapping[str, str]) -> View:
    """Return where the rupees of a source are, and what each of their turns did; `households` are those of loans."""
    return {
        "entered": format_amount(source.entered_minor),
        "in_cash": format_amount(source.in_cash_minor),
        "in_loans": format_amount(source.in_loans_minor),
        "lost": {
            "amount": format_amount(source.lost_minor),
            "written_off": format_amount(source.written_off_minor),
            "spent": format_amount(source.spent_minor),
        },
        "returned": format_amount(source.returned_minor),
        "disbursed": format_amount(source.disbursed_minor),
        "turns": [_turn_view(number, turn, households) for number, turn in source.turns.items()],
    }


def turns_together(turns: Mapping[int, Turn], households: Mapping[str, str]) -> Iterator[View]:
    """Give each turn of all sources, with the households that no turn before it reached."""
    reached: set[str] = set()
    for number, turn in turns.items():
        served = turn.households(households)
        yield {**_turn_view(number, turn, households), "households_new": len(served - reached)}
        reached |= served


def _turn_view(number: int, turn: Turn, households: Mapping[str, str]) -> View:
    return {
        "turn": number,
        "disbursed": format_amount(turn.disbursed_minor),
        "repaid": format_amount(turn.repaid_minor),
        "written_off": format_amount(turn.written_off_minor),
        "in_loans": format_amount(turn.in_loans_minor),
        "in_cash": format_amount(turn.in_cash_minor),
        "spent": format_amount(turn.spent_minor),
        "returned": format_amount(turn.returned_minor),
        "idle": {
            "definition": "idle_days",
            "days": _days(turn.minor_days, turn.waited_minor),
            "numerator": format_amount(turn.minor_days),
            "denominator": format_amount(turn.waited_minor),
        },
        "loans": len(turn.loans),
        "households": len(turn.households(households)),
    }


def _days(minor_days: int, minor: int) -> str | None:
    """Return the days that each rupee waited, to a tenth, half up; none where none did."""
    if not minor:
        return None
    tenths = (20 * minor_days + minor) // (2 * minor)
    return f"{tenths // 10}.{tenths % 10}"
