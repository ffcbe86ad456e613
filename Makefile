# What a newcomer types: `make demo` and `make test`. Both install what they lack.

.DEFAULT_GOAL := help
.PHONY: help demo test lint conformance chaos bench-growth bench-webhooks bench-queue varied quality fmt clippy deny setup setup-test build model mutated forge-ui
.SUFFIXES:

# rustup's usual place, for shells that were opened before Rust was installed.
export PATH := $(PATH):$(HOME)/.cargo/bin
CARGO ?= cargo
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
# Atlassian's files that conformance is checked against; they are no part of this repository.
BRINE_ARTEFACTS ?= ../shared/artefacts
TIMED := scripts/timed.sh
# What writes where it matters that something is written, not what.
SMALL_MODEL := smollm2-135m

# The demo needs the first alone: the validators are large.
NODE_PACKAGES := tests/node/node_modules/.package-lock.json
UI_PACKAGES := forge/ui/node_modules/.package-lock.json
PEERS := tests/node/peers/node_modules/.package-lock.json
BENCH_EXPRESS := tests/node/bench-express/node_modules/.package-lock.json
BENCH_PEERS := tests/node/bench/node_modules/.package-lock.json
PYTHON_PACKAGES := tests/python/packages/.installed
CLOUD_CONFIG := tests/python/packages/cloud-config.json
VALIDATORS := tests/node/atlassian/node_modules/.package-lock.json $(UI_PACKAGES) $(PYTHON_PACKAGES) $(CLOUD_CONFIG)

help: ## Show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: setup $(NODE_PACKAGES) ## Turn three stories into acceptance criteria inside a fake Jira
	@$(TIMED) "build" $(CARGO) build --release -p brine -p brine-tests --bin brine --bin demo
	@$(TARGET_DIR)/release/brine model pull
	@$(TARGET_DIR)/release/demo

test: setup-test $(NODE_PACKAGES) $(VALIDATORS) ## Format, lints, every test (unit, property, whole system, browser), quality of what is written
	@$(TIMED) "format" $(MAKE) --no-print-directory fmt
	@$(TIMED) "clippy" $(MAKE) --no-print-directory clippy
	@$(TIMED) "build" $(MAKE) --no-print-directory build
	@$(TIMED) "model" $(MAKE) --no-print-directory model
	@$(TIMED) "tests" $(CARGO) test --workspace
	@$(TIMED) "quality" $(MAKE) --no-print-directory quality

lint: setup-test ## Format, clippy without warnings, licences and known vulnerabilities of dependencies
	@$(TIMED) "format" $(MAKE) --no-print-directory fmt
	@$(TIMED) "clippy" $(MAKE) --no-print-directory clippy
	@$(TIMED) "deny" scripts/deny.sh

conformance: setup-test $(NODE_PACKAGES) $(VALIDATORS) $(PEERS) ## Hold every request and answer against Atlassian's own schemas (needs BRINE_ARTEFACTS)
	@test -d "$(BRINE_ARTEFACTS)" || { echo "conformance: there is no folder $(BRINE_ARTEFACTS); name the one with Atlassian's files in BRINE_ARTEFACTS" >&2; exit 1; }
	@BRINE_ARTEFACTS="$(abspath $(BRINE_ARTEFACTS))" $(TIMED) "conformance" $(CARGO) test --workspace --features brine-tests/conformance --test conformance

quality: build model ## Six dev stories by the shipped adapter: what it writes must not get worse than it was
	@$(TARGET_DIR)/debug/brine eval crates/lab/data/dev.jsonl --limit 6 --repeats 1 --deadline 600 --out $(TARGET_DIR)/quality \
	    --arm shipped=model,model=$(SMALL_MODEL),adapter=acceptance-criteria --baseline crates/lab/baselines/shipped.json >/dev/null

mutated: setup-test ## 100,000 mutated webhooks, documents and tokens each: no panic, no 5xx, nothing written
	@BRINE_MUTATED=100000 $(TIMED) "mutated" $(CARGO) test --workspace --lib mutated_

chaos: setup-test $(NODE_PACKAGES) ## Processes, Redis, Postgres and Jira break in every way; a table of what was lost or doubled (15 minutes; the full disk needs root)
	@$(TIMED) "build" $(CARGO) build --release -p brine -p brine-tests --bin brine --bin chaos
	@$(TARGET_DIR)/release/chaos

bench-growth: setup-test $(NODE_PACKAGES) ## Stories a minute with 1 to 8 workers and a model that costs nothing
	@$(TIMED) "build" $(CARGO) build --release -p brine -p brine-tests --bin brine --bin bench-growth
	@$(TARGET_DIR)/release/bench-growth

varied: setup $(NODE_PACKAGES) ## 200 stories of every kind, each answer held against the official parser and our form (an hour)
	@$(TIMED) "build" $(CARGO) build --release -p brine -p brine-tests --bin brine --bin varied
	@$(TARGET_DIR)/release/brine model pull
	@$(TARGET_DIR)/release/varied

bench-webhooks: setup-test $(NODE_PACKAGES) $(BENCH_EXPRESS) ## Webhooks taken in a second, and memory, against Atlassian's own framework (5 minutes, once both are built)
	@$(TIMED) "build" $(CARGO) build --profile dist -p brine --bin brine
	@$(TIMED) "build" $(CARGO) build --release -p brine-tests --bin bench-webhooks
	@BRINE_BIN=$(TARGET_DIR)/dist/brine $(TARGET_DIR)/release/bench-webhooks

bench-queue: setup-test $(BENCH_PEERS) ## The queue in Redis next to BullMQ on the same server; memory and take time with 1,000,000 waiting jobs
	@$(TIMED) "build" $(CARGO) build --release -p brine-core --example queue_rate
	@$(TARGET_DIR)/release/examples/queue_rate

forge-ui: setup $(UI_PACKAGES) ## Build the pages of the Forge app anew, after a change to them
	@cd forge/ui && npm run --silent build

fmt:
	@$(CARGO) fmt --all --check

clippy:
	@$(CARGO) clippy --workspace --all-targets -- -D warnings

# Everything that `cargo test --workspace` runs, with the same features, so that nothing is built twice; and the binaries.
build:
	@$(CARGO) build --workspace --all-targets

model:
	@$(TARGET_DIR)/debug/brine model pull $(SMALL_MODEL)

setup:
	@scripts/setup.sh

setup-test:
	@scripts/setup.sh test

# npm leaves this file behind when it is through. The lock files name no registry, so the user's own one is asked.
%/node_modules/.package-lock.json: %/package.json %/package-lock.json %/.npmrc | setup
	@cd $* && npm ci --no-progress --loglevel=error
	@touch $@

$(PYTHON_PACKAGES): tests/python/requirements.txt | setup
	@python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --upgrade --target $(@D) --requirement $<
	@touch $@

$(CLOUD_CONFIG): scripts/cloud-config-schema.sh $(PYTHON_PACKAGES)
	@$< $@
