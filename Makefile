# Every target works in a fresh clone on a machine with Python 3.11 or newer and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# What `make quick` tries: folders whose tests start neither a sync nor a sandbox's year.
QUICK ?= tests/payloads tests/mercadolibre tests/frames tests/landing tests/sql/test_cases.py
TESTS ?= tests
# uv is quick but brings its own certificates; where a machine has others, its own
# store or pip's settings must do.
UV = $(BIN)/uv pip install --no-config --quiet --python $(BIN)/python
# Compiled once: dozens of tests start processes of their own.
unexport PYTHONDONTWRITEBYTECODE
# A worker begins with a run of tests and takes from the others once it is done, so that
# folders which a module's tests share are mostly made once. DuckDB makes and drops
# small things by the million for each sync: glibc keeps more than seven of a size at
# hand, which saves a twentieth of the CPU.
PYTEST = GLIBC_TUNABLES=glibc.malloc.tcache_count=2000 $(BIN)/python -m pytest -n auto --dist worksteal
.DEFAULT_GOAL := help
.PHONY: help setup demo ui notebook quick test test-scale check check-sql check-types check-imports check-notebooks check-definitions pythons bench bench-peers bench-stages bench-growth docs lock

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.complete  ## the virtual environment, from the lock

# Made from the lock alone; the stamp is written last, so a broken setup starts again.
$(VENV)/.complete: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make setup PYTHON=python3.12"; exit 1; }
	@echo "Making $(VENV) from requirements.lock ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(UV) --require-hashes -r requirements.lock 2> /dev/null \
		|| $(UV) --system-certs --require-hashes -r requirements.lock 2> /dev/null \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q $(VENV)/lib > /dev/null 2>&1 || true
	@touch $@

demo: setup  ## a year of sales from the sandbox into data/demo, and the figures
	@$(BIN)/meli-sales demo

ui: setup  ## Dagster's web UI with the hourly schedule
	@$(BIN)/meli-sales ui

notebook: setup  ## notebooks/sales.py in the browser, on MELI_DATA_DIR
	@$(BIN)/marimo edit notebooks/sales.py

quick: setup  ## lint, types, import rules and the fast tests, in under a minute
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports > /dev/null || $(BIN)/lint-imports
	@$(PYTEST) -m "not untraced" $(QUICK)

test: setup  ## the whole suite, lives of hours included, with coverage
	@$(PYTEST) --cov --cov-report=term

check: setup  ## lint, types, import rules, SQL lint, tests but the long ones: what continuous integration runs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory --jobs 2 check-sql check-types check-imports check-notebooks check-definitions
	@$(PYTEST) -m "not long"

# Each takes one core, so two of them go side by side.
check-sql:
	PYTHONWARNINGS=ignore::UserWarning $(BIN)/sqlfluff lint --disable-progress-bar sql

check-types:
	$(BIN)/mypy

check-imports:
	$(BIN)/lint-imports

check-notebooks:
	$(BIN)/marimo --quiet check --strict notebooks

check-definitions:
	$(BIN)/dagster definitions validate -w workspace.yaml

# Engines weigh 1.2 GB, so they are not in the lock but added to an environment of it.
# Celery workers need `apt-get install postgresql redis-server`, or their test is skipped.
test-scale:  ## ClickHouse, Spark and Celery workers equal one machine; engines are installed into .venv-scale
	@$(MAKE) --no-print-directory setup VENV=.venv-scale
	@.venv-scale/bin/uv pip install --no-config --quiet --python .venv-scale/bin/python --requirements pyproject.toml --extra spark --group scale
	@.venv-scale/bin/python -m pytest tests/engines tests/scale

pythons:  ## the suite on each python3.11 to python3.14 that is found on the PATH
	@.ci/pythons $(TESTS)

bench: setup  ## 20 000 orders from empty to loaded: ours, and the floor
	@$(BIN)/python -m benchmarks.end_to_end

bench-peers: setup  ## the same with dlt, Airbyte and Singer, installed into .venv-bench
	@$(BIN)/python -m benchmarks.end_to_end --peers

bench-stages: setup  ## which stage the CPU of our first sync goes to
	@$(BIN)/python -m benchmarks.first_sync

bench-growth: setup  ## what an hourly sync costs on a small and on a large history
	@$(BIN)/python -m benchmarks.growth

docs: setup  ## docs/tables.md anew from the headers under sql/
	@$(BIN)/python -m pipeline.inspection.dictionary > docs/tables.new && mv docs/tables.new docs/tables.md

lock: setup  ## requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --upgrade --quiet --output-file requirements.lock
