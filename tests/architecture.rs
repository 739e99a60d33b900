//! Dependencies point one way - rules, store, room, wire, server - and files stay small.

use std::fs;
use std::path::{Path, PathBuf};

/// The wall of the house style.
const MAX_LINES: usize = 400;

/// A source file: its path below `src`, and its text.
struct Source {
    path: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let read = |file: PathBuf| Source {
        path: file
            .strip_prefix(&root)
            .expect("below src")
            .to_string_lossy()
            .replace('\\', "/"),
        text: fs::read_to_string(&file).expect("a readable file"),
    };
    files.into_iter().map(read).collect()
}

/// The files that reach production.
fn production() -> Vec<Source> {
    let mut sources = sources();
    sources.retain(|source| !source.is_test());
    sources
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

impl Source {
    /// Whether the file is `module` or lies below it; `module` is a path below `src`.
    fn is_in(&self, module: &str) -> bool {
        let path = self.path.trim_end_matches(".rs");
        path == module || path.starts_with(&format!("{module}/"))
    }

    /// Whether nothing in the file reaches production.
    fn is_test(&self) -> bool {
        self.path
            .split('/')
            .any(|part| part.trim_end_matches(".rs") == "tests")
    }

    /// The code: without comments, and without the tests at its end.
    fn code(&self) -> String {
        let tests = "#[cfg(test)]\nmod tests {";
        let code = self.text.split(tests).next().unwrap_or_default();
        let lines = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The paths that the code names, each from its first segment on.
    fn paths(&self) -> Vec<String> {
        let code = self.code();
        let named = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let words = code.split(|c| !named(c));
        let paths = words.filter(|word| word.contains("::") && !word.ends_with(':'));
        let mut paths: Vec<_> = paths.map(str::to_owned).collect();
        paths.extend(imports(&code));
        paths
    }
}

/// What `use` names, with the first level of braces opened: `crate::{a::B, c}` is two paths. What
/// stands in deeper braces counts as one level up; its own root is among the paths, too.
fn imports(code: &str) -> Vec<String> {
    let mut imports = Vec::new();
    for statement in code.split(';') {
        let Some((_, import)) = statement.rsplit_once("use ") else {
            continue;
        };
        let import: String = import.split_whitespace().collect();
        let (root, branches) = import.split_once('{').unwrap_or((&import, ""));
        if branches.is_empty() {
            imports.push(root.to_owned());
        }
        let branches = branches
            .split([',', '{', '}'])
            .filter(|branch| !branch.is_empty());
        imports.extend(branches.map(|branch| format!("{root}{branch}")));
    }
    imports
}

/// The files in `module` that name a path starting with one of these.
fn naming(module: &str, forbidden: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in production().iter().filter(|source| source.is_in(module)) {
        let paths = source.paths();
        let bad = paths
            .iter()
            .filter(|path| forbidden.iter().any(|root| starts_with(path, root)));
        found.extend(bad.map(|path| format!("{} names {path}", source.path)));
    }
    found
}

/// The files in `module` that name a path of this crate starting with none of these.
fn naming_inside(module: &str, known: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in production().iter().filter(|source| source.is_in(module)) {
        let paths = source.paths();
        let inside = paths.iter().filter(|path| path.starts_with("crate::"));
        let bad = inside.filter(|path| !known.iter().any(|root| starts_with(path, root)));
        found.extend(bad.map(|path| format!("{} names {path}", source.path)));
    }
    found
}

/// Whether a path is `root` or goes through it.
fn starts_with(path: &str, root: &str) -> bool {
    path.strip_prefix(root)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::") || root.ends_with("::"))
}

fn assert_none(found: &[String]) {
    assert!(found.is_empty(), "{found:#?}");
}

/// The crates that Cargo.toml names, as code spells them.
fn dependencies() -> Vec<String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let manifest = fs::read_to_string(manifest).expect("a manifest");
    let (_, listed) = manifest
        .split_once("[dependencies]\n")
        .expect("dependencies");
    let listed = listed.split("\n[").next().unwrap_or_default();
    let names = listed.lines().filter_map(|line| line.split_once('='));
    names
        .map(|(name, _)| name.trim().replace('-', "_"))
        .collect()
}

#[test]
fn rules_know_only_the_standard_library_serde_uuid_thiserror_and_themselves() {
    const KNOWN: [&str; 3] = ["serde", "uuid", "thiserror"];
    let mut foreign = dependencies();
    assert!(foreign.iter().any(|name| name == "tokio"));
    foreign.retain(|name| !KNOWN.contains(&name.as_str()));
    let foreign: Vec<&str> = foreign.iter().map(String::as_str).collect();
    assert_none(&naming("rules", &foreign));
    assert_none(&naming_inside("rules", &["crate::rules"]));
}

#[test]
fn rules_have_no_clock_no_luck_and_no_io() {
    let forbidden = [
        "std::time::Instant",
        "std::time::SystemTime",
        "std::fs",
        "std::io",
        "std::net",
        "std::env",
        "std::thread",
        "std::process",
        "SystemTime::",
        "Instant::",
        "Uuid::new_v4",
        "Uuid::now_v7",
    ];
    assert_none(&naming("rules", &forbidden));
}

#[test]
fn the_store_knows_of_the_crate_only_ids_times_and_versions() {
    let known = [
        "crate::store",
        "crate::metrics",
        "crate::rules::ids",
        "crate::rules::time",
        "crate::rules::Kind",
        "crate::rules::SessionId",
        "crate::rules::NodeId",
        "crate::rules::Timestamp",
        "crate::rules::Version",
    ];
    assert_none(&naming_inside("store", &known));
}

#[test]
fn dependencies_point_one_way() {
    let outside = ["crate::http", "crate::server", "crate::config"];
    let with = |more: &[&'static str]| [&outside, more].concat();
    let mut found = naming("store", &with(&["crate::room", "crate::wire"]));
    found.extend(naming(
        "room",
        &with(&["crate::wire", "crate::rules::poker"]),
    ));
    found.extend(naming("wire", &outside));
    found.extend(naming("http", &["crate::server"]));
    assert_none(&found);
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let long = |source: &Source| {
        let lines = source.text.lines().count();
        (lines > MAX_LINES).then(|| format!("{} has {lines} lines", source.path))
    };
    assert_none(&sources().iter().filter_map(long).collect::<Vec<_>>());
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    let unwraps = |source: &Source| {
        let bad = source.code().contains(".unwrap()");
        bad.then(|| source.path.clone())
    };
    assert_none(&production().iter().filter_map(unwraps).collect::<Vec<_>>());
}

#[test]
fn modules_are_files_of_their_name() {
    let nested = |source: &Source| {
        let bad = source.path.ends_with("mod.rs");
        bad.then(|| source.path.clone())
    };
    assert_none(&sources().iter().filter_map(nested).collect::<Vec<_>>());
}

#[test]
fn this_test_sees_what_it_looks_for() {
    let source = Source {
        path: "rules/poker.rs".into(),
        text: "use crate::{wire::Frame, room};\nuse tokio::time;\nfn f() { std::fs::read(0); }\n// crate::http::x\n".into(),
    };
    let paths = source.paths();
    for path in [
        "crate::wire::Frame",
        "crate::room",
        "tokio::time",
        "std::fs::read",
    ] {
        assert!(
            paths.iter().any(|named| starts_with(named, path)),
            "{path} is not among {paths:?}"
        );
    }
    assert!(!paths.iter().any(|path| path.contains("http")));
}
