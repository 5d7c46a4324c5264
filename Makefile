# Every target can be the first command in a fresh clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test bench index evaluate docs screenshots clean

run: $(VENV)/.installed
	$(BIN)/python -m assistant index
	$(BIN)/python app.py

test: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

bench: $(VENV)/.installed-dev
	$(BIN)/python -m tools.bench
	$(BIN)/python -m corpus.bundled_model_measure
	$(BIN)/python -m assistant.bench
	$(BIN)/python -m assistant.channels.web_bench

index: $(VENV)/.installed
	$(BIN)/python -m assistant index

evaluate: $(VENV)/.installed
	$(BIN)/python -m assistant evaluate

# Everything that is generated from the declarations
docs: $(VENV)/.installed
	$(BIN)/python -m tools.document
	$(BIN)/python -m assistant.document

# The pictures in the README; needs a chromium on this machine
screenshots: $(VENV)/.installed-dev
	$(BIN)/python -m assistant.channels.web_screenshots

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed pyproject.toml
	$(BIN)/python -m pip install --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) data *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
