//! The files of the built pages: embedded when the server is compiled, sent as the client wants
//! them.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use rust_embed::Embed;
use sha2::{Digest, Sha256};

use crate::http::base::BasePath;

/// What the build of the pages has left; nothing if they were not built.
#[derive(Embed)]
#[folder = "ui/dist"]
#[allow_missing = true]
struct Built;

/// The page that is told the base path.
const INDEX: &str = "index.html";
const BASE: &str = "<base href=\"/\">";
/// The ending of a compressed copy.
const BROTLI: &str = ".br";
/// The ending of a file that is there compressed only, because it is large and hardly ever wanted.
const GZIP: &str = ".gz";
/// Bytes of a digest that tell versions of a file apart.
const TAG_BYTES: usize = 12;

/// The files, by their paths below the folder of the build.
#[derive(Debug, Default)]
pub struct Site(HashMap<String, File>);

#[derive(Debug)]
struct File {
    kind: &'static str,
    tag: String,
    bytes: Bytes,
    /// How `bytes` are compressed.
    coding: Option<&'static str>,
    compressed: Option<Bytes>,
}

impl Site {
    /// What was embedded, for a server that is reached below `base`.
    #[must_use]
    pub fn embedded(base: &BasePath) -> Arc<Self> {
        let files = Built::iter().filter_map(|name| {
            let bytes = Built::get(&name)?.data;
            Some((name.into_owned(), Bytes::from_owner(bytes)))
        });
        Self::of(files, base)
    }

    /// These files, by their paths; `x.br` is the compressed copy of `x`, `x.gz` is all there is of `x`.
    #[must_use]
    pub fn of(files: impl IntoIterator<Item = (String, Bytes)>, base: &BasePath) -> Arc<Self> {
        let mut files: HashMap<String, Bytes> = files.into_iter().collect();
        if let Some(index) = files.get_mut(INDEX) {
            let moved = with_base(index, base);
            if let Some(moved) = moved {
                *index = moved;
                files.remove(&format!("{INDEX}{BROTLI}"));
            }
        }
        let originals = files.iter().filter(|(name, _)| !name.ends_with(BROTLI));
        let found = originals.map(|(stored, bytes)| {
            let packed = stored.strip_suffix(GZIP);
            let name = packed.unwrap_or(stored);
            let file = File {
                kind: kind(name),
                tag: tag(bytes),
                bytes: bytes.clone(),
                coding: packed.map(|_| "gzip"),
                compressed: files.get(&format!("{name}{BROTLI}")).cloned(),
            };
            (name.to_owned(), file)
        });
        Arc::new(Self(found.collect()))
    }

    /// The file at this path as the request wants it; `None` if there is none.
    #[must_use]
    pub fn answer(
        &self,
        name: &str,
        request: &HeaderMap,
        caching: &'static str,
    ) -> Option<Response> {
        let file = self.0.get(name)?;
        let compressed = file.compressed.as_ref().filter(|_| takes_brotli(request));
        let tag = match compressed {
            Some(_) => format!("\"{}-br\"", file.tag),
            None => format!("\"{}\"", file.tag),
        };
        let mut answer = if is_known(&tag, request) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            compressed.unwrap_or(&file.bytes).clone().into_response()
        };
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.kind));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
        headers.insert(ETAG, HeaderValue::try_from(tag).ok()?);
        if file.compressed.is_some() {
            headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
        }
        if let Some(coding) = compressed.map(|_| "br").or(file.coding) {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        Some(answer)
    }
}

/// The page with another base than the root, if it is told one.
fn with_base(index: &Bytes, base: &BasePath) -> Option<Bytes> {
    let href = base.href();
    let text = std::str::from_utf8(index).ok()?;
    let moved = text.replacen(BASE, &format!("<base href=\"{href}\">"), 1);
    (moved != text).then(|| moved.into())
}

fn tag(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let digits = digest.iter().take(TAG_BYTES);
    digits.map(|byte| format!("{byte:02x}")).collect()
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json; charset=utf-8",
        "webmanifest" => "application/manifest+json; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether a comma list of values in a header of the request has one that fits.
fn lists(request: &HeaderMap, name: axum::http::HeaderName, fits: impl Fn(&str) -> bool) -> bool {
    let lines = request.get_all(name).into_iter();
    let texts = lines.filter_map(|line| line.to_str().ok());
    texts
        .flat_map(|text| text.split(','))
        .any(|one| fits(one.trim()))
}

fn takes_brotli(request: &HeaderMap) -> bool {
    lists(request, ACCEPT_ENCODING, |one| {
        let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
        let refused = weight.parse().is_ok_and(|weight: f64| weight <= 0.0);
        coding.trim().eq_ignore_ascii_case("br") && !refused
    })
}

fn is_known(tag: &str, request: &HeaderMap) -> bool {
    lists(request, IF_NONE_MATCH, |one| {
        one == "*" || one.trim_start_matches("W/") == tag
    })
}
