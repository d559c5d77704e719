# Two targets are all a newcomer needs: `make refresh` and `make test`. The rest explain themselves with `make help`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.beslag-installed
REAL_INBOX := var/real-inbox
BI := var/bi
BENCH := var/bench
SIZES ?= 100000 1000000

.PHONY: help refresh refresh-real test test-kill test-slow test-bi bi-bundle test-unit bench bench-small lint generate docs measured sample serve clean lock

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v=sys.version_info[:2]; sys.exit(0 if (3,11)<=v<(3,14) else f"Beslag is tested on Python 3.11 to 3.13, and this is {v[0]}.{v[1]}; call make with PYTHON=python3.11.")'
	@echo "Setting up .venv from requirements.lock (about 190 packages, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c 'from orchestration import blank, settings; blank.prepare(settings.Settings.from_env())'
	@touch $@

refresh: $(STAMP) ## Set up, then refresh on the inputs that ship
	@$(BIN)/beslag refresh

refresh-real: $(STAMP) ## Lay ../shared/data out as an inbox and refresh on the real files
	@$(BIN)/python tests/real_inbox.py $(REAL_INBOX)
	@$(BIN)/beslag refresh --inbox $(REAL_INBOX)

test: $(STAMP) ## Set up, then run all tests but those of test-slow and test-bi
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow and not bi"

test-kill: $(STAMP) ## Kill a refresh at N random moments (N=5, SEED=…) and see that nothing breaks
	@BESLAG_KILLS=$(or $(N),5) BESLAG_KILL_SEED=$(SEED) $(BIN)/python -m pytest -s tests/integration/test_killed.py -k any_moment

test-slow: $(STAMP) ## Run what takes many minutes: a million shuffled lines, real editions revised and forgotten
	@$(BIN)/python -m pytest -m slow

test-bi: $(STAMP) $(BI)/ready ## Run Superset and older DuckDBs (own environments in var/bi, about 1 GB, once) on the published file
	@test -f warehouse.duckdb || $(BIN)/beslag refresh
	@$(BIN)/python -m pytest -m bi --force-enable-socket tests/bi

bi-bundle: $(STAMP) $(BI)/ready ## Make the Superset dashboard that ships again, from warehouse.duckdb
	@PYTHONPATH=.:tests:tests/bi $(BIN)/python tests/bi/dashboard.py warehouse.duckdb

# One environment for each lock, beside the file that says they are ready.
define environments
	@for lock in $^; do room=$(@D)/$$(basename $$lock .lock); echo "Setting up $$room"; \
		$(BIN)/python -m venv --clear $$room && \
		$$room/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r $$lock || exit 1; done
	@touch $@
endef

$(BI)/ready: $(wildcard tests/bi/*.lock)
	$(environments)

$(BENCH)/ready: $(wildcard benchmarks/peers/*.lock)
	$(environments)

bench: $(STAMP) $(BENCH)/ready ## Measure Beslag beside bare DuckDB and three peers (SIZES="100000 1000000"); writes benchmarks/results.md
	@PYTHONPATH=. $(BIN)/python benchmarks/bench.py --sizes $(SIZES)

bench-small: $(STAMP) ## Beslag beside bare DuckDB at 100 000 lines, once: prints ratios, writes nothing
	@PYTHONPATH=. $(BIN)/python benchmarks/bench.py --small

test-unit: $(STAMP) ## Run the tests that take seconds
	@$(BIN)/python -m pytest -n 2 tests/unit

lint: $(STAMP) ## Linters, types, generated files, SQL dialects
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m orchestration.generate --check
	@$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models dbt_project/tests

generate: $(STAMP) ## Write the files that follow from the contracts
	@$(BIN)/python -m orchestration.generate

docs: $(STAMP) ## Answer the questions of README.md and docs/analysts.md again, from a build on the inputs that ship
	@home=$$(mktemp -d) && trap "rm -rf $$home" EXIT && BESLAG_HOME=$$home $(BIN)/beslag refresh && BESLAG_HOME=$$home $(BIN)/python -m docs.answers

measured: $(STAMP) ## Write again what README.md says of runs: the real files, the cost, the picture (minutes, on a quiet machine)
	@$(BIN)/python -m docs.measured

sample: $(STAMP) ## Write the synthetic feeds that ship, again
	@$(BIN)/beslag sample --out sources/data

serve: $(STAMP) ## Dagster's page and daemon on loopback
	@export DAGSTER_HOME=$$($(BIN)/python -m orchestration.dagster_home) && test -n "$$DAGSTER_HOME" && $(BIN)/dg dev --host 127.0.0.1

lock: ## Pin the dependencies again, by hash (needs uv)
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-annotate --extra dev pyproject.toml -o requirements.lock

clean: ## Remove what can be made again: var/ and the published file (the key stays)
	@rm -rf var dbt_project/target && rm -f warehouse.duckdb
