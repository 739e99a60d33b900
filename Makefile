# `make run` serves, `make test` proves; everything either needs beyond Rust and Node it installs.

BIN := target/release/roundtable
DENY_VERSION := 0.20.2
# Folders too: what was deleted is a change.
UI_SOURCES := $(shell find ui/src ui/scripts ! -name '*.test.ts') $(wildcard ui/*.html ui/*.json ui/*.ts)

.PHONY: run run-cluster build ui types test check rust-tests fixtures browser services chromium bench image clean
# A page that was built by half is none.
.DELETE_ON_ERROR:

run: build
	$(BIN)

run-cluster: build services
	deploy/run-cluster

# The page is embedded, so it comes first. Everything but `build` does without it.
build: ui
	cargo build --release --locked

ui: ui/dist/index.html

ui/dist/index.html: ui/node_modules/.package-lock.json $(UI_SOURCES)
	cd ui && npm run build

ui/node_modules/.package-lock.json: ui/package-lock.json
	cd ui && npm ci --no-fund --no-audit
	touch $@

# The types that the page shares with the server, written anew; a test compares them.
types:
	UPDATE_SNAPSHOTS=1 cargo test --locked --lib -- the_page_has_the_types_of_the_server

test: check rust-tests fixtures browser

check: .tools/bin/cargo-deny
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items
	.tools/bin/cargo-deny --locked check bans licenses sources

rust-tests: services
	command -v cargo-nextest >/dev/null || cargo install --locked cargo-nextest
	cargo nextest run --locked

fixtures: build services client-fixtures/node_modules/.package-lock.json benches/baseline/node_modules/.package-lock.json
	cd benches/baseline && node --test test.js
	cd client-fixtures && npm run check && npm test
	cd client-fixtures && python3 python/meeting.py

client-fixtures/node_modules/.package-lock.json: client-fixtures/package-lock.json
	cd client-fixtures && npm ci --no-fund --no-audit
	touch $@

browser: build chromium
	cd ui && npm run check && npm run unit && npm run browser

# Debian's packages of the servers that clusters are made of.
services:
	@export PATH="$$PATH:/usr/sbin"; \
	if ! { command -v redis-server && command -v nginx; } >/dev/null; then \
		set -e; as_root=$$([ $$(id -u) = 0 ] || echo sudo); \
		$$as_root apt-get update -q; \
		$$as_root apt-get install -qy --no-install-recommends redis-server nginx-light; \
	fi

# Debian's package of the browser that the page is tested in.
chromium:
	@if ! test -x /usr/bin/chromium; then \
		set -e; as_root=$$([ $$(id -u) = 0 ] || echo sudo); \
		$$as_root apt-get update -q; \
		$$as_root apt-get install -qy --no-install-recommends chromium; \
		test -x /usr/bin/chromium; \
	fi

bench: build services benches/baseline/node_modules/.package-lock.json
	cargo build --release --locked --example storm
	target/release/examples/storm measure
	target/release/examples/storm compare
	target/release/examples/storm cluster
	target/release/examples/storm grow
	for dialect in socketio polling signal sync; do target/release/examples/storm load --dialect $$dialect || exit; done
	target/release/examples/storm churn
	target/release/examples/storm slow --seconds 20
	target/release/examples/storm join

benches/baseline/node_modules/.package-lock.json: benches/baseline/package-lock.json
	cd benches/baseline && npm ci --no-fund --no-audit
	touch $@

image:
	docker build -t roundtable .

# Not optimised: it runs for two seconds, and is built in one minute instead of nine.
.tools/bin/cargo-deny:
	CARGO_PROFILE_DEV_DEBUG=0 cargo install --locked --debug --root .tools cargo-deny --version $(DENY_VERSION)

clean:
	rm -rf target .tools client-fixtures/node_modules benches/baseline/node_modules ui/node_modules ui/dist
