# `make demo` and `make test` are all that a fresh machine needs: Python >= 3.11 and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8050

.PHONY: demo test lint audit bench pictures system clean lock

demo: $(VENV)/.installed
	$(BIN)/warroom demo --port $(PORT) --open

test: $(VENV)/.installed-test system
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -raR $(ARGS)

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy warroom/domain warroom/store anomaly
	$(BIN)/lint-imports
	$(BIN)/bandit -q -ll -s B310,B704 -r warroom layouts anomaly feeds

# known weaknesses of what we depend on; needs the network
audit: $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[audit]'
	$(BIN)/pip-audit --strict -r constraints.txt --no-deps --disable-pip

# a real browser for the browser tests; without it (and without root) those tests skip and say so
system:
	@PATH="$$PATH:$(BIN)" $(BIN)/python tests/system.py

bench: $(VENV)/.installed-test
	$(BIN)/python -m bench.board

pictures: $(VENV)/.installed-test
	$(BIN)/python docs/make_pictures.py

lock:
	$(BIN)/python -m pip freeze --exclude-editable > constraints.txt

clean:
	rm -rf $(VENV) var dist

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.installed-test: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@ $(VENV)/.installed
