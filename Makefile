# `make run` serves, `make test` proves; everything either needs beyond Rust and Node it installs.

BIN := target/release/roundtable
DENY_VERSION := 0.20.2

.PHONY: run run-cluster build test check rust-tests fixtures services bench image clean

run: build
	$(BIN)

run-cluster: build services
	deploy/run-cluster

build:
	cargo build --release --locked

test: check rust-tests fixtures

check: .tools/bin/cargo-deny
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items
	.tools/bin/cargo-deny --locked check bans licenses sources

rust-tests: services
	command -v cargo-nextest >/dev/null || cargo install --locked cargo-nextest
	cargo nextest run --locked

fixtures: build services client-fixtures/node_modules/.package-lock.json
	cd client-fixtures && npm run check && npm test
	cd client-fixtures && python3 python/meeting.py

client-fixtures/node_modules/.package-lock.json: client-fixtures/package-lock.json
	cd client-fixtures && npm ci --no-fund --no-audit
	touch $@

# Debian's packages of the servers that clusters are made of.
services:
	@export PATH="$$PATH:/usr/sbin"; \
	if ! { command -v redis-server && command -v nginx; } >/dev/null; then \
		set -e; as_root=$$([ $$(id -u) = 0 ] || echo sudo); \
		$$as_root apt-get update -q; \
		$$as_root apt-get install -qy --no-install-recommends redis-server nginx-light; \
	fi

bench: build
	cargo run --release --locked --example storm -- --server $(BIN)

image:
	docker build -t roundtable .

.tools/bin/cargo-deny:
	cargo install --locked --root .tools cargo-deny --version $(DENY_VERSION)

clean:
	rm -rf target .tools client-fixtures/node_modules
