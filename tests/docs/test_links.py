"""What the documents point at is there: linked files and headings, paths in code marks, names said to be in a file."""

import re
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, documents, prose

DOCUMENTS = [str(path.relative_to(ROOT)) for path in documents()]

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`]+)`")
_PATH = re.compile(r"(?:[A-Za-z0-9_.-]+/)+(?:[A-Za-z0-9_.-]+)?")
_NAMES_IN_FILE = re.compile(r"((?:`[A-Za-z_.]+`, )*`[A-Za-z_.]+`) in `([a-z_/]+\.py)`")
_FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()} - {".venv"}
_MADE_LATER = {"data/cif.db", "data/"}


def text_of(document: str) -> str:
    return "\n".join(prose(ROOT / document))


def headings(path: Path) -> set[str]:
    """Return the anchors of the headings of a document, as code hosts make them."""
    found = (line.lstrip("#").strip() for line in prose(path) if line.startswith("#"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def missing_links(document: str) -> list[str]:
    """Return the relative links of a document that lead nowhere."""
    missing = []
    for target in _LINK.findall(text_of(document)):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        path = (ROOT / document).parent / name if name else ROOT / document
        if not path.exists() or (anchor and anchor not in headings(path)):
            missing.append(target)
    return missing


def missing_paths(document: str) -> list[str]:
    """Return what stands in code marks, looks like a path within the project, and is not there."""
    paths = [code for code in _CODE.findall(text_of(document)) if _PATH.fullmatch(code)]
    return [
        path
        for path in paths
        if path.partition("/")[0] in _FOLDERS and path not in _MADE_LATER and not (ROOT / path).exists()
    ]


def missing_names(document: str) -> list[str]:
    """Return the names that are said to be in a file, and are not."""
    missing = []
    for names, path in _NAMES_IN_FILE.findall(text_of(document)):
        code = (ROOT / path).read_text(encoding="utf-8")
        for name in _CODE.findall(names):
            missing += [f"{name} in {path}" for part in name.split(".") if not _is_defined(part, code)]
    return missing


def _is_defined(name: str, code: str) -> bool:
    """Whether a file defines a name, as a class, a function, a value, or a field; or says it as a column or header."""
    return bool(re.search(rf"(?m)^\s*(?:class |def |async def )?{name}\b\s*[\[(:=]", code) or f'"{name}"' in code)


def test_there_are_documents_to_check() -> None:
    assert {"README.md", "CHANGELOG.md", "docs/architecture.md", "docs/chain.md"} <= set(DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    assert missing_links(document) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths_in_code_marks_exist(document: str) -> None:
    assert missing_paths(document) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_names_are_in_the_files_that_are_named(document: str) -> None:
    assert missing_names(document) == []
