# make demo: the main job on the project's own example. make test: everything that CI checks.
# Needs python3 (3.11 to 3.13), git and make; everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
SUITE := suites/support-desk
# Hundreds of processes that the tests start would compile every module each, where this is set.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: bench guard demo quick test docs fresh lint types layers tests mcp-clients outside newcomer pytest-plugins schema-suite warehouses wheels mutants format clean
GITHUB := action.yml .github examples/ci/gate.yml examples/ci/sharded.yml
CLIENTS := $(basename $(notdir $(wildcard tests/integration/agents/mcp-clients/*.txt)))
RECIPES := $(filter-out $(CLIENTS),$(notdir $(patsubst %/,%,$(dir $(wildcard examples/recipes/*/requirements.txt)))))
WAREHOUSES := $(basename $(notdir $(wildcard tests/integration/events/warehouses/*.txt)))

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.runtime: pyproject.toml hatch_build.py constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/.development: pyproject.toml hatch_build.py constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
		-e '.[dev,cache,mcp,chat,record,prices,rota,sign,warehouse,snowflake,cluster]'
	@touch $@ .venv/.runtime

# The example's next release breaks one action class on purpose: exit code 1 is what it shows.
demo: .venv/.runtime
	@$(BIN)/dialgate check $(SUITE) --release releases/2026.11.toml --baseline release.toml \
		--markdown .dialgate/demo.md --html .dialgate/demo.html; code=$$?; \
	if [ $$code -eq 1 ]; then \
		echo "The gate failed this release, as it should. The reports: .dialgate/demo.html and .dialgate/demo.md"; \
	else \
		echo "Expected exit code 1, found $$code."; exit 1; \
	fi

# Whole processes of dialgate and its peers, in turn: some 15 minutes on a quiet machine, peers from their
# packages in environments of their own below .bench/.
bench: .venv/.development
	@$(BIN)/python benchmarks/against_peers.py

# Hot paths beside the base's code in the same seconds: fails where one takes a fifth more processor time.
# BASE=REF names the base; else it is where this branch left main, or the commit before.
guard: .venv/.development
	@$(BIN)/python benchmarks/guard.py $(BASE:%=--base %)

# Both distributions into dist/, and whether the runtime's is as small as it says.
wheels: .venv/.development
	@rm -rf dist
	@$(BIN)/python -m hatchling build -t wheel -d $(CURDIR)/dist
	@cd dialgate_runtime && $(CURDIR)/$(BIN)/python -m hatchling build -t wheel -d $(CURDIR)/dist
	@$(BIN)/python benchmarks/wheels.py dist

# While you work: lint of what changed, types, and the tests of one module at a time, with few examples
# of each property. Left out are simulations of error rates and what takes processes, a database's
# engine or much of the clock to show; `make test` runs it all.
CHANGED = $(shell { git diff --name-only --diff-filter=d HEAD; git ls-files --others --exclude-standard; } | grep '\.py$$')
SLOW := tests/gate/verdict/sequential/test_operating_characteristics.py tests/gate/planning \
	tests/gate/changes/tool_drift/test_schema_drift.py tests/gate/statistics/test_rate_sequence.py \
	tests/gate/statistics/test_recorded_trials.py tests/dialgate/pytest_suite \
	tests/dialgate/check/test_attacks.py tests/dialgate/terminal tests/evals/files/test_time_bounds.py \
	tests/evals/events/deriving/test_derivation.py tests/evals/events/test_event_sources.py \
	tests/evals/events/test_event_cube.py tests/evals/events/test_task_counts.py \
	tests/evals/events/watched tests/evals/scoring/test_bfcl_oracle.py \
	tests/evals/running/simulation/test_mcp_ask.py tests/evals/running/simulation/test_mcp_server.py \
	tests/evals/running/simulation/test_python_pull.py tests/evals/running/containment \
	tests/gate/live/test_live_bound.py tests/gate/verdict/test_release_verdict.py \
	tests/gate/audit/test_dial_export.py tests/gate/audit/test_exported_leases.py \
	tests/gate/audit/test_dsse.py tests/dialgate/reporting/test_github_reporting.py \
	tests/dialgate/dial/recommending tests/dialgate/cases/accepting \
	tests/dialgate/runs/fuzzing tests/gate/settings/test_thresholds.py \
	tests/evals/importing/test_real_files.py tests/evals/importing/test_round_trip.py \
	tests/reports/graduation/test_decision_and_report.py tests/dialgate/test_commands.py \
	tests/gate/ladder/test_conditions.py tests/gate/statistics/watched tests/gate/live/alarms \
	tests/evals/running/agents/test_python_shapes.py tests/evals/running/agents/test_chat_agent.py \
	tests/evals/running/agents/test_project_code.py tests/evals/running/executors/cluster \
	tests/evals/running/simulation/test_simulator.py tests/evals/running/judges/test_bad_judges.py \
	tests/dialgate/git/test_default_base.py tests/dialgate/scaffold \
	tests/gate/audit/test_call_classes.py tests/gate/verdict/sequential/test_judged_replies.py \
	tests/gate/verdict/recorded/test_judged_replies.py

quick: .venv/.development
	@$(if $(CHANGED),$(BIN)/ruff check $(CHANGED) && $(BIN)/ruff format --check $(CHANGED))
	@$(BIN)/mypy
	@DIALGATE_HYPOTHESIS=quick $(BIN)/python -m pytest -q -n 2 --dist worksteal \
		$(SLOW:%=--ignore=%) tests/evals tests/gate tests/reports tests/dialgate

# What needs no other goes two at a time; the tests have both processors for themselves.
test: .venv/.development
	@$(MAKE) --no-print-directory -j 2 --output-sync=target \
		lint types layers docs mcp-clients pytest-plugins warehouses
	@$(MAKE) --no-print-directory tests

lint: .venv/.development
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/zizmor --offline --quiet --no-progress --collect=all $(GITHUB)
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows \
		.github/workflows/*.yml examples/ci/gate.yml examples/ci/sharded.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms \
		$(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-config \
		.github/ISSUE_TEMPLATE/config.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci \
		examples/ci/gitlab-ci.yml

types: .venv/.development
	@$(BIN)/mypy

layers: .venv/.development
	@$(BIN)/lint-imports

# The documentation site, with the API pages; a link between pages that leads nowhere ends it.
docs: .venv/.development
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# Agents of other people's frameworks, each in an environment of its own: what the tests of MCP and of
# real agents run.
mcp-clients: $(CLIENTS:%=.venv/mcp-clients/%/.installed)

.venv/mcp-clients/%/.installed: tests/integration/agents/mcp-clients/%.txt | .venv/bin/python
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# Every recipe, each in an environment of its own, against a model on loopback; takes some minutes.
# Three of them run with the tests, in the environments of mcp-clients.
outside: .venv/.development mcp-clients schema-suite $(RECIPES:%=.venv/outside/%/.installed) .venv/outside/ai-sdk/.installed
	@DIALGATE_OUTSIDE=1 $(BIN)/python -m pytest -q tests/outside tests/evals/files/json_schema

# The official tests of JSON Schema, for the test that holds both validators to each other.
schema-suite: .venv/outside/schema-suite/.installed

.venv/outside/schema-suite/.installed: constraints.txt | .venv/bin/python
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
		-c constraints.txt --dest $(@D) jsonschema
	@touch $@

# A newcomer on a clean machine, by the lines of the tutorial: installs from the registries, takes some minutes.
# WRITE=--write puts what it counted into the tutorial.
newcomer: .venv/.development
	@$(BIN)/python -m tests.outside.newcomer $(WRITE)

.venv/outside/ai-sdk/.installed: examples/recipes/ai-sdk/package.json | .venv/bin/python
	mkdir -p $(@D)
	cp $< $(@D)/
	npm install --prefix $(@D) --no-fund --no-audit --silent
	@touch $@

.venv/outside/%/.installed: examples/recipes/%/requirements.txt | .venv/bin/python
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# Other people's pytest plug-ins, into a folder: a test loads those that it is about.
pytest-plugins: .venv/pytest-plugins/.installed

.venv/pytest-plugins/.installed: tests/dialgate/pytest_suite/pytest-plugins.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(@D) -r $<
	@touch $@

# What stands in for a warehouse that no test can reach.
warehouses: $(WAREHOUSES:%=.venv/warehouses/%/.installed)

.venv/warehouses/%/.installed: tests/integration/events/warehouses/%.txt | .venv/bin/python
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# A part of a test's time waits for a process, a page or a server: four workers fill two processors.
tests: .venv/.development
	@$(BIN)/python -m pytest -q -n 4 --dist worksteal

# Properties on examples that no run before had: what `make tests` tries of them is always the same.
fresh: .venv/.development
	@DIALGATE_HYPOTHESIS=fresh $(BIN)/python -m pytest -q -n 4 --dist worksteal -m hypothesis tests

# Mutants of the gate's statistics and verdict: what the tests let live is listed and explained in
# docs/explanation/mutants.md. Goes on where it was interrupted; takes some ten minutes.
mutants: .venv/.mutants
	@$(BIN)/python tests/house/mutants.py $(ONLY)

.venv/.mutants: .venv/.development
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt 'mutmut>=3.8.1,<4'
	@touch $@

format: .venv/.development
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:
	rm -rf .venv .site .dialgate dist mutants .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
