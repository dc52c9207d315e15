# Two commands do all the set-up: `make train` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MODEL ?= model.safetensors
ARTICLE := data/starter/sample-article.txt

.PHONY: help train test check lint types imports soak clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

# Two steps, so that whoever only trains does not wait for what tests need.
$(VENV)/package: pyproject.toml
	@echo "installing Slugline into $(VENV) (some minutes the first time)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[serve]'
	@touch $@

$(VENV)/installed: $(VENV)/package
	@echo "installing what tests need"
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

train: $(VENV)/package ## install, train and evaluate on the starter corpus, predict an article
	$(BIN)/slugline train --out $(MODEL)
	$(BIN)/slugline predict $(ARTICLE) --model $(MODEL)

# Two halves of about the same length side by side: one after the other they take nearly twice as long on two cores.
test: $(VENV)/installed ## install and run all tests
	@$(BIN)/python -m pytest --ignore tests/cli --ignore tests/docs -o cache_dir=.pytest_cache/rest \
		> .pytest-rest.log 2>&1 & rest=$$!; trap "kill $$rest; exit 130" INT TERM; \
	$(BIN)/python -m pytest tests/cli tests/docs; front=$$?; \
	wait $$rest; rest=$$?; cat .pytest-rest.log; rm -f .pytest-rest.log; \
	test $$front -eq 0 -a $$rest -eq 0

check: lint types imports test ## lint, types, import contracts and all tests

lint: $(VENV)/installed ## ruff, rules and format
	$(BIN)/ruff check model tests experiments
	$(BIN)/ruff format --check model tests experiments

types: $(VENV)/installed ## mypy, strict
	$(BIN)/mypy

imports: $(VENV)/installed ## import contracts
	$(BIN)/lint-imports

soak: $(VENV)/installed ## the long tests of experiments/soak, all or SOAK='NAME ...'
	$(BIN)/python experiments/soak.py $(SOAK)

clean: ## remove the environment, caches and models
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.safetensors
