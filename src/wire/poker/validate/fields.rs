//! Reads the fields of a JSON object and collects everything that is wrong with them.
//!
//! A reader of a required field returns an empty value when it has noted an issue; nobody sees it,
//! because [`Fields::finish`] then returns the issues instead of what was built.

use serde_json::{Map, Value};

use super::{Code, Issue, Issues};
use crate::rules::ids::{js_trim, utf16_len};

/// Bounds of a text in UTF-16 units, and what to say outside of them.
pub(super) struct TextRule {
    pub(super) trim: Trim,
    pub(super) min: (usize, &'static str),
    pub(super) max: (usize, &'static str),
}

/// Whether blanks around a text belong to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trim {
    Ends,
    Nothing,
}

/// Bounds of a number, and what to say outside of them.
pub(super) struct NumberRule {
    pub(super) kind: Kind,
    pub(super) min: (f64, &'static str),
    pub(super) max: (f64, &'static str),
}

/// Bounds of a list, and what to say outside of them.
pub(super) struct ListRule {
    pub(super) min: (usize, &'static str),
    pub(super) max: (usize, &'static str),
}

/// Which numbers are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Any,
    Integer,
}

/// An object being read.
pub(super) struct Fields<'a> {
    /// `None` if the payload is something else; it then has no fields.
    object: Option<&'a Map<String, Value>>,
    prefix: String,
    issues: Vec<Issue>,
}

impl<'a> Fields<'a> {
    /// The fields of a whole payload.
    pub(super) fn of(payload: &'a Value) -> Self {
        let mut fields = Self {
            object: payload.as_object(),
            prefix: String::new(),
            issues: Vec::new(),
        };
        if !payload.is_object() {
            fields
                .issues
                .push(wrong_type(String::new(), "object", payload));
        }
        fields
    }

    /// What was built from the fields, unless one of them was wrong.
    pub(super) fn finish<T>(self, built: T) -> Result<T, Issues> {
        if self.issues.is_empty() {
            Ok(built)
        } else {
            Err(Issues(self.issues))
        }
    }

    /// The field, unless it is missing; `null` is not missing.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.object?.get(name)
    }

    pub(super) fn is_clean(&self) -> bool {
        self.issues.is_empty()
    }

    /// Notes an issue with a field, or with the whole object if `name` is empty.
    pub(super) fn note(&mut self, name: &str, message: impl Into<String>, code: Code) {
        let field = self.path(name);
        let message = message.into();
        self.issues.push(Issue {
            field,
            message,
            code,
        });
    }

    pub(super) fn text(&mut self, name: &str, rule: &TextRule) -> String {
        self.require(name);
        self.optional_text(name, rule).unwrap_or_default()
    }

    pub(super) fn optional_text(&mut self, name: &str, rule: &TextRule) -> Option<String> {
        let text = self.optional_str(name)?;
        let text = match rule.trim {
            Trim::Ends => js_trim(text),
            Trim::Nothing => text,
        };
        let length = utf16_len(text);
        if length < rule.min.0 {
            self.note(name, rule.min.1, Code::TooSmall);
        } else if length > rule.max.0 {
            self.note(name, rule.max.1, Code::TooBig);
        }
        Some(text.to_owned())
    }

    pub(super) fn optional_str(&mut self, name: &str) -> Option<&'a str> {
        let value = self.value(name)?;
        self.typed(name, "string", value.as_str())
    }

    pub(super) fn optional_bool(&mut self, name: &str) -> Option<bool> {
        let value = self.value(name)?;
        self.typed(name, "boolean", value.as_bool())
    }

    pub(super) fn optional_array(&mut self, name: &str) -> Option<&'a Vec<Value>> {
        let value = self.value(name)?;
        self.typed(name, "array", value.as_array())
    }

    pub(super) fn number(&mut self, name: &str, rule: &NumberRule) -> f64 {
        self.require(name);
        self.optional_number(name, rule).unwrap_or_default()
    }

    pub(super) fn optional_number(&mut self, name: &str, rule: &NumberRule) -> Option<f64> {
        let value = self.value(name)?;
        let number = self.typed(name, "number", value.as_f64())?;
        if rule.kind == Kind::Integer && number.fract() != 0.0 {
            let message = "Expected integer, received float";
            self.note(name, message, Code::InvalidType);
        } else if number < rule.min.0 {
            self.note(name, rule.min.1, Code::TooSmall);
        } else if number > rule.max.0 {
            self.note(name, rule.max.1, Code::TooBig);
        }
        Some(number)
    }

    /// Reads an object inside this one; `None` if it is missing or something else.
    pub(super) fn optional_object<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields<'a>) -> T,
    ) -> Option<T> {
        let value = self.value(name)?;
        let object = self.typed(name, "object", value.as_object())?;
        let mut inner = Self {
            object: Some(object),
            prefix: self.path(name),
            issues: Vec::new(),
        };
        let built = read(&mut inner);
        self.issues.append(&mut inner.issues);
        Some(built)
    }

    /// Reads a required list of objects; none of them if their number is wrong.
    pub(super) fn objects<T>(
        &mut self,
        name: &str,
        rule: &ListRule,
        mut read: impl FnMut(&mut Fields<'a>) -> T,
    ) -> Vec<T> {
        self.require(name);
        let elements = self.optional_array(name).map_or(&[][..], Vec::as_slice);
        if !self.is_clean() {
            return Vec::new();
        }
        if elements.len() < rule.min.0 {
            self.note(name, rule.min.1, Code::TooSmall);
        } else if elements.len() > rule.max.0 {
            self.note(name, rule.max.1, Code::TooBig);
            return Vec::new();
        }
        let mut built = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            let Some(object) = element.as_object() else {
                self.note_element((name, index), "object", element);
                continue;
            };
            let mut inner = Self {
                object: Some(object),
                prefix: format!("{}.{index}", self.path(name)),
                issues: Vec::new(),
            };
            built.push(read(&mut inner));
            self.issues.append(&mut inner.issues);
        }
        built
    }

    fn require(&mut self, name: &str) {
        if self.value(name).is_none() && self.issues.iter().all(|issue| !issue.field.is_empty()) {
            self.note(name, "Required", Code::InvalidType);
        }
    }

    /// What the field holds; an issue if it holds something of another type.
    fn typed<T>(&mut self, name: &str, expected: &str, held: Option<T>) -> Option<T> {
        if held.is_none()
            && let Some(value) = self.value(name)
        {
            self.issues
                .push(wrong_type(self.path(name), expected, value));
        }
        held
    }

    /// Notes an element of an array that has the wrong type.
    pub(super) fn note_element(&mut self, at: (&str, usize), expected: &str, element: &Value) {
        let field = format!("{}.{}", self.path(at.0), at.1);
        self.issues.push(wrong_type(field, expected, element));
    }

    fn path(&self, name: &str) -> String {
        match (self.prefix.as_str(), name) {
            ("", name) => name.to_owned(),
            (prefix, "") => prefix.to_owned(),
            (prefix, name) => format!("{prefix}.{name}"),
        }
    }
}

fn wrong_type(field: String, expected: &str, value: &Value) -> Issue {
    let received = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    Issue {
        field,
        message: format!("Expected {expected}, received {received}"),
        code: Code::InvalidType,
    }
}

/// The number without sign and fraction; as far as `u64` reaches.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and readers check the bounds"
)]
pub(super) fn whole(number: f64) -> u64 {
    number as u64
}
