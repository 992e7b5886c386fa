"""`docs/funds.md` shows the health rule that comes with the engine."""

from datetime import date

from cif_engine.operations.health_rules import HEALTH_RULES
from cif_engine.persistence.engines import Databases
from cif_engine.portfolio.definitions import DEFINITIONS
from tests.docs.markdown import ROOT, tables_by_heading

FIGURE_OF = {"capital_base": "capital_index"}


def test_the_health_rule_in_the_document_is_the_one_that_comes_with_the_engine(shared_databases: Databases) -> None:
    (shipped,) = HEALTH_RULES.get(shared_databases, "community", date(2026, 7, 31), known_at=0)["versions"]
    figures = [FIGURE_OF.get(limits["component"], limits["component"]) for limits in shipped["limits"]]
    assert set(figures) <= set(DEFINITIONS)
    told = [
        [limits["component"], figure, limits["good"], limits["fair"], str(limits["weight"])]
        for limits, figure in zip(shipped["limits"], figures, strict=True)
    ]
    document = tables_by_heading(ROOT / "docs" / "funds.md")
    assert document["Health: one number, with its formula"] == told
    assert (shipped["late_over_days"], shipped["good_from"], shipped["fair_from"]) == (90, 75, 50)
    assert shipped["points"] == {"good": 100, "fair": 50, "poor": 0}
