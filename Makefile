# Every target works in a fresh clone on a machine with Python 3.11 or newer and make.
PYTHON ?= python3
BIN := .venv/bin
# uv is quick but brings its own certificates; where a machine has others, its own
# store or pip's settings must do.
UV = $(BIN)/uv pip install --no-config --quiet --python $(BIN)/python
.DEFAULT_GOAL := help
.PHONY: help setup demo ui test check bench lock

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.complete  ## the virtual environment, from the lock

# Made from the lock alone; the stamp is written last, so a broken setup starts again.
.venv/.complete: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make setup PYTHON=python3.12"; exit 1; }
	@echo "Making .venv from requirements.lock ..."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(UV) --require-hashes -r requirements.lock 2> /dev/null \
		|| $(UV) --system-certs --require-hashes -r requirements.lock 2> /dev/null \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q .venv/lib > /dev/null 2>&1 || true
	@touch $@

demo: setup  ## a year of sales from the sandbox into data/demo, and the figures
	@$(BIN)/meli-sales demo

ui: setup  ## Dagster's web UI with the hourly schedule
	@$(BIN)/meli-sales ui

test: setup  ## the whole suite, with coverage
	@$(BIN)/python -m pytest -n auto --cov --cov-report=term

check: setup  ## lint, types, import rules, SQL lint, tests: what continuous integration runs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --disable-progress-bar sql
	$(BIN)/dagster definitions validate -w workspace.yaml
	@$(MAKE) --no-print-directory test

bench: setup  ## 20 000 sandbox orders, stage by stage
	@$(BIN)/python -m benchmarks.sync

lock: setup  ## requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --upgrade --quiet --output-file requirements.lock
