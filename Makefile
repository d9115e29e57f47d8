# Treadle's few commands. Each does all its own set-up; `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help run test setup dev check format types bench docs bundle airflow-env windows-env faults clean

PY := .venv/bin/python
export QT_QPA_PLATFORM_TEST ?= offscreen
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: setup ## the app with the example project open (headless where there is no display)
	@sh packaging/run.sh

# The app's tests are a process of their own: there windows are let go of between tests, and nowhere else are there any.
SEVERAL := -n auto --maxprocesses=4 --dist loadfile

test: dev airflow-env ## every test
ifdef TESTS
	@QT_QPA_PLATFORM=$(QT_QPA_PLATFORM_TEST) $(PY) -m pytest -q $(TESTS)
else
	@QT_QPA_PLATFORM=$(QT_QPA_PLATFORM_TEST) $(PY) -m pytest -q tests/gui
	@QT_QPA_PLATFORM=$(QT_QPA_PLATFORM_TEST) $(PY) -m pytest -q $(SEVERAL) --ignore=tests/gui tests
endif

setup: ## only the set-up, into .venv
	@sh packaging/setup.sh run

dev: ## set-up with what tests and checks need
	@sh packaging/setup.sh dev

airflow-env: ## a real Airflow in an environment of its own, for the export tests
	@sh packaging/airflow_env.sh

windows-env: dev ## Wine with a Python for Windows, for the tests of the engine there
	@sh packaging/windows_env.sh

check: dev ## format, lint, types, import contract, fast tests
	@$(PY) -m ruff format --check --quiet . && $(PY) -m ruff check --quiet .
	@$(PY) -m mypy
	@$(PY) -m pyright --pythonpath $(PY)
	@.venv/bin/lint-imports --no-cache >/dev/null || .venv/bin/lint-imports --no-cache
	@$(PY) -m deptry engine gui resources --no-ansi
	@QT_QPA_PLATFORM=$(QT_QPA_PLATFORM_TEST) $(PY) -m pytest -q -m 'not slow and not screen and not airflow' $(TESTS)

faults: dev ## kills, crashes and failures by the thousand (KILLS=200 CRASHES=100000 FAILING=10000 SEED=0)
	@TREADLE_KILLS=$(or $(KILLS),200) TREADLE_CRASHES=$(or $(CRASHES),100000) TREADLE_FAILING=$(or $(FAILING),10000) \
		TREADLE_SEED=$(or $(SEED),0) $(PY) -m pytest -q --timeout=3600 tests/faults tests/simulation

format: dev ## format the code
	@$(PY) -m ruff check --fix --quiet . ; $(PY) -m ruff format --quiet .

bench: dev ## the benchmarks, beside the peers
	@sh benchmarks/run.sh

docs: dev ## the guide, into site/
	@$(PY) -m mkdocs build --strict --quiet

bundle: setup ## a wheel and a .deb, into dist/
	@sh packaging/bundle.sh

clean: ## remove what set-up and builds made
	rm -rf .venv .cache site dist build
