# Two commands do everything on a machine that has Python 3.11 or later: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test check format clean

demo: $(VENV)/.installed  ## train RNN, LSTM and GRU on real data and write the report
	$(BIN)/selfloop compare japanese-vowels --out selfloop-demo

test: $(VENV)/.installed-dev  ## run the tests
	bash tests/node/run.sh units
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev  ## formatting, lint, types (JavaScript's too), import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	bash tests/node/run.sh types

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) build dist

$(VENV)/.installed: pyproject.toml constraints.txt
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(PIP) torch
	$(PIP) --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) --editable '.[dev]'
	touch $@
