"""Parts and their wholes: what no figure can exceed."""

from __future__ import annotations

from typing import Final, NamedTuple

from cif_engine.reported import measures as of
from cif_engine.reported.figures import FigureSet
from cif_engine.reported.findings import Check, Finding, Said, Severity, plain, rupees
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


def check_above_its_whole(figures: FigureSet, parameters: Parameters) -> Said:
    """Say which parts are above their wholes, and whether more is out or back than went out."""
    for bound in BOUNDS:
        part, whole = figures.get(bound.part), figures.get(bound.whole)
        if part is not None and whole is not None and part.least > whole.most:
            yield _above(figures, bound, part, whole)
    yield from _recovered_above_disbursed(figures, parameters)
    yield from _outstanding_above_disbursed(figures)


def _above(figures: FigureSet, bound: Bound, part: Printed, whole: Printed) -> Finding:
    kind = bound.part.kind
    return Finding(
        Check.ABOVE_ITS_WHOLE,
        bound.severity,
        f"{bound.part.title}: {plain(kind, part.known)}, and {bound.whole.title.lower()}: {plain(kind, whole.known)}; "
        f"{bound.why}.",
        (bound.part.id, bound.whole.id),
        figures.as_of,
        numbers=((bound.part.id, plainly(kind, part.known)), (bound.whole.id, plainly(kind, whole.known))),
    )


def _recovered_above_disbursed(figures: FigureSet, parameters: Parameters) -> Said:
    """Say that more came back than went out; what is outstanding besides, `ties_out` says."""
    disbursed, recovered = figures.get(of.DISBURSED), figures.get(of.RECOVERED)
    if disbursed is None or recovered is None or recovered.least <= disbursed.most:
        return
    beyond = recovered.least - disbursed.most
    explained = parameters.charges_explain(beyond, disbursed.most, times=parameters.limit_factor)
    words = f"{rupees(recovered.known)} recovered of {rupees(disbursed.known)} disbursed"
    words += "; charges may be counted as recovered." if explained else "."
    numbers = (("beyond", plainly(Kind.AMOUNT, recovered.known - disbursed.known)),)
    severity = Severity.MEDIUM if explained else Severity.HIGH
    yield Finding(Check.ABOVE_ITS_WHOLE, severity, words, _RECOVERED_OUT_OF, figures.as_of, numbers=numbers)


def _outstanding_above_disbursed(figures: FigureSet) -> Said:
    """Say that more is out than went out, where `ties_out` cannot for want of what was recovered."""
    disbursed, outstanding = figures.get(of.DISBURSED), figures.get(of.OUTSTANDING)
    if disbursed is None or outstanding is None or figures.get(of.RECOVERED) is not None:
        return
    if outstanding.least > disbursed.most:
        why = "only what was lent is outstanding"
        yield _above(figures, Bound(of.OUTSTANDING, of.DISBURSED, Severity.HIGH, why), outstanding, disbursed)
