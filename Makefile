# All that a person types. Needs Python 3.11 or newer (with venv and pip) and make; the rest is made here.
#
#   make demo    a synthetic clinic on http://127.0.0.1:8000 (PORT= and STEPWELL_HOME= choose otherwise)
#   make test    checks, then all tests
#   make check   style, types, architecture, templates, migrations, documentation
#   make bench   the table of speeds
#   make bench-week  the week optimiser beside other methods (about an hour and a half; BENCH_WEEK=--quick for minutes)
#   make bench-sites the weeks of many sites computed by several workers, one of them killed (BENCH_SITES=--quick)
#   make faults  the tests that start, kill and race real processes, and 2,000 odd weeks searched and checked
#                and every kind of rubbish for every form
#                (about two hours; WEEK_CASES=, KILLS=, STOPS= and RACES= choose otherwise)

PYTHON ?= python3
# One more than there are cores: tests that start real servers wait as often as they work.
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
WEEK_CASES ?= 2000
KILLS ?= 200
STOPS ?= 50
RACES ?= 100
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

export DJANGO_SETTINGS_MODULE := stepwell.project.settings
# What Python and Jinja have compiled is kept: the tests start some hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test check bench bench-week bench-sites faults migrations environment environment-dev

demo: environment
	@exec $(BIN)/python -m stepwell demo

test: check # which has run the tests of the house and its documentation already
	$(PYTEST) -n $(JOBS) --dist worksteal -q --ignore=tests/architecture --ignore=tests/operate/test_documented.py

check: environment-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint src --lint --quiet
	STEPWELL_DATABASE_POOL=0 $(BIN)/python -W ignore -m django makemigrations --check --dry-run
	$(PYTEST) -q tests/architecture tests/operate/test_documented.py

bench: environment-dev
	$(BIN)/python -m bench

bench-week: environment-dev
	$(BIN)/python -m bench.week $(BENCH_WEEK)

bench-sites: environment-dev
	$(BIN)/python -m bench.week_sites $(BENCH_SITES)

faults: environment-dev
	STEPWELL_KILLS=$(KILLS) STEPWELL_STOPS=$(STOPS) STEPWELL_RACES=$(RACES) $(PYTEST) -m processes
	STEPWELL_WEEK_CASES=$(WEEK_CASES) $(PYTEST) -n $(JOBS) -q tests/weekplan/test_solving.py -k rough_case
	STEPWELL_RUBBISH=all $(PYTEST) -n $(JOBS) -q tests/access/test_fuzz.py

# New migrations after a change of models. A fresh initial migration is folded afterwards:
# python .ci/fold_constraints.py clinic 0001_initial
migrations: environment-dev
	STEPWELL_DATABASE_POOL=0 $(BIN)/python -W ignore -m django makemigrations

environment:
	@$(PYTHON) .ci/make_environment.py requirements.lock

environment-dev:
	@$(PYTHON) .ci/make_environment.py requirements.lock requirements-dev.lock
