# Two commands do everything on a machine that has Python 3.11 or later: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# The native module is built where these change; its build folder is kept, so that only what changed is compiled.
NATIVE := CMakeLists.txt $(shell find native -type f)
SANITIZED := build/sanitized
# What builds it stays in the environment: a build folder remembers where its tools are.
BUILDERS := scikit-build-core nanobind cmake ninja

.PHONY: demo test coverage check format sanitize clean

demo: $(VENV)/.installed  ## train RNN, LSTM and GRU on real data and write the report
	$(BIN)/selfloop compare japanese-vowels --out selfloop-demo

test: $(VENV)/.installed-dev  ## run the tests
	bash tests/node/run.sh units
	$(BIN)/python -m pytest

coverage: $(VENV)/.installed-dev  ## run the tests and list the lines that none of them reaches
	bash tests/node/run.sh units
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

check: $(VENV)/.installed-dev  ## formatting, lint, types (JavaScript's too), import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	bash tests/node/run.sh types

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

sanitize: $(VENV)/.installed-dev  ## the native tests under AddressSanitizer and UndefinedBehaviorSanitizer
	$(BIN)/cmake -S . -B $(SANITIZED) -G Ninja -DSELFLOOP_SANITIZE=ON -DPython_EXECUTABLE=$(CURDIR)/$(BIN)/python \
	  -DCMAKE_MAKE_PROGRAM=$(CURDIR)/$(BIN)/ninja --log-level=WARNING
	$(BIN)/cmake --build $(SANITIZED)
	BUILD=$(SANITIZED)/native PYTHON=$(BIN)/python bash native/sanitize.sh

clean:
	rm -rf $(VENV) build dist

$(VENV)/.installed: pyproject.toml constraints.txt $(NATIVE)
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(PIP) torch $(BUILDERS)
	$(PIP) --no-build-isolation --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) --no-build-isolation --editable '.[dev]'
	touch $@
