# The commands of this project, for people and CI alike; `make help` lists them.
#
# Everything runs in one virtual environment, made on first use and brought up to date when pyproject.toml or
# constraints.txt change. pip's own environment variables and configuration hold, so that they choose the package
# index, and with it the build of PyTorch. What can be set on the command line:
#
#   PYTHON=python3.13   the Python to make the environment with (default: the first of 3.11, 3.12, 3.13 that is there;
#                       3.11 first, because the stored results are made with it)
#   TORCH=no            leave PyTorch out, where there is no build of it for this Python or platform: refgrad and the
#                       suite work without, but for judging PyTorch, building the corpus and the tests of the two
#   VENV=.venv          where the environment lies; one that is there already is used as it is found
#   MODULES=runner      of the four modules that `make mutants` changes, only these

VENV   ?= .venv
TORCH  ?= yes
PYTHON ?=
MODULES ?= compare verdict tally runner

bin    := $(VENV)/bin
python := $(bin)/python
ifeq ($(TORCH),no)
extras := corpus,dev
ready  := $(VENV)/.ready-without-torch
else
extras := torch,corpus,dev
ready  := $(VENV)/.ready
endif

.DEFAULT_GOAL := help
.PHONY: help venv certify test lint pythons refgrad types coverage selfcheck bench proof mutants corpus clean distclean

help:  ## list these commands
	@echo "help: what make can do here (settings: see the top of the Makefile)"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1~\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'~' '{ printf "%-18s%s\n", $$1, $$2 }'

venv: $(ready)  ## make the virtual environment, with PyTorch and all tools, at the pinned versions
	@echo "venv: $(VENV) is ready, with $$($(python) -V) and $$($(python) -m pip list 2>/dev/null | tail -n +3 | wc -l | tr -d ' ') packages."

$(ready): pyproject.toml constraints.txt
	@echo "venv: setting up $(VENV), which takes about a minute where packages are at hand"
	@if test -x $(python) && $(python) -m pip --version >/dev/null 2>&1; then \
	    echo "venv: $(VENV) exists, with $$($(python) -V); keeping it"; \
	else \
	    for candidate in $(or $(PYTHON),python3.11 python3.12 python3.13 python3 python); do \
	        fits="import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"; \
	        if $$candidate -c "$$fits" >/dev/null 2>&1; then found=$$candidate; break; fi; \
	    done; \
	    if test -z "$$found"; then \
	        echo "venv: no Python 3.11 to 3.13 that has venv and pip among: $(or $(PYTHON),python3.11 python3.12 python3.13 python3 python)." >&2; \
	        echo "venv: install one, or name it: make venv PYTHON=/path/to/python3.11" >&2; \
	        exit 1; \
	    fi; \
	    echo "venv: making it with $$found, $$($$found -V)"; \
	    $$found -m venv $(VENV); \
	fi
	@$(python) -m pip install --no-input --constraint constraints.txt hatchling
	@$(python) -m pip install --no-input --constraint constraints.txt --no-build-isolation --editable '.[$(extras)]'
	@touch $@

certify: $(ready)  ## certify refgrad and PyTorch on this CPU; writes reports/
	@echo "certify: judging refgrad and PyTorch on the CPU; reports go to reports/"
	@$(bin)/conformance certify --engine refgrad --engine torch --accept-waivers --output reports
	@$(bin)/conformance workloads --engine refgrad --engine torch --output reports

lint: $(ready)  ## check style, format and the direction of imports
	@echo "lint: style, format and the direction of imports"
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .
	@$(bin)/lint-imports

# The summary comes from the counts that pytest itself writes down; in them an expected failure is a skip.
summary := import sys, xml.etree.ElementTree as tree; \
    suite = tree.parse(sys.argv[1]).getroot().find("testsuite").attrib; \
    tests, failed, skipped = (int(suite[k]) for k in ("tests", "failures", "skipped")); \
    failed += int(suite["errors"]); seconds = float(suite["time"]); \
    print(f"test: {tests - failed - skipped} tests passed, {failed} failed, {skipped} were skipped or expected to fail, in {seconds:.0f} s.")

# Some hundred processes start in the tests: where nothing compiled is kept, each would compile all that it imports anew.
test: export PYTHONDONTWRITEBYTECODE =
test: lint  ## run the project's own tests: style, import contracts, tests and docstring examples
	@echo "test: tests and docstring examples, on all cores"
	@$(python) -m pytest -ra -n auto --dist worksteal --doctest-modules --junit-xml=$(VENV)/test.xml; status=$$?; \
	    if test $$status -le 1; then $(python) -c '$(summary)' $(VENV)/test.xml || status=1; fi; exit $$status

pythons: $(ready)  ## run refgrad's tests, which need no PyTorch, on every other Python from 3.11 to 3.13 that is here
	@for version in 3.11 3.12 3.13; do \
	    case "$$($(python) -V)" in "Python $$version".*) continue;; esac; \
	    found=; for candidate in python$$version "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/$$version.*/bin/python; do \
	        if $$candidate -c "import ensurepip, venv" >/dev/null 2>&1; then found=$$candidate; break; fi; done; \
	    if test -z "$$found"; then echo "pythons: there is no Python $$version here"; continue; fi; \
	    $(MAKE) --no-print-directory refgrad PYTHON=$$found TORCH=no VENV=$(VENV)/python$$version || exit 1; \
	done

refgrad: $(ready)  ## run the tests of refgrad alone
	@echo "refgrad: its tests and docstring examples, with $$($(python) -V)"
	@$(python) -m pytest -q -n auto --dist worksteal --doctest-modules refgrad tests/refgrad

types: $(ready)  ## check types with pyright (needs Node.js, and fetches pyright itself on first use)
	@echo "types: public signatures, with pyright"
	@$(bin)/pyright

coverage: $(ready)  ## run the tests with branch coverage; writes htmlcov/
	@echo "coverage: tests with branch coverage"
	@$(python) -m coverage erase
	@$(python) -m coverage run -m pytest --doctest-modules
	@$(python) -m coverage combine --quiet
	@$(python) -m coverage html --quiet
	@$(python) -m coverage report

selfcheck: $(ready)  ## judge the suite: planted faults, rule mutants, harmless variants, other checkers; writes reports/
	@echo "selfcheck: every fault, every rule changed by machine, every harmless variant, and other checkers; up to an hour"
	@$(bin)/conformance selfcheck --output reports

bench: $(ready)  ## time refgrad against HIPS autograd and NumPy by hand, and check_gradients against gradcheck; count cases through a pipe
	@echo "bench: forward and backward, small and large arrays"
	@status=0; for script in tests/refgrad/bench.py tests/conformance/bench.py tests/conformance/bench_stdio.py; do \
	    $(python) $$script || status=1; done; exit $$status

proof: $(ready)  ## show that refgrad keeps what it promises: probes, depth, memory, threads, ratios, workloads
	@echo "proof: every promise of refgrad, a row each; some minutes"
	@$(python) tests/refgrad/proof.py

# A changed runner may start engines without end: the tests themselves bound how many they start, and how long they take.
mutants: export PYTHONDONTWRITEBYTECODE =
mutants: $(ready)  ## change comparator, verdict and runner in every small way, in a copy, and count what tests notice; an hour
	@echo "mutants: of $(MODULES), against the tests; mutmut gets an environment of its own beside the packages here"
	@test -x $(VENV)/mutmut/bin/mutmut || { $(python) -m venv $(VENV)/mutmut \
	    && $(VENV)/mutmut/bin/python -m pip install --no-input --quiet mutmut==3.8.1 \
	    && $(python) -c 'import site; print(*site.getsitepackages(), sep="\n")' \
	       > "$$($(VENV)/mutmut/bin/python -c 'import site; print(site.getsitepackages()[0])')/packages.pth"; }
	@rm -rf $(VENV)/mutants && mkdir -p $(VENV)/mutants
	@git ls-files refgrad conformance tests pyproject.toml | tar -c -T - | tar -x -C $(VENV)/mutants
	@mutmut="$$(cd $(VENV) && pwd)/mutmut/bin/mutmut"; cd $(VENV)/mutants; for module in $(MODULES); do \
	    echo "mutants: of $$module; how far it is: $(VENV)/mutants/$$module.log"; \
	    "$$mutmut" run --max-children 1 "conformance.$$module.*" >$$module.log 2>&1 || { tail -n 20 $$module.log; exit 1; }; done
	@$(python) tests/mutants.py $(VENV)/mutants/mutants $(MODULES)

corpus: $(ready)  ## rebuild the frozen cases' truths and tolerances, byte for byte
	@echo "corpus: truths and tolerances from the frozen programs"
	@$(bin)/conformance corpus build
	@$(bin)/conformance corpus halves

clean:  ## remove what tools leave behind; keeps the environment, the corpus and reports/
	@echo "clean: removing caches and build products"
	@rm -rf build dist htmlcov .coverage .coverage.* .pytest_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
	@find refgrad conformance tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean  ## clean, and remove the environment too
	@echo "distclean: removing $(VENV)"
	@rm -rf $(VENV)
