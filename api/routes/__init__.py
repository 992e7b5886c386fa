"""The operations of the API, by the part of the engine they speak to."""

from __future__ import annotations

from typing import Final

from api.routes import (
    books,
    collections,
    corrections,
    definitions,
    dues,
    explaining,
    federation,
    forecasting,
    fund_figures,
    funding,
    loans,
    loans_read,
    lots,
    network_funds,
    network_people,
    network_places,
    portfolio_documents,
    profiles,
    repayments,
    reported_figures,
    reports,
    restructuring,
    rule_sets,
    tranche_rules,
)
from api.routing import Routes

PARTS: Final[tuple[Routes, ...]] = (
    repayments.routes,
    loans_read.repayment_routes,
    loans.routes,
    loans_read.routes,
    explaining.fact_routes,
    dues.routes,
    restructuring.routes,
    funding.routes,
    books.routes,
    corrections.routes,
    reports.routes,
    forecasting.routes,
    collections.routes,
    explaining.routes,
    portfolio_documents.routes,
    profiles.routes,
    lots.routes,
    federation.routes,
    fund_figures.routes,
    network_people.routes,
    network_funds.routes,
    network_places.routes,
    rule_sets.routes,
    reported_figures.coverage_routes,
    reported_figures.routes,
    tranche_rules.routes,
    definitions.routes,
)
"""In the order in which addresses are matched: the busiest part first."""
