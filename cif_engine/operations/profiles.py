"""The profile of an LSO: what it was given, what it lent to whom, how that is doing, how often the money went round.

It is the block on the fund of a profile as the programmes publish them, for any day, with the figures that they leave
out. All figures are counted from the loans and the ledger, as known at one moment (law 7); names and numbers of
households and organisations are those of the registers today, and the answer says so. What was reported of the LSO in
totals stands beside them as printed, and in none of them.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import sqlalchemy as sa

from cif_engine.money import PKR
from cif_engine.operations.asking import Question, opened
from cif_engine.operations.profile_counts import count_profile
from cif_engine.operations.profile_views import (
    Telling,
    fund_view,
    place_view,
    purposes_view,
    registers_view,
    trend_view,
)
from cif_engine.operations.reported_figures import LSO, set_view
from cif_engine.operations.reporting import known_view
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.profiles import place_on, registers_of
from cif_engine.persistence.reported import Reach, Reported, Wanted, last_moment, reported
from cif_engine.persistence.standings import Within
from cif_engine.persistence.to_date import ToDate
from cif_engine.portfolio.cuts import Cut, Cutting

_OF_BOOK: Final = (
    "The figures are counted from the loans and the ledger of the LSO: facts that happened by `as_of` and were "
    "recorded by `known_at`."
)
_OF_DAY: Final = (
    "The RSP, the areas, the eligible households, and the funder and programme of each fund are those of the day, as "
    "known then; names are those of today."
)
OF_TODAY: Final = (
    "The names of the LSO and its funds, the other counts of households, its organisations and its members are those "
    "of the registers today."
)
_PRINTED: Final = (
    "What is printed elsewhere stands as it was printed, with what the checks found of it; it is in no figure."
)
NOTES: Final = (_OF_BOOK, _OF_DAY, OF_TODAY, _PRINTED)


def profile_report(databases: Databases, lso_id: str, as_of: date, known_at: int | None = None) -> View:
    """Return the profile of an LSO on a day; raises NotFoundError.

    Funds are told that had been given or had lent anything by the day.
    """
    question = Question(Within((lso_id,)), Cutting((Cut.FUND,)), known_at)
    with opened(databases, question, as_of) as asked:
        registers = registers_of(asked.connection, lso_id)
        place = place_on(asked.connection, lso_id, as_of, known_at)
        counts = count_profile(asked, registers.code, as_of, known_at)
        printed, printed_at = _last_printed(asked.connection, lso_id, as_of, known_at)
    telling, every = Telling(asked, as_of, counts.year, place.households_eligible), counts.every
    rule_set = asked.rule_set
    return {
        "lso": registers.code,
        "as_of": as_of.isoformat(),
        "known_at": known_view(max(asked.at, printed_at)),
        "currency": PKR.code,
        "rule_set": {"code": rule_set.code, "number": rule_set.number, "name": rule_set.name},
        "comparator": rule_set.comparator.value,
        "notes": list(NOTES),
        "rests_on": _rests_on(every.to_date, printed, given=bool(counts.funds)),
        "place": place_view(place),
        "registers": registers_view(registers),
        "total": telling.figures(every),
        "funds": [{**fund_view(fund.named), **telling.figures(fund.part, fund.key)} for fund in counts.funds],
        "trend": trend_view(every.growths, as_of),
        "purposes": purposes_view(counts.by_purpose, every.to_date),
        "printed": None if printed is None else _printed_view(set_view(printed)),
    }


def _last_printed(
    connection: sa.Connection, lso_id: str, as_of: date, known_at: int | None
) -> tuple[Reported | None, int]:
    """Return the last figures by the day that were reported of the LSO, and the moment of the last that were recorded.

    Of several of one day, those recorded last.
    """
    reach = Reach(lso_id=lso_id)
    found = reported(connection, reach, Wanted(as_of, LSO, known_at=known_at))
    last = max(found, key=lambda one: (one.row.as_of, one.row.recorded_at), default=None)
    return last, last_moment(connection, reach, known_at)


def _rests_on(done: ToDate, printed: Reported | None, *, given: bool) -> str:
    """Say what is known of the LSO by the day: its loans, totals that others reported, or nothing.

    A book that was given capital and has no loan says that nothing was lent, unless totals are reported beside it.
    """
    if done.loans or (given and printed is None):
        return "loan_level"
    return "nothing" if printed is None else "totals_only"


def _printed_view(told: View) -> View:
    """Return reported figures as they were printed, and what the checks make of them."""
    kept = ("as_of", "as_of_printed", "source", "page", "printed_on", "verdict")
    return {
        "set": told["id"],
        **{name: told[name] for name in kept},
        "figures": [{name: figure[name] for name in ("measure", "title", "printed")} for figure in told["figures"]],
    }
