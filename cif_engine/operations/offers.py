"""What a fund and a product lend: asked when a loan is applied for, decided on and handed out."""

from __future__ import annotations

from datetime import date

from cif_engine.loans.charges import up_front_charge
from cif_engine.loans.guards import Limits, refuse_over_limit, refuse_over_term
from cif_engine.loans.terms import LoanTerms, check_terms
from cif_engine.persistence.network import FundFile, ProductFile


def refuse_over_limits(amount_minor: int, cycle: int, product: ProductFile) -> None:
    """Refuse an amount or a cycle that the fund or the product does not lend; raises OverLimitError."""
    refuse_over_limit(amount_minor, cycle, _limits_of_fund(product.fund), f"the fund {product.fund.code}")
    refuse_over_limit(amount_minor, cycle, _limits_of_product(product), f"the product {product.code}")


def refuse_unfit_terms(terms: LoanTerms, amount_minor: int, starts_on: date, product: ProductFile) -> None:
    """Refuse terms that do not fit the amount, or whose term is not one that the product lends for.

    Raises what `check_terms`, `up_front_charge` and `refuse_over_term` raise.
    """
    check_terms(terms, amount_minor)
    up_front_charge(terms, amount_minor)
    refuse_over_term(terms, starts_on, _limits_of_product(product), f"the product {product.code}")


def _limits_of_fund(fund: FundFile) -> Limits:
    return Limits(fund.amount_min_minor, fund.amount_max_minor, fund.cycle_max)


def _limits_of_product(product: ProductFile) -> Limits:
    return Limits(
        product.amount_min_minor,
        product.amount_max_minor,
        product.cycle_max,
        product.cycle_min,
        product.term_min_months,
        product.term_max_months,
    )
