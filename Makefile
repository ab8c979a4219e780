# Two commands on a fresh machine: `make demo` and `make test`. Both build their own .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint catalogs bench clean

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

demo: $(VENV)/.installed
	$(BIN)/helpdesk demo

# three at a time: tests of terminals, mail and cron mostly wait; a file stays together, for its fixtures' sake
test: $(VENV)/.installed-dev lint
	$(BIN)/python -m pytest -n 3 --dist loadfile

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

catalogs: $(VENV)/.installed-dev
	$(BIN)/pybabel extract --omit-header --no-location --sort-output -k N_ -k _n:1,2 -o helpdesk/locale/helpdesk.pot helpdesk
	$(BIN)/pybabel update --no-fuzzy-matching --ignore-pot-creation-date -i helpdesk/locale/helpdesk.pot -d helpdesk/locale -D helpdesk
	$(BIN)/pybabel compile -d helpdesk/locale -D helpdesk

bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) build dist
