"""Where PostgreSQL's own programs are: found on this machine, or installed from a package pinned by hash."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

OLDEST_MAJOR = 15  # the first with views that run with the rights of their reader
IGNORE_SYSTEM = "CIF_TEST_POSTGRES_IGNORE_SYSTEM"

_REPOSITORY = Path(__file__).resolve().parents[2]
_LOCK = _REPOSITORY / "requirements-postgres.lock"
_NEEDED = ("initdb", "postgres")
_PACKAGED_BIN = "*/pginstall/bin"
_NOT_NEEDED = ("pginstall18", "include", "*.dist-info", "__pycache__")
_PLACES = (
    ("/usr/lib/postgresql", "*/bin"),  # Debian, Ubuntu
    ("/usr", "pgsql-*/bin"),  # Red Hat, Fedora
    ("/opt/homebrew/opt", "postgresql*/bin"),  # macOS, Apple silicon
    ("/usr/local/opt", "postgresql*/bin"),  # macOS, Intel
    ("/usr/local/pgsql", "bin"),  # built from source
)


class PostgresUnavailableError(RuntimeError):
    """No PostgreSQL could be found, installed or started. Tests that need one must fail, not be skipped."""


def find_programs(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of `initdb` and `postgres`: this machine's, or else the packaged ones, installed if need be.

    Raises PostgresUnavailableError when there are none and none can be installed.
    """
    found = None if environment.get(IGNORE_SYSTEM) else _system_programs()
    return found or _packaged_programs(environment)


def copy_programs(programs: Path, destination: Path) -> Path:
    """Copy an installed package with its libraries, for a user who cannot reach `programs`; return the new folder."""
    package = programs.parents[2]
    if not (package / "_postgresql.abi3.so").exists() and not list(package.glob(_PACKAGED_BIN)):
        raise PostgresUnavailableError(f"The PostgreSQL in {programs} cannot be run by an ordinary user.")
    shutil.copytree(package, destination, symlinks=True, ignore=shutil.ignore_patterns(*_NOT_NEEDED))
    return destination / programs.relative_to(package)


def _system_programs() -> Path | None:
    usable = [(major, folder) for folder in _candidates() if (major := _major_version(folder)) >= OLDEST_MAJOR]
    return max(usable, default=(0, None), key=lambda candidate: candidate[0])[1]


def _candidates() -> Iterator[Path]:
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            yield Path(answer.stdout.strip())
    for root, pattern in _PLACES:
        yield from Path(root).glob(pattern)


def _major_version(folder: Path) -> int:
    """The major version of the programs in a folder; 0 where they are missing or do not run."""
    if not all(os.access(folder / program, os.X_OK) for program in _NEEDED):
        return 0
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"\) (\d+)", answer.stdout)
    return int(version[1]) if answer.returncode == 0 and version else 0


def _packaged_programs(environment: Mapping[str, str]) -> Path:
    digest = hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:16]
    installed = _cache(environment) / f"postgresql-{digest}"
    if not installed.is_dir():
        _install(installed)
    for folder in installed.glob(_PACKAGED_BIN):
        if _major_version(folder) >= OLDEST_MAJOR:
            return folder
    raise PostgresUnavailableError(f"The PostgreSQL programs installed in {installed} do not run on this machine.")


def _cache(environment: Mapping[str, str]) -> Path:
    """A folder to keep downloads in: the user's cache, or the repository's where the user has no home to write to."""
    users = Path(environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME", "/nonexistent"), ".cache"))
    try:
        (users / "cif-engine").mkdir(parents=True, exist_ok=True)
    except OSError:
        users = _REPOSITORY / ".cache"
        (users / "cif-engine").mkdir(parents=True, exist_ok=True)
    return users / "cif-engine"


def _install(destination: Path) -> None:
    """Install the pinned package beside `destination`, then move it there in one step: two runs may do this at once."""
    with tempfile.TemporaryDirectory(dir=destination.parent) as workshop:
        target = Path(workshop, "package")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", "--only-binary=:all:", "--target", str(target), "--requirement", str(_LOCK)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise PostgresUnavailableError(
                f"No PostgreSQL {OLDEST_MAJOR} or newer on this machine, and installing one failed:\n{answer.stderr}\n"
                "Install PostgreSQL, or name a server in CIF_TEST_POSTGRES_URL (a superuser's URL)."
            )
        try:
            target.rename(destination)
        except OSError:
            if not destination.is_dir():  # otherwise another run was first, with the same content
                raise
