"""The book as a text file, over HTTP and by the command `cif`."""

from collections.abc import Callable

import pytest
from beancount import loader
from click.testing import CliRunner, Result

from api.cli import main
from cif_engine.operations import exporting
from cif_engine.operations.keys import Scope
from tests.api.world import ACCOUNTANT, EVERYTHING, OTHER, World, add_key, make_world
from tests.support.databases import closing_databases

EXPORT = "/v1/lsos/DAS/export"
Cif = Callable[..., Result]


def test_a_book_is_sent_part_by_part_as_a_file_that_beancount_accepts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.lends()
    monkeypatch.setattr(exporting, "CHUNK", 2)
    sent = world.call("GET", f"{EXPORT}?as_of=2021-06-01&fund=CIF")
    assert sent.status_code == 200
    assert sent.headers["content-type"] == "text/plain; charset=utf-8"
    assert sent.headers["content-disposition"] == 'attachment; filename="DAS-CIF-2021-06-01.beancount"'
    assert "content-length" not in sent.headers
    _, errors, options = loader.load_string(sent.text)
    assert errors == []
    assert options["title"].startswith("DAS-CIF as of 2021-06-01, known at 20")


def test_a_book_is_sent_as_of_today_and_the_moment_in_its_title_asks_for_it_again(world: World) -> None:
    sent = world.call("GET", EXPORT)
    title = loader.load_string(sent.text)[2]["title"]
    words, moment = title.split(", known at ")
    assert words == "DAS as of 2021-11-02"
    world.records("/funds/CIF/bank-profits", {"source": "The bank", "amount": 1, "effective_on": "2021-01-01"})
    assert world.call("GET", f"{EXPORT}?known_at={moment}").content == sent.content
    assert world.call("GET", EXPORT).content != sent.content


@pytest.mark.parametrize(
    ("path", "by", "status", "code"),
    [
        pytest.param(EXPORT, OTHER, 404, "not_found", id="of another LSO"),
        pytest.param(f"{EXPORT}?fund=NONE", ACCOUNTANT, 404, "not_found", id="no such fund"),
        pytest.param(f"{EXPORT}?as_of=2021-02-30", ACCOUNTANT, 422, "invalid_input", id="no such day"),
        pytest.param(f"{EXPORT}?asof=2021-02-28", ACCOUNTANT, 422, "invalid_input", id="misspelt"),
    ],
)
def test_what_cannot_be_sent_is_refused_before_anything_is(
    world: World, path: str, by: str, status: int, code: str
) -> None:
    refused = world.call("GET", path, by=by)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_a_key_that_may_not_read_books_gets_none(world: World) -> None:
    add_key(world.databases, "portfolio-only", frozenset({Scope.PORTFOLIO_READ}), lso="DAS")
    refused = world.call("GET", EXPORT, by="portfolio-only")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")


def test_the_document_shows_a_file_that_beancount_accepts(world: World) -> None:
    operation = world.call("GET", "/openapi.json", by=None).json()["paths"]["/v1/lsos/{lso}/export"]["get"]
    answer = operation["responses"]["200"]
    assert set(answer["content"]) == {"text/plain"}
    assert "Content-Disposition" in answer["headers"]
    entries, errors, _ = loader.load_string(answer["content"]["text/plain"]["example"])
    assert (len(entries), errors) == (5, [])


@pytest.fixture
def cif(database_url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Cif, World]:
    monkeypatch.setenv("CIF_DATABASE_URL", database_url)
    with closing_databases(database_url) as databases:
        world = make_world(databases)
        world.lends()
    return lambda *words: CliRunner().invoke(main, ["export", *words]), world


def test_the_command_prints_the_same_file(cif: tuple[Cif, World]) -> None:
    export, world = cif
    printed = export("DAS", "--fund", "CIF", "--as-of", "2021-06-01", "--format", "beancount")
    assert printed.exit_code == 0, printed.stderr
    assert printed.stdout_bytes == world.call("GET", f"{EXPORT}?fund=CIF&as_of=2021-06-01", by=EVERYTHING).content
    earlier = export("DAS", "--known-at", "2021-11-02T07:00:00Z")
    assert loader.load_string(earlier.stdout)[0] == []
    assert loader.load_string(export("DAS").stdout)[1] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("NOWHERE",), "No LSO NOWHERE."),
        (("DAS", "--fund", "NONE"), "No fund NONE in this book."),
        (("DAS", "--as-of", "2021-02-30"), "A date is a day of the calendar, written as YYYY-MM-DD."),
        (("DAS", "--known-at", "yesterday"), "A moment is RFC 3339 with an offset"),
        (("DAS", "--format", "csv"), "'csv' is not 'beancount'"),
    ],
)
def test_the_command_says_what_it_cannot_print(cif: tuple[Cif, World], words: tuple[str, ...], said: str) -> None:
    export, _ = cif
    refused = export(*words)
    assert refused.exit_code != 0
    assert said in refused.stderr
    assert refused.stdout == ""
