"""The command `cif`."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner, Result
from starlette.testclient import TestClient

from api.cli import main
from api.clock import now
from api.serving import application
from cif_engine.operations.keys import SECRET_PREFIX, Scope
from tests.api.world import make_world
from tests.support.databases import SqliteStock, closing_databases

Cif = Callable[..., Result]


@pytest.fixture
def cif(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Cif:
    monkeypatch.setenv("CIF_DATABASE_URL", database_url)
    return _cif


@pytest.fixture
def cif_of_das(cif: Cif, database_url: str) -> Cif:
    """The command, on a database with the LSO DAS."""
    with closing_databases(database_url) as databases:
        make_world(databases)
    return cif


def _cif(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _when_it_answers(url: str) -> httpx2.Response:
    for _ in range(300):
        try:
            return httpx2.get(url, timeout=5)
        except httpx2.ConnectError:
            time.sleep(0.1)
    raise TimeoutError(url)


def test_migrating_makes_an_empty_database_fit(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIF_DATABASE_URL", empty_database_url)
    refused = _cif("key", "list")
    assert refused.exit_code == 1
    assert "run `cif migrate`" in refused.stderr
    assert _cif("migrate").exit_code == 0
    assert _cif("migrate").exit_code == 0
    assert _cif("key", "list").exit_code == 0


def test_a_database_that_is_none_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIF_DATABASE_URL", "mysql://user:swordfish@host/cif")
    refused = _cif("migrate")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: ")
    assert "swordfish" not in refused.output


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("To whom it may concern: " * 100)
    monkeypatch.setenv("CIF_DATABASE_URL", f"sqlite:///{letter}")
    for command in ("migrate", "verify"):
        refused = _cif(command)
        assert (refused.exit_code, refused.stderr) == (
            1,
            "Error: The file cannot be opened as a SQLite database.\n",
        )


def test_a_setting_that_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIF_TIME_ZONE", "Asia/Atlantis")
    refused = _cif("verify")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: CIF_TIME_ZONE: ")


class TestKeys:
    def test_a_key_is_shown_once_and_opens_what_it_is_bound_to(self, cif_of_das: Cif) -> None:
        made = cif_of_das("key", "create", "--name", "desk", "--role", "lso_accountant", "--lso", "DAS")
        assert made.exit_code == 0, made.output
        secret = made.stdout.strip()
        assert re.fullmatch(f"{SECRET_PREFIX}[A-Za-z0-9_-]{{43}}", secret)
        listed = cif_of_das("key", "list").stdout
        assert "desk  [lso DAS]  live" in listed
        assert secret not in listed
        with TestClient(application()) as client:
            headers = {"Authorization": f"Bearer {secret}"}
            assert client.get("/v1/lsos/DAS/accounts", headers=headers).status_code == 200
            assert client.get("/v1/lsos/OTH/accounts", headers=headers).status_code == 404

    def test_scopes_can_be_named_one_by_one(self, cif_of_das: Cif) -> None:
        scopes = f"{Scope.PORTFOLIO_READ}, {Scope.LOANS_READ}"
        assert cif_of_das("key", "create", "--name", "bi", "--scopes", scopes, "--rsp", "SRSO").exit_code == 0
        assert "bi  [rsp SRSO]  live  loans:read portfolio:read" in cif_of_das("key", "list").stdout

    def test_a_key_may_expire(self, cif: Cif) -> None:
        cif("key", "create", "--name", "old", "--role", "auditor", "--all", "--expires", "2020-06-30")
        assert "old  [all]  expired, until 2020-06-30T00:00:00.000000Z" in cif("key", "list").stdout

    def test_a_revoked_key_stays_listed(self, cif: Cif) -> None:
        cif("key", "create", "--name", "leaver", "--role", "auditor", "--all")
        assert cif("key", "revoke", "leaver").exit_code == 0
        assert "leaver  [all]  revoked" in cif("key", "list").stdout
        again = cif("key", "revoke", "leaver")
        assert again.exit_code == 1
        assert "leaver" in again.stderr

    @pytest.mark.parametrize(
        "words",
        [
            pytest.param(("--role", "auditor"), id="bound to nothing"),
            pytest.param(("--role", "auditor", "--all", "--lso", "DAS"), id="bound twice"),
            pytest.param(("--scopes", "loans:everything", "--all"), id="unknown scope"),
            pytest.param(("--role", "integration", "--all"), id="no scope"),
            pytest.param(("--role", "auditor", "--lso", "NOWHERE"), id="unknown LSO"),
            pytest.param(("--role", "auditor", "--rsp", "NOWHERE"), id="unknown RSP"),
        ],
    )
    def test_a_key_that_makes_no_sense_is_not_made(self, cif: Cif, words: tuple[str, ...]) -> None:
        assert cif("key", "create", "--name", "odd", *words).exit_code != 0
        assert cif("key", "list").stdout == ""

    def test_a_key_without_a_name_is_not_made(self, cif: Cif) -> None:
        refused = cif("key", "create", "--name", " ", "--role", "auditor", "--all")
        assert (refused.exit_code, refused.stderr) == (1, "Error: A name has at least one letter.\n")
        assert cif("key", "list").stdout == ""


class TestTheBooks:
    def test_sound_books_are_called_so(self, cif_of_das: Cif) -> None:
        verified = cif_of_das("verify", "--lso", "DAS")
        assert (verified.exit_code, verified.stdout) == (0, "The books are sound.\n")

    def test_what_is_wrong_is_named_and_rebuilding_mends_it(self, cif_of_das: Cif, database_url: str) -> None:
        with closing_databases(database_url) as databases, databases.writing() as connection:
            connection.exec_driver_sql("UPDATE account_balance SET balance_minor = 7 WHERE code = 'CIF.1010'")
        verified = cif_of_das("verify")
        assert verified.exit_code == 1
        assert "CIF.1010" in verified.stdout
        rebuilt = cif_of_das("rebuild", "--lso", "DAS")
        assert rebuilt.stdout.startswith("DAS: 0 loans and ")
        assert cif_of_das("verify").exit_code == 0

    @pytest.mark.parametrize("command", ["verify", "rebuild"])
    def test_an_unknown_lso_is_named(self, cif: Cif, command: str) -> None:
        refused = cif(command, "--lso", "NOWHERE")
        assert refused.exit_code == 1
        assert "No LSO NOWHERE" in refused.stderr


@pytest.fixture(scope="module")
def shown(sqlite_stock: SqliteStock) -> tuple[str, str, str]:
    """What two runs of the demonstration print, and their database."""
    with sqlite_stock.migrated() as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CIF_DATABASE_URL", url)
        return _cif("demo").stdout, _cif("demo", "--port", "9000").stdout, url


class TestTheDemonstration:
    def test_it_prints_a_key_and_three_calls_that_work(
        self, shown: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, told, url = shown
        monkeypatch.setenv("CIF_DATABASE_URL", url)
        secret = re.findall(r"A key: +(\S+)", told)[0]
        portfolio, statement, repayments = re.findall(r"'http://127\.0\.0\.1:9000([^']+)'", told)
        body = re.findall(r"-d '([^']+)'", told)[0]
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json", "Idempotency-Key": "demo-1"}
        with TestClient(application()) as client:
            assert client.get(portfolio, headers=headers).json()["total"]["loans"] > 0
            assert client.get(statement, headers=headers).json()["standing"]["days_late"] > 0
            assert client.post(repayments, content=body, headers=headers).status_code == 201

    def test_a_second_run_loads_nothing_and_replaces_the_key(
        self, shown: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second, url = shown
        monkeypatch.setenv("CIF_DATABASE_URL", url)
        assert "is loaded" in first
        assert "was there already" in second
        states = [line.split("  ")[3] for line in _cif("key", "list").stdout.splitlines()]
        assert sorted(states) == ["live", "revoked"]


class TestServing:
    def test_workers_that_would_only_wait_are_refused(
        self, sqlite_stock: SqliteStock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with sqlite_stock.migrated() as url:
            monkeypatch.setenv("CIF_DATABASE_URL", url)
            refused = _cif("serve", "--workers", "2")
        assert refused.exit_code == 2
        assert "one writer" in refused.stderr

    def test_it_serves_until_told_to_stop(self, database_url: str) -> None:
        port = _free_port()
        words = [sys.executable, "-m", "api.cli", "serve", "--port", str(port)]
        with subprocess.Popen(words, env={**os.environ, "CIF_DATABASE_URL": database_url}) as server:
            try:
                ready = _when_it_answers(f"http://127.0.0.1:{port}/health/ready")
            finally:
                server.terminate()
            assert server.wait(30) in (0, -signal.SIGTERM)
        assert ready.json() == {"status": "ready"}
        assert "server" not in ready.headers

    def test_the_clock_knows_its_offset(self) -> None:
        assert now().utcoffset() is not None
