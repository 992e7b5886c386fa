"""By which limits reported figures are judged. Each is data: named, with a value where nobody says another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from cif_engine.errors import ParameterRefusedError
from cif_engine.reported.printed import RUPEE


@dataclass(frozen=True, slots=True)
class Parameters:
    """The limits. Amounts are whole rupees; `jump_factor` may have decimals."""

    loan_min: int = 2_000
    loan_max: int = 100_000
    limit_factor: int = 2
    loans_per_household: int = 5
    shortest_term_months: int = 3
    usual_term_months: int = 12
    charge_percent: int = 10
    jump_factor: Decimal = Decimal(3)
    jump_history: int = 10
    growth_percent: int = 10
    freeze_periods: int = 2
    long_freeze_periods: int = 4
    stock_fall_percent: int = 50
    small_programme: int = 500

    @property
    def loan_min_minor(self) -> int:
        """The smallest loan, in minor units."""
        return self.loan_min * RUPEE

    @property
    def loan_max_minor(self) -> int:
        """The largest loan, in minor units."""
        return self.loan_max * RUPEE

    def charges_explain(self, beyond: int, principal: int, times: int = 1) -> bool:
        """Whether charges on a principal, or so many times them, may be all that is beyond it."""
        return beyond * 100 <= principal * self.charge_percent * times

    def changed(self, said: Mapping[str, str]) -> Parameters:
        """Return them with the values that were said; raises ParameterRefusedError."""
        return replace(self, **{name: _read(name, written) for name, written in said.items()})

    def of_products(self, limits: Mapping[str, int]) -> Parameters:
        """Return them with the limits of an LSO's products in place of the usual ones."""
        said: dict[str, Any] = dict(limits)
        return replace(self, **said)

    def view(self) -> dict[str, str]:
        """Return their values by name, as they are said."""
        return {field.name: format(getattr(self, field.name)) for field in fields(self)}


USUAL: Final = Parameters()

MEANINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "loan_min": "the smallest loan, in rupees",
        "loan_max": "the largest loan, in rupees",
        "limit_factor": "so many times beyond a limit is more than a doubtful limit explains",
        "loans_per_household": "so many loans a household may have had",
        "shortest_term_months": "the shortest term of a loan; half of it passes until a rupee of instalments is back",
        "usual_term_months": "the usual term of a loan",
        "charge_percent": "so much charges may add to the principal that comes back",
        "jump_factor": "an amount per new borrower jumps above so many times what it was per borrower before",
        "jump_history": "so many borrowers must be there before, to say what an amount per borrower was",
        "growth_percent": "amounts that grow by so much while nobody is new are more than a few repeated loans",
        "freeze_periods": "a figure is frozen when it stays for so many periods",
        "long_freeze_periods": "a freeze is long from so many periods on",
        "stock_fall_percent": "a number of managing LSOs or VOs collapses when it falls by so much",
        "small_programme": "of fewer people than so many, standstill and leaps are ordinary",
    }
)

_MOST: Final = 10**9
_DECIMAL: Final = "jump_factor"


def _read(name: str, written: str) -> Any:  # noqa: ANN401 - int, or Decimal for the one that has decimals
    if name not in MEANINGS:
        raise ParameterRefusedError(f"No parameter {name}: there are {', '.join(MEANINGS)}.", pointer="/parameters")
    whole, dot, decimals = written.partition(".")
    digits = whole + decimals
    readable = digits.isascii() and digits.isdigit() and whole and bool(decimals) == bool(dot) and len(digits) <= 9  # noqa: PLR2004 - below a thousand million
    if not readable or (dot and name != _DECIMAL) or not 0 < Decimal(written) <= _MOST:
        kind = "a number above zero" if name == _DECIMAL else "a whole number above zero"
        raise ParameterRefusedError(f"{name} is {kind}, not {written}.", pointer="/parameters")
    return Decimal(written) if name == _DECIMAL else int(written)
