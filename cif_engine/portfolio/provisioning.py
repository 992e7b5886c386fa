"""A portfolio by the classes of a rule set, and what these call for as provision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from cif_engine.portfolio.classification import ClassBand, RuleSet, required_minor
from cif_engine.portfolio.par import Part, Position, due_before


@dataclass(frozen=True, slots=True)
class Classified:
    """The loans of one class, and the provision that it calls for; None where the rule set gives no rates."""

    band: ClassBand
    part: Part
    required_minor: int | None


def classified(rule_set: RuleSet, parts: Sequence[Part]) -> tuple[Classified, ...]:
    """Return the classes with the provisions that they call for, rounded once for each class.

    `parts` are in the order of the bands.
    """
    return tuple(
        Classified(band, part, required_minor(part.outstanding_minor, band.rate))
        for band, part in zip(rule_set.bands, parts, strict=True)
    )


def parts_by_class(rule_set: RuleSet, positions: Iterable[Position]) -> tuple[Part, ...]:
    """Return the loans of each class, in the order of the bands."""
    held = list(positions)
    of_band = ([one for one in held if rule_set.classify(one.days_late) is band] for band in rule_set.bands)
    return tuple(Part(sum(one.outstanding_minor for one in band), len(band)) for band in of_band)


def total_required_minor(classes: Iterable[Classified]) -> int | None:
    """Return the provision that all classes call for together; None where the rule set gives no rates."""
    required = [one.required_minor for one in classes]
    return None if None in required else sum(amount for amount in required if amount is not None)


def class_bounds(rule_set: RuleSet, day: date) -> tuple[date, ...]:
    """Return, for each band but the first, before which day the oldest unpaid instalment of its loans was due."""
    return tuple(due_before(day, band.days_from - 1) for band in rule_set.bands[1:])
