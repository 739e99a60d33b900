//! One operation of a dialect, said in the order in which it is read.

use serde_json::{Map, Value, json};

use super::schemas::Schemas;

/// Names a schema and adds it to those of the document.
type Schema = fn(&mut Schemas) -> Value;

/// Whether a request needs its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Body {
    Required,
    Optional,
}

/// A method and a path, what they take and what they answer.
#[derive(Debug)]
pub(in crate::http) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) schemas: Schemas,
    fields: Map<String, Value>,
    parameters: Vec<Value>,
    answers: Map<String, Value>,
}

impl Operation {
    pub(in crate::http) fn get(path: &'static str, summary: &str) -> Self {
        Self::new("get", path, summary)
    }

    pub(in crate::http) fn post(path: &'static str, summary: &str) -> Self {
        Self::new("post", path, summary)
    }

    pub(in crate::http) fn put(path: &'static str, summary: &str) -> Self {
        Self::new("put", path, summary)
    }

    pub(in crate::http) fn delete(path: &'static str, summary: &str) -> Self {
        Self::new("delete", path, summary)
    }

    fn new(method: &'static str, path: &'static str, summary: &str) -> Self {
        let mut fields = Map::new();
        fields.insert("summary".into(), summary.into());
        let ids = path.split('/').filter_map(named_id);
        Self {
            method,
            path,
            schemas: Schemas::default(),
            fields,
            parameters: ids.map(id_parameter).collect(),
            answers: Map::new(),
        }
    }

    /// What the summary has no room for.
    pub(in crate::http) fn explain(mut self, text: &str) -> Self {
        self.fields.insert("description".into(), text.into());
        self
    }

    /// The chapter the operation belongs to.
    pub(in crate::http) fn of(mut self, tag: &str) -> Self {
        self.fields.insert("tags".into(), json!([tag]));
        self
    }

    /// Who may ask; without it, anybody.
    pub(in crate::http) fn by(mut self, scheme: &str) -> Self {
        let needed = json!([{ scheme: [] }]);
        self.fields.insert("security".into(), needed);
        self
    }

    /// Whose wish counts for more; anybody may ask.
    pub(in crate::http) fn rather_by(mut self, scheme: &str) -> Self {
        let welcome = json!([{}, { scheme: [] }]);
        self.fields.insert("security".into(), welcome);
        self
    }

    /// An optional parameter of the query.
    pub(in crate::http) fn asks(mut self, name: &str, text: &str, schema: Value) -> Self {
        self.parameters.push(json!({
            "name": name, "in": "query", "description": text, "schema": schema,
        }));
        self
    }

    /// The body of the request.
    pub(in crate::http) fn takes(mut self, need: Body, schema: Schema) -> Self {
        let schema = schema(&mut self.schemas);
        let required = need == Body::Required;
        let body = json!({ "required": required, "content": content(&schema) });
        self.fields.insert("requestBody".into(), body);
        self
    }

    /// An answer with a body.
    pub(in crate::http) fn answers(mut self, status: u16, text: &str, schema: Schema) -> Self {
        let content = content(&schema(&mut self.schemas));
        let answer = json!({ "description": text, "content": content });
        self.answers.insert(status.to_string(), answer);
        self
    }

    /// That the answer with this status may also be a text of this media type.
    pub(in crate::http) fn answers_also(mut self, status: u16, media_type: &str) -> Self {
        if let Some(answer) = self.answers.get_mut(&status.to_string()) {
            answer["content"][media_type] = json!({ "schema": { "type": "string" } });
        }
        self
    }

    /// An answer without a body.
    pub(in crate::http) fn answers_nothing(mut self, status: u16, text: &str) -> Self {
        let answer = json!({ "description": text });
        self.answers.insert(status.to_string(), answer);
        self
    }

    /// Headers, by their names among the document's, of the answer with this status.
    pub(in crate::http) fn with_headers(mut self, status: u16, names: &[&str]) -> Self {
        let refer = |name: &&str| {
            let place = format!("#/components/headers/{name}");
            ((*name).to_owned(), json!({ "$ref": place }))
        };
        let headers: Map<_, _> = names.iter().map(refer).collect();
        if let Some(answer) = self.answers.get_mut(&status.to_string()) {
            answer["headers"] = headers.into();
        }
        self
    }

    /// The operation as its document has it.
    pub(super) fn into_value(self) -> (Value, Schemas) {
        let mut fields = self.fields;
        if !self.parameters.is_empty() {
            fields.insert("parameters".into(), self.parameters.into());
        }
        fields.insert("responses".into(), self.answers.into());
        (fields.into(), self.schemas)
    }
}

fn named_id(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn id_parameter(name: &str) -> Value {
    let schema = json!({ "type": "string", "format": "uuid" });
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

fn content(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}
