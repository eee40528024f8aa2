# Each target sets up what it needs; a second run starts at once.
PYTHON ?= $(firstword $(shell command -v python3.11 python3.12 python3.13 python3))
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: install demo test check bench faults thorough pictures lock clean

install: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Milemarker needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Milemarker needs Python 3.11 or newer, and $(PYTHON) is older; set PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: install
	$(BIN)/milemarker demo

# Three at a time on two cores: many wait for clocks and servers.
test: check
	$(BIN)/python -m pytest -n 3 --dist loadgroup

# Formatting, lint, types and layers: what a machine can see without running anything.
check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

bench: install
	$(BIN)/python -m tests.bench

# Ten kills at random moments of one load, and twenty while facts go out: minutes, so not a part of the tests.
faults: install
	$(BIN)/python -m pytest tests/system/test_kills.py --kills 10
	$(BIN)/python -m pytest tests/system/test_relay_faults.py --kills 20

# Two thousand histories of a company, each figure against one worked out from scratch: a minute.
thorough: install
	$(BIN)/python -m pytest tests/domain/test_incremental.py --runs 2000 --timeout 1800

# The README's picture of the page, taken by Debian's Chromium (apt-get install chromium).
pictures: install
	$(BIN)/python -m pytest tests/system/test_browser.py -k picture --pictures tests/pictures

# After a change of the dependencies in pyproject.toml. The lock has versions and hashes, and no addresses.
lock:
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --extra dev --no-header --no-annotate --no-emit-index-url --output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
