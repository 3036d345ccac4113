//! Who may know whom. Reads `cargo metadata` and the UI's imports; anything not listed here fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Crate and the crates of this workspace it may depend on, in any target's normal or build dependencies.
const ARROWS: &[(&str, &[&str])] = &[
    ("deskbell", &["deskbell-api", "deskbell-desktop", "deskbell-domain", "deskbell-engine"]),
    ("deskbell-api", &["deskbell-domain", "deskbell-engine", "deskbell-hub", "deskbell-paper"]),
    ("deskbell-calendar", &["deskbell-domain", "deskbell-remote"]),
    ("deskbell-cli", &["deskbell-desktop", "deskbell-domain", "deskbell-engine", "deskbell-hub", "deskbell-paper"]),
    ("deskbell-desktop", &["deskbell-domain", "deskbell-engine"]),
    ("deskbell-domain", &[]),
    ("deskbell-engine", &["deskbell-calendar", "deskbell-domain", "deskbell-remote", "deskbell-store"]),
    ("deskbell-hub", &["deskbell-domain"]),
    ("deskbell-paper", &["deskbell-domain"]),
    ("deskbell-remote", &["deskbell-domain"]),
    ("deskbell-store", &["deskbell-domain"]),
    (
        "deskbell-testkit",
        &["deskbell-api", "deskbell-domain", "deskbell-engine", "deskbell-hub", "deskbell-remote", "deskbell-store"],
    ),
    ("deskbell-tests", &[]),
];

/// Libraries that only these crates may use. Tests are free.
const OWNED: &[(&str, &[&str])] = &[
    ("rusqlite", &["deskbell-hub", "deskbell-store"]),
    ("reqwest", &["deskbell-remote"]),
    ("keyring", &["deskbell-desktop"]),
    ("typst", &["deskbell-paper"]),
    ("tauri", &["deskbell"]),
    ("notify-rust", &["deskbell"]),
];

/// Crates that only tests may depend on.
const FOR_TESTS_ONLY: &[&str] = &["deskbell-testkit"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What is wrong with these packages' dependencies, in words.
fn crate_faults(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().unwrap();
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut faults = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let Some(targets) = allowed.get(name) else {
            faults.push(format!("{name} is not in the list of arrows"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let target = dependency["name"].as_str().unwrap();
            // Null is a normal dependency; `target` (a cfg) and `optional` make no difference.
            if dependency["kind"] == "dev" {
                continue;
            }
            if target.starts_with("deskbell") && (!targets.contains(&target) || FOR_TESTS_ONLY.contains(&target)) {
                faults.push(format!("{name} → {target}"));
            }
            if OWNED.iter().any(|(library, owners)| *library == target && !owners.contains(&name)) {
                faults.push(format!("{name} uses {target}"));
            }
        }
    }
    faults
}

#[test]
fn crates_know_only_whom_they_may() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: BTreeSet<&str> =
        metadata["packages"].as_array().unwrap().iter().map(|package| package["name"].as_str().unwrap()).collect();
    assert_eq!(names, ARROWS.iter().map(|(name, _)| *name).collect(), "the list names every crate and no other");
    assert_eq!(crate_faults(&metadata), Vec::<String>::new());
}

#[test]
fn a_forbidden_arrow_is_found_whatever_its_kind() {
    let dependency = |name: &str, kind: Value, target: Value| serde_json::json!({ "name": name, "kind": kind, "target": target });
    let package = |dependencies: Vec<Value>| serde_json::json!({ "packages": [{ "name": "deskbell-store", "dependencies": dependencies }] });
    let faults = |name: &str, kind: Value, target: Value| crate_faults(&package(vec![dependency(name, kind, target)]));
    assert_eq!(faults("deskbell-remote", Value::Null, Value::Null), ["deskbell-store → deskbell-remote"]);
    assert_eq!(faults("deskbell-remote", Value::Null, "cfg(windows)".into()), ["deskbell-store → deskbell-remote"]);
    assert_eq!(faults("reqwest", "build".into(), Value::Null), ["deskbell-store uses reqwest"]);
    assert_eq!(faults("deskbell-testkit", "dev".into(), Value::Null), Vec::<String>::new());
    assert_eq!(faults("deskbell-domain", Value::Null, Value::Null), Vec::<String>::new());
}

/// Features that break a crate on purpose, or let it die where a test says so.
const FAULTY_FEATURES: &[&str] = &["sabotage", "failpoints"];

/// Where a crate that ships switches such a feature on, in any kind of dependency or by its own default.
fn feature_faults(metadata: &Value) -> Vec<String> {
    let names = |feature: &Value| {
        let text = feature.as_str().unwrap_or_default();
        FAULTY_FEATURES.iter().any(|faulty| text == *faulty || text.ends_with(&format!("/{faulty}")))
    };
    let mut faults = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        if matches!(name, "deskbell-testkit" | "deskbell-tests") {
            continue;
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            if dependency["features"].as_array().is_some_and(|features| features.iter().any(names)) {
                faults.push(format!("{name} switches on a fault of {}", dependency["name"].as_str().unwrap()));
            }
        }
        for (feature, switches_on) in package["features"].as_object().into_iter().flatten() {
            if !FAULTY_FEATURES.contains(&feature.as_str()) && switches_on.as_array().unwrap().iter().any(names) {
                faults.push(format!("{name}: {feature} switches on a fault"));
            }
        }
    }
    faults
}

#[test]
fn nothing_that_ships_switches_a_deliberate_fault_on() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let engine = metadata["packages"].as_array().unwrap().iter().find(|package| package["name"] == "deskbell-engine").unwrap();
    assert!(engine["features"]["sabotage"].is_array(), "the feature that is looked for is there");
    assert_eq!(feature_faults(&metadata), Vec::<String>::new());
    let shipped = |dependencies: Value, features: Value| serde_json::json!({ "packages": [{ "name": "deskbell-cli", "dependencies": dependencies, "features": features }] });
    let switched_on = serde_json::json!([{ "name": "deskbell-engine", "kind": "dev", "features": ["sabotage"] }]);
    assert_eq!(feature_faults(&shipped(switched_on, serde_json::json!({}))).len(), 1);
    let by_default = serde_json::json!({ "default": ["deskbell-engine/sabotage"] });
    assert_eq!(feature_faults(&shipped(serde_json::json!([]), by_default)).len(), 1);
}

/// A UI source: its path under ui/src and the paths (under ui/src) or packages it imports.
struct Source {
    path: String,
    imports: Vec<Import>,
}

#[derive(Debug, PartialEq, Eq)]
enum Import {
    File(String),
    Package(String),
    /// `import type` and type-only re-exports vanish before anything runs.
    Type(String),
}

/// The quoted module of every import, export-from and dynamic import, and whether only types come from it.
fn modules(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    for (start, _) in code.match_indices("import").chain(code.match_indices("export")) {
        let before = code[..start].chars().next_back();
        if before.is_some_and(|letter| letter.is_alphanumeric() || "_.$@-'\"`".contains(letter)) {
            continue;
        }
        let rest = &code[start + "import".len()..];
        let clause_end = rest.find(['\'', '"', ';', '=']).unwrap_or(rest.len());
        let clause = rest[..clause_end].trim();
        let imports = clause.is_empty() || clause == "(" || clause.ends_with("from");
        let Some(quote) = rest[clause_end..].chars().next().filter(|quote| imports && "'\"".contains(*quote)) else {
            continue;
        };
        let module = rest[clause_end + 1..].split(quote).next().unwrap();
        found.push((module.to_owned(), clause.starts_with("type ") || clause.starts_with("type{")));
    }
    found
}

/// `../lib/time` seen from `features/watch/Card.svelte` is `lib/time`, then the file that exists.
fn resolved(from: &str, module: &str, files: &BTreeSet<String>) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in module.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    ["", ".ts", ".svelte.ts", ".svelte", "/index.ts"]
        .iter()
        .map(|ending| format!("{path}{ending}"))
        .find(|candidate| files.contains(candidate))
        .unwrap_or(path)
}

fn sources(folder: &Path) -> Vec<Source> {
    let mut texts = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(&current).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".ts") || name.ends_with(".svelte") {
                texts.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let files: BTreeSet<String> = texts.iter().map(|(name, _)| name.clone()).collect();
    let source = |(path, text): (String, String)| {
        let imports = modules(&text).into_iter().map(|(module, types_only)| match (module.starts_with('.'), types_only) {
            (true, true) => Import::Type(resolved(&path, &module, &files)),
            (true, false) => Import::File(resolved(&path, &module, &files)),
            (false, _) => Import::Package(module),
        });
        Source { imports: imports.collect(), path }
    };
    texts.into_iter().map(source).collect()
}

/// `features/watch/Card.svelte` is in `features`, and its feature is `watch`.
fn layer(path: &str) -> (&str, &str) {
    let mut parts = path.split('/');
    (parts.next().unwrap_or(""), parts.next().unwrap_or(""))
}

fn ui_faults(sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    for Source { path, imports } in sources {
        let (own_layer, own_part) = layer(path);
        for import in imports {
            match import {
                Import::Package(module) => {
                    if module.starts_with("@tauri-apps") && own_layer != "host" {
                        faults.push(format!("{path} imports {module}: only host may"));
                    }
                }
                Import::File(target) | Import::Type(target) => {
                    let (their_layer, their_part) = layer(target);
                    let forbidden = match (own_layer, their_layer) {
                        ("features", "features") => own_part != their_part,
                        ("features", "views") => true,
                        ("components", layer) => matches!(layer, "features" | "parts" | "state" | "views" | "host"),
                        ("parts", layer) => matches!(layer, "features" | "views"),
                        ("lib", layer) => !matches!(layer, "lib" | "api" | "messages") && target.contains('/'),
                        ("state" | "host" | "api", layer) => matches!(layer, "features" | "parts" | "components" | "views"),
                        _ => false,
                    };
                    if forbidden {
                        faults.push(format!("{path} imports {target}"));
                    }
                }
            }
        }
    }
    faults
}

/// Files that reach themselves through run-time imports.
fn cycles(sources: &[Source]) -> Vec<String> {
    let graph: BTreeMap<&str, Vec<&str>> = sources
        .iter()
        .map(|source| {
            let files = source.imports.iter().filter_map(|import| match import {
                Import::File(target) => Some(target.as_str()),
                Import::Package(_) | Import::Type(_) => None,
            });
            (source.path.as_str(), files.collect())
        })
        .collect();
    let reaches_itself = |start: &str| {
        let mut waiting: Vec<&str> = graph[start].clone();
        let mut seen = BTreeSet::new();
        while let Some(file) = waiting.pop() {
            if file == start {
                return true;
            }
            if seen.insert(file) {
                waiting.extend(graph.get(file).into_iter().flatten());
            }
        }
        false
    };
    graph.keys().filter(|file| reaches_itself(file)).map(|file| (*file).to_owned()).collect()
}

#[test]
fn ui_layers_know_only_what_is_below_them() {
    let sources = sources(&root().join("ui/src"));
    assert!(sources.len() > 20 && sources.iter().any(|source| source.path.starts_with("host/")), "the UI is where it was");
    assert!(sources.iter().any(|source| {
        source.imports.iter().any(|import| matches!(import, Import::Package(name) if name.starts_with("@tauri-apps")))
    }));
    assert_eq!(ui_faults(&sources), Vec::<String>::new());
    assert_eq!(cycles(&sources), Vec::<String>::new());
}

#[test]
fn a_forbidden_import_and_a_cycle_are_found() {
    let text = "import type { A } from './a';\nimport {\n  b,\n} from '../lib/b';\nconst important = 'x';\nexport { c } from \"./c\";\nexport const d = 'no';\n// import z from './z'\nconst e = await import('./e');\nimport './f.css';";
    let found: Vec<(String, bool)> = modules(text);
    let mut names: Vec<(&str, bool)> = found.iter().map(|(name, types)| (name.as_str(), *types)).collect();
    names.sort_unstable();
    assert_eq!(names, [("../lib/b", false), ("./a", true), ("./c", false), ("./e", false), ("./f.css", false)]);

    let source = |path: &str, imports: Vec<Import>| Source { path: path.to_owned(), imports };
    let file = |path: &str| Import::File(path.to_owned());
    let wrong = [
        source(
            "features/watch/Card.svelte",
            vec![file("features/tickets/Row.svelte"), file("features/watch/Lane.svelte"), file("components/Bell.svelte")],
        ),
        source("components/Bell.svelte", vec![file("state/app.svelte.ts")]),
        source("state/app.svelte.ts", vec![Import::Package("@tauri-apps/api/core".to_owned())]),
        source("lib/a.ts", vec![file("lib/b.ts")]),
        source("lib/b.ts", vec![file("lib/a.ts")]),
    ];
    assert_eq!(
        ui_faults(&wrong),
        [
            "features/watch/Card.svelte imports features/tickets/Row.svelte",
            "components/Bell.svelte imports state/app.svelte.ts",
            "state/app.svelte.ts imports @tauri-apps/api/core: only host may",
        ]
    );
    assert_eq!(cycles(&wrong), ["lib/a.ts", "lib/b.ts"]);
}
