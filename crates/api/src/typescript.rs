//! The TypeScript side of the command list, written to `ui/src/api/generated.ts`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use deskbell_engine::EngineError;
use deskbell_engine::events::DeskEvent;
use ts_rs::{Config, TS, TypeVisitor};

/// Type declarations met so far, and the lines of the command map.
pub struct Declarations {
    config: Config,
    types: BTreeMap<String, String>,
    commands: Vec<String>,
}

impl Declarations {
    fn new() -> Self {
        Self { config: Config::new().with_large_int("number"), types: BTreeMap::new(), commands: Vec::new() }
    }

    /// Adds a command and every type that it mentions. A command's arguments are written in place.
    pub(crate) fn command<Args: TS + 'static, Answer: TS + 'static>(&mut self, name: &str) {
        Args::visit_dependencies(self);
        self.visit::<Answer>();
        Answer::visit_generics(self);
        let args = <Args as TS>::inline(&self.config);
        let args = if args.trim() == "null" || args.replace(' ', "") == "{}" { "Record<string, never>".to_owned() } else { args };
        let answer = <Answer as TS>::name(&self.config);
        self.commands.push(format!("  {name}: {{ args: {args}; result: {answer} }};"));
    }
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if T::output_path().is_some() {
            let ident = T::ident(&self.config);
            if self.types.contains_key(&ident) {
                T::visit_generics(self);
                return;
            }
            self.types.insert(ident, format!("export {}", T::decl(&self.config)));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// The whole file.
#[must_use]
pub fn generate() -> String {
    let mut declarations = Declarations::new();
    crate::commands::describe(&mut declarations);
    declarations.visit::<DeskEvent>();
    declarations.visit::<EngineError>();
    let mut file = String::from(
        "// Generated from the command list in crates/api by `make types`. Do not edit: `make check` compares it.\n\n",
    );
    for declaration in declarations.types.values() {
        for line in declaration.lines() {
            let _written = writeln!(file, "{}", line.trim_end());
        }
        file.push('\n');
    }
    file.push_str("export type CommandMap = {\n");
    for command in &declarations.commands {
        let _written = writeln!(file, "{command}");
    }
    file.push_str("};\n");
    file
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// Run with `DESKBELL_WRITE_TYPES=1` to write the file instead of comparing it.
    #[test]
    fn typescript_matches_the_command_list() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/api/generated.ts");
        let generated = super::generate();
        if std::env::var_os("DESKBELL_WRITE_TYPES").is_some() {
            std::fs::write(&path, &generated).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(kept == generated, "ui/src/api/generated.ts is out of date: run `make types`");
    }
}
