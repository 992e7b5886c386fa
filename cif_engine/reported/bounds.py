"""What no figure can exceed: a part and its whole, and what is lent and the capital it is lent from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from cif_engine.reported import measures as of
from cif_engine.reported.figures import FigureSet
from cif_engine.reported.findings import Check, Finding, Severity, plain, rupees
from cif_engine.reported.findings import number as plainly
from cif_engine.reported.measures import Measure
from cif_engine.reported.parameters import Parameters
from cif_engine.reported.printed import Kind, Printed

_RECOVERED_OUT_OF: Final = (of.DISBURSED.id, of.RECOVERED.id)


class Bound(NamedTuple):
    """A measure that does not exceed another, how grave it is when it does, and why."""

    part: Measure
    whole: Measure
    severity: Severity
    why: str


BOUNDS: Final = (
    Bound(of.CURRENT_BORROWERS, of.BORROWERS, Severity.HIGH, "who has a loan now has had one"),
    Bound(of.HOUSEHOLDS, of.BORROWERS, Severity.MEDIUM, "each household has a borrower at least"),
    Bound(of.FALLEN_DUE, of.DISBURSED, Severity.MEDIUM, "charges may be counted as fallen due"),
    Bound(of.WRITTEN_OFF, of.DISBURSED, Severity.HIGH, "only what was lent is written off"),
    Bound(of.HOUSEHOLDS_ORGANISED, of.HOUSEHOLDS_TOTAL, Severity.MEDIUM, "they may be counted in different years"),
    Bound(of.HOUSEHOLDS_ELIGIBLE, of.HOUSEHOLDS_TOTAL, Severity.MEDIUM, "they may be counted in different years"),
)


def check_bounds(figures: FigureSet, parameters: Parameters) -> Iterator[Finding]:
    """Say which parts are above their wholes, and whether more is out or back than there can be."""
    for bound in BOUNDS:
        part, whole = figures.get(bound.part), figures.get(bound.whole)
        if part is not None and whole is not None and part.least > whole.most:
            yield _above(figures, bound, part, whole)
    yield from _recovered_above_disbursed(figures, parameters)
    yield from _outstanding_above_disbursed(figures)


def lent_beyond_capital(
    figures: FigureSet, capital: tuple[int, int], outstanding: Printed, disbursed: Printed, parameters: Parameters
) -> Iterator[Finding]:
    """Say whether more is out than the capital (as printed, and at most); charges that were lent explain a little.

    9 million outstanding of 20 disbursed from 4: 11 came back, and charges on them are 1.1 at most.
    """
    printed, most = capital
    beyond = outstanding.least - most
    if beyond <= 0:
        return
    back = max(disbursed.most - outstanding.least, 0)
    explained = beyond * 100 <= back * parameters.charge_percent
    yield Finding(
        Check.BEYOND_MEANS,
        Severity.MEDIUM if explained else Severity.HIGH,
        f"{rupees(outstanding.known)} is outstanding from {rupees(printed)} of capital: "
        f"{rupees(outstanding.known - printed)} more than there was.",
        (of.OUTSTANDING.id, of.SUB_GRANT.id),
        figures.as_of,
        numbers=(("beyond", plainly(Kind.AMOUNT, outstanding.known - printed)),),
    )


def _above(figures: FigureSet, bound: Bound, part: Printed, whole: Printed) -> Finding:
    kind = bound.part.kind
    return Finding(
        Check.ABOVE_ITS_WHOLE,
        bound.severity,
        f"{bound.part.title}: {plain(kind, part.known)}, and {_lower(bound.whole.title)}: {plain(kind, whole.known)}; "
        f"{bound.why}.",
        (bound.part.id, bound.whole.id),
        figures.as_of,
        numbers=((bound.part.id, plainly(kind, part.known)), (bound.whole.id, plainly(kind, whole.known))),
    )


def _recovered_above_disbursed(figures: FigureSet, parameters: Parameters) -> Iterator[Finding]:
    """Say that more came back than went out; what is outstanding besides, `ties_out` says."""
    disbursed, recovered = figures.get(of.DISBURSED), figures.get(of.RECOVERED)
    if disbursed is None or recovered is None or recovered.least <= disbursed.most:
        return
    charged = 100 + parameters.charge_percent * parameters.limit_factor
    grave = recovered.least * 100 > disbursed.most * charged
    words = f"{rupees(recovered.known)} recovered of {rupees(disbursed.known)} disbursed"
    words += "." if grave else "; charges may be counted as recovered."
    numbers = (("beyond", plainly(Kind.AMOUNT, recovered.known - disbursed.known)),)
    severity = Severity.HIGH if grave else Severity.MEDIUM
    yield Finding(Check.ABOVE_ITS_WHOLE, severity, words, _RECOVERED_OUT_OF, figures.as_of, numbers=numbers)


def _outstanding_above_disbursed(figures: FigureSet) -> Iterator[Finding]:
    """Say that more is out than went out, where `ties_out` cannot for want of what was recovered."""
    disbursed, outstanding = figures.get(of.DISBURSED), figures.get(of.OUTSTANDING)
    if disbursed is None or outstanding is None or figures.get(of.RECOVERED) is not None:
        return
    if outstanding.least > disbursed.most:
        why = "only what was lent is outstanding"
        yield _above(figures, Bound(of.OUTSTANDING, of.DISBURSED, Severity.HIGH, why), outstanding, disbursed)


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
