# Every command of the project. `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
TOOLS := $(CURDIR)/target/tools
export PATH := $(HOME)/.cargo/bin:$(TOOLS)/prometheus/usr/bin:$(TOOLS)/prometheus-alertmanager/usr/bin:$(TOOLS)/prometheus-mysqld-exporter/usr/bin:$(TOOLS)/rotel/rotel:$(TOOLS)/galera/usr/bin:$(PATH)

MARIADB := cargo run --quiet --package registration-testkit --bin with-mariadb --
# Browser tests drive debug builds.
BINARIES := $(abspath $(or $(CARGO_TARGET_DIR),target))/debug
RELEASE := $(abspath $(or $(CARGO_TARGET_DIR),target))/release
BROWSER_TESTS := STUDENT_REGISTRATION_BIN=$(BINARIES)/student-registration OTLP_RECEIVER_BIN=$(BINARIES)/otlp-receiver
CARGO_DENY := 0.20.2
CARGO_FUZZ := 0.13.2
GECKODRIVER := 0.37.1

##@ Start here

.PHONY: run
run: setup-run ## Build and serve form and office on http://localhost:5000, with an embedded database in ./data
	LOG_FORMAT=$${LOG_FORMAT:-pretty} FIRST_ADMIN=$${FIRST_ADMIN:-admin@school.example} cargo run --release --locked

.PHONY: test
test: setup-test format lint layers features rustdoc check-infra check-chart test-rust test-mysql test-frontend dependencies ## Check everything; what CI runs

##@ Parts of make test

# Programs and tests with the features of the whole workspace: a package alone has fewer, with which its
# dependencies would be compiled again.
.PHONY: programs
programs:
	cargo build --workspace --bins --tests --locked --quiet

.PHONY: format
format: ## Check the formatting (cargo fmt corrects it)
	cargo fmt --all --check

.PHONY: lint
lint: ## Clippy, with warnings denied
	cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
	cargo clippy --workspace --test stack --test cluster --locked --quiet -- -D warnings

.PHONY: layers
layers: ## Check the dependencies between crates and modules, and the README's map
	scripts/check-layers
	scripts/check-readme

.PHONY: features
features: ## Check that each backend builds without the other
	cargo clippy --locked --quiet -p registration-persistence -p registration-api --lib --bins --no-default-features --features sqlite -- -D warnings
	cargo clippy --locked --quiet -p registration-persistence -p registration-api --lib --bins --no-default-features --features mysql -- -D warnings

.PHONY: rustdoc
rustdoc: ## Build the crates' API documentation, with warnings denied
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet --document-private-items

.PHONY: test-rust
test-rust: programs $(TOOLS)/check/installed ## Rust tests, against SQLite and a private MariaDB (or the server TEST_MYSQL_URL names)
	SCHEMATHESIS=$(TOOLS)/check/bin/schemathesis $(BINARIES)/with-mariadb cargo test --workspace --locked
	cp Cargo.lock crates/contract/tests/outside # the same versions
	CARGO_TARGET_DIR=$${CARGO_TARGET_DIR:-target} cargo test --quiet --offline --manifest-path crates/contract/tests/outside/Cargo.toml

.PHONY: test-persistence test-api
test-persistence test-api: test-%: ## One layer's tests, on both backends
	$(MARIADB) cargo test --package registration-$* --locked

.PHONY: test-mysql
test-mysql: programs ## The MySQL trials of persistence and API on a private MySQL (or the server TEST_MYSQL_URL names)
	@scripts/setup mysql || { echo "SKIPPED test-mysql: MySQL's server cannot be installed here"; exit 0; }; \
	set -x; TEST_SERVER_KIND=mysql $(BINARIES)/with-mariadb cargo test --package registration-persistence --package registration-api --test contract --test api --locked --no-fail-fast -- mysql

.PHONY: test-frontend
test-frontend: programs frontend/node_modules ## Browser tests in headless Chromium; checks that the built CSS is current
	cd frontend && npm run --silent check
	cd frontend && $(BROWSER_TESTS) npm run --silent test

# What is missing and cannot be installed is named by the test, which skips that browser.
.PHONY: test-browsers
test-browsers: programs frontend/node_modules ## The form and the office in Firefox and in WebKit (not part of make test)
	@for program in firefox-esr WebKitWebDriver xvfb-run; do command -v $$program >/dev/null || missing=yes; done; \
	  [ -z "$$missing" ] || [ "$$(id -u)" -ne 0 ] || apt-get install -qq --no-install-recommends firefox-esr webkit2gtk-driver xvfb || true
	@[ -x target/tools/bin/geckodriver ] || \
	  CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --debug --locked --root target/tools geckodriver@$(GECKODRIVER) || true
	cd frontend && $(BROWSER_TESTS) PATH=$(CURDIR)/target/tools/bin:$$PATH npm run --silent test:browsers

# LibreOffice itself, and pdftoppm for the pictures.
.PHONY: test-office
test-office: setup-office programs frontend/node_modules ## A morning in two browsers, exports in LibreOffice, printed lists beside their pictures (minutes; not part of make test)
	SOFFICE=$$(command -v soffice) cargo test --package registration-api --test api --locked -- libreoffice
	cd frontend && $(BROWSER_TESTS) npm run --silent test:print
	cd frontend && $(BROWSER_TESTS) npm run --silent test:morning

.PHONY: test-cluster
test-cluster: setup-cluster ## The service on a real Galera cluster behind HAProxy (minutes; not part of make test)
	cargo test --package registration-api --test cluster --locked

.PHONY: test-stack
test-stack: setup-stack target/expressions.json ## The real observability stack: every expression, and each alert by its fault (minutes; ALERT=NAME for one)
	cargo build --locked --quiet -p registration-load
	cargo test --package registration-api --test stack --locked -- $(ALERT)

.PHONY: history
history: ## Histories under random faults, more than in make test: [SEEDS=20] [SECONDS=10]; SEEDS=7-7 for one
	HISTORY_SEEDS=$(or $(SEEDS),20) HISTORY_SECONDS=$(or $(SECONDS),10) \
	  cargo test --package registration-api --test api --locked -- histories --nocapture

.PHONY: kill-run
kill-run: ## [REGISTRATIONS=1000000] through [KILLS=100] of service or server (minutes; not part of make test)
	cargo build --release --locked --quiet
	KILL_RUN_REGISTRATIONS=$(or $(REGISTRATIONS),1000000) KILL_RUN_KILLS=$(or $(KILLS),100) \
	  KILL_RUN_PROGRAM=$(RELEASE)/student-registration \
	  cargo test --package registration-api --test api --locked -- kill_run --nocapture

.PHONY: dependencies
dependencies: target/tools/bin/cargo-deny ## Licences, sources and bans of dependencies
	cargo fetch --locked --quiet # for other platforms too
	target/tools/bin/cargo-deny --offline check bans licenses sources

target/tools/bin/cargo-deny:
	CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --debug --locked --root target/tools cargo-deny@$(CARGO_DENY)

##@ While you work

.PHONY: css
css: frontend/node_modules ## Build frontend/dist/
	cd frontend && npm run --silent build

.PHONY: docs
docs: ## Update the generated parts of docs/
	UPDATE_DOCS=1 cargo test --package registration-api --lib --quiet documented

.PHONY: golden
golden: ## Update the expected traces, crates/api/tests/golden/
	INSTA_UPDATE=always $(MARIADB) cargo test --package registration-api --test api traces_have_their_shape

.PHONY: screenshots
screenshots: setup-test frontend/node_modules ## Take a screenshot of every page into target/screenshots
	cargo build --locked --quiet
	cd frontend && $(BROWSER_TESTS) npm run --silent screenshots -- $(CURDIR)/target/screenshots

# The service is built alone, as by make run: features that other packages enable would slow it.
.PHONY: bench-programs
bench-programs: setup-bench
	cargo build --release --locked --quiet
	cargo build --release --locked --quiet -p registration-bench -p registration-testkit --bins
	cargo build --release --locked --quiet -p registration-api --example bare-handler

BENCH = $(RELEASE)/with-mariadb --settings infra/mariadb/registration.cnf $(RELEASE)/registration-bench

.PHONY: bench
bench: bench-programs ## Benchmark the service against its limits into target/bench.md (11 minutes)
	$(BENCH) report --output target/bench.md

.PHONY: bench-pairs
bench-pairs: bench-programs ## Compare with another build: BEFORE=PROGRAM [AFTER=PROGRAM] [PAIRS=12] [SECONDS_EACH=4]
	$(BENCH) pairs

.PHONY: bench-desk
bench-desk: bench-programs ## The desk on a large table, into target/bench-desk.md: [STUDENTS=100000] [DATABASE=sqlite] [PAIRS=6] (4 minutes)
	$(BENCH) desk --output target/bench-desk.md

.PHONY: load-test
load-test: ## Send fifty requests to the running service (HOST=http://localhost:5000)
	cargo run --quiet --locked --release -p registration-load -- --host $(or $(HOST),http://localhost:5000) --runs 50

# libFuzzer's instrumentation is behind nightly flags, which RUSTC_BOOTSTRAP opens on the stable toolchain. What
# the fuzzer finds is below target/; cases worth keeping are copied into fuzz/corpus/.
.PHONY: fuzz
fuzz: target/tools/bin/cargo-fuzz ## Fuzz TARGET, or every target, for SECONDS each (60); what it finds is in target/fuzz
	@set -e; for target in $(or $(TARGET),$(notdir $(wildcard fuzz/corpus/*))); do \
	  found=target/fuzz/found/$$target; mkdir -p $$found target/fuzz/artifacts; \
	  RUSTC_BOOTSTRAP=1 target/tools/bin/cargo-fuzz fuzz run --sanitizer none --target-dir target/fuzz $$target $$found \
	    fuzz/corpus/$$target -- -max_total_time=$(or $(SECONDS),60) -max_len=4096 -timeout=5 \
	    -artifact_prefix=target/fuzz/artifacts/$$target-; \
	done

target/tools/bin/cargo-fuzz:
	cargo install --quiet --debug --locked --root target/tools cargo-fuzz@$(CARGO_FUZZ)

.PHONY: dockerfile
dockerfile: ## Lint infra/Dockerfile (needs hadolint)
	hadolint infra/Dockerfile

.PHONY: help
help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z][a-z0-9 -]*:.*## / {printf "  \033[1mmake %-23s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup-run setup-test setup-bench setup-office setup-cluster setup-stack
setup-run:
	@scripts/setup run
setup-test:
	@scripts/setup test
setup-bench:
	@scripts/setup bench
setup-office:
	@scripts/setup office
setup-cluster:
	@scripts/setup cluster
setup-stack:
	@scripts/setup stack

frontend/node_modules: frontend/package-lock.json
	cd frontend && npm ci --ignore-scripts --loglevel=error
	@touch $@

include infra/stack.mk
include infra/check.mk
include infra/helm.mk
