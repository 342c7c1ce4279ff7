# make run    set up, run the embedded sample, serve the dashboard
# make test   set up with the test extra, run the tests
# make check  lint, types and layers
# make train  train the heads again (see CONTRIBUTING.md)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0

.PHONY: run setup test check train clean

run: setup
	$(BIN)/moneygood run --sample --port $(PORT)

setup: $(VENV)/.setup

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Moneygood needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.setup: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing the pinned libraries (a few minutes, once)"
	$(INSTALL) -e .
	@touch $@

$(VENV)/.setup-test: pyproject.toml constraints.txt $(VENV)/.setup
	$(INSTALL) -e '.[test]'
	@touch $@

test: setup $(VENV)/.setup-test
	$(BIN)/python -m pytest -q

check: setup $(VENV)/.setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

train: setup
	$(BIN)/python -m moneygood.nlp.train $(TRAIN)

clean:
	rm -rf $(VENV) build dist *.egg-info
