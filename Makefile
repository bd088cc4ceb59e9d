# Every line calls cargo, npm or a script; nothing is decided here.
export PATH := $(HOME)/.cargo/bin:/usr/local/bin:$(PATH)

STEP := scripts/step.sh
NPM := npm --prefix web run --silent
AISLE := target/release/aisle
DATA := $(or $(AISLE_DATA_DIR),data)
WEB_FILES = $(shell find web -name node_modules -prune -o -name dist -prune -o -type f -print 2>/dev/null)

.PHONY: run test bench dev fmt gen web

run:
	@scripts/setup.sh run
	@$(MAKE) --no-print-directory web
	cargo build --release -p aisle-server
	@# A database somewhere else belongs to somebody: only a store of our own gets the demo goods.
	@[ -n "$$AISLE_DATABASE_URL" ] || [ -e "$(DATA)/aisle.db" ] || $(AISLE) seed --demo
	@$(AISLE) serve

test:
	@scripts/setup.sh test
	@$(STEP) "format" cargo fmt --all --check
	@$(STEP) "web: lint" $(NPM) lint
	@$(STEP) "web: types" $(NPM) check
	@$(STEP) "web: unit tests" $(NPM) test
	@$(STEP) "web: build" $(MAKE) --no-print-directory web
	@$(STEP) "clippy" cargo clippy --workspace --all-targets -- -D warnings
	@$(STEP) "rust tests, tidy, both databases" cargo $(if $(shell PATH="$(PATH)" command -v cargo-nextest),nextest run,test) --workspace
	@$(STEP) "build for end to end" cargo build -p aisle-server
	@$(STEP) "end to end" npm --prefix e2e test
	@echo; echo "==> all passed"

bench:
	@scripts/setup.sh run
	@$(MAKE) --no-print-directory web
	cargo run --release -p xtask -- bench

dev:
	@scripts/setup.sh run
	cargo run -p xtask -- dev

fmt:
	cargo fmt --all
	$(NPM) lint -- --fix

gen:
	cargo run -p xtask -- gen

# The server embeds web/dist, so it is built first, and only when something in web/ changed.
web: web/dist/.stamp

.SECONDEXPANSION:
web/dist/.stamp: $$(WEB_FILES)
	$(NPM) build
	@touch $@
