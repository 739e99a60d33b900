//! The schemas of a document, derived from Rust types and put into the words of OpenAPI 3.0.
//!
//! The derive speaks OpenAPI 3.1. What the types of this crate make of it differs in three points:
//! what may be `null`, words beside a reference, and the names of an object's keys. The derive also
//! takes every optional field for one that may be `null`; in these protocols absent means absent,
//! and only a field that is always there, or a type that says so itself, may be `null`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

const PLACE: &str = "#/components/schemas/";

/// The schemas that a document names.
#[derive(Debug, Default)]
pub(in crate::http) struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    /// Adds a type, with all it consists of, and refers to it.
    pub(in crate::http) fn named<T: ToSchema>(&mut self) -> Value {
        let name = T::name().into_owned();
        let reference = json!({ "$ref": format!("{PLACE}{name}") });
        let whole = encode(&T::schema());
        self.gather::<T>();
        self.0.insert(name, whole);
        reference
    }

    /// A type that has no name in the document.
    pub(in crate::http) fn inline<T: ToSchema>(&mut self) -> Value {
        self.gather::<T>();
        encode(&T::schema())
    }

    /// Adds the schemas of `others`; one name means one schema.
    pub(super) fn extend(&mut self, others: Self) {
        for (name, schema) in others.0 {
            let known = self.0.insert(name.clone(), schema.clone());
            let same = known.is_none_or(|known| known == schema);
            assert!(same, "two schemas are called {name}");
        }
    }

    /// The schemas of objects. Those of single values are written where they are used instead: in
    /// `document`, too.
    pub(super) fn settle(mut self, document: &mut Value) -> Value {
        self.0.values_mut().for_each(speak_3_0);
        let single = |schema: &Value| schema["type"].as_str().is_some_and(|it| it != "object");
        let leaves: BTreeMap<_, _> = self.0.extract_if(.., |_, it| single(it)).collect();
        let (leaves, mut objects) = (json!(leaves), json!(self.0));
        speak_3_0(document);
        for part in [document, &mut objects] {
            visit(part, &mut |fields| write_out(fields, &leaves));
            visit(part, &mut alone);
        }
        objects
    }

    fn gather<T: ToSchema>(&mut self) {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        let parts = parts.into_iter();
        self.0.extend(parts.map(|(name, it)| (name, encode(&it))));
    }
}

fn encode(schema: &impl serde::Serialize) -> Value {
    serde_json::to_value(schema).expect("schemas encode")
}

/// Visits every object in a value, the inner ones first.
fn visit(value: &mut Value, see: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|it| visit(it, see)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|it| visit(it, see));
            see(fields);
        }
        _ => {}
    }
}

/// Puts a leaf in the place of a reference to it.
fn write_out(fields: &mut Map<String, Value>, leaves: &Value) {
    let named = fields.get("$ref").and_then(Value::as_str);
    let name = named.and_then(|it| it.strip_prefix(PLACE));
    if let Some(Value::Object(leaf)) = name.and_then(|name| leaves.get(name)) {
        fields.remove("$ref");
        merge(fields, leaf.clone());
    }
}

/// Of one part alone nothing needs to be composed, unless it is a reference with words beside it.
fn alone(fields: &mut Map<String, Value>) {
    let Some(Value::Array(parts)) = fields.get("allOf") else {
        return;
    };
    let [Value::Object(part)] = parts.as_slice() else {
        return;
    };
    if part.contains_key("$ref") && fields.len() > 1 {
        return;
    }
    let part = part.clone();
    fields.remove("allOf");
    merge(fields, part);
}

fn speak_3_0(value: &mut Value) {
    visit(value, &mut |fields| {
        fields.remove("propertyNames");
        null_among_types(fields);
        null_among_choices(fields);
        words_beside_a_reference(fields);
        absent_is_not_null(fields);
    });
}

/// `type: [T, null]` is a nullable T.
fn null_among_types(fields: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = fields.get("type") else {
        return;
    };
    let kind = types.iter().find(|it| *it != "null").cloned();
    if let Some(kind) = kind {
        fields.insert("type".into(), kind);
        fields.insert("nullable".into(), true.into());
    }
}

/// `oneOf: [T, null]` is a nullable T.
fn null_among_choices(fields: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = fields.get_mut("oneOf") else {
        return;
    };
    let before = choices.len();
    choices.retain(|choice| choice["type"] != "null");
    if choices.len() == before {
        return;
    }
    if let [Value::Object(other)] = choices.as_slice() {
        let other = other.clone();
        fields.remove("oneOf");
        merge(fields, other);
    }
    fields.insert("nullable".into(), true.into());
}

/// Adds what is not there yet.
fn merge(fields: &mut Map<String, Value>, more: Map<String, Value>) {
    for (key, value) in more {
        fields.entry(key).or_insert(value);
    }
}

/// In 3.0 a reference stands alone.
fn words_beside_a_reference(fields: &mut Map<String, Value>) {
    if fields.len() > 1
        && let Some(reference) = fields.remove("$ref")
    {
        fields.insert("allOf".into(), json!([{ "$ref": reference }]));
    }
}

/// What may be missing is never `null`.
fn absent_is_not_null(fields: &mut Map<String, Value>) {
    let required = fields.get("required").cloned().unwrap_or_default();
    let is_required = |name: &str| {
        let required = required.as_array();
        required.is_some_and(|names| names.iter().any(|it| it == name))
    };
    let properties = fields.get_mut("properties").and_then(Value::as_object_mut);
    for (name, field) in properties.into_iter().flatten() {
        if let Value::Object(field) = field
            && !is_required(name)
        {
            field.remove("nullable");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_null_is_nullable() {
        for (given, meant) in [
            (
                json!({ "type": ["string", "null"], "format": "uuid" }),
                json!({ "type": "string", "format": "uuid", "nullable": true }),
            ),
            (
                json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/x" }] }),
                json!({ "allOf": [{ "$ref": "#/x" }], "nullable": true }),
            ),
            (
                json!({ "oneOf": [{ "type": "null" }, { "type": "number" }] }),
                json!({ "type": "number", "nullable": true }),
            ),
            (json!({ "$ref": "#/x" }), json!({ "$ref": "#/x" })),
        ] {
            let mut schema = given;
            speak_3_0(&mut schema);
            assert_eq!(schema, meant);
        }
    }

    #[test]
    fn single_values_are_written_where_they_are_used() {
        let moment = json!({ "type": "string", "format": "date-time" });
        let uses =
            json!({ "type": "object", "properties": { "at": { "$ref": format!("{PLACE}Iso") } } });
        let schemas = Schemas(BTreeMap::from([
            ("Iso".into(), moment.clone()),
            ("Event".into(), uses),
        ]));
        let mut document = json!({ "$ref": format!("{PLACE}Iso") });
        let objects = schemas.settle(&mut document);
        assert_eq!(document, moment);
        assert_eq!(objects["Event"]["properties"]["at"], moment);
        assert_eq!(objects.as_object().map(Map::len), Some(1));
    }
}
