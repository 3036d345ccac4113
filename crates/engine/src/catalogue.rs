//! Texts for people, from the one catalogue that the UI uses too (Fluent).

use std::borrow::Cow;
use std::sync::OnceLock;

use deskbell_domain::Code;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::error::EngineError;
use crate::state::Language;

const ZH_CN: &str = include_str!("../../../ui/messages/zh-CN.ftl");
const EN: &str = include_str!("../../../ui/messages/en.ftl");

/// One language's texts.
pub struct Catalogue {
    bundle: FluentBundle<FluentResource>,
}

/// Arguments of a text.
#[derive(Default)]
pub struct TextArgs<'a>(FluentArgs<'a>);

impl<'a> TextArgs<'a> {
    #[must_use]
    pub fn new() -> Self {
        Self(FluentArgs::new())
    }

    #[must_use]
    pub fn text(mut self, name: &'a str, value: &'a str) -> Self {
        self.0.set(name, value);
        self
    }

    #[must_use]
    pub fn number(mut self, name: &'a str, value: i64) -> Self {
        self.0.set(name, FluentValue::from(value));
        self
    }
}

/// What an error tells a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorText {
    pub what: String,
    pub kept: String,
    pub next: String,
}

impl Catalogue {
    /// The catalogue of a language; built once.
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        static CHINESE: OnceLock<Catalogue> = OnceLock::new();
        static ENGLISH: OnceLock<Catalogue> = OnceLock::new();
        match language {
            Language::ZhCn => CHINESE.get_or_init(|| Self::parse("zh-CN", ZH_CN)),
            Language::En => ENGLISH.get_or_init(|| Self::parse("en", EN)),
        }
    }

    /// A malformed entry is skipped by Fluent; the parity test finds it.
    fn parse(tag: &str, source: &str) -> Self {
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _errors)| resource);
        let mut bundle = FluentBundle::new_concurrent(tag.parse().into_iter().collect());
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        Self { bundle }
    }

    /// The text of a key, or the key itself where the catalogue lacks it.
    #[must_use]
    pub fn text(&self, key: &str, args: &TextArgs<'_>) -> String {
        self.pattern(key, None, &args.0).unwrap_or_else(|| key.to_owned())
    }

    /// What happened, what was kept, what to do.
    #[must_use]
    pub fn error(&self, error: &EngineError) -> ErrorText {
        let mut args = FluentArgs::new();
        for (name, value) in &error.args {
            args.set(Cow::Borrowed(name.as_str()), value.as_str());
        }
        let key = error_key(error.code);
        let part = |name: &str| self.pattern(&key, Some(name), &args).unwrap_or_default();
        ErrorText { what: part("what"), kept: part("kept"), next: part("next") }
    }

    fn pattern(&self, key: &str, attribute: Option<&str>, args: &FluentArgs<'_>) -> Option<String> {
        let message = self.bundle.get_message(key)?;
        let pattern = match attribute {
            Some(name) => message.get_attribute(name)?.value(),
            None => message.value()?,
        };
        let mut errors = Vec::new();
        Some(self.bundle.format_pattern(pattern, Some(args), &mut errors).into_owned())
    }
}

/// `error-host-unreachable` for `host_unreachable`.
fn error_key(code: Code) -> String {
    format!("error-{}", code.as_str().replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_all_three_parts_in_both_languages() {
        for language in [Language::ZhCn, Language::En] {
            for code in Code::ALL {
                let text = Catalogue::of(language).error(&EngineError::new(*code));
                assert!(!text.what.is_empty() && !text.kept.is_empty() && !text.next.is_empty(), "{language:?} {code}: {text:?}");
            }
        }
    }

    #[test]
    fn notification_texts_exist_in_both_languages() {
        let keys = [
            "notify-title-first-response",
            "notify-title-first-response-breached",
            "notify-title-resolution",
            "notify-title-resolution-breached",
            "notify-body",
            "notify-body-breached",
            "notify-body-as-of",
            "notify-left-seconds",
            "notify-left-minutes",
            "notify-left-hours",
            "notify-digest-body-breached",
            "notify-digest-title",
            "notify-digest-body",
            "action-open",
            "action-acknowledge",
            "action-snooze",
        ];
        let mut args = TextArgs::new();
        for name in ["subject", "customer", "remote_id", "left", "over", "time"] {
            args = args.text(name, "x");
        }
        for name in ["count", "hours", "minutes", "seconds"] {
            args = args.number(name, 2);
        }
        for language in [Language::ZhCn, Language::En] {
            for key in keys {
                let text = Catalogue::of(language).text(key, &args);
                assert!(text != key && !text.contains("{$"), "{language:?} {key}: {text}");
            }
        }
    }
}
