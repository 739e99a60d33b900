//! Tokens that an operator has chosen.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};

/// Whether a request bears this token. Compares digests, whose differences, and the time it takes to
/// find them, tell nothing about the token.
#[must_use]
pub fn bears(headers: &HeaderMap, token: &str) -> bool {
    let header = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok());
    let given = header.and_then(|header| header.strip_prefix("Bearer "));
    given.is_some_and(|given| Sha256::digest(given.trim()) == Sha256::digest(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_itself_is_the_token() {
        let headers = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().expect("a header"));
            headers
        };
        assert!(bears(&headers("Bearer s3cret"), "s3cret"));
        for wrong in ["Bearer s3cre", "Bearer ", "s3cret", "Basic s3cret"] {
            assert!(!bears(&headers(wrong), "s3cret"), "{wrong}");
        }
        assert!(!bears(&HeaderMap::new(), "s3cret"));
    }
}
