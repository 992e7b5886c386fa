"""`docs/definitions.md` says what the engine says: its catalogue of figures, and the rule sets that come with it."""

from cif_engine.operations.rule_sets import RULE_SETS
from cif_engine.persistence.engines import Databases
from cif_engine.portfolio.definitions import DEFINITIONS
from tests.docs.definitions_doc import DOCUMENT, HEADINGS, catalogue, told
from tests.docs.markdown import tables_by_heading
from tests.operations.test_rule_sets import TODAY

TEXT = DOCUMENT.read_text(encoding="utf-8")


def test_the_catalogue_in_the_document_is_the_engines() -> None:
    assert told(TEXT) == catalogue(), "run `make definitions`"


def test_every_figure_stands_in_the_document_once() -> None:
    for figure in DEFINITIONS:
        assert TEXT.count(f"(`{figure}`)\n") == 1, figure
    assert {defined.section for defined in DEFINITIONS.values()} == set(HEADINGS)


def test_the_rule_sets_in_the_document_are_those_that_come_with_the_engine(databases: Databases) -> None:
    shown = [
        [rule_set["code"], version["comparator"], band["name"], _days(band), band["rate"] or "none"]
        for rule_set in RULE_SETS.listed(databases, TODAY, None, 50)["items"]
        for version in rule_set["versions"]
        for band in version["bands"]
    ]
    assert tables_by_heading(DOCUMENT)["Rule sets"] == shown


def _days(band: dict[str, int | None]) -> str:
    first, last = band["days_from"], band["days_to"]
    if last is None:
        return f"{first} and more"
    return f"{first}-{last}" if last != first else str(first)
