"""The part of `docs/definitions.md` that repeats the catalogue of figures; `make definitions` writes it anew."""

import textwrap
from collections.abc import Iterator

from cif_engine.portfolio.defining import Definition, Example, Section, Unit
from cif_engine.portfolio.definitions import DEFINITIONS
from tests.docs.markdown import ROOT

DOCUMENT = ROOT / "docs" / "definitions.md"
BEGINNING = "<!-- The catalogue, written by `make definitions`. -->\n"
END = "<!-- The end of the catalogue. -->\n"

HEADINGS = {
    Section.ON_A_DAY: "A portfolio on a day",
    Section.OVER_A_PERIOD: "A portfolio over a period",
    Section.LOSSES: "Losses that may come",
    Section.FUND: "The fund",
    Section.NETWORK: "What the network publishes",
}


def catalogue() -> str:
    """Return the catalogue as Markdown."""
    return "\n".join(line for section in Section for line in _section(section))


def told(document: str) -> str:
    """Return what the document says between the marks."""
    return document.partition(BEGINNING)[2].partition(END)[0]


def retold(document: str) -> str:
    """Return the document with the catalogue as it is."""
    before, rest = document.split(BEGINNING)
    return f"{before}{BEGINNING}{catalogue()}{END}{rest.split(END)[1]}"


def _section(section: Section) -> Iterator[str]:
    yield f"\n## {HEADINGS[section]}\n"
    for defined in DEFINITIONS.values():
        if defined.section is section:
            yield from _definition(defined)


def _definition(defined: Definition) -> Iterator[str]:
    yield f"### {defined.title} (`{defined.id}`)\n"
    yield _filled(defined.words) + "\n"
    if defined.numerator and defined.denominator:
        yield _filled(f"Numerator: {_said(defined.numerator)}. Denominator: {_said(defined.denominator)}.") + "\n"
    yield _point(f"Example: {_worked(defined.unit, defined.example)}")
    for note in defined.notes:
        yield _point(note)
    yield _point(f"Follows: {defined.source}") + "\n"


def _said(words: str) -> str:
    return f"`{words}`" if words in DEFINITIONS else words


def _worked(unit: Unit, example: Example) -> str:
    words = example.words.removesuffix(".")
    match unit:
        case Unit.SHARE | Unit.SHARES:
            (above, numerator), (below, denominator) = example.parts
            return f"{words}: {above} {numerator} / {below} {denominator} = {example.result}."
        case Unit.AMOUNT | Unit.AMOUNTS:
            parts = "; ".join(f"{name} {value}" for name, value in example.parts)
            return f"{words}: {parts}; in all {example.result}."
        case Unit.COUNT:
            return f"{words}: {example.result}."
        case Unit.DAYS:
            return f"{words}: {example.result} days."


def _point(words: str) -> str:
    return textwrap.fill(words, 120, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)


def _filled(words: str) -> str:
    return textwrap.fill(words, 120, break_on_hyphens=False)


if __name__ == "__main__":
    DOCUMENT.write_text(retold(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
