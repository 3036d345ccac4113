//! Which line to call, with the reasons.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{LineContract, PhoneLine};
use crate::ticket::{Priority, text_enum};
use crate::time::UtcMs;

/// Lines looked at; those behind are left out.
pub const LINES_MAX: usize = 500;

/// What is known of the call to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CallFacts {
    pub priority: Priority,
    /// A service is down now.
    pub outage: bool,
    pub vip: bool,
    /// What the customer has a contract for; `None` where it is not known, and then a VIP counts as enterprise.
    pub contract: Option<LineContract>,
    /// BCP 47, the customer's first choice first; empty where it does not matter.
    pub languages: Vec<String>,
    /// Product of the ticket, or empty.
    pub product: String,
}

impl Default for CallFacts {
    fn default() -> Self {
        Self {
            priority: Priority::Routine,
            outage: false,
            vip: false,
            contract: None,
            languages: Vec::new(),
            product: String::new(),
        }
    }
}

impl CallFacts {
    fn is_enterprise(&self) -> bool {
        self.contract.map_or(self.vip, |contract| contract == LineContract::Enterprise)
    }
}

/// Why a line stands where it stands. Each has a text in the catalogue, `line-reason-<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// A service is down, and this line is for that.
    Outage,
    /// The customer has an enterprise contract.
    EnterpriseContract,
    /// The customer is a VIP, and no contract says otherwise.
    Vip,
    /// Urgent matters go to the technical experts.
    Urgent,
    /// The line names the product: `product`.
    Product,
    /// Ordinary questions go to the standard line.
    Standard,
    /// Speaks what was asked for: `language`.
    Language,
    /// Speaks the dialect that was asked for: `language`.
    Dialect,
    /// Opened in place of a better one that is closed: `line_zh`, `line_en`.
    OpenAlternative,
    /// Nobody answers now; `opens_at` of the recommendation says when, where that is known.
    Closed,
    /// Nobody wrote down when it is open.
    HoursUnknown,
    /// Speaks none of what was asked for: `languages`.
    LanguageMissing,
    /// Only for enterprise customers.
    EnterpriseOnly,
    /// Nothing fits: the standard line passes on.
    NothingFits,
}

text_enum!(ReasonCode {
    Outage = "outage",
    EnterpriseContract = "enterprise_contract",
    Vip = "vip",
    Urgent = "urgent",
    Product = "product",
    Standard = "standard",
    Language = "language",
    Dialect = "dialect",
    OpenAlternative = "open_alternative",
    Closed = "closed",
    HoursUnknown = "hours_unknown",
    LanguageMissing = "language_missing",
    EnterpriseOnly = "enterprise_only",
    NothingFits = "nothing_fits",
});

/// One reason with what its text needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Reason {
    pub code: ReasonCode,
    pub args: BTreeMap<String, String>,
}

impl Reason {
    fn new(code: ReasonCode) -> Self {
        Self { code, args: BTreeMap::new() }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.args.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// A line in the order in which to try them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Recommendation {
    /// Index in the list that was given.
    pub line: usize,
    pub reasons: Vec<Reason>,
    /// False when the customer is not served there, or not understood.
    pub fits: bool,
    /// `None` where it is not known.
    pub open: Option<bool>,
    /// Next opening of a closed line, where it is known.
    pub opens_at: Option<UtcMs>,
}

/// True when a line or person with such languages speaks one that is asked for. `zh` and `zh-CN` are one language, `yue` is
/// another, also where it is written `zh-yue`.
#[must_use]
pub fn speaks(spoken: &[String], asked: &str) -> bool {
    spoken.iter().any(|language| spoken_language(language) == spoken_language(asked))
}

/// The part of a tag that can be heard.
fn spoken_language(tag: &str) -> String {
    let lower = tag.trim().to_ascii_lowercase();
    let mut parts = lower.split('-');
    let first = parts.next().unwrap_or_default();
    match parts.next() {
        // Extended subtags of RFC 5646, 2.2.2, name a language of their own.
        Some(extended) if first == "zh" && matches!(extended, "yue" | "nan" | "hak" | "wuu" | "gan" | "hsn" | "cdo") => {
            extended.to_owned()
        }
        _ if first == "cmn" => "zh".to_owned(),
        _ => first.to_owned(),
    }
}

/// What was found out about one line.
struct Looked {
    fits: bool,
    entitled: bool,
    /// 0 is the best purpose.
    purpose: u8,
    names_product: bool,
    /// Place of the spoken language in the customer's list.
    language: usize,
    recommendation: Recommendation,
}

/// The lines in the order in which to try them, each with its reasons.
///
/// First those that fit (the customer is served there, and understood), of these the open ones first, then the purpose:
/// an outage goes where outages go, an enterprise contract to the enterprise line, urgent matters to the experts, the rest to
/// the standard line. Where nothing fits, the standard line comes first and says so.
#[must_use]
pub fn recommend(lines: &[PhoneLine], facts: &CallFacts, now: UtcMs) -> Vec<Recommendation> {
    let mut looked: Vec<Looked> =
        lines.iter().take(LINES_MAX).enumerate().map(|(index, line)| look(index, line, facts, now)).collect();
    let best_when_open = looked.iter().filter(|one| one.fits).min_by_key(|one| merit(one)).map(|one| one.recommendation.line);
    let nothing_fits = best_when_open.is_none();
    looked.sort_by_cached_key(|one| {
        let closed = match one.recommendation.open {
            Some(true) => 0,
            None => 1,
            Some(false) => 2_u8,
        };
        (!one.fits, !one.entitled, nothing_fits && !is_standard(lines, one), closed, merit(one))
    });
    if let Some(first) = looked.first_mut() {
        if nothing_fits {
            first.recommendation.reasons.insert(0, Reason::new(ReasonCode::NothingFits));
        } else if let Some(better) =
            best_when_open.filter(|better| *better != first.recommendation.line).and_then(|at| lines.get(at))
        {
            let reason = Reason::new(ReasonCode::OpenAlternative);
            let reason = reason.with("line_zh", &better.name_zh).with("line_en", &better.name_en);
            first.recommendation.reasons.insert(0, reason);
        }
    }
    looked.into_iter().map(|one| one.recommendation).collect()
}

/// How well a line suits when all are open; less is better.
fn merit(one: &Looked) -> (u8, Reverse<bool>, usize, usize) {
    (one.purpose, Reverse(one.names_product), one.language, one.recommendation.line)
}

fn is_standard(lines: &[PhoneLine], one: &Looked) -> bool {
    lines.get(one.recommendation.line).is_some_and(|line| line.tier == 1)
}

fn look(index: usize, line: &PhoneLine, facts: &CallFacts, now: UtcMs) -> Looked {
    let mut reasons = Vec::new();
    let entitled = line.contract == LineContract::Any || facts.is_enterprise();
    let (purpose, why) = purpose(line, facts);
    if entitled {
        reasons.extend(why.map(Reason::new));
    } else {
        reasons.push(Reason::new(ReasonCode::EnterpriseOnly));
    }
    let product = facts.product.trim();
    let names_product = !product.is_empty() && names(line, product);
    if names_product {
        reasons.push(Reason::new(ReasonCode::Product).with("product", product));
    }
    let (language, reason) = language(line, facts);
    reasons.extend(reason);
    let (open, opens_at) = open(line, now);
    match open {
        Some(false) => reasons.push(Reason::new(ReasonCode::Closed)),
        None => reasons.push(Reason::new(ReasonCode::HoursUnknown)),
        Some(true) => {}
    }
    let fits = entitled && language.is_some();
    let language = language.unwrap_or(usize::MAX);
    Looked {
        fits,
        entitled,
        purpose,
        names_product,
        language,
        recommendation: Recommendation { line: index, reasons, fits, open, opens_at },
    }
}

/// Rank of the line's purpose for such a call, 0 the best, and the reason where there is one.
fn purpose(line: &PhoneLine, facts: &CallFacts) -> (u8, Option<ReasonCode>) {
    if facts.outage && line.for_outage {
        return (0, Some(ReasonCode::Outage));
    }
    if facts.is_enterprise() && line.contract == LineContract::Enterprise {
        let stated = facts.contract == Some(LineContract::Enterprise);
        return (1, Some(if stated { ReasonCode::EnterpriseContract } else { ReasonCode::Vip }));
    }
    match line.tier {
        2 if facts.outage => (2, Some(ReasonCode::Outage)),
        2 if facts.priority == Priority::Urgent => (2, Some(ReasonCode::Urgent)),
        1 => (3, Some(ReasonCode::Standard)),
        _ => (4, None),
    }
}

fn names(line: &PhoneLine, product: &str) -> bool {
    let product = product.to_lowercase();
    [&line.purpose_zh, &line.purpose_en, &line.name_zh, &line.name_en].iter().any(|text| text.to_lowercase().contains(&product))
}

/// Which of the customer's languages is spoken, as its place in their list, with the reason.
fn language(line: &PhoneLine, facts: &CallFacts) -> (Option<usize>, Option<Reason>) {
    let said = line.languages.is_empty() && line.dialects.is_empty();
    if facts.languages.is_empty() || said {
        return (Some(0), None);
    }
    for (place, asked) in facts.languages.iter().enumerate() {
        if speaks(&line.dialects, asked) {
            return (Some(place), Some(Reason::new(ReasonCode::Dialect).with("language", asked)));
        }
        if speaks(&line.languages, asked) {
            return (Some(place), Some(Reason::new(ReasonCode::Language).with("language", asked)));
        }
    }
    (None, Some(Reason::new(ReasonCode::LanguageMissing).with("languages", &facts.languages.join(", "))))
}

/// Whether somebody answers now, and when next; a calendar that cannot be read says nothing.
fn open(line: &PhoneLine, now: UtcMs) -> (Option<bool>, Option<UtcMs>) {
    let Ok(Some(calendar)) = line.opening() else { return (None, None) };
    if calendar.is_open(now) {
        return (Some(true), None);
    }
    (Some(false), calendar.intervals_from(now).next().map(|interval| interval.from))
}
