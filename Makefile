# Two commands do all the set-up: `make train` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MODEL ?= model.safetensors
ARTICLE := data/starter/sample-article.txt

.PHONY: help train test check lint types imports soak lock audit sbom clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

# What is installed is what the locks name, by version and hash, and never a source distribution, whose set-up would run.
# Two steps, so that whoever only trains does not wait for what tests need. LOCK=no takes what pyproject.toml admits.
LOCK ?= yes
HASHED := --require-hashes --no-deps --quiet
PIP := $(BIN)/python -m pip --disable-pip-version-check install
UV = $(BIN)/uv --no-config --quiet --system-certs
EDITABLE := --no-deps --no-build-isolation --no-index --quiet --editable .

$(VENV)/package: pyproject.toml maintenance/lock-train.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Slugline needs Python 3.11 or later, and this is "\
		+ sys.version.split()[0] + "; give another: make $(MAKECMDGOALS) PYTHON=python3.12")'
	@echo "installing Slugline into $(VENV) (some minutes the first time)"
	$(PYTHON) -m venv $(VENV)
ifeq ($(LOCK),no)
	$(PIP) --quiet --editable '.[serve]'
else
	@$(PIP) $(HASHED) -r maintenance/lock-train.txt || { echo "the locked versions cannot be" \
		"installed here; other versions may do: make $(MAKECMDGOALS) LOCK=no" >&2; exit 1; }
	$(PIP) $(EDITABLE)
endif
	@touch $@

# uv does in ten seconds what takes pip a minute; it does not read pip's settings, so where it finds nothing pip is asked.
$(VENV)/installed: $(VENV)/package maintenance/lock-test.txt maintenance/lock-installer.txt
	@echo "installing what tests need"
ifeq ($(LOCK),no)
	$(PIP) --quiet --editable '.[dev]'
else
	$(PIP) $(HASHED) -r maintenance/lock-installer.txt
	@$(UV) pip install --python $(BIN)/python $(HASHED) -r maintenance/lock-test.txt \
		|| { echo "uv cannot install them here; pip tries" >&2; $(PIP) $(HASHED) -r maintenance/lock-test.txt; }
endif
	@touch $@

train: $(VENV)/package ## install, train and evaluate on the starter corpus, predict an article
	$(BIN)/slugline train --out $(MODEL)
	$(BIN)/slugline predict $(ARTICLE) --model $(MODEL)

# Two halves of about the same length side by side: one after the other they take nearly twice as long on two cores. A folder
# that grows long may change sides.
FRONT := tests/cli tests/docs tests/network tests/maintenance tests/soak
test: $(VENV)/installed ## install and run all tests
	@$(BIN)/python -m pytest $(FRONT:%=--ignore %) -o cache_dir=.pytest_cache/rest \
		> .pytest-rest.log 2>&1 & rest=$$!; trap "kill $$rest; exit 130" INT TERM; \
	$(BIN)/python -m pytest $(FRONT); front=$$?; \
	wait $$rest; rest=$$?; cat .pytest-rest.log; rm -f .pytest-rest.log; \
	test $$front -eq 0 -a $$rest -eq 0

check: lint types imports test ## lint, types, import contracts and all tests

lint: $(VENV)/installed ## ruff, rules and format
	$(BIN)/ruff check model tests experiments maintenance
	$(BIN)/ruff format --check model tests experiments maintenance

types: $(VENV)/installed ## mypy, strict
	$(BIN)/mypy

imports: $(VENV)/installed ## import contracts
	$(BIN)/lint-imports

soak: $(VENV)/installed ## the long tests of experiments/soak, all or SOAK='NAME ...'
	$(BIN)/python experiments/soak.py $(SOAK)

# Releases of the last week are not taken: most that are malicious are found and gone by then.
COMPILE = $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-build \
	--emit-build-options --exclude-newer '7 days' --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

lock: ## renew the locks after a change of pyproject.toml; UPGRADE=yes takes new releases of everything
	@test -x $(BIN)/uv || { $(PYTHON) -m venv $(VENV) && $(PIP) $(HASHED) -r maintenance/lock-installer.txt; }
	$(COMPILE) pyproject.toml --extra dev --group build --output-file maintenance/lock-test.txt
	$(COMPILE) pyproject.toml --extra serve --group build --constraint maintenance/lock-test.txt \
		--output-file maintenance/lock-train.txt
	echo uv | $(COMPILE) - --constraint maintenance/lock-test.txt --output-file maintenance/lock-installer.txt

audit: $(VENV)/installed ## known vulnerabilities of what is locked; says so if no data on them can be reached
	$(BIN)/python maintenance/audit.py

sbom: $(VENV)/installed ## the software bill of materials (CycloneDX), dist/slugline.cdx.json
	$(BIN)/python maintenance/sbom.py

clean: ## remove the environment, caches and models
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.safetensors
