# Every target works on a fresh machine with Python >= 3.11 (venv, pip) and make.
PYTHON ?= python3
BIN := .venv/bin
UV := $(shell command -v uv || echo $(BIN)/uv)
READY := .venv/.installed
TOOLS := .venv/.tools
# Bytecode is kept whatever the machine says: the tests start a command some hundred times.
export PYTHONDONTWRITEBYTECODE :=
.DEFAULT_GOAL := help
.PHONY: help brief test faults fuzz engines spark lint check audit bench detection screen screening docs site publisher serve lock truth

help: ## what each target does
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 14

brief: $(READY) ## the main job: print the default brief, write brief.html, .json and .csv
	@$(BIN)/entrepot brief

test: $(TOOLS) ## the tests, on every core (FORM=whole: every case of each; FORM=long: more yet)
	$(BIN)/pytest --numprocesses auto --dist worksteal

faults: $(TOOLS) ## every kill there is, and the store's random lives for MINUTES=60 from SEED=1
	FORM=long FAULTS=1000 MINUTES=$${MINUTES:-60} SEED=$${SEED:-1} \
	  $(BIN)/pytest -s tests/store/test_kills.py tests/store/test_machine*.py

fuzz: $(TOOLS) ## damaged files of every source, for MINUTES=10 of SEED=1; CASE=n runs one again
	PYTHONPATH=tests $(BIN)/python -m fuzz --minutes $${MINUTES:-10} --seed $${SEED:-1} $${CASE:+--case $$CASE}

engines: $(TOOLS) ## every answer on Sail, by Spark Connect, beside DuckDB: no Java
	FORM=whole $(BIN)/pytest --numprocesses auto tests/engines tests/measures/test_engines.py

spark: .venv-spark/.installed ## the same on Spark itself (needs Java 17; half a gigabyte)
	FORM=whole .venv-spark/bin/pytest -k "spark and not sail" tests/engines tests/measures/test_engines.py

lint: $(TOOLS) ## format, lint, types and layers
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

check: lint ## what must pass before a change lands: lint and the whole suite
	$(MAKE) --no-print-directory test FORM=whole

audit: $(TOOLS) ## ask for known holes in what is locked; write dist/sbom.cdx.json
	$(BIN)/python tools/audit.py

bench: $(TOOLS) ## every benchmark, each against a limit measured in the same run
	@set -e; for script in bench/[a-z]*.py; do $(BIN)/python $$script; done

detection: $(TOOLS) ## the benchmark of the detectors over ten worlds (a quarter of an hour)
	$(BIN)/python bench/detection/run.py --keep dist/detection --out docs/explanation/detection-benchmark.md

# PyICU has no wheel: it is built against Debian's ICU.
screen: $(TOOLS) ## nomenklatura and what it needs, for `entrepot screen --matcher nomenklatura`
	@pkg-config --exists icu-i18n 2>/dev/null || { apt-get update -qq \
	  && apt-get install -y -qq --no-install-recommends libicu-dev pkg-config g++ python3-dev; }
	$(UV) pip install --quiet --python $(BIN)/python --constraint requirements-dev.lock --no-build-isolation-package entrepot \
	  --editable '.[screen]'

screening: $(TOOLS) ## the benchmark of matchers over 20,000 invented entries (some minutes)
	$(BIN)/python bench/screening/run.py --out docs/explanation/screening-benchmark.md

truth: $(TOOLS) ## two thousand random questions against a dictionary of the truth
	PYTHONPATH=tests $(BIN)/python tests/question/test_truth.py 2000 $${SEED:-1}

docs: $(TOOLS) ## write docs/reference again from the code
	$(BIN)/python docs/generate.py

site: $(TOOLS) ## the docs as a site, in dist/docs; a link that leads nowhere fails
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

publisher: $(TOOLS) ## a server of this machine that answers as the publishers do, faults included
	PYTHONPATH=tests $(BIN)/python -m publisher --port 8765 --pace 0

serve: $(READY) ## pages and an interface on http://127.0.0.1:8000; the demo world where there is no store
	$(BIN)/entrepot serve $(if $(or $(ENTREPOT_STORE),$(wildcard entrepot-store)),,--demo)

COMPILE := UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV) pip compile --quiet --universal \
  --python-version 3.11 --generate-hashes --no-emit-index-url
lock: $(TOOLS) ## resolve the locks again from pyproject.toml
	$(COMPILE) --upgrade --extra serve --extra estimate --extra mcp --extra cluster --extra s3 --group dev \
	  pyproject.toml --output-file requirements-dev.lock
	$(COMPILE) --extra serve --extra estimate --group build \
	  --constraint requirements-dev.lock pyproject.toml --output-file requirements.lock
	$(COMPILE) --extra spark --group dev \
	  --constraint requirements-dev.lock pyproject.toml --output-file requirements-spark.lock

# Spark is too large for everyone's environment: it has its own, and its own lock.
.venv-spark/.installed: requirements-spark.lock pyproject.toml | $(TOOLS)
	$(UV) venv --quiet --python $(BIN)/python --clear .venv-spark
	$(UV) pip sync --quiet --python .venv-spark/bin/python --require-hashes requirements-spark.lock
	$(UV) pip install --quiet --python .venv-spark/bin/python --no-deps --no-build-isolation \
	  --editable .
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	  "entrepot needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv

# uv comes from the lock like everything else, unless the machine has one.
$(BIN)/uv: | $(BIN)/python
	awk '/^[^ #]/ { keep = /^uv==/ } keep' requirements.lock > .venv/uv.txt
	$(BIN)/python -m pip install -qq --require-hashes --requirement .venv/uv.txt

# pip has the last word where only pip knows the machine's package index.
$(READY): requirements.lock pyproject.toml | $(BIN)/python $(UV)
	$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes \
	  requirements.lock \
	  || $(BIN)/python -m pip install -qq --require-hashes --requirement requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# What tests and benchmarks need beside it: browsers, other engines, other clients.
$(TOOLS): $(READY) requirements-dev.lock
	$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes \
	  requirements-dev.lock \
	  || $(BIN)/python -m pip install -qq --require-hashes --requirement requirements-dev.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@
