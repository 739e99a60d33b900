# `make run` serves, `make test` proves; everything either needs beyond Rust and Node it installs.

BIN := target/release/roundtable
DENY_VERSION := 0.20.2

.PHONY: run build test check rust-tests fixtures bench image clean

run: build
	$(BIN)

build:
	cargo build --release --locked

test: check rust-tests fixtures

check: .tools/bin/cargo-deny
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items
	.tools/bin/cargo-deny --locked check bans licenses sources

rust-tests:
	command -v cargo-nextest >/dev/null || cargo install --locked cargo-nextest
	cargo nextest run --locked

fixtures: build client-fixtures/node_modules/.package-lock.json
	cd client-fixtures && npm run check && npm test
	cd client-fixtures && python3 python/meeting.py

client-fixtures/node_modules/.package-lock.json: client-fixtures/package-lock.json
	cd client-fixtures && npm ci --no-fund --no-audit
	touch $@

bench: build
	cargo run --release --locked --example storm -- --server $(BIN)

image:
	docker build -t roundtable .

.tools/bin/cargo-deny:
	cargo install --locked --root .tools cargo-deny --version $(DENY_VERSION)

clean:
	rm -rf target .tools client-fixtures/node_modules
