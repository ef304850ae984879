# `make run` and `make test` need git, make and Python 3.11 or later. Everything else is installed into .venv.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
MINUTES ?= 10
UPGRADE ?= --upgrade
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# One worker more than there are processors, because a test often waits for a program. One file per worker at a time: the
# tests of a file share a client and a database. Each worker has a PostgreSQL.
WORKERS = $(shell $(PYTHON) -c 'import os; print(min(os.cpu_count() + 1, 8))')
PARALLEL = --numprocesses=$(WORKERS) --dist=loadfile
COMPILE := $(BIN)/uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
LOCK := $(COMPILE) --group build pyproject.toml

# uv uses the system's certificates, and no environment but .venv.
export UV_SYSTEM_CERTS := 1
export VIRTUAL_ENV := $(CURDIR)/.venv
.DEFAULT_GOAL := help
.PHONY: help install run test test-faults soak shots bench check format lock audit sbom clean browser proxies

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/run.installed  ## install what `.venv/bin/upheld` needs, and serve nothing

run: .venv/run.installed  ## install, migrate, load the seeds and serve (HOST=, PORT=, DATABASE_URL=)
	@exec $(BIN)/upheld serve --host '$(HOST)' --port '$(PORT)'

# Browser tests run on their own: Playwright's event loop and anyio's don't work in one process.
test: .venv/dev.installed browser  ## run all tests, or those in ARGS= with pytest's own options
ifeq ($(strip $(ARGS)),)
	@$(PYTEST) $(PARALLEL) tests/browser
	@exec $(PYTEST) $(PARALLEL)
else
	@exec $(PYTEST) $(ARGS)
endif

test-faults: .venv/dev.installed proxies  ## break databases and servers in many ways, and print what readers see
	@exec $(PYTEST) tests/faults -s $(ARGS)

soak: .venv/dev.installed proxies  ## mixed load with faults for MINUTES= (ten), every answer checked
	@exec $(BIN)/python -m tests.faults.soak '$(MINUTES)'

shots: .venv/dev.installed browser  ## save a screenshot of every page to shots/
	@exec $(BIN)/python -m tests.browser.shots

bench: .venv/dev.installed  ## measure against peers, on 100,000 figures (ARGS= such as --figures 1000000; needs wrk)
	@exec $(BIN)/python -m bench.run $(ARGS)

check: .venv/dev.installed  ## check lint rules, format, types, imports, the image, schemas and seeds
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@! grep -rnE --include='*.py' '^ *(from|import) (tests|\.).*\btest_' tests \
		|| { echo 'A test imports a test. Move what they share into a module named for what it holds.'; exit 1; }
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec $(wildcard compose*.yaml)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff
	@! grep -nE 'uses:' .github/workflows/*.yml | grep -vE 'uses: [a-z/-]+@[0-9a-f]{40} # v[0-9.]+$$' \
		|| { echo 'An action is not pinned to a commit, with its version in a comment.'; exit 1; }
	$(BIN)/upheld check --released

format: .venv/dev.installed  ## fix lint problems, format the code and report what is left
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/ruff check .

lock: .venv/uv.installed  ## pin the newest version of every dependency (UPGRADE= keeps the pins that still fit)
	$(LOCK) --output-file locks/production.txt
	$(LOCK) --extra embedded --output-file locks/run.txt
	$(LOCK) --extra embedded --group dev --output-file locks/dev.txt
	$(LOCK) --group supply --output-file locks/supply.txt
	echo uv | $(COMPILE) - --output-file locks/uv.txt

# Browser tests use the machine's Chromium. As root on Debian it is installed; without one the tests are skipped.
browser:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		echo 'Installing Chromium for the tests.'; \
		{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; } >/dev/null 2>&1 \
			|| echo 'Chromium cannot be installed here.'; \
	fi

# Tests of replicas and caches use the machine's HAProxy, nginx, PgBouncer and Varnish. As root on Debian they are installed,
# and not started (policy-rc.d); without them the tests are skipped.
proxies:
	@PATH="$$PATH:/usr/sbin"; \
	for name in haproxy nginx pgbouncer varnishd; do command -v $$name >/dev/null || missing=$$name; done; \
	test -z "$$missing" && exit 0; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		echo 'Installing HAProxy, nginx, PgBouncer and Varnish for the tests.'; \
		policy=/usr/sbin/policy-rc.d; \
		test -e $$policy || { trap "rm -f $$policy" EXIT; printf '#!/bin/sh\nexit 101\n' >$$policy; chmod 755 $$policy; }; \
		{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends haproxy nginx pgbouncer varnish; } >/dev/null 2>&1 \
			|| echo 'HAProxy, nginx, PgBouncer or Varnish cannot be installed here.'; \
	fi

audit: .venv/supply.installed  ## look for known vulnerabilities in the locked packages (needs the internet)
	$(BIN)/pip-audit --strict --disable-pip --require-hashes $(foreach lock,$(wildcard locks/*.txt),--requirement $(lock))

sbom: .venv/supply.installed  ## write upheld.cdx.json, the CycloneDX list of packages in an installation
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --output-file upheld.cdx.json locks/production.txt

clean:  ## remove the environment and all caches
	rm -rf shots .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Starts from scratch, so that an interrupted installation heals itself.
.venv/uv.installed: locks/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Upheld needs Python 3.11 or later, found " + sys.version + "; name another with PYTHON=")'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo '$(PYTHON) cannot create a virtual environment. On Debian and Ubuntu, install the package python3-venv.'; exit 1; }
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement locks/uv.txt
	@touch $@

# uv.installed is moved away while packages are installed: after an interruption, the next call starts from scratch.
# Python files are compiled here, because with PYTHONDONTWRITEBYTECODE every start would compile them again.
.venv/%.installed: locks/%.txt pyproject.toml .venv/uv.installed
	@mv .venv/uv.installed .venv/unfinished
	@$(BIN)/uv pip install --quiet --compile-bytecode --require-hashes --requirement locks/$*.txt
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q app migrations
	@mv .venv/unfinished .venv/uv.installed
	@touch $@
