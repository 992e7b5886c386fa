"""The command `cif`: serve, migrate, verify, export, and look after the keys."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
from pydantic import TypeAdapter, ValidationError

from api.clock import now
from api.fields import Day, Moment
from api.guide import guide
from api.ids import new_id
from api.schema import refuse_other_schema
from api.serving import serve
from cif_engine.demonstration.loading import SEED, load_demonstration
from cif_engine.errors import CifError, NotFoundError
from cif_engine.moments import to_micros
from cif_engine.operations.bringing_up_to_date import bring_up_to_date
from cif_engine.operations.exporting import export_beancount
from cif_engine.operations.keys import (
    ROLES,
    SECRET_PREFIX,
    NewKey,
    Scope,
    create_key,
    find_lso,
    list_keys,
    revoke_key,
)
from cif_engine.operations.rebuilding import rebuild
from cif_engine.operations.verifying import verify
from cif_engine.persistence.engines import Databases, open_databases
from cif_engine.settings import Settings

_SECRET_BYTES = 32
_DEMO_KEY = "demo"


class _Field(click.ParamType[Any]):
    """A value that is read as the API reads it."""

    def __init__(self, name: str, field: Any) -> None:  # noqa: ANN401 - any annotated type
        self.name = name
        self._adapter: TypeAdapter[Any] = TypeAdapter(field)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - as above
        try:
            return self._adapter.validate_python(value)
        except ValidationError as unreadable:
            self.fail(unreadable.errors()[0]["msg"], param, ctx)


_DAY = _Field("day", Day)
_MOMENT = _Field("moment", Moment)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cif-engine")
def main() -> None:
    """The CIF engine: the book of a Community Investment Fund.

    Which database is said by CIF_DATABASE_URL; without it, data/cif.db.
    """


@main.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes; SQLite: one.")
@click.option("--access-log/--no-access-log", default=False, help="A line for each request.")
def serve_command(host: str, port: int, workers: int, *, access_log: bool) -> None:
    """Serve the HTTP API."""
    with _databases() as databases:
        if workers > 1 and databases.dialect == "sqlite":
            raise click.UsageError("SQLite has one writer; more workers would only wait for each other.")
    serve(host, port, workers, access_log=access_log)


@main.command("migrate")
def migrate_command() -> None:
    """Bring the database to the schema of this version."""
    with _databases(migrated=False) as databases:
        for book in bring_up_to_date(databases):
            click.echo(f"{book.lso}: {book.loans} loans made again from their events.")
    click.echo("The database is at the schema of this version.")


@main.command("demo")
@click.option("--seed", default=SEED, show_default=True, type=int, help="Another seed makes up other people.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the API will be served.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535))
def demo_command(seed: int, host: str, port: int) -> None:
    """Load the demonstration LSO; print calls to try.

    Makes a new key for them; the one of the last time is revoked.
    """
    with _databases() as databases:
        click.echo("Loading the demonstration; this takes a minute the first time.")
        demonstration = load_demonstration(databases, seed)
        secret = _new_secret()
        moment = to_micros(now())
        with suppress(NotFoundError):
            revoke_key(databases, _DEMO_KEY, moment)
        create_key(databases, NewKey(new_id(), _DEMO_KEY, frozenset(Scope)), secret, moment)
    click.echo(guide(demonstration, f"http://{host}:{port}", secret))


@main.command("verify")
@click.option("--lso", help="Only the book of this LSO.")
def verify_command(lso: str | None) -> None:
    """Verify the books; ends with 1 when anything is wrong.

    Checks the hash chain, and that what is stored follows from it.
    """
    with _databases() as databases:
        findings = verify(databases, _lso_id(databases, lso))
    for finding in findings:
        click.echo(str(finding))
    if findings:
        raise click.ClickException(f"{len(findings)} findings.")
    click.echo("The books are sound.")


@main.command("rebuild")
@click.option("--lso", help="Only the book of this LSO.")
def rebuild_command(lso: str | None) -> None:
    """Make anew what follows from the events.

    What is stored besides them is thrown away first.
    """
    with _databases() as databases:
        for book in rebuild(databases, _lso_id(databases, lso)):
            click.echo(f"{book.lso}: {book.loans} loans and {book.accounts} accounts rebuilt.")


@main.command("export")
@click.argument("lso")
@click.option("--fund", help="Only the fund of this code.")
@click.option("--as-of", type=_DAY, help="What happened by this day; left out: today.")
@click.option("--known-at", type=_MOMENT, help="What was recorded by this moment (RFC 3339); left out: all.")
@click.option("--format", "_format", type=click.Choice(["beancount"]), default="beancount", show_default=True)
def export_command(lso: str, fund: str | None, as_of: date | None, known_at: int | None, _format: str) -> None:
    """Print the book of an LSO as a plain-text accounting file.

    Check it with `bean-check`.
    """
    with _databases() as databases:
        lso_id = _lso_id(databases, lso)
        assert lso_id is not None, "an LSO is named"
        export = export_beancount(databases, lso_id, as_of or _today(), known_at, fund)
        for part in export.parts:
            click.echo(part.encode(), nl=False)  # the same bytes on every machine, whatever its own encoding


# Keys ----------------------------------------------------------------------------------------------------------


@main.group("key")
def key_group() -> None:
    """API keys."""


@key_group.command("create")
@click.option("--name", required=True, help="Who uses it; events name their maker by it.")
@click.option("--role", type=click.Choice(sorted(ROLES)), help="Scopes by role.")
@click.option("--scopes", default="", help=f"Scopes, separated by commas: {', '.join(Scope)}.")
@click.option("--lso", help="Bind it to the LSO of this code.")
@click.option("--rsp", help="Bind it to the RSP of this code, with all its LSOs.")
@click.option("--all", "everything", is_flag=True, help="Bind it to everything.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The day (UTC) at whose beginning it expires.")
def create_key_command(
    *,
    name: str,
    role: str | None,
    scopes: str,
    lso: str | None,
    rsp: str | None,
    everything: bool,
    expires: datetime | None,
) -> None:
    """Make a key and print it, this once; only its hash is kept."""
    if (lso is not None) + (rsp is not None) + everything != 1:
        raise click.UsageError("Bind the key by one of --lso, --rsp and --all.")
    secret = _new_secret()
    expires_at = to_micros(expires.replace(tzinfo=UTC)) if expires else None
    new = NewKey(new_id(), name, _scopes(role, scopes), lso, rsp, expires_at)
    with _databases() as databases:
        listed = create_key(databases, new, secret, to_micros(now()))
    click.echo(_line(listed), err=True)
    click.echo(secret)


@key_group.command("list")
def list_keys_command() -> None:
    """List all keys, without what only their owners know."""
    with _databases() as databases:
        for listed in list_keys(databases, to_micros(now())):
            click.echo(_line(listed))


@key_group.command("revoke")
@click.argument("name_or_id")
def revoke_key_command(name_or_id: str) -> None:
    """Revoke a key; running servers notice within seconds."""
    with _databases() as databases:
        click.echo(_line(revoke_key(databases, name_or_id, to_micros(now()))))


def _new_secret() -> str:
    return SECRET_PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def _today() -> date:
    return now().astimezone(ZoneInfo(_settings().time_zone)).date()


def _lso_id(databases: Databases, code: str | None) -> str | None:
    if code is None:
        return None
    place = find_lso(databases, code)
    if place is None:
        raise click.ClickException(f"No LSO {code}.")
    return place.id


def _scopes(role: str | None, scopes: str) -> frozenset[Scope]:
    named = {scope.strip() for scope in scopes.split(",") if scope.strip()}
    if unknown := named - set(Scope):
        raise click.UsageError(f"No such scope: {', '.join(sorted(unknown))}.")
    return frozenset(Scope(scope) for scope in named) | (ROLES[role] if role else frozenset())


def _line(listed: dict[str, Any]) -> str:
    bound = listed["bound_to"] if listed["code"] is None else f"{listed['bound_to']} {listed['code']}"
    state = "live" if listed["live"] else "revoked" if listed["revoked_at"] else "expired"
    until = f", until {listed['expires_at']}" if listed["expires_at"] else ""
    return f"{listed['id']}  {listed['name']}  [{bound}]  {state}{until}  {' '.join(listed['scopes'])}"


@contextmanager
def _databases(*, migrated: bool = True) -> Iterator[Databases]:
    """Give the database of the environment, at this version's schema; a refusal ends the command with its words."""
    try:
        databases = open_databases(_settings())
        try:
            if migrated:
                refuse_other_schema(databases)
            yield databases
        finally:
            databases.dispose()
    except CifError as refusal:
        raise click.ClickException(refusal.detail) from refusal


def _settings() -> Settings:
    """Read the environment; what it says wrongly ends the command, naming the variable."""
    try:
        return Settings()
    except ValidationError as unreadable:
        words = "; ".join(f"CIF_{str(found['loc'][0]).upper()}: {found['msg']}" for found in unreadable.errors())
        raise click.ClickException(words) from unreadable


if __name__ == "__main__":
    main()
