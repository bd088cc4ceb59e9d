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
	cargo build --release --workspace
	@# A database somewhere else belongs to somebody: only a store of our own gets the demo goods.
	@[ -n "$$AISLE_DATABASE_URL" ] || [ -e "$(DATA)/aisle.db" ] || $(AISLE) seed --demo
	@# Who tries out payments talks to a simulator; it ends with the shop, and the shop does without it.
	@$(AISLE) gateway-sim --with-parent & exec $(AISLE) serve

test:
	@scripts/setup.sh test
	@$(STEP) "format" cargo fmt --all --check
	@$(STEP) "web: lint" $(NPM) lint
	@$(STEP) "web: types" $(NPM) check
	@$(STEP) "web: unit tests" $(NPM) test
	@$(STEP) "web: build" $(MAKE) --no-print-directory web
	@$(STEP) "clippy" cargo clippy --workspace --all-targets -- -D warnings
	@$(STEP) "build" cargo build --workspace --all-targets
	@$(STEP) "tidy" target/debug/xtask tidy
	@$(STEP) "generated files" target/debug/xtask gen --check
	@$(STEP) "rust tests, both databases" target/debug/xtask with-postgres cargo $(if $(shell PATH="$(PATH)" command -v cargo-nextest),nextest run,test) --workspace
	@$(STEP) "payment clients, independent gateway" target/pay_gateway/bin/python scripts/pay_gateway/run.py
	@$(STEP) "schema fuzzing, three roles" target/schema_fuzz/bin/python scripts/schema_fuzz/run.py
	@$(STEP) "payment SDKs of others" target/pay_sdks/bin/python scripts/pay_sdks/run.py
	@$(STEP) "end to end" npm --prefix e2e test --silent
	@echo; echo "==> all passed"

bench:
	@scripts/setup.sh run
	@$(MAKE) --no-print-directory web
	cargo build --release --workspace
	target/release/xtask bench

dev:
	@scripts/setup.sh run
	cargo build --workspace
	@echo "API on http://127.0.0.1:8080, pages with live reload on the address below"
	@target/debug/aisle serve & trap "kill $$!" EXIT; $(NPM) dev

fmt:
	cargo fmt --all
	$(NPM) lint -- --fix

gen:
	cargo build --workspace
	target/debug/xtask gen
	$(NPM) gen

# The server embeds web/dist, so it is built first, and only when something in web/ changed.
web: web/dist/.stamp

.SECONDEXPANSION:
web/dist/.stamp: $$(WEB_FILES)
	$(NPM) build
	@touch $@
