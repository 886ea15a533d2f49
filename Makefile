# `make demo` and `make test` need Python 3.11 or newer, make and git, nothing else.
# All paths are relative: the checkout may lie in a folder with spaces in its name.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test test-newest test-lowest crash conformance soak npm gen check-gen \
        golden lint schema-vet boundary-check format types systemlab-run bench bench-wire bench-generator build check clean
unexport PYTHONHOME PYTHONPATH
# The tests start hundreds of Pythons: without bytecode each would compile the package.
unexport PYTHONDONTWRITEBYTECODE

# The interpreter of .venv; empty: the first that tools/find-python finds.
PYTHON ?=
# Options of the server behind `make demo`, and of pytest.
DEMO :=
ARGS :=

BIN := .venv/bin
# Two workers more than cores: many tests wait for a browser or a process.
PYTEST := -m pytest -q -n 4 --dist worksteal

# $(call environment,FOLDER,first|newest,WHAT TO INSTALL): the recipe of a stamp file.
define environment
	@python='$(PYTHON)'; python="$${python:-$$(tools/find-python $(2))}" || exit 1; \
	echo "Setting up $(1) with $$("$$python" --version); this may take a minute." && \
	"$$python" -m venv $(1) && \
	$(1)/bin/python -m pip install --quiet --disable-pip-version-check $(3) && \
	touch $@
endef

help: ## Lists the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' Makefile

setup: .venv/.ready ## Makes .venv with everything that development needs

.venv/.ready: pyproject.toml
	$(call environment,.venv,first,--editable '.[dev]')

demo: gen ## Generates, starts the chat demo and prints its URL; Ctrl-C ends it
	@$(BIN)/python -m chatdemo $(DEMO)

systemlab-run: gen ## Serves the lab at port 8091: the runtime taken apart in the browser
	@$(BIN)/python -m systemlab serve --addr :8091

test: .venv/.ready ## Runs the test suite
	@$(BIN)/python $(PYTEST) $(ARGS)

test-newest: .venv/.ready ## Runs the test suite on the newest Python that is present
	@newest="$$(tools/find-python newest)" || exit 1; \
	minor='import sys; print("%d.%d" % sys.version_info[:2])'; \
	version="$$("$$newest" -c "$$minor")"; \
	if [ "$$version" = "$$($(BIN)/python -c "$$minor")" ]; then \
	    echo "test-newest: no Python newer than $$version is present; make test runs on that one"; \
	    exit 0; \
	fi; \
	echo "test-newest: Python $$version, $$newest"; \
	if [ "$$version" != "$$(.venv-newest/bin/python -c "$$minor" 2>/dev/null)" ]; then \
	    rm -rf .venv-newest; \
	fi; \
	$(MAKE) --no-print-directory --silent .venv-newest/.ready PYTHON="$$newest" && \
	.venv-newest/bin/python $(PYTEST) $(ARGS)

.venv-newest/.ready: pyproject.toml
	$(call environment,.venv-newest,newest,--editable '.[dev]')

test-lowest: .venv-lowest/.ready ## Runs the test suite with the lowest dependencies that are allowed
	@.venv-lowest/bin/python $(PYTEST) $(ARGS)

.venv-lowest/.ready: pyproject.toml tools/lowest.py .venv/.ready
	@mkdir -p .venv-lowest && $(BIN)/python tools/lowest.py > .venv-lowest/requirements.txt
	$(call environment,.venv-lowest,first,--requirement .venv-lowest/requirements.txt --editable .)

crash: .venv/.ready ## Kills a busy process over and over: what it acknowledged is in its store
	@SESSIONSTREAM_KILLS=50 $(BIN)/python -m pytest -q tests/promises/test_crash*.py \
	    tests/faults/test_killed_server.py --timeout 600 $(ARGS)

soak: .venv/.ready ## Serves 500 clients under every trouble for 90 seconds, and tries more interleavings
	@SESSIONSTREAM_SOAK_SECONDS=90 SESSIONSTREAM_EXAMPLES=1000 $(BIN)/python -m pytest -q \
	    tests/soak tests/promises/test_any_interruption.py \
	    tests/promises/test_resume_machine.py --timeout 900 $(ARGS)

conformance: .cache/conformance/.ready ## Holds the codec against protobuf's conformance runner
	@$(BIN)/python -m pytest -q tests/codec/test_conformance.py $(ARGS)

.cache/conformance/.ready: tools/conformance.py .venv/.ready
	@$(BIN)/python tools/conformance.py && touch $@

npm: .cache/npm/.ready ## Installs the npm packages that the tests of TypeScript need

.cache/npm/.ready: tools/npm/package.json tools/npm/package-lock.json
	@mkdir -p .cache/npm && cp tools/npm/package.json tools/npm/package-lock.json .cache/npm/
	@npm ci --silent --no-audit --no-fund --prefix .cache/npm && touch $@

gen: .venv/.ready ## Writes the generated code anew (buf generate)
	@$(BIN)/python tools/generate.py
	@$(BIN)/python tools/reference.py

check-gen: .venv/.ready ## Fails and names the files when generated code is not current
	@$(BIN)/python tools/generate.py --check
	@$(BIN)/python tools/reference.py --check

golden: .venv/.ready ## Writes the plugin's golden trees anew; review them as code
	@$(BIN)/python -m pytest -q tests/codegen --update-golden $(ARGS)

lint: .venv/.ready ## Lints: ruff, the layout that ruff format gives, buf lint
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check
	@$(BIN)/buf lint

schema-vet: .venv/.ready ## Looks for mistakes in the use of sessionstream: its own linter, over this repository
	@$(BIN)/python -m sessionstream.cli lint sessionstream codegen benchmarks examples tests tools

boundary-check: .venv/.ready ## Fails and names the lines where an example imports what is not public
	@$(BIN)/python -m pytest -q tests/test_architecture.py -k TestExamples

format: .venv/.ready ## Formats the Python code and mends what ruff can mend
	@$(BIN)/ruff check --quiet --fix --exit-zero
	@$(BIN)/ruff format --quiet

types: .venv/.ready ## Type-checks: mypy --strict here, then in the consumer project
	@$(BIN)/python -m mypy
	@cd tests/consumer && ../../$(BIN)/python -m mypy

bench: .venv/.ready ## Measures the runtime beside plain references; writes benchmarks/results
	@$(BIN)/python -m benchmarks.runtime $(ARGS)

bench-wire: .venv/.ready ## Measures the WebSocket server beside others; writes benchmarks/results
	@$(BIN)/python -m benchmarks.wire $(ARGS)

bench-generator: .venv/.ready ## Measures the plugin, and mypy over what it writes
	@$(BIN)/python benchmarks/generator.py $(ARGS)

build: .venv/.ready ## Builds dist/, tries the wheel in an empty environment and in a new project
	@rm -rf dist
	@said="$$($(BIN)/python -m build --no-isolation 2>&1)" || { echo "$$said"; exit 1; }
	@ls dist/*
	@$(BIN)/python -m pytest -q -m packaging tests/test_packaging.py tests/test_new_project.py \
	    tests/doc/test_getting_started.py tests/doc/test_playbook_commands.py $(ARGS)

check: lint types schema-vet boundary-check check-gen build test-newest test-lowest ## Everything else: lint, types, schema-vet, the wheel, the suite on other versions

clean: ## Removes what make made; the demo's conversations in .data stay
	@rm -rf .venv .venv-newest .venv-lowest build dist
	@rm -rf .mypy_cache tests/consumer/.mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
