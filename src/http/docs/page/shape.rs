//! What a schema allows, in a few words or in a table of its fields.

use std::fmt;

use serde_json::Value;

use super::markup::{code, entries, escape, items, text};

/// The limits of a value by their names in a schema, and what they count.
const LIMITS: [(&str, &str, &str); 3] = [
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " elements"),
];

/// A schema in a few words.
pub(super) struct Shape<'a>(pub(super) &'a Value);

impl fmt::Display for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = self.0;
        f.write_str(&self.kind())?;
        for (min, max, unit) in LIMITS {
            f.write_str(&limits(&schema[min], &schema[max], unit))?;
        }
        if let Some(default) = schema.get("default") {
            write!(f, ", default {}", literal(default))?;
        }
        if schema["nullable"] == true {
            f.write_str(" or <code>null</code>")?;
        }
        Ok(())
    }
}

impl Shape<'_> {
    fn kind(&self) -> String {
        let schema = self.0;
        if let Some(name) = named(schema) {
            let name = escape(name);
            return format!("<a href=\"#{name}\">{name}</a>");
        }
        for (key, glue) in [("allOf", " with "), ("oneOf", " or "), ("anyOf", " or ")] {
            let parts: Vec<_> = items(&schema[key])
                .map(|it| Shape(it).to_string())
                .collect();
            if !parts.is_empty() {
                return parts.join(glue);
            }
        }
        let words: Vec<_> = items(&schema["enum"]).map(literal).collect();
        if !words.is_empty() {
            return words.join(" or ");
        }
        if schema["type"] == "array" {
            return format!("array of {}", Shape(&schema["items"]));
        }
        let kind = schema["type"].as_str().unwrap_or("anything");
        match schema["format"].as_str() {
            Some(format @ ("uuid" | "date-time")) => format!("{kind} ({format})"),
            _ => kind.to_owned(),
        }
    }
}

/// The fields of an object in a table; nothing if it has none of its own.
pub(super) fn table(schema: &Value) -> String {
    let required = |name: &str| items(&schema["required"]).any(|it| it == name);
    let mut rows = String::new();
    for (name, field) in entries(&schema["properties"]) {
        let need = if required(name) {
            "required"
        } else {
            "optional"
        };
        let (shape, about) = (Shape(field), text(&field["description"]));
        let inner = table(field) + &table(&field["items"]);
        let name = code(name);
        rows += &format!(
            "<tr><td>{name}</td><td>{need}</td><td>{shape}{inner}</td><td>{about}</td></tr>\n"
        );
    }
    let own = if rows.is_empty() {
        rows
    } else {
        let head = "<tr><th>Field</th><th>Presence</th><th>Value</th><th>Meaning</th></tr>";
        format!("<table>\n{head}\n{rows}</table>\n")
    };
    let parts = ["allOf", "oneOf"].map(|key| items(&schema[key]).map(table).collect::<String>());
    own + &parts.concat()
}

fn named(schema: &Value) -> Option<&str> {
    let (_, name) = schema["$ref"].as_str()?.rsplit_once('/')?;
    Some(name)
}

fn literal(value: &Value) -> String {
    code(&value.to_string())
}

fn limits(min: &Value, max: &Value, unit: &str) -> String {
    match (min, max) {
        (Value::Null, Value::Null) => String::new(),
        (min, Value::Null) => format!(", at least {min}{unit}"),
        (Value::Null, max) => format!(", at most {max}{unit}"),
        (min, max) => format!(", {min} to {max}{unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shapes_are_said_in_a_few_words() {
        for (schema, words) in [
            (
                json!({ "type": "integer", "minimum": 0 }),
                "integer, at least 0",
            ),
            (
                json!({ "type": "string", "minLength": 1, "maxLength": 50 }),
                "string, 1 to 50 characters",
            ),
            (
                json!({ "type": "array", "items": { "$ref": "#/components/schemas/A" } }),
                "array of <a href=\"#A\">A</a>",
            ),
            (
                json!({ "enum": ["a", "b"], "type": "string" }),
                "<code>&quot;a&quot;</code> or <code>&quot;b&quot;</code>",
            ),
            (
                json!({ "type": "string", "format": "uuid", "nullable": true }),
                "string (uuid) or <code>null</code>",
            ),
        ] {
            assert_eq!(Shape(&schema).to_string(), words);
        }
    }
}
