"""Tables of the documents that repeat what the code says are equal to it."""

import re

from cif_engine.operations.keys import ROLES
from cif_engine.persistence.tables import TABLES
from cif_engine.settings import Settings
from tests.docs.markdown import ROOT, tables_by_heading

ARCHITECTURE = ROOT / "docs" / "architecture.md"
OPERATIONS = tables_by_heading(ROOT / "docs" / "operations.md")
GLOSSARY = tables_by_heading(ROOT / "docs" / "glossary.md")["Glossary"]

_ENTITY = re.compile(r"(?m)^ {4}(\w+) \{\n((?: {8}.*\n)+) {4}\}")
_RELATION = re.compile(r"(?m)^ {4}(\w+) [|}][|o]--[|o][|{] (\w+) :")
_CODE = re.compile(r"`([^`]+)`")


def test_every_setting_is_told_with_its_default() -> None:
    told = {name: default for name, default, _ in OPERATIONS["Settings"]}
    fields = Settings.model_fields.items()
    assert told == {f"CIF_{name.upper()}": str(field.default) for name, field in fields}


def test_every_role_is_told_with_its_scopes() -> None:
    told = {role: set(_CODE.findall(f"`{scopes}`")) for role, scopes in OPERATIONS["Keys"]}
    told["integration"] = set()
    assert told == {role: {scope.value for scope in scopes} for role, scopes in ROLES.items()}


def test_the_picture_shows_tables_and_columns_that_exist() -> None:
    picture = ARCHITECTURE.read_text(encoding="utf-8")
    drawn = {name for pair in _RELATION.findall(picture) for name in pair}
    for entity, lines in _ENTITY.findall(picture):
        drawn.add(entity)
        columns = {line.split()[1] for line in lines.splitlines()}
        assert columns <= {column.name for column in TABLES[entity].columns}, entity
    assert drawn == set(TABLES)


def test_every_table_stands_in_the_list_of_who_may_change_it() -> None:
    rows = tables_by_heading(ARCHITECTURE)["Data model"]
    told = [name for tables, _, _ in rows for name in _CODE.findall(f"`{tables}`")]
    assert sorted(told) == sorted(TABLES)


def test_the_glossary_is_in_the_order_of_the_alphabet() -> None:
    words = [word.lower() for word, *_ in GLOSSARY]
    assert words == sorted(words)
    assert len(words) == len(set(words))
