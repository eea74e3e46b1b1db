SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3.11
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin
FLASK := $(BIN)/flask --app wsgi
RUNTIME := .venv/.runtime-installed
TOOLS := .venv/.tools-installed
KERNELS := .venv/.kernels-compiled

export HOST PORT
export BASE_URL ?= http://$(HOST):$(PORT)
export PYTHONDONTWRITEBYTECODE ?= 1

.PHONY: help run demo-reset test test-fast e2e check format bench bench-ledger bench-matching migration diagram lock

help:  ## show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is needed (set PYTHON=...)"; exit 1; }
	$(PYTHON) -m venv .venv

$(RUNTIME): requirements.lock | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(TOOLS): requirements-dev.lock | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $(RUNTIME) $@

# Where there is no C compiler, or it fails, lists are made without compiled kernels: the same, slower.
$(KERNELS): matchmaker/matching/kernels.c matchmaker/matching/kernels.py | $(RUNTIME)
	-@$(BIN)/python -m matchmaker.matching.kernels
	@touch $@

run: $(RUNTIME) $(KERNELS)  ## install, migrate, load the demo registry and serve it
	@mkdir -p var
	@$(FLASK) db upgrade
	@$(FLASK) seed demo
	@exec $(BIN)/python -m deploy.serve

demo-reset: $(RUNTIME)  ## delete the embedded demo database and its files, and load them anew
	@test -z "$$DATABASE_URL" || { echo "demo-reset only deletes the embedded database; unset DATABASE_URL"; exit 1; }
	rm -rf var/matchmaker.db var/matchmaker.db-wal var/matchmaker.db-shm var/uploads
	@mkdir -p var
	@$(FLASK) db upgrade
	@$(FLASK) seed demo

test: $(TOOLS) $(KERNELS)  ## run every test, the browser tests included where chromium is present
	$(BIN)/python -m pytest -n auto --dist loadfile --doctest-modules matchmaker tests

test-fast: $(TOOLS) $(KERNELS)  ## run every test but those in the browser
	$(BIN)/python -m pytest -n auto --dist loadfile --doctest-modules matchmaker tests --ignore=tests/e2e

e2e: $(TOOLS) $(KERNELS)  ## run the browser tests only
	$(BIN)/python -m pytest tests/e2e

check: $(TOOLS)  ## lint, types, import order, templates, locked dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m pip check

format: $(TOOLS)  ## let the tools mend what they can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

PEERS := .venv/.peers-installed

$(PEERS): requirements-bench.txt $(TOOLS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@

bench: $(PEERS) $(KERNELS)  ## measure, as ratios against baselines of the same run; options in BENCH="--largest"
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.bench $(BENCH)

bench-ledger: $(TOOLS)  ## measure the ledger over twenty years of projects
	$(BIN)/python -m tests.bench.ledger $(BENCH)

bench-matching: $(TOOLS)  ## measure the quality of every variant of the matching formula
	$(BIN)/python -m matchmaker.matching.variants

migration: $(TOOLS)  ## write a migration from the models: make migration REV=0002 NAME="add interest budget"
	$(FLASK) db migrate --rev-id $(REV) -m "$(NAME)"

diagram: $(RUNTIME)  ## write docs/workflow.md from the workflow table
	$(FLASK) workflow diagram

lock:  ## resolve requirements*.txt anew into the lock files
	$(PYTHON) -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet uv
	rm -f requirements.lock requirements-dev.lock
	.venv-lock/bin/uv pip compile -q --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements.lock requirements.txt
	.venv-lock/bin/uv pip compile -q --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements-dev.lock requirements-dev.txt
	rm -rf .venv-lock
