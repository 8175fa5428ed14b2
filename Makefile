# The work is done by frontend/local/bootstrap.py and tests/everything.py; this file only names it.
PYTHON ?= python3
INSTALL = $(PYTHON) frontend/local/bootstrap.py

.PHONY: help run test prove bench install

help:
	@echo "make run    start Buurtloket on this machine, with everything it needs (PORT, BUURTLOKET_DATA)"
	@echo "make test   every check, a fast sample of the deep ones (under ten minutes)"
	@echo "make prove  every check in full"
	@echo "make bench  the performance goals beside their measures, also in var/bench.json"

run:
	@$(INSTALL) && exec .venv/bin/python -m frontend.local

install:
	@$(INSTALL) --tests

test: install
	@.venv/bin/python -m tests.everything

prove: install
	@.venv/bin/python -m tests.everything --prove

bench: install
	@.venv/bin/python -m benchmarks
