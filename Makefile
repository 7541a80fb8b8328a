# Everything a newcomer needs, from a machine with Python 3.11 or newer, make, git and the package registries.
#
#   make run     set up if needed, start the dashboard, open it in the browser when there is a screen
#   make test    set up if needed, find or install a Chromium, run every test
#   make check   lint, formatting, types, docstrings
#   make bench   print the measurements
#   make setup   only prepare .venv
#   make clean   remove what the other targets made

.DEFAULT_GOAL := run
.PHONY: setup run test check bench clean missing

# The first Python that is new enough and can make a virtual environment with pip in it.
# Looked for once, and only when something has to be installed.
PYTHON = $(eval PYTHON := $$(shell for name in python3 python python3.13 python3.12 python3.11 python3.14; do \
	"$$$$name" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$$$name"; break; }; done))$(PYTHON)
# Networks with a certificate authority of their own: trust what the system trusts.
export UV_SYSTEM_CERTS := true
# Ready-made bytecode halves the start: 1.5 s instead of 3.6 s until the records are loaded.
export UV_COMPILE_BYTECODE := 1
BIN := .venv/bin
STAMP := .venv/.prepared
# A screen to show the page on: X11, Wayland, or a Mac.
OPEN := $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname -s)),--open)
# The stamp alone does not tell when somebody removed the files that the build put in place.
MISSING := $(if $(wildcard dashboard/static/vendor/leaflet/leaflet.js),,missing)
LOOPS := $(wildcard */c/*.[ch])

setup: $(STAMP)

$(STAMP): pyproject.toml uv.lock hatch_build.py dashboard/static/assets.json dashboard/static/package-lock.json $(LOOPS) $(MISSING)
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with its venv module is needed and was not found on PATH" \
		"(on Debian: apt-get install python3 python3-venv)." >&2; exit 1; }
	@if command -v uv >/dev/null; then uv sync --frozen --python "$(PYTHON)"; else \
		test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv && \
		{ test -x $(BIN)/uv || $(BIN)/pip install --quiet --disable-pip-version-check "uv>=0.9"; } && \
		$(BIN)/uv sync --frozen --python $(BIN)/python; \
	fi
	@touch $@

run: $(STAMP)
	@$(BIN)/incidents serve $(OPEN) $(ARGS)

test: $(STAMP)
	@INCIDENTS_CHROMIUM="$$($(BIN)/python tests/browser_setup.py)" && export INCIDENTS_CHROMIUM && \
		$(BIN)/python -m pytest --numprocesses=2 $(ARGS)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/numpydoc lint hatch_build.py $$(git ls-files 'dashboard/*.py' 'geodata/*.py')

bench: $(STAMP)
	@INCIDENTS_CHROMIUM="$$($(BIN)/python tests/browser_setup.py)" && export INCIDENTS_CHROMIUM && \
		$(BIN)/python -m pytest -m bench --capture=no --numprocesses=0 $(ARGS)

clean:
	rm -rf .venv dist dashboard/static/vendor */c/*.so */c/*.dylib */c/*.dll .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find dashboard geodata tests -name __pycache__ -type d -prune -exec rm -rf {} +
