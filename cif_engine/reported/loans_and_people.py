"""Whether amounts, loans and people go together: what a loan can be, and how many people there can be."""

from __future__ import annotations

from cif_engine.reported import measures as of
from cif_engine.reported.figures import FigureSet
from cif_engine.reported.findings import Check, Finding, Said, Severity, Unchecked, each, rupees
from cif_engine.reported.findings import number as plainly
from cif_engine.reported.measures import Measure
from cif_engine.reported.parameters import Parameters
from cif_engine.reported.printed import Kind, Printed


def check_average_loan(figures: FigureSet, parameters: Parameters) -> Said:
    """Say where an average lies outside what single loans may be; without loans, what each borrower got at least."""
    disbursed, counted = figures.get(of.DISBURSED), figures.first(of.COUNTS_OF_LENDING)
    if disbursed is None or counted is None:
        yield Unchecked(Check.AVERAGE_LOAN, "It takes the amount disbursed, and the loans, households or borrowers.")
        return
    measure, count = counted
    severity = _outside(disbursed, count.known, parameters, is_loans=measure is of.LOANS) if count.known else None
    if severity is None:
        return
    average = each(disbursed.known, count.known)
    one = {of.LOANS: "a loan", of.HOUSEHOLDS: "a household", of.BORROWERS: "a borrower"}[measure]
    yield Finding(
        Check.AVERAGE_LOAN,
        severity,
        f"{rupees(disbursed.known)} for {count.known:,} {measure.id} is {rupees(average)} {one}; "
        f"{_limits(measure, parameters)}.",
        (of.DISBURSED.id, measure.id),
        figures.as_of,
        numbers=(
            ("average", plainly(Kind.AMOUNT, average)),
            ("loan_min", str(parameters.loan_min)),
            ("loan_max", str(parameters.loan_max)),
        ),
    )


def _outside(disbursed: Printed, count: int, parameters: Parameters, *, is_loans: bool) -> Severity | None:
    """Return how grave it is that an amount for each lies outside the limits; None: within.

    How many loans a household may have had is a limit as doubtful as the largest of them, so both are stretched.
    """
    factor = parameters.limit_factor
    beyond, loans = (factor, 1) if is_loans else (factor**2, parameters.loans_per_household)
    least, largest = parameters.loan_min_minor, parameters.loan_max_minor * loans
    if disbursed.most * factor < count * least or disbursed.least > count * largest * beyond:
        return Severity.HIGH
    if disbursed.most < count * least or disbursed.least > count * largest:
        return Severity.MEDIUM
    return None


def _limits(measure: Measure, parameters: Parameters) -> str:
    words = f"loans are from {rupees(parameters.loan_min_minor)} to {rupees(parameters.loan_max_minor)}"
    if measure is of.LOANS:
        return words
    return f"{words}, and a household has had at most {parameters.loans_per_household}"


def check_loans_below_people(figures: FigureSet, _: Parameters) -> Said:
    """Say where there are fewer loans than households or borrowers."""
    loans = figures.get(of.LOANS)
    people = [
        (measure, count) for measure in (of.HOUSEHOLDS, of.BORROWERS) if (count := figures.get(measure)) is not None
    ]
    if loans is None or not people:
        yield Unchecked(Check.LOANS_BELOW_PEOPLE, "It takes the loans, and the households or borrowers.")
        return
    measure, count = max(people, key=lambda one: one[1].least)
    if loans.most < count.least:
        yield Finding(
            Check.LOANS_BELOW_PEOPLE,
            Severity.HIGH,
            f"{loans.known:,} loans for {count.known:,} {measure.id}: each had one at least.",
            (of.LOANS.id, measure.id),
            figures.as_of,
            numbers=(("loans", str(loans.known)), (measure.id, str(count.known))),
        )


def check_more_than_there_are(figures: FigureSet, _: Parameters) -> Said:
    """Say where more households were served than there are, or than are organised or eligible."""
    served = figures.get(of.HOUSEHOLDS)
    there_are = (
        (of.HOUSEHOLDS_TOTAL, Severity.HIGH),
        (of.HOUSEHOLDS_ORGANISED, Severity.MEDIUM),
        (of.HOUSEHOLDS_ELIGIBLE, Severity.MEDIUM),
    )
    for measure, severity in there_are:
        most = figures.get(measure)
        if served is not None and most is not None and served.least > most.most:
            yield Finding(
                Check.MORE_THAN_THERE_ARE,
                severity,
                f"{served.known:,} households were served, and {measure.title.lower()} are {most.known:,}.",
                (of.HOUSEHOLDS.id, measure.id),
                figures.as_of,
                numbers=((of.HOUSEHOLDS.id, str(served.known)), (measure.id, str(most.known))),
            )
            return


def check_amount_without_people(figures: FigureSet, _: Parameters) -> Said:
    """Say where an amount went to nobody, or people got nothing."""
    disbursed = figures.get(of.DISBURSED)
    for measure in of.COUNTS_OF_LENDING:
        count = figures.get(measure)
        if disbursed is None or count is None or bool(count.known) == bool(disbursed.known):
            continue
        if disbursed.least > 0 or (count.known and not disbursed.most):
            words = f"{rupees(disbursed.known)} disbursed, and {measure.title.lower()}: {count.known:,}."
            numbers = (("disbursed", plainly(Kind.AMOUNT, disbursed.known)), (measure.id, str(count.known)))
            about = (of.DISBURSED.id, measure.id)
            yield Finding(Check.AMOUNT_WITHOUT_PEOPLE, Severity.HIGH, words, about, figures.as_of, numbers=numbers)
            return
