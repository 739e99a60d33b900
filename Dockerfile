# syntax=docker/dockerfile:1

FROM node:20-bookworm-slim AS ui
WORKDIR /ui
COPY ui/package.json ui/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-fund --no-audit
COPY ui ./
RUN npm run build

FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends musl-tools && rm -rf /var/lib/apt/lists/* \
    && rustup target add x86_64-unknown-linux-musl
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
COPY .cargo .cargo
COPY src src
COPY --from=ui /ui/dist ui/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin roundtable --target x86_64-unknown-linux-musl \
    && install -D target/x86_64-unknown-linux-musl/release/roundtable /out/roundtable \
    && install -d -m 0750 /out/data

FROM scratch
COPY --from=build /out/roundtable /roundtable
COPY --from=build --chown=10001:10001 /out/data /data
USER 10001:10001
ENV ROUNDTABLE_STORE=sqlite:/data/roundtable.db ROUNDTABLE_OPS_LISTEN=0.0.0.0:9464 ROUNDTABLE_LOG_FORMAT=json
VOLUME /data
EXPOSE 3001 9464
HEALTHCHECK --interval=10s --timeout=4s --start-period=5s CMD ["/roundtable", "healthcheck"]
ENTRYPOINT ["/roundtable"]
