# The one list of commands; CI calls the same ones.
.DEFAULT_GOAL := help
.PHONY: help install demo test test-lowest test-all test-stack check generate bench bench-detection bench-detection-quick bench-peers bench-whatif clean test-browser test-frameworks bench-quality bench-verify

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
AGENCY := examples/agency

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-21s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(READY) ## a .venv with tachograph, every extra, the development tools and the sample agency

$(READY): pyproject.toml $(AGENCY)/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "tachograph needs Python 3.11 or newer; say which: make PYTHON=python3.12 …" >&2; exit 2; }
	@echo "Installing into $(VENV); this takes about half a minute."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev --editable '.[analysis,quality]' --editable $(AGENCY)
	@touch $@

demo: install ## run the sample agency under instrumentation, then show what tachograph saw
	@$(BIN)/tachograph demo --home .demo

test: install ## the tests, on the Python of the .venv
	$(BIN)/python -m pytest -q

test-lowest: ## the traced half on the lowest supported versions of OpenTelemetry, wrapt and click
	@test -x .venvs/lowest/bin/python || $(PYTHON) -m venv .venvs/lowest
	.venvs/lowest/bin/python -m pip install --quiet --disable-pip-version-check --constraint tests/lowest.txt \
	  --editable . pytest hypothesis click typer opentelemetry-configuration opentelemetry-proto
	.venvs/lowest/bin/python -m pytest -q -p no:cacheprovider \
	  tests/semantics tests/collect tests/annotate tests/deliver tests/sdk tests/quick tests/test_public_surface.py

test-all: ## the tests on every Python from 3.11 that is found
	@$(PYTHON) tests/all_pythons.py

test-stack: install ## the tests with the real Collector and Prometheus, which are built where they are missing
	@tests/stack/build
	$(BIN)/python -m pytest -q -s -p no:cacheprovider -o norecursedirs='.*' tests/stack

test-frameworks: install ## the tests with real agent frameworks, each in an environment that is made the first time
	$(BIN)/python -m pytest -q -p no:cacheprovider -o norecursedirs='.*' tests/frameworks

test-browser: install ## the page of the report in a real Chromium
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	  || { echo "test-browser needs Chromium; on Debian: apt-get install -y chromium" >&2; exit 2; }
	$(BIN)/python -m pytest -q -p no:cacheprovider -o norecursedirs='.*' tests/browser

check: install ## lint, formatting, types, and the layers as a contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python collector-config/generate.py --check
	$(BIN)/python docs/schema/generate.py --check
	PYTHONPATH=grafana/src $(BIN)/python -m monitoring --check

generate: install ## write the generated parts of committed files again
	$(BIN)/python collector-config/generate.py
	$(BIN)/python docs/schema/generate.py
	PYTHONPATH=grafana/src $(BIN)/python -m monitoring

bench: install ## what capture, starting and ending cost, how fast telemetry is read, how long answers take
	@mkdir -p .bench
	$(BIN)/python bench/capture.py --json .bench/capture.json
	$(BIN)/python bench/start.py --json .bench/start.json
	$(BIN)/python bench/exit.py --json .bench/exit.json
	$(BIN)/python bench/ingest.py
	$(BIN)/python bench/answers.py > .bench/answers.json

bench-whatif: install ## whether predicted gains come true: the sample agency before and after a change, some ten minutes
	@mkdir -p .bench
	$(BIN)/python bench/whatif.py --json .bench/whatif.json

bench-detection: install ## whether bottlenecks are found, and only these: worlds with known faults, by category (an hour)
	@mkdir -p .bench
	$(BIN)/python bench/detection --json .bench/detection.json

bench-detection-quick: install ## the same in minutes: one strength and size of each cause, 20 worlds without a fault
	@mkdir -p .bench
	$(BIN)/python bench/detection --quick --json .bench/detection-quick.json

bench-verify: install ## whether forecasts hold where the truth is known; how often a change that did nothing is told as an effect
	$(BIN)/python bench/forecasts.py
	$(BIN)/python bench/null_changes.py

bench-peers: install ## the same of peers, each in an environment of its own, which is made the first time
	@mkdir -p .bench
	$(BIN)/python bench/peers.py --json .bench/peers.json

bench-quality: install ## whether worse code scores worse: damaged packages from PyPI; takes hours, and resumes
	$(BIN)/python bench/quality/run.py --results .bench/quality.jsonl

clean: ## remove what was built here
	rm -rf $(VENV) .venvs .bench dist build
