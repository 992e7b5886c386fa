"""How often capital can have gone round in so many days.

Of a loan that is paid in equal instalments, half of the term passes on average until a rupee is back. So capital goes
round at most 1 + days / (term / 2) times: in 1,653 days with a term of three months 37.2 times.
"""

from __future__ import annotations

from typing import Final

from cif_engine.reported import measures as of
from cif_engine.reported.capital import WITHOUT_LENDING, Lending, lending
from cif_engine.reported.figures import FigureSet
from cif_engine.reported.findings import Check, Finding, Said, Severity, Unchecked, ratio, rupees
from cif_engine.reported.parameters import Parameters

_DAYS_OF_TWO_YEARS: Final = 731
_MONTHS_OF_TWO_YEARS: Final = 24
"""So that half a term is counted in days: half of a month is 731/48 days."""


def check_turns(figures: FigureSet, parameters: Parameters) -> Said:
    """Say whether the capital can have gone round so often since the day of formation."""
    lent = lending(figures)
    if lent is None:
        yield Unchecked(Check.TURNS, WITHOUT_LENDING)
        return
    days = figures.days_since_formation
    if days is None:
        yield _needs_the_day(lent, parameters)
        return
    severity = too_many_turns(lent, days, parameters)
    if severity is not None:
        yield _too_often(figures, lent, days, severity, parameters)


def too_many_turns(lent: Lending, days: int, parameters: Parameters) -> Severity | None:
    """Return how grave it is that capital went round so often; None: it can have."""
    terms = ((parameters.shortest_term_months, Severity.HIGH), (parameters.usual_term_months, Severity.MEDIUM))
    for term, severity in terms:
        if is_beyond_turns(lent.disbursed.least, lent.capital_at_most, days, term):
            return severity
    return None


def is_beyond_turns(amount: int, capital: int, days: int, term_months: int) -> bool:
    """Whether so much is more than a capital, going round, lends in so many days."""
    parts, whole = turns_possible(days, term_months)
    return amount * whole > capital * parts


def turns_possible(days: int, term_months: int) -> tuple[int, int]:
    """Return the most turns as a ratio: one, and as often again as half a term goes into the days."""
    half_term = term_months * _DAYS_OF_TWO_YEARS
    return 2 * _MONTHS_OF_TWO_YEARS * days + half_term, half_term


def turns_allowed(term_months: int, possible: str) -> str:
    """Return in words how many turns a term allows."""
    return f"loans of {term_months} months, of which half is back after half the term, allow {possible}"


def _needs_the_day(lent: Lending, parameters: Parameters) -> Unchecked:
    """Return that the day of formation is missing, and how many days the turns take."""
    turns = ratio(lent.disbursed.known, lent.capital)
    beyond = max(lent.disbursed.known - lent.capital, 0)
    days = beyond * parameters.shortest_term_months * _DAYS_OF_TWO_YEARS // (lent.capital * 2 * _MONTHS_OF_TWO_YEARS)
    words = f"The capital went round {turns} times, which takes {days:,} days at least; the day of formation"
    return Unchecked(Check.TURNS, f"{words} is not stated.")


def _too_often(figures: FigureSet, lent: Lending, days: int, severity: Severity, parameters: Parameters) -> Finding:
    term = parameters.shortest_term_months if severity is Severity.HIGH else parameters.usual_term_months
    possible = ratio(*turns_possible(days, term))
    turns = ratio(lent.disbursed.known, lent.capital)
    took = ratio(days * lent.capital, lent.disbursed.known)
    return Finding(
        Check.TURNS,
        severity,
        f"{rupees(lent.capital)} of capital would have gone round {turns} times in the {days:,} days since formation, "
        f"once every {took} days; {turns_allowed(term, possible)}.",
        (of.DISBURSED.id, of.SUB_GRANT.id),
        figures.as_of,
        figures.formed_on,
        (("turns", turns), ("days", str(days)), ("days_of_a_turn", took), ("turns_possible", possible)),
    )
