# charlm: every task of the project. Needs Python >= 3.11 and make, nothing else.

PYTHON ?= python3
BIN := .venv/bin
CHARLM := $(BIN)/charlm

.DEFAULT_GOAL := help
.PHONY: help demo exercise cluster-demo quick test test-all test-slow endurance check bench clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/installed: setup.cfg pyproject.toml
	@echo "Making .venv, a Python environment of this folder, and installing charlm in it."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --editable .
	@touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/python -m pip install --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: .venv/installed  ## train both families on Shakespeare, mix them, let them speak, compare (half a minute)
	@$(CHARLM) demo

exercise: .venv/installed  ## check an exercise of the course: N=1 (course/exercises)
	@$(BIN)/python -m course.check $(N)

cluster-demo: .venv/installed-dev  ## train on two local Dask workers, kill one, compare the checksum (half a minute)
	@$(BIN)/python -m tests.support.cluster_demo

quick: .venv/installed-dev  ## a little of every test, while you work (half a minute)
	$(BIN)/python -m pytest -q -n auto --quick

test: .venv/installed-dev  ## the unit and law tests (six minutes on two cores)
	$(BIN)/python -m pytest -q -n auto -m "not slow and not endurance"

test-all: .venv/installed-dev  ## every test, the slow ones too, with branch coverage
	$(BIN)/python -m pytest -q -n auto -m "not endurance" --cov --cov-report=term-missing:skip-covered --cov-fail-under=95

test-slow: .venv/installed-dev  ## what test-all runs besides test
	$(BIN)/python -m pytest -q -n auto -m "slow and not endurance"

endurance: .venv/installed-dev  ## what takes minutes: long fuzzing, many kills, huge inputs
	$(BIN)/python -m pytest -q -m endurance -s
	$(BIN)/python -m pytest -q -n auto -m "hypothesis and not endurance" --hypothesis-profile endurance

check: .venv/installed-dev  ## formatting, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

.venv/installed-bench: .venv/installed-dev
	$(BIN)/python -m pip install --disable-pip-version-check --editable '.[bench]'
	@touch $@

bench: .venv/installed-bench  ## speed beside other tools, in one run; TEXT=path and ONLY=section if you like
	$(BIN)/python -m tests.benchmarks $(TEXT) $(addprefix --only ,$(ONLY))

clean:  ## remove everything that make made
	rm -rf .venv demo build dist *.egg-info .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find charlm tests -name __pycache__ -type d -exec rm -rf {} +
