//! A whole document: operations by path, and what they refer to.

use serde_json::{Value, json};

use super::operation::Operation;
use super::schemas::Schemas;

/// The version of the specification.
const OPENAPI: &str = "3.0.3";

/// What a document is about.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct About {
    pub(in crate::http) title: &'static str,
    pub(in crate::http) version: &'static str,
    pub(in crate::http) description: &'static str,
}

/// An OpenAPI document.
#[derive(Clone, Debug)]
pub(in crate::http) struct Document(Value);

impl Document {
    /// Chapters, each with a description, and the operations in them; `schemas` are those that no
    /// operation names.
    pub(in crate::http) fn new(
        about: &About,
        chapters: &[(&str, &str)],
        operations: Vec<Operation>,
        mut schemas: Schemas,
    ) -> Self {
        let mut paths = json!({});
        for operation in operations {
            let (method, path) = (operation.method, operation.path);
            let (value, named) = operation.into_value();
            paths[path][method] = value;
            schemas.extend(named);
        }
        let schemas = schemas.settle(&mut paths);
        let tag = |(name, text): &(_, _)| json!({ "name": name, "description": text });
        let tags: Value = chapters.iter().map(tag).collect();
        let mut document = Self::empty(about);
        document.0["tags"] = tags;
        document.0["paths"] = paths;
        document.0["components"]["schemas"] = schemas;
        document
    }

    /// The same document with more components of a kind, an object of them by name.
    pub(in crate::http) fn with(mut self, kind: &str, components: Value) -> Self {
        self.0["components"][kind] = components;
        self
    }

    /// Documents that share no path and no name, in one.
    pub(super) fn combined(about: &About, parts: impl IntoIterator<Item = Self>) -> Self {
        let mut whole = Self::empty(about);
        for part in parts {
            add(&mut whole.0["tags"], part.0["tags"].clone());
            add(&mut whole.0["paths"], part.0["paths"].clone());
            add(&mut whole.0["components"], part.0["components"].clone());
        }
        whole
    }

    fn empty(about: &About) -> Self {
        Self(json!({
            "openapi": OPENAPI,
            "info": {
                "title": about.title,
                "version": about.version,
                "description": about.description,
            },
            "tags": [],
            "paths": {},
            "components": {},
        }))
    }

    pub(super) const fn as_value(&self) -> &Value {
        &self.0
    }

    pub(in crate::http) fn into_value(self) -> Value {
        self.0
    }

    pub(super) fn text(&self) -> String {
        self.0.to_string()
    }
}

/// Adds what is in `more`, object by object; no value takes another one's place.
fn add(whole: &mut Value, more: Value) {
    match (whole, more) {
        (Value::Array(whole), Value::Array(more)) => whole.extend(more),
        (Value::Object(whole), Value::Object(more)) => {
            for (key, value) in more {
                match whole.get_mut(&key) {
                    Some(known) => add(known, value),
                    None => {
                        whole.insert(key, value);
                    }
                }
            }
        }
        (known, more) => assert_eq!(*known, more, "two things have one name"),
    }
}
