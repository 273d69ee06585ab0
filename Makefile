# Two commands on a fresh machine with Python, make and the package registries: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# `make` puts uv into the environment; uv.lock says what else belongs there, each file by its hash.
UV     := 0.13.9

.PHONY: dev demo docs pictures reference unit test test-apart test-slow test-desk test-properties test-prefect-next test-mutants test-canary test-kill test-tamper test-cluster proof-answers proof-years proof-quarter proof-interface proof-minutes proof-strangers proof-towns proof-forests proof-detector proof-files strangers-peers bench check coverage format wheel wheel-demo bill audit clean

# Half of what pytest does before the first test is to compile the tests; each process would again, and each server.
unit test test-apart test-slow test-desk: export PYTHONDONTWRITEBYTECODE :=

# Tests write tens of thousands of small databases; where memory has 4 GB for files, none of them waits for a disk.
IN_MEMORY := $(shell awk '$$2 == "/dev/shm" && $$4 !~ /noexec/ {print $$2; exit}' /proc/mounts 2>/dev/null)
ENOUGH = $(shell df -Pk $(IN_MEMORY) | awk 'NR == 2 && $$4 >= 4194304 {print "$(IN_MEMORY)"}')
test: export TMPDIR := $(or $(if $(IN_MEMORY),$(ENOUGH)),$(TMPDIR),/tmp)

# What reads the sources only: `make check` has it.
SOURCES := tests/test_architecture.py tests/test_rooms.py

dev: $(VENV)/.dev $(VENV)/.docs  ## everything to work on it, with the hooks that check each commit
	$(BIN)/pre-commit install

# Each of its processes would compile what another one has compiled.
demo: export PYTHONDONTWRITEBYTECODE :=
demo: $(VENV)/.demo  ## one access and one erasure request, from the form to the answer
	$(BIN)/rightsflow demo --folder demo

unit: $(VENV)/.unit  ## the rules, letters, package and evidence, in seconds: without Prefect, a database or a server
	$(BIN)/python -m pytest -q -n 2 -p tests.support.without_servers -m "not slow and not long and not apart" --hypothesis-profile quick tests/unit

test: $(VENV)/.compiled  ## the fast tests
	$(BIN)/python -m pytest -q -n 4 --dist loadgroup --no-loadscope-reorder -m "not slow and not apart" $(SOURCES:%=--ignore=%) -o tmp_path_retention_count=1

test-apart: $(VENV)/.dev  ## pages in a browser, kills, workers, whole runs that cheaper tests cover in part, and further peers of the connectors; a quarter of an hour
	$(BIN)/python -m pytest -q -n 3 --dist loadgroup --no-loadscope-reorder -m "apart and not slow" -o tmp_path_retention_count=1

test-slow: $(VENV)/.dev  ## the longer matrices
	$(BIN)/python -m pytest -m slow

test-desk: $(VENV)/.dev  ## a team walks through the desk of a whole stack in real browsers; a few minutes
	$(BIN)/python -m pytest -q -m slow tests/e2e/stack/test_stack_desk.py

test-properties: $(VENV)/.dev  ## the rules' properties with twenty times as many examples
	$(BIN)/python -m pytest -n 2 -m "hypothesis and not slow and not apart" --hypothesis-profile thorough

test-prefect-next:  ## what we use of Prefect without its promise, and the worker, with Prefect's newest pre-release
	$(MAKE) --no-print-directory VENV=$(VENV)-next $(VENV)-next/.dev
	$(VENV)-next/bin/uv pip install --quiet --python $(VENV)-next/bin/python --upgrade --prerelease allow prefect
	$(VENV)-next/bin/python -c 'import prefect; print("Prefect", prefect.__version__)'
	$(VENV)-next/bin/python -m pytest -n 2 --dist loadgroup tests/e2e/deployments/worker tests/integration/deployments/worker

test-mutants: $(VENV)/.dev  ## every small change of the clock's rules has to be caught by its tests
	$(BIN)/python -m proofs.mutation

test-canary: $(VENV)/.dev  ## planted identifiers, looked for in everything that is left, with both databases
	$(BIN)/python -m proofs.canaries

test-kill: $(VENV)/.dev  ## the worker is killed at every step boundary and call, and every process of `up` while 20 cases are worked on
	printf '%s\n' kills 'kills --batches' kills.stack | xargs -P 3 -I RUN sh -c \
	  'said=$$($(BIN)/python -m proofs.RUN --minutes 24); status=$$?; echo "$$said"; exit $$status'

test-tamper: $(VENV)/.dev  ## thousands of changes of the store and of evidence bundles, each of which has to be found
	$(BIN)/python -m proofs.tampering

test-cluster: $(VENV)/.dev  ## a cluster fulfils 10,000 imported requests while parts of it are killed; needs redis-server and nginx; hours
	$(BIN)/python -m proofs.cluster_load

proof-answers: $(VENV)/.dev  ## 2,000 random cases through letters, package and evidence: no sentence that the case file does not prove
	$(BIN)/python -m proofs.answers

proof-years: $(VENV)/.dev  ## twelve years after erasures in ten countries: the systems hold what the letters say, on every day that is looked at
	$(BIN)/python -m proofs.years

proof-quarter: $(VENV)/.dev  ## a quarter with twenty processors of ten manners: who is open, who is alerted, what letters say, what the scorecard shows
	$(BIN)/python -m proofs.quarter

proof-interface: $(VENV)/.dev  ## calls of every shape to the listener for what others send: its answers are those of its OpenAPI documents
	$(MAKE) --no-print-directory VENV=$(VENV)-interface $(VENV)-interface/.dev
	$(VENV)-interface/bin/uv pip install --quiet --python $(VENV)-interface/bin/python schemathesis
	$(VENV)-interface/bin/python -m proofs.interface --examples 300

proof-files: $(VENV)/.dev  ## 432 files of twelve kinds with other people planted, judged by other extractors; and 220 hostile ones
	$(BIN)/python -m proofs.files

proof-minutes: $(VENV)/.dev  ## ten cases at the desk in Chromium: the minutes, clicks and words of officer and approver by a published model
	$(BIN)/python -m proofs.minutes

proof-strangers: $(VENV)/.dev strangers-peers  ## 20 people among 200 in five real systems, 40 among 240 in five strange ones: nothing of the others changes
	$(BIN)/python -m pytest -q tests/e2e/strangers
	$(BIN)/python -m proofs.strangers
	$(BIN)/python -m proofs.strangers strange

proof-towns: $(VENV)/.dev  ## towns of 200 random people in four systems: of the others nothing changes that was not announced
	$(BIN)/python -m proofs.strangers towns

proof-forests: $(VENV)/.dev  ## 2,000 random forests of records on three databases: nothing of other people is given or goes; then with planted violations
	$(BIN)/python -m proofs.forests
	$(BIN)/python -m proofs.forests --planted all --forests 300

proof-detector: $(VENV)/.dev  ## labelled texts in seven languages: requests found, false alarms, every miss by its id
	$(BIN)/python -m proofs.detector

strangers-peers:  ## installs those systems, on a Debian machine as root
	PYTHON=$(PYTHON) proofs/strangers/peers.sh

bench: $(VENV)/.bench  ## what a case costs; the clock, the ledger, an import, the watch over a million open cases, the pages of the desk; an hour
	$(BIN)/python -m benchmarks.cases --picture docs/images/growth.svg
	$(BIN)/python -m benchmarks.compared
	$(BIN)/python -m benchmarks.clock
	$(BIN)/python -m benchmarks.ledger
	$(BIN)/python -m benchmarks.evidence
	$(BIN)/python -m benchmarks.importing
	$(BIN)/python -m benchmarks.importing_memory
	$(BIN)/python -m benchmarks.watch
	$(BIN)/python -m benchmarks.desk_pages
	$(BIN)/python -m benchmarks.recordings

check: $(VENV)/.dev  ## style, spelling, types and the rules of the sources
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/mypy
	$(BIN)/python -m pytest -q $(SOURCES)

reference: $(VENV)/.dev  ## docs/reference anew from the code
	$(BIN)/python -m docs.generate

pictures: $(VENV)/.dev  ## the tutorial's and the officers' pictures anew, from demonstrations of their own; needs Chromium and fonts-noto-color-emoji; look at each before it is committed
	$(BIN)/python -m docs.pictures

docs: $(VENV)/.docs  ## the documentation as pages in dist/docs, without network; a broken link fails
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel: $(VENV)/.dev  ## the product's wheel and the sandbox's, in dist
	$(BIN)/uv build --quiet --wheel --all-packages --out-dir dist

wheel-demo:  ## the two wheels, installed outside the checkout into a clean environment, run the demo in a project that has packages of the same names
	$(PYTHON) -m proofs.wheel_demo

bill: $(BIN)/uv  ## the bill of materials of the product in dist, as CycloneDX, checked against uv.lock
	$(BIN)/uv lock --quiet --check
	$(BIN)/python -m proofs.bill_of_materials --uv $(BIN)/uv

audit: $(VENV)/.audit  ## known vulnerabilities of what the product installs; where no advisories can be read it says so
	$(BIN)/python -m proofs.vulnerabilities

coverage: $(VENV)/.dev  ## which lines and branches the unit and integration tests without Prefect's server reach, in percent
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m "not slow and not apart and not prefect" tests/unit tests/integration --cov --cov-report term

clean:
	rm -rf $(VENV) dist demo

# By the pip of the machine's Python where it has one: to make one for the environment takes four seconds.
$(BIN)/uv:
	test -x $(BIN)/python || $(PYTHON) -m venv --without-pip $(VENV)
	$(PYTHON) -m pip --python $(BIN)/python install --quiet uv==$(UV) 2>/dev/null \
		|| { $(BIN)/python -m ensurepip >/dev/null && $(BIN)/python -m pip install --quiet uv==$(UV); }

# Installs what of uv.lock the options of `uv export` name, from the registry that uv or pip is set to.
define locked
	$(BIN)/uv export --quiet --frozen --no-emit-workspace --no-annotate --no-header $(1) --output-file $@.txt
	index="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(PYTHON) -m pip config get global.index-url 2>/dev/null)}}"; \
		$(BIN)/uv pip install --quiet --python $(BIN)/python $${index:+--default-index "$$index"} --require-hashes --requirement $@.txt
endef
OURS = $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable . --editable ./sandbox

$(VENV)/.demo: uv.lock pyproject.toml sandbox/pyproject.toml | $(BIN)/uv
	$(call locked,--group demo)
	$(OURS)
	touch $@

$(VENV)/.unit: uv.lock | $(BIN)/uv
	$(call locked,--only-group unit)
	touch $@

$(VENV)/.dev: uv.lock pyproject.toml sandbox/pyproject.toml | $(BIN)/uv
	$(call locked,--group dev)
	$(OURS)
	touch $@ $(VENV)/.demo $(VENV)/.unit

# Each process of the tests would compile all libraries and tests, which is more than it collects them for: once, in halves.
$(VENV)/.compiled: $(VENV)/.dev
	for part in "tests/unit tests/e2e" tests/integration; do \
		$(BIN)/python -m pytest -q --collect-only $$part >/dev/null & \
	done; wait
	touch $@

$(VENV)/.docs: uv.lock | $(BIN)/uv
	$(call locked,--only-group docs)
	touch $@

$(VENV)/.audit: uv.lock | $(BIN)/uv
	$(call locked,--only-group audit)
	touch $@

$(VENV)/.bench: uv.lock $(VENV)/.dev
	$(call locked,--only-group bench)
	touch $@
