# Everything a developer or a build server runs. Needs make and Python 3.11 to 3.13; the rest installs itself into .venv.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
HOST ?= 127.0.0.1
PORT ?= 8000
CODE := cif_engine api migrations tests benchmarks
PIP := $(BIN)/python -m pip --disable-pip-version-check

# What is pure function over values: every branch of it is tested, and nearly every change of it noticed (docs/mutants.md).
PURE := cif_engine/bookings.py,cif_engine/dates.py,cif_engine/kinds.py,cif_engine/moments.py,cif_engine/money.py
PURE := $(PURE),cif_engine/fund/*,cif_engine/ledger/*,cif_engine/loans/*,cif_engine/reported/*

.PHONY: help run test test-deep check bench format format-check lint types imports docker-lint lock lock-check \
	coverage mutants definitions clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.runtime ## Serve demonstration data on http://127.0.0.1:8000 (HOST=, PORT=), kept in data/cif.db
	@mkdir -p data
	$(RUN_ENVIRONMENT) $(BIN)/cif migrate
	$(RUN_ENVIRONMENT) $(BIN)/cif demo --host $(HOST) --port $(PORT)
	$(RUN_ENVIRONMENT) $(BIN)/cif serve --host $(HOST) --port $(PORT)

test: $(VENV)/.dev ## Run the tests, on SQLite and on PostgreSQL
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test-deep: $(VENV)/.dev ## Run the tests with many more random histories
	HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "deep or not deep"

check: format-check lint types imports docker-lint lock-check coverage ## Run every check, and the tests with coverage

bench: $(VENV)/.dev ## Measure against the database's own floor
	$(BIN)/python -m benchmarks

format: $(VENV)/.dev ## Format the code, mend what ruff can mend
	$(BIN)/ruff check --fix-only --quiet $(CODE)
	$(BIN)/ruff format $(CODE)

format-check: $(VENV)/.dev
	$(BIN)/ruff format --check $(CODE)

lint: $(VENV)/.dev ## Lint the code
	$(BIN)/ruff check $(CODE)

types: $(VENV)/.dev ## Check the types
	$(BIN)/mypy

imports: $(VENV)/.dev ## Check that imports point down only
	$(BIN)/lint-imports

docker-lint: $(VENV)/.dev ## Lint the Dockerfile and the compose file
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

coverage: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report=term
	$(BIN)/coverage report --include='$(PURE)' --fail-under=100

mutants: $(VENV)/.dev ## Change the pure modules in every small way, to see which changes no test notices
	HYPOTHESIS_PROFILE=mutants $(BIN)/mutmut run --max-children $(WORKERS)
	$(BIN)/mutmut results

# The locks name packages, versions and hashes, never where they come from. UV_LOCK reads nothing of this machine's setup.
UV_LOCK := uv --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock"

lock: ## Renew the hash-pinned locks (needs uv; UPGRADE=--upgrade takes newer versions)
	@command -v uv >/dev/null || { echo "make lock needs uv: install it with 'pip install uv'." >&2; exit 1; }
	$(UV_LOCK) $(UPGRADE) --output-file requirements.lock pyproject.toml
	$(UV_LOCK) $(UPGRADE) --constraints requirements.lock --group dev --output-file requirements-dev.lock pyproject.toml
	$(UV_LOCK) $(UPGRADE) --constraints requirements-dev.lock --group pyproject.toml:build --output-file requirements-build.lock
	$(UV_LOCK) $(UPGRADE) --no-deps --group pyproject.toml:postgres --output-file requirements-postgres.lock

lock-check:
	@if grep -nE '(https?|file)://|--(extra-)?index-url|--find-links|--trusted-host' requirements*.lock; then \
		echo "A lock names a package index." >&2; exit 1; fi

definitions: $(VENV)/.dev ## Write the catalogue of figures into docs/definitions.md
	$(BIN)/python -m tests.docs.definitions_doc

clean: ## Remove what the targets made, except data/
	rm -rf $(VENV) .cache .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache \
		build dist htmlcov mutants
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment --------------------------------------------------------------------------------------------------

RUN_ENVIRONMENT := CIF_DATABASE_URL="$${CIF_DATABASE_URL:-sqlite:///data/cif.db}"

# Name one with PYTHON=. A candidate must run, not only exist (version managers leave stubs behind), and must be able to make an environment.
PYTHONS := $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python)

$(BIN)/python:
	@for candidate in $(PYTHONS); do \
		if "$$candidate" -c 'import ensurepip, sys, venv; \
	sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; then \
			echo "Making $(VENV) with $$("$$candidate" --version)"; \
			exec "$$candidate" -m venv --clear $(VENV); \
		fi; \
	done; \
	echo "No usable Python among: $(PYTHONS). This project needs Python 3.11, 3.12 or 3.13 with its venv module" >&2; \
	echo "(on Debian and Ubuntu: the python3-venv package). Name one with: make PYTHON=/path/to/python" >&2; \
	exit 1

$(VENV)/.runtime: requirements.lock requirements-build.lock pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements.lock -r requirements-build.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@
