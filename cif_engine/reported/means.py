"""Whether there was money for what was disbursed: capital, and principal that came back."""

from __future__ import annotations

from cif_engine.reported import measures as of
from cif_engine.reported.capital import WITHOUT_LENDING, Lending, lending
from cif_engine.reported.figures import FigureSet
from cif_engine.reported.findings import Check, Finding, Said, Severity, Unchecked, ratio, rupees
from cif_engine.reported.findings import number as plainly
from cif_engine.reported.parameters import Parameters
from cif_engine.reported.printed import RUPEE, Kind, Printed
from cif_engine.reported.turns import too_many_turns, turns_possible


def check_beyond_means(figures: FigureSet, parameters: Parameters) -> Said:
    """Say how much more was disbursed, or is outstanding, than there was; or how much must have come back for it."""
    lent = lending(figures)
    if lent is None:
        yield Unchecked(Check.BEYOND_MEANS, WITHOUT_LENDING)
        return
    recovered, outstanding = figures.get(of.RECOVERED), figures.get(of.OUTSTANDING)
    if recovered is not None:
        yield from _beyond_what_came_back(figures, lent, recovered, parameters)
        return
    if lent.disbursed.known > lent.capital:
        yield _needed(figures, lent, parameters)
    if outstanding is not None:
        yield from _outstanding_beyond_capital(figures, lent, outstanding, parameters)


def _beyond_what_came_back(figures: FigureSet, lent: Lending, recovered: Printed, parameters: Parameters) -> Said:
    """Say how much more was disbursed; charges and bank profit that were lent as well may explain a little of it."""
    disbursed, capital = lent.disbursed, lent.capital
    beyond = disbursed.known - capital - recovered.known
    slack = disbursed.slack + recovered.slack + lent.capital_at_most - capital
    if beyond <= slack:
        return
    explained = parameters.charges_explain(beyond - slack, recovered.known)
    yield Finding(
        Check.BEYOND_MEANS,
        Severity.MEDIUM if explained else Severity.HIGH,
        f"{rupees(disbursed.known)} was disbursed from {rupees(capital)} of capital and {rupees(recovered.known)} of "
        f"principal recovered: {rupees(beyond)} more than there was.",
        (of.DISBURSED.id, of.SUB_GRANT.id, of.RECOVERED.id),
        figures.as_of,
        numbers=(("beyond", plainly(Kind.AMOUNT, beyond)),),
    )


def _needed(figures: FigureSet, lent: Lending, parameters: Parameters) -> Finding:
    """Return what must have been recovered for so much to be disbursed, and whether that can be."""
    needed = lent.disbursed.known - lent.capital
    times, days = ratio(needed, lent.capital), figures.days_since_formation
    words = (
        f"{rupees(needed)} of principal, {times} times the capital, would have to have come back and been lent again; "
        "what was recovered is not stated"
    )
    numbers = [("recovered_needed", plainly(Kind.AMOUNT, needed)), ("times_the_capital", times)]
    severity = Severity.NOTE
    if days is not None and too_many_turns(lent, days, parameters) is Severity.HIGH:
        severity = Severity.HIGH
        possible = _recovered_at_most(lent.capital, days, parameters)
        words += f", and in {days:,} days at most {rupees(possible)} can have"
        numbers.append(("recovered_possible", plainly(Kind.AMOUNT, possible)))
    about = (of.DISBURSED.id, of.SUB_GRANT.id)
    return Finding(Check.BEYOND_MEANS, severity, f"{words}.", about, figures.as_of, numbers=tuple(numbers))


def _recovered_at_most(capital: int, days: int, parameters: Parameters) -> int:
    """Return how much can have come back, in whole rupees: the capital with every turn but the last."""
    parts, whole = turns_possible(days, parameters.shortest_term_months)
    return capital * (parts - whole) // whole // RUPEE * RUPEE


def _outstanding_beyond_capital(
    figures: FigureSet, lent: Lending, outstanding: Printed, parameters: Parameters
) -> Said:
    """Say whether more is out than the capital; charges that were lent explain a little.

    9 million outstanding of 20 disbursed from 4: 11 came back, and charges on them are 1.1 at most.
    """
    beyond = outstanding.least - lent.capital_at_most
    if beyond <= 0:
        return
    explained = parameters.charges_explain(beyond, max(lent.disbursed.most - outstanding.least, 0))
    yield Finding(
        Check.BEYOND_MEANS,
        Severity.MEDIUM if explained else Severity.HIGH,
        f"{rupees(outstanding.known)} is outstanding from {rupees(lent.capital)} of capital: "
        f"{rupees(outstanding.known - lent.capital)} more than there was.",
        (of.OUTSTANDING.id, of.SUB_GRANT.id),
        figures.as_of,
        numbers=(("beyond", plainly(Kind.AMOUNT, outstanding.known - lent.capital)),),
    )
