# Every target sets up what it needs, and does nothing that is done already.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check types lint bench package setup ui icons app app-for-tests test-core test-ui test-shell test-servers fmt

UI_SOURCES := $(shell find ui/src ui/messages ui/index.html ui/vite.config.ts ui/package-lock.json -type f 2>/dev/null)

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

types: setup ## Writes ui/src/api/generated.ts from the command list
	@DESKBELL_WRITE_TYPES=1 cargo test --quiet -p deskbell-api --lib typescript

fmt: ## Formats the Rust code
	@cargo fmt --all
