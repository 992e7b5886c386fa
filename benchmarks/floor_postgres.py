"""PostgreSQL's floor: the engine's two statements, by pgbench with eight clients, prepared.

Its clients count the events of their books by themselves, so each has a book of its own, and loan after loan is repaid
as the engine's clerks do it. pgbench knows numbers only; ids and account codes are put together from them in SQL.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from itertools import count
from pathlib import Path

from sqlalchemy import make_url

from benchmarks.books import LENT_ON, LOAN, LSO, OTHER, number_id
from benchmarks.clerks import AMOUNT_MINOR
from benchmarks.floors import (
    CASH,
    CASH_OF_ANY_FUND,
    FIRST_DAY,
    LATER_DUE_DAY,
    LOANS_OUTSTANDING,
    STILL_OWED_MINOR,
    Sample,
    floor_loans,
)
from benchmarks.grounds import Ground
from benchmarks.measuring import BOOKS, FLOOR_BOOKS, Rate
from cif_engine.moments import END_OF_TIME
from cif_engine.persistence import book_postgres
from cif_engine.persistence.engines import EVERY_LSO
from tests.support.postgres_programs import find_programs

TRANSACTIONS_A_SECOND = 200
"""Of one client, about."""

_NUMBER_DIGITS = 12


def _id(space: int, number: str) -> str:
    """Return `number_id` as PostgreSQL computes it."""
    stem = number_id(space, 0)[:-_NUMBER_DIGITS]
    return f"('{stem}' || lpad(({number})::text, {_NUMBER_DIGITS}, '0'))::uuid"


_BOOK = ":book::bigint"
_SEQ = ":seq::bigint"
_INDEX = ":index::bigint"
_LSO_ID = _id(LSO, _BOOK)
_LOAN_ID = _id(LOAN, f"{_BOOK} * 1000000 + {_INDEX}")
_NUMBER = f"('B' || lpad({_BOOK}::text, 5, '0') || '-2020-' || lpad(({_INDEX} + 1)::text, 5, '0'))"
_KEY = f"(:run::text || '-' || {_SEQ}::text)"
_DAY = f"(DATE '{FIRST_DAY}' + (:seq::bigint / :loans::bigint)::int)"
_HASH = r"'\x" + "68" * 32 + "'::bytea"
_AT = f"{END_OF_TIME}::bigint + {_SEQ}"

READ: Mapping[int, str] = {1: _LSO_ID, 2: _KEY, 3: _NUMBER, 4: f"'{CASH_OF_ANY_FUND}'"}
"""What stands for each parameter of the statement that reads."""

WRITE: Mapping[int, str] = dict(
    enumerate(
        (
            _LSO_ID, _SEQ, _AT, _HASH, "gen_random_uuid()", "'repayment_received'", _DAY, "'clerk'", _KEY,
            f"'{number_id(OTHER, 3)}'::uuid", _LOAN_ID, "NULL", "NULL", "NULL", "NULL::uuid", ":payload::text", _HASH,
            f"ARRAY[{_DAY}]", f"ARRAY['{CASH}']", f"ARRAY['{LOANS_OUTSTANDING}']", f"ARRAY[{AMOUNT_MINOR}]",
            f"ARRAY['{CASH}', '{LOANS_OUTSTANDING}']", f"ARRAY[{AMOUNT_MINOR}, {-AMOUNT_MINOR}]", _HASH,
            ":answer::text", f"ARRAY[{_LOAN_ID}]", _DAY, "'open'", str(STILL_OWED_MINOR), "0",
            str(AMOUNT_MINOR), "0", "0", f"DATE '{LATER_DUE_DAY}'", *("0",) * 6, "false", "1",
            f"DATE '{LENT_ON}'", "0", "0", f"DATE '{LATER_DUE_DAY}'",
        ),
        start=1,
    )
)  # fmt: skip
"""What stands for each parameter of the statement that writes."""

_HEAD = f"SELECT head_seq AS seq FROM book WHERE lso_id = {_LSO_ID}"  # noqa: S608 - of this file
SCRIPT = rf"""
\set book :client_id + :first_book
\if :first
{_HEAD} \gset
\set first 0
\endif
\set seq :seq + 1
\set index :seq % :loans
"""


class PostgresFloor:
    """Runs pgbench; its clients record as the application's role."""

    def __init__(self, ground: Ground, sample: Sample) -> None:
        self._url = make_url(ground.url)
        self._sample = sample
        self._loans = len(floor_loans(ground)[0])
        self._runs = count(1)
        self._program = find_programs() / "pgbench"

    def close(self) -> None:
        """Nothing stays open."""

    def write(self, seconds: float) -> Rate:
        """Run the statement that writes, alone."""
        return self._run(seconds, (_filled(book_postgres.SAVE_LOAN_EVENT, WRITE),))

    def read_and_write(self, seconds: float) -> Rate:
        """Run both statements of recording: the opening read, and the one that writes."""
        read = _filled(book_postgres.OPEN_BY_NUMBER, READ)
        return self._run(seconds, (read, _filled(book_postgres.SAVE_LOAN_EVENT, WRITE)))

    def _run(self, seconds: float, statements: tuple[str, ...]) -> Rate:
        with tempfile.NamedTemporaryFile("w", prefix="cif-floor-", suffix=".sql") as script:
            script.write(SCRIPT + "".join(f"{statement};\n" for statement in statements))
            script.flush()
            answer = subprocess.run(
                self._command(Path(script.name), seconds),
                env=os.environ
                | {"PGPASSWORD": str(self._url.password or ""), "PGOPTIONS": f"-c cif.lso_id={EVERY_LSO}"},
                capture_output=True,
                text=True,
                check=False,
            )
        if answer.returncode or answer.stderr.count("ERROR") or answer.stderr.count("aborted"):
            raise RuntimeError(f"pgbench failed:\n{answer.stdout}{answer.stderr}")
        return _rate(answer.stdout)

    def _command(self, script: Path, seconds: float) -> list[str]:
        run = next(self._runs)
        variables = {
            "first": "1",
            "first_book": str(BOOKS + run * BOOKS % FLOOR_BOOKS),
            "run": f"floor{run}",
            "loans": str(self._loans),
            "payload": self._sample.payload,
            "answer": self._sample.answer,
        }
        options = {
            "--protocol": "prepared",
            "--client": str(BOOKS),
            "--jobs": "2",
            **_lasting(seconds),
            "--file": str(script),
            "--host": str(self._url.host),
            "--port": str(self._url.port),
            "--username": str(self._url.username),
        }
        defined = [f"--define={name}={value}" for name, value in variables.items()]
        named = [f"{option}={value}" for option, value in options.items()]
        return [str(self._program), "--no-vacuum", *defined, *named, str(self._url.database)]


def _lasting(seconds: float) -> dict[str, str]:
    """Return the option that ends a run: pgbench knows whole seconds only, a shorter run is a few transactions."""
    if seconds < 1:
        return {"--transactions": str(max(1, round(seconds * TRANSACTIONS_A_SECOND)))}
    return {"--time": str(round(seconds))}


def _filled(statement: str, values: Mapping[int, str]) -> str:
    """Return a statement on one line with its parameters replaced."""
    return re.sub(r"\$(\d+)", lambda found: values[int(found[1])], " ".join(statement.split()))


def _rate(report: str) -> Rate:
    """Return what pgbench reports: transactions done, and the rate without the time of connecting."""
    done = re.search(r"number of transactions actually processed: (\d+)", report)
    each_second = re.search(r"tps = ([\d.]+) \(without initial connection time\)", report)
    assert done, report
    assert each_second, report
    return Rate(int(done[1]), int(done[1]) / float(each_second[1]))
