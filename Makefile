# `make` alone lists the commands. Works with GNU make 3.81 (macOS) and newer.

# The first Python on the path that is new enough; override with PYTHON=...
NEW_ENOUGH := -c "import sys; sys.exit(sys.version_info < (3, 11))"
PYTHON ?= $(shell for p in python3 python3.15 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" $(NEW_ENOUGH) 2>/dev/null && echo "$$p" && exit; done; echo python3)

ifeq ($(OS),Windows_NT)
BIN := Scripts
else
BIN := bin
endif
COURSE := .venv/$(BIN)/python
# What these change, the course's Python and its tools cannot work with.
unexport PYTHONHOME PYTHONINSPECT PYTHONOPTIMIZE PYTHONSAFEPATH PYTHONWARNINGS
BENCHMARKS = $(basename $(notdir $(wildcard benchmarks/[a-z]*.py)))
ARGS ?=
# TORCH=cpu: on Linux, torch without NVIDIA's libraries; remembered, until TORCH=default.
# A variable of that name that somebody uses for another purpose is none of the course's business.
HAS_TORCH = $(filter command,$(origin TORCH))$(filter cpu default,$(TORCH))
ENVIRONMENT = tools/environment.py $(1)$(if $(HAS_TORCH), --torch $(TORCH))
SELECTED = $(if $(CHAPTER),--chapter $(CHAPTER)) $(if $(FAST),-m "not slow" tests)

.DEFAULT_GOAL := help
.PHONY: help lab update fresh take solutions colab remote stop password site check test test-drift refresh index data bench lock clean course-env test-env bench-env

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

lab: course-env ## install what is missing and open the course in JupyterLab [TORCH=cpu]
	@$(COURSE) -m jupyterlab --config=jupyter_config.py $(ARGS)

remote: ## open the course that lies on a server [HOST=you@server] [FOLDER=pytorch-course] [STOP=1]
	@$(PYTHON) tools/remote.py $(or $(HOST),$(error Name the server: make remote HOST=you@server)) \
		$(if $(FOLDER),--folder "$(FOLDER)") $(if $(STOP),--stop) $(ARGS) $(if $(SSH),-- $(SSH))

stop: ## stop the server that make remote started on this computer
	@if [ -x $(COURSE) ]; then $(COURSE) -m tools.server stop; else \
		echo "No server of this course runs here: its environment is not made yet."; fi

password: course-env ## set the password of the course's server [REMOVE=1]
	@$(COURSE) -m tools.password $(if $(REMOVE),--remove)

update: course-env ## bring your workbook up to date; answers and notes are kept
	@$(COURSE) -m tools.workbook update

fresh: course-env ## begin a chapter anew, and keep the old one aside [CHAPTER=03]
	@$(COURSE) -m tools.workbook fresh "$(CHAPTER)"

take: course-env ## bring answers from elsewhere, such as Colab, into your workbook [FILE=...]
	@$(COURSE) -m tools.workbook take "$(FILE)"

solutions: $(if $(RUN),test-env,course-env) ## write the chapters with solutions, for teachers [RUN=1]
	@$(COURSE) -m tools.workbook solutions $(if $(RUN),--run)

colab: course-env ## write each chapter as one file for Colab and Kaggle into dist/colab [CHAPTER=03]
	@$(COURSE) -m tools.colab $(if $(CHAPTER),--chapter $(CHAPTER))

site: test-env ## write the course as a static site into dist/site
	@$(COURSE) -m tools.site $(ARGS)

check: test-env ## lint, format, types, spelling, links: what needs no test to run [ONLY=types]
	@$(COURSE) -m tools.check $(ONLY)

test: test-env ## run every test, notebooks compared [CHAPTER=04] [FAST=1: no servers or kernels]
	@$(COURSE) -m pytest $(SELECTED) $(ARGS)

test-drift: test-env ## run the notebooks on other processors and versions, and each section alone
	@$(COURSE) -m tools.drift $(ARGS)

refresh: test-env ## run notebooks and store their outputs [CHAPTER=01] [RESET=1]
	@$(COURSE) -m tools.refresh $(if $(CHAPTER),--chapter $(CHAPTER)) $(if $(RESET),--reset)

index: test-env ## write the index of topics into chapter 00 and docs/topics.md
	@$(COURSE) -m tools.index $(ARGS)

data: test-env ## export the files in data/ again from the libraries that ship them
	@$(COURSE) -m tools.export_data $(ARGS)

bench: bench-env ## run the benchmarks, with the libraries they name [ONLY=training]
	@for name in $(or $(ONLY),$(BENCHMARKS)); do \
		.venv-bench/$(BIN)/python -m "benchmarks.$$name" $(ARGS) || exit 1; done

lock: test-env ## write requirements*.txt from pyproject.toml [UPGRADE=1]
	@$(COURSE) -m tools.lock $(if $(UPGRADE),--upgrade)

clean: ## remove environments and caches; answers and progress stay
	rm -rf .venv .venv-* .venv*.lock .mypy_cache .pytest_cache .ruff_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

course-env:
	@$(PYTHON) $(call ENVIRONMENT,course)

test-env:
	@$(PYTHON) $(call ENVIRONMENT,test)

bench-env:
	@$(PYTHON) $(call ENVIRONMENT,bench)
