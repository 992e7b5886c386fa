"""The page on reported figures tells the measures, checks and parameters that there are."""

import re

from cif_engine.reported.findings import Check
from cif_engine.reported.measures import MEASURES
from cif_engine.reported.parameters import MEANINGS, USUAL
from tests.docs.markdown import ROOT, tables_by_heading

PAGE = ROOT / "docs" / "reported-figures.md"
_CODE = re.compile(r"`([^`]+)`")


def test_every_parameter_is_told_with_its_value_and_meaning() -> None:
    told = {name: (value, words) for name, value, words in tables_by_heading(PAGE)["Parameters"]}
    assert told == {name: (value, MEANINGS[name]) for name, value in USUAL.view().items()}


def test_every_measure_is_told_with_its_other_names() -> None:
    told = {name: other for name, other, _ in tables_by_heading(PAGE)["Recording them"]}
    names = {name: tuple(_CODE.findall(f"`{other}`")) if other else () for name, other in told.items()}
    assert names == {measure.id: measure.written for measure in MEASURES.values()}


def test_every_check_is_told() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| `(\w+)` \|", text)
    assert set(Check) <= set(rows)
    assert len(rows) == len(set(rows))
