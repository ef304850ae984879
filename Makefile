# `make run` and `make test` need git, python3 (3.11 or later) and make; everything else is installed into .venv.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
MINUTES ?= 10
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group build pyproject.toml

# uv: the certificates of the system, and this environment only.
export UV_SYSTEM_CERTS := 1
export VIRTUAL_ENV := $(CURDIR)/.venv
.DEFAULT_GOAL := help
.PHONY: help run test test-faults soak shots bench check format lock audit sbom clean browser

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run.installed  ## install, migrate, load the seeds and serve (HOST=, PORT=, DATABASE_URL=)
	@exec $(BIN)/upheld serve --host '$(HOST)' --port '$(PORT)'

test: .venv/dev.installed browser  ## install and run every test (ARGS= for pytest)
# Those with a browser are a call of their own: its loop and that of the others do not go together in one process.
ifeq ($(strip $(ARGS)),)
	@$(BIN)/python -m pytest tests/browser
endif
	@exec $(BIN)/python -m pytest $(ARGS)

test-faults: .venv/dev.installed  ## harm databases and servers in many ways, and see what readers get
	@exec $(BIN)/python -m pytest tests/faults -s $(ARGS)

soak: .venv/dev.installed  ## mixed load with faults for MINUTES= (ten), every answer checked
	@exec $(BIN)/python -m tests.faults.soak '$(MINUTES)'

shots: .venv/dev.installed browser  ## put a picture of every page into shots/
	@exec $(BIN)/python -m tests.browser.shots

bench: .venv/dev.installed  ## measure against peers, on a million figures (ARGS= such as --figures 100000; needs wrk and Node.js)
	@exec $(BIN)/python -m bench.run $(ARGS)

check: .venv/dev.installed  ## lint, format, types, import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@! grep -rnE --include='*.py' '^ *(from|import) (tests|\.).*\btest_' tests || { echo 'Tests do not import tests: move what they share into a module named for what it holds.'; exit 1; }
	$(BIN)/upheld check

format: .venv/dev.installed  ## put the code into the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: .venv/uv.installed  ## pin the newest versions of all dependencies, with hashes
	$(LOCK) --output-file locks/production.txt
	$(LOCK) --extra embedded --output-file locks/run.txt
	$(LOCK) --extra embedded --group dev --output-file locks/dev.txt
	$(LOCK) --group supply --output-file locks/supply.txt
	echo uv | $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header - --output-file locks/uv.txt

# A browser for the tests: the machine's own, or Debian's where it may be installed; without one they are skipped.
browser:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		echo 'Installing Chromium for the tests.'; \
		{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; } >/dev/null 2>&1 \
			|| echo 'Chromium cannot be installed here.'; \
	fi

audit: .venv/supply.installed  ## hold the locks against the known vulnerabilities (asks a service on the internet)
	$(BIN)/pip-audit --strict --disable-pip --require-hashes $(foreach lock,$(wildcard locks/*.txt),--requirement $(lock))

sbom: .venv/supply.installed  ## write what an installation holds to upheld.cdx.json (CycloneDX)
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --output-file upheld.cdx.json locks/production.txt

clean:  ## remove the environment and every cache
	rm -rf shots .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/uv.installed: locks/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Upheld needs Python 3.11 or later; name one with PYTHON=, found " + sys.version)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement locks/uv.txt
	@touch $@

.venv/%.installed: locks/%.txt pyproject.toml .venv/uv.installed
	@$(BIN)/uv pip install --quiet --require-hashes --requirement locks/$*.txt
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
