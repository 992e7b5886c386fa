"""What came back of what was disbursed, and which recovery rate follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cif_engine.reported import measures as of
from cif_engine.reported.figures import FigureSet
from cif_engine.reported.findings import Check, Finding, Said, Severity, Unchecked, plain, ratio, rupees
from cif_engine.reported.findings import number as plainly
from cif_engine.reported.parameters import Parameters
from cif_engine.reported.printed import SHARE_PARTS, Kind, Printed

_ALL: Final = 100 * SHARE_PARTS


def check_ties_out(figures: FigureSet, parameters: Parameters) -> Said:
    """Say whether disbursed = recovered + outstanding + written off."""
    disbursed, recovered, outstanding = (
        figures.get(measure) for measure in (of.DISBURSED, of.RECOVERED, of.OUTSTANDING)
    )
    if disbursed is None or recovered is None or outstanding is None:
        yield Unchecked(Check.TIES_OUT, "It takes the amounts disbursed, recovered and outstanding.")
        return
    written_off = figures.get(of.WRITTEN_OFF)
    parts = [recovered, outstanding, *([written_off] if written_off else [])]
    gap = disbursed.known - sum(part.known for part in parts)
    words = f"{rupees(disbursed.known)} disbursed, {rupees(recovered.known)} recovered, "
    words += f"{rupees(outstanding.known)} outstanding"
    words += f", {rupees(written_off.known)} written off" if written_off else ""
    severity, said = _judge_gap(gap, disbursed, parts, parameters)
    if outstanding.least > disbursed.most:
        severity = Severity.HIGH
    about = (of.DISBURSED.id, of.RECOVERED.id, of.OUTSTANDING.id)
    sign = "-" if gap < 0 else ""
    numbers = (("gap", sign + plainly(Kind.AMOUNT, abs(gap))),)
    yield Finding(Check.TIES_OUT, severity, f"{words}: {said}.", about, figures.as_of, numbers=numbers)


def _judge_gap(gap: int, disbursed: Printed, parts: Sequence[Printed], parameters: Parameters) -> tuple[Severity, str]:
    """Return how grave it is that the parts leave a gap, or are more than was disbursed, and that in words."""
    if abs(gap) <= disbursed.slack + sum(part.slack for part in parts):
        return Severity.NOTE, "it ties out"
    if gap > 0:
        return Severity.MEDIUM, f"{rupees(gap)} is neither recovered nor outstanding nor written off"
    back = sum(part.least for part in parts)
    explained = parameters.charges_explain(back - disbursed.most, disbursed.most, times=parameters.limit_factor)
    words = f"{rupees(-gap)} more than was disbursed; charges may be counted as recovered"
    return Severity.MEDIUM if explained else Severity.HIGH, words


def check_no_recovery_rate(figures: FigureSet, _: Parameters) -> Said:
    """Say what of a recovery rate follows: it is of what had fallen due, never of what was disbursed."""
    recovered, due = figures.get(of.RECOVERED), figures.get(of.FALLEN_DUE)
    if figures.get(of.RECOVERY_RATE) is not None and due is None:
        yield Finding(
            Check.NO_RECOVERY_RATE,
            Severity.NOTE,
            "A recovery rate is stated without what it is of: what had fallen due by then is not stated.",
            (of.RECOVERY_RATE.id,),
            figures.as_of,
        )
    elif recovered is not None and due is None:
        disbursed = figures.get(of.DISBURSED)
        words = "No recovery rate follows: what had fallen due by then is not stated."
        numbers: tuple[tuple[str, str], ...] = ()
        if disbursed is not None and disbursed.known:
            share = ratio(100 * recovered.known, disbursed.known)
            words += f" Recovered is {share} % of disbursed, which is no recovery rate: not all of it was due."
            numbers = (("recovered_of_disbursed_percent", share),)
        yield Finding(Check.NO_RECOVERY_RATE, Severity.NOTE, words, (of.RECOVERED.id,), figures.as_of, numbers=numbers)


def check_perfect_recovery(figures: FigureSet, parameters: Parameters) -> Said:
    """Say where all is recovered: ordinary of a few loans that were paid back, hardly of what hundreds had."""
    rate = figures.get(of.RECOVERY_RATE)
    recovered = figures.get(of.RECOVERED)
    if rate is not None and rate.known >= _ALL:
        words = f"A recovery rate of {plain(Kind.SHARE, rate.known)}: nobody was ever late, or it is not counted so."
        yield Finding(Check.PERFECT_RECOVERY, Severity.MEDIUM, words, (of.RECOVERY_RATE.id,), figures.as_of)
        return
    for measure in (of.FALLEN_DUE, of.DISBURSED):
        whole = figures.get(measure)
        if recovered is not None and whole is not None and recovered.known == whole.known > 0:
            words = f"Everything is recovered: {rupees(recovered.known)} of {rupees(whole.known)} "
            words += "fallen due." if measure is of.FALLEN_DUE else "disbursed."
            counted = figures.first(of.COUNTS_OF_LENDING)
            large = counted is not None and counted[1].known >= parameters.small_programme
            severity = Severity.MEDIUM if measure is of.FALLEN_DUE or large else Severity.LOW
            about = (of.RECOVERED.id, measure.id)
            yield Finding(Check.PERFECT_RECOVERY, severity, words, about, figures.as_of)
            return


def check_rate_differs(figures: FigureSet, _: Parameters) -> Said:
    """Say where the recovery rate that is stated is not that of the amounts."""
    rate, recovered, due = (figures.get(measure) for measure in (of.RECOVERY_RATE, of.RECOVERED, of.FALLEN_DUE))
    if rate is None or recovered is None or due is None or not due.known:
        return
    least, most = recovered.least * _ALL // (due.most or 1), recovered.most * _ALL // max(due.least, 1)
    if least - rate.step <= rate.known <= most + rate.step:
        return
    found = ratio(100 * recovered.known, due.known)
    yield Finding(
        Check.RATE_DIFFERS,
        Severity.MEDIUM,
        f"A recovery rate of {plain(Kind.SHARE, rate.known)} is stated; {rupees(recovered.known)} recovered of "
        f"{rupees(due.known)} fallen due is {found} %.",
        (of.RECOVERY_RATE.id, of.RECOVERED.id, of.FALLEN_DUE.id),
        figures.as_of,
        numbers=(("rate_percent", found),),
    )
