"""A real PostgreSQL for tests and benchmarks: a throw-away cluster of its own, or the server named in the environment.

The cluster lives in a temporary folder, listens on 127.0.0.1 only, and goes when the process that started it goes,
however that ends: its guardian waits on a pipe from that process. A server named in `CIF_TEST_POSTGRES_URL` (a
superuser's URL) is used as it is, and left running.
"""

import atexit
import contextlib
import hashlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypedDict

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from tests.support.postgres_programs import PostgresUnavailableError, copy_programs, find_programs

APPLICATION_ROLE = "cif_app"
SERVER_URL = "CIF_TEST_POSTGRES_URL"

_DRIVER = "postgresql+psycopg"
_SUPERUSER = "postgres"
_START_SECONDS = 60
_STOP_SECONDS = 30
_ATTEMPTS = 3
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "logging_collector": "off",
}
_FORGETFUL = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}

# Starts the server, then waits for a line or the end of its input: both mean stop. A background job of `sh` has no
# input of its own, hence descriptor 3.
_GUARDIAN = """
exec 3<&0
folder=$1; shift
"$@" </dev/null 3<&- &
server=$!
{ read -r _ <&3; kill -QUIT "$server"; } 2>/dev/null &
wait "$server"
kill "$!" 2>/dev/null
rm -rf "$folder"
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running PostgreSQL whose databases belong to `cif_app`, an ordinary role that row-level security binds."""

    superuser_url: str
    _server: "_Server | None" = field(default=None, repr=False, compare=False)

    def url_for(self, database: str) -> str:
        """The SQLAlchemy URL of a database, as the application's role."""
        url = make_url(self.superuser_url).set(
            username=APPLICATION_ROLE, password=self._application_password, database=database
        )
        return url.render_as_string(hide_password=False)

    def superuser_url_for(self, database: str) -> str:
        """The SQLAlchemy URL of a database, as a superuser, whom row-level security does not bind."""
        return make_url(self.superuser_url).set(database=database).render_as_string(hide_password=False)

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database owned by the application's role, a copy of `template` if given; return its `url_for`.

        Nobody may be connected to the template meanwhile.
        """
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        names = (name, APPLICATION_ROLE, template or "template1")
        self._execute(statement.format(*map(sql.Identifier, names)))
        return self.url_for(name)

    def drop_database(self, name: str) -> None:
        """Drop a database if it is there, closing whatever is still connected to it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Stop the server and remove its files. A server this process did not start is left alone."""
        if self._server:
            self._server.stop()

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(_conninfo(self.superuser_url), autocommit=True) as connection:
            connection.execute(statement)

    @property
    def _application_password(self) -> str:
        """Made from the superuser's, so that every process that is told the server's URL comes to the same one."""
        secret = f"{APPLICATION_ROLE}:{make_url(self.superuser_url).password or ''}"
        return hashlib.sha256(secret.encode()).hexdigest()

    def _prepare_application_role(self) -> None:
        role, password = sql.Identifier(APPLICATION_ROLE), sql.Literal(self._application_password)
        with psycopg.connect(_conninfo(self.superuser_url)) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(1128875568)")  # workers come here at the same time
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE]).fetchone()
            verb = sql.SQL("ALTER" if known else "CREATE")
            ordinary = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
            connection.execute(sql.SQL("{} ROLE {} {} PASSWORD {}").format(verb, role, ordinary, password))


def start_cluster(*, durable: bool = False, environment: Mapping[str, str] = os.environ) -> Cluster:
    """Start a cluster, or prepare the server named in `CIF_TEST_POSTGRES_URL`; `stop` it, or it stops at exit.

    A durable cluster writes every commit to disk as in production (for measurements); the others may lose everything
    in a crash, which is faster. Raises PostgresUnavailableError when there is no PostgreSQL to be had.
    """
    if named := environment.get(SERVER_URL):
        cluster = Cluster(make_url(named).set(drivername=_DRIVER).render_as_string(hide_password=False))
    else:
        cluster = _start_own_cluster(find_programs(environment), durable=durable)
    cluster._prepare_application_role()
    return cluster


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


class _PortTakenError(PostgresUnavailableError):
    """Someone else took the port between finding it free and listening on it."""


def _start_own_cluster(programs: Path, *, durable: bool) -> Cluster:
    for _ in range(_ATTEMPTS - 1):
        with contextlib.suppress(_PortTakenError):
            return _start_once(programs, durable=durable)
    return _start_once(programs, durable=durable)


def _start_once(programs: Path, *, durable: bool) -> Cluster:
    identity = _ordinary_user()
    password = secrets.token_urlsafe(18)
    port = _free_port()
    folder = Path(tempfile.mkdtemp(prefix="cif-postgres-"))
    try:
        _give(folder, identity)
        runnable = _within_reach(programs, folder, identity)
        _make_data(runnable, folder, password, identity)
        server = _Server.launch(runnable, folder, port, identity, durable=durable)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    url = f"{_DRIVER}://{_SUPERUSER}:{password}@127.0.0.1:{port}/postgres"
    if server.answers(url):
        return Cluster(url, server)
    complaint = server.complaint()
    server.stop()
    refusal = _PortTakenError if "could not bind" in complaint else PostgresUnavailableError
    raise refusal(f"PostgreSQL in {programs} did not start:\n{complaint}")


def _ordinary_user() -> _Identity:
    """Whom to run PostgreSQL as: it refuses to run as root. Empty when this process is an ordinary user already."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise PostgresUnavailableError("PostgreSQL refuses to run as root, and there is no user postgres or nobody.")


def _give(folder: Path, identity: _Identity) -> None:
    """Make a folder, and all that is in it, the ordinary user's, who will also have to remove it."""
    if identity:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, identity["user"], identity["group"], follow_symlinks=False)


def _within_reach(programs: Path, folder: Path, identity: _Identity) -> Path:
    """The programs, or a copy of them in `folder` when they lie where the ordinary user cannot go (root's home)."""
    try:
        _run([programs / "initdb", "--version"], folder, identity)
    except PermissionError:
        copied = copy_programs(programs, folder / "programs")
        _give(folder, identity)
        return copied
    return programs


def _make_data(programs: Path, folder: Path, password: str, identity: _Identity) -> None:
    password_file = folder / "password"
    password_file.write_text(password)
    _give(folder, identity)
    command: list[str | Path] = [programs / "initdb", "--pgdata", folder / "data"]
    command += ["--username", _SUPERUSER, "--pwfile", password_file]
    _run([*command, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"], folder, identity)
    password_file.unlink()


def _run(command: list[str | Path], folder: Path, identity: _Identity) -> None:
    answer = subprocess.run(
        command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False, **identity
    )
    if answer.returncode != 0:
        raise PostgresUnavailableError(f"{command[0]} failed:\n{answer.stdout}{answer.stderr}")


def _environment() -> dict[str, str]:
    """The environment without what would lead PostgreSQL's programs elsewhere, and in a locale that is always there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _conninfo(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@dataclass(frozen=True, slots=True)
class _Server:
    """The server's process, seen through its guardian."""

    guardian: "subprocess.Popen[bytes]"
    log: IO[bytes]

    @classmethod
    def launch(cls, programs: Path, folder: Path, port: int, identity: _Identity, *, durable: bool) -> "_Server":
        settings = _SETTINGS | {"port": str(port)} | ({} if durable else _FORGETFUL)
        guard: list[str | Path] = ["/bin/sh", "-c", _GUARDIAN, "guardian", folder]
        log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `stop`
        guardian = subprocess.Popen(
            [*guard, programs / "postgres", "-D", folder / "data", *_as_options(settings)],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # an interrupt at the keyboard reaches the tests, which then stop the server
            **identity,
        )
        server = cls(guardian, log)
        atexit.register(server.stop)
        return server

    def answers(self, url: str) -> bool:
        """Wait until the server takes connections; False when it ended, or took too long."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.guardian.poll() is None:
            try:
                psycopg.connect(_conninfo(url), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        return False

    def complaint(self) -> str:
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-4000:]

    def stop(self) -> None:
        if self.log.closed:
            return
        atexit.unregister(self.stop)
        if self.guardian.stdin:
            self.guardian.stdin.close()
        self.guardian.wait(_STOP_SECONDS)
        self.log.close()


def _as_options(settings: Mapping[str, str]) -> Iterator[str]:
    for name, value in settings.items():
        yield from ("-c", f"{name}={value}")
