"""The flat service charge of a loan: how much in all, and how much with each instalment."""

from __future__ import annotations

from typing import Final

from cif_engine.loans.terms import ChargeDue, FlatAmount, FlatPercent
from cif_engine.money import round_ratio, share_out

WHOLE_IN_PERCENT: Final = 100


def flat_charge(charge: FlatPercent | FlatAmount, principal_minor: int, unit_minor: int) -> int:
    """Return the charge of the whole loan in minor units.

    A percentage is rounded half even to the unit: 8.5 % of 12,345 rupees is 1,049 rupees.
    """
    if isinstance(charge, FlatAmount):
        return charge.amount_minor
    numerator, denominator = charge.percent.as_integer_ratio()
    return round_ratio(principal_minor * numerator, denominator * WHOLE_IN_PERCENT, unit_minor)


def flat_charge_parts(
    charge: FlatPercent | FlatAmount, principal_minor: int, count: int, unit_minor: int
) -> tuple[int, ...]:
    """Return the charge due with each of `count` instalments; when it is spread, the last takes the remainder."""
    total_minor = flat_charge(charge, principal_minor, unit_minor)
    if charge.due is ChargeDue.SPREAD:
        return share_out(total_minor, count, unit_minor)
    others = (0,) * (count - 1)
    return (total_minor, *others) if charge.due is ChargeDue.WITH_FIRST else (*others, total_minor)


def after_grace(charges: tuple[int, ...], grace: int) -> tuple[int, ...]:
    """Return the charges with those of the first `grace` instalments moved to the one after them."""
    until = min(grace, len(charges) - 1)
    return (0,) * until + (sum(charges[: until + 1]),) + charges[until + 1 :]
