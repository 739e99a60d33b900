//! The page that shows a document: text and style in one answer, without scripts.

mod markup;
mod shape;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use self::markup::{code, entries, escape, items, text};
use self::shape::{Shape, table};

const STYLE: &str = include_str!("page/style.css");

/// What a browser may do with the page: apply its own style, and nothing else.
pub(super) fn policy() -> String {
    let digest = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none';style-src 'sha256-{digest}';base-uri 'none';form-action 'none';\
         frame-ancestors 'none'"
    )
}

/// The page of a document.
pub(super) fn render(document: &Value) -> String {
    let info = &document["info"];
    let (title, about) = (text(&info["title"]), text(&info["description"]));
    let version = text(&info["version"]);
    let chapters: String = items(&document["tags"])
        .map(|tag| chapter(document, tag))
        .collect();
    let schemas = schemas(&document["components"]["schemas"]);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} Documentation</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>{title} <small>{version}</small></h1>\n<p>{about}</p>\n\
         <p><a href=\"../api-docs.json\">api-docs.json</a></p>\n</header>\n\
         <main>\n{chapters}{schemas}</main>\n</body>\n</html>\n"
    )
}

/// The operations with a tag.
fn chapter(document: &Value, tag: &Value) -> String {
    let (name, about) = (text(&tag["name"]), text(&tag["description"]));
    let mut operations = String::new();
    for (path, methods) in entries(&document["paths"]) {
        let tagged = |it: &Value| it["tags"][0] == tag["name"];
        for (method, found) in entries(methods).filter(|(_, it)| tagged(it)) {
            operations += &operation(method, path, found);
        }
    }
    format!("<section>\n<h2>{name}</h2>\n<p>{about}</p>\n{operations}</section>\n")
}

fn operation(method: &str, path: &str, operation: &Value) -> String {
    let (summary, about) = (text(&operation["summary"]), text(&operation["description"]));
    let path = code(path);
    let needs = needs(operation);
    let asked = parameters(&operation["parameters"]) + &body(&operation["requestBody"]);
    let answers: String = entries(&operation["responses"])
        .map(|(status, it)| answer(status, it))
        .collect();
    format!(
        "<details>\n<summary><span class=\"{method}\">{method}</span> {path} {summary}</summary>\n\
         <p>{about}</p>\n{needs}{asked}<h3>Answers</h3>\n<dl>\n{answers}</dl>\n</details>\n"
    )
}

/// Who may ask.
fn needs(operation: &Value) -> String {
    let ways = &operation["security"];
    let optional = items(ways).any(|way| entries(way).next().is_none());
    let verb = if optional { "Takes" } else { "Needs" };
    let schemes = items(ways).flat_map(entries).map(|(name, _)| code(name));
    schemes
        .map(|scheme| format!("<p>{verb} {scheme}.</p>\n"))
        .collect()
}

fn parameters(parameters: &Value) -> String {
    let row = |it: &Value| {
        let (name, place) = (code(it["name"].as_str().unwrap_or_default()), &it["in"]);
        let (place, about) = (text(place), text(&it["description"]));
        let shape = Shape(&it["schema"]);
        format!("<tr><td>{name}</td><td>{place}</td><td>{shape}</td><td>{about}</td></tr>\n")
    };
    let rows: String = items(parameters).map(row).collect();
    if rows.is_empty() {
        return rows;
    }
    let head = "<tr><th>Name</th><th>In</th><th>Value</th><th>Meaning</th></tr>";
    format!("<h3>Parameters</h3>\n<table>\n{head}\n{rows}</table>\n")
}

fn body(body: &Value) -> String {
    let Some(schema) = schema_of(body) else {
        return String::new();
    };
    let need = if body["required"] == true {
        ""
    } else {
        ", optional"
    };
    format!("<h3>Body{need}</h3>\n{}", shown(schema))
}

fn answer(status: &str, answer: &Value) -> String {
    let (status, about) = (code(status), text(&answer["description"]));
    let schema = schema_of(answer).map(shown).unwrap_or_default();
    let headers: Vec<String> = entries(&answer["headers"])
        .map(|(name, _)| code(name))
        .collect();
    let headers = if headers.is_empty() {
        String::new()
    } else {
        format!("<p>Headers: {}</p>\n", headers.join(", "))
    };
    format!("<dt>{status}</dt>\n<dd>{about}\n{schema}{headers}</dd>\n")
}

fn schema_of(message: &Value) -> Option<&Value> {
    entries(&message["content"])
        .map(|(_, content)| &content["schema"])
        .next()
}

/// A schema in a line, and in a table if it has fields of its own.
fn shown(schema: &Value) -> String {
    format!("<p>{}</p>\n{}", Shape(schema), table(schema))
}

fn schemas(schemas: &Value) -> String {
    let one = |(name, schema): (&String, &Value)| {
        let (id, about) = (escape(name), text(&schema["description"]));
        let shown = shown(schema);
        format!("<article id=\"{id}\">\n<h3>{id}</h3>\n<p>{about}</p>\n{shown}</article>\n")
    };
    let all: String = entries(schemas).map(one).collect();
    format!("<section>\n<h2>Schemas</h2>\n{all}</section>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_loads_and_runs_nothing() {
        let page = render(&super::super::combined());
        for word in ["<script", "src=", "@import", "url(", "<link"] {
            assert!(!page.contains(word), "{word}");
        }
        let links = page.split("href=\"").skip(1);
        for link in links {
            let own = link.starts_with('#') || link.starts_with("../api-docs.json");
            assert!(own, "{}", &link[..30.min(link.len())]);
        }
    }

    #[test]
    fn every_link_leads_somewhere() {
        let page = render(&super::super::combined());
        for link in page.split("href=\"#").skip(1) {
            let name = link.split('"').next().unwrap_or_default();
            assert!(page.contains(&format!("id=\"{name}\"")), "{name}");
        }
    }

    #[test]
    fn texts_are_no_markup() {
        let page = render(&serde_json::json!({ "info": { "title": "<b>&\"" } }));
        assert!(page.contains("<title>&lt;b&gt;&amp;&quot; Documentation</title>"));
    }
}
