# Every target sets up what it needs, and does nothing that is done already.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check types lint bench package setup ui icons app app-for-tests test-core test-ui test-shell test-servers chaos sim fmt

UI_SOURCES := $(shell find ui/src ui/messages ui/scripts ui/index.html ui/vite.config.ts ui/package-lock.json -type f 2>/dev/null)

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: setup app ## Opens the desk; without a display, a bounded tour with pictures
	@scripts/run.sh

test: setup $(if $(CORE_TESTED),,test-core) test-ui test-shell ## All tests but those against real servers

check: lint test-core ## What a change has to pass: format, lints, types, core tests, generated types

lint: setup ui ## Format, clippy, svelte-check, oxlint, exported symbols
	@scripts/lint.sh

bench: setup ui ## Measures, and writes docs/benchmarks.md
	@scripts/bench.sh

package: setup ui ## A .deb and an .rpm in target/release/bundle
	@scripts/package.sh

setup: ## Installs missing packages (apt), and the UI's
	@scripts/setup.sh build run ui

ui: ui/dist/index.html ## Builds ui/dist

ui/dist/index.html: $(UI_SOURCES)
	@scripts/setup.sh ui
	@npm --prefix ui run --silent build
	@touch $@

app: ui ## Builds the window and deskctl (debug)
	@cargo build --workspace --bins

# With the tests' features, so that the libraries are built once for both.
app-for-tests: setup ui
	@cargo build --workspace --all-targets

icons: ## Draws every icon size again from its source
	@icons/make.sh

test-core: setup ui ## Rust tests, and that the generated types are current (SUITE=name for some)
	@scripts/test-core.sh $(SUITE)

test-ui: setup ## UI unit tests
	@npm --prefix ui run --silent test

test-shell: app-for-tests ## The real window on a private desktop (SUITE=name for one file)
	@tests/shell/run.sh $(SUITE)

test-servers: setup ## Against real servers on loopback
	@tests/servers/run.sh

chaos: setup ## Two desks, a wire that breaks, 100 kills; hub, Workorder and RT (PROVIDER=hub, CHAOS_SEED=N)
	@cargo build --quiet -p deskbell-cli -p deskbell-hub -p deskbell-tests --bins --example dump_store --example serve_hub
	@tests/servers/chaos/run.sh $${CARGO_TARGET_DIR:-target}/debug $(PROVIDER)

sim: setup ## Invented faults against the engine (SEEDS=10000, FROM=1; again: SEED=17 KEEP=1,4,9; broken on purpose: SABOTAGE=resend|forget|acknowledge)
	@cargo run --quiet -p deskbell-testkit --bin simworld -- $(if $(SEED),--seed $(SEED) $(if $(KEEP),--keep $(KEEP)),--seeds $(or $(SEEDS),300) --from $(or $(FROM),1)) $(if $(SABOTAGE),--sabotage $(SABOTAGE))

types: setup ## Writes ui/src/api/generated.ts from the command list
	@DESKBELL_WRITE_TYPES=1 cargo test --quiet -p deskbell-api --lib typescript

fmt: ## Formats the Rust code
	@cargo fmt --all
