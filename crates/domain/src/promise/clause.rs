//! Whether a sentence with a time in it promises something.

use chrono_tz::Tz;

use super::scan::Scan;
use super::when::{When, times};
use crate::time::UtcMs;

/// Characters beside the time in a clause that says nothing else.
const BESIDE_CHARS_MAX: usize = 6;

/// Words that make a promise of a time that is only named.
const COMMITS: &[&str] = &[
    "将",
    "会",
    "预计",
    "计划",
    "安排",
    "回复",
    "答复",
    "反馈",
    "处理",
    "完成",
    "修复",
    "恢复",
    "解决",
    "提供",
    "联系",
    "同步",
    "更新",
    "上门",
    "到场",
    "到达",
    "到现场",
    "升级",
    "发布",
    "上线",
    "交付",
    "确认",
    "跟进",
    "重启",
    "给您",
    "给到",
    "发给",
    "发您",
    "寄出",
    "送达",
    "出具",
    "告知",
    "通知您",
    "致电",
    "will",
    "'ll",
    "shall",
    "going to",
    "plan",
    "plan to",
    "planned",
    "expect",
    "expected",
    "eta",
    "scheduled",
    "aim",
    "aiming",
    "should",
    "let you know",
    "get back",
    "follow up",
    "promise",
    "guarantee",
    "commit",
];
/// Words with which somebody else is asked to do it, or wants it.
const ASKS: &[&str] = &[
    "请",
    "建议",
    "选择",
    "可用",
    "麻烦",
    "烦请",
    "劳驾",
    "需要您",
    "需您",
    "您需要",
    "希望",
    "要求",
    "贵司",
    "贵方",
    "客户说",
    "客户需要",
    "please",
    "kindly",
    "could you",
    "can you",
    "would you",
    "you need to",
    "you must",
    "you should",
    "need you",
    "needs you",
    "we need your",
    "required from you",
    "asked",
    "asks",
    "requested",
    "requests",
    "wants",
    "wanted",
    "hope",
    "hoping",
];
/// 请 and "please" with which nobody is asked for anything by then.
const COURTESIES: &[&str] = &[
    "请放心",
    "请您放心",
    "请稍等",
    "请稍候",
    "请您稍",
    "请知悉",
    "请您知悉",
    "请知晓",
    "请谅解",
    "请您谅解",
    "请理解",
    "请见谅",
    "please note",
    "please be assured",
    "please rest assured",
    "please bear with us",
    "please be advised",
];
/// Words of what has happened already.
const DONE: &[&str] = &[
    "已",
    "曾",
    "又",
    "昨天",
    "昨日",
    "昨晚",
    "前天",
    "刚才",
    "刚刚",
    "上周",
    "上个月",
    "was",
    "were",
    "had",
    "has been",
    "have been",
    "restored",
    "resolved",
    "fixed",
    "happened",
    "occurred",
    "started",
    "failed",
    "recovered",
    "reported",
    "received",
    "replied",
    "sent",
    "called",
    "completed",
    "finished",
    "yesterday",
    "ago",
    "did",
];
/// Words of what cannot be done by then.
const REFUSALS: &[&str] = &[
    "无法",
    "不能",
    "不会",
    "没法",
    "未能",
    "来不及",
    "恐怕",
    "不保证",
    "不承诺",
    "难以",
    "暂不",
    "can't",
    "cannot",
    "can not",
    "won't",
    "will not",
    "unable",
    "not able",
    "unlikely",
    "no guarantee",
    "not guarantee",
    "don't expect",
    "not expect",
    "may not",
    "might not",
];
/// Not later than is a promise.
const NO_REFUSALS: &[&str] = &["不会晚于", "不会超过", "不会迟于"];
/// Words of what happens only if something else does, and of what others said.
const CONDITIONS: &[&str] = &[
    "如果",
    "若",
    "如未",
    "如仍",
    "如您",
    "假如",
    "一旦",
    "万一",
    "除非",
    "您说",
    "您提到",
    "您反馈",
    "if",
    "unless",
    "in case",
    "you said",
    "you mentioned",
    "should you",
];
/// Words that make a question of the whole sentence.
const QUESTIONS: &[&str] = &["吗", "能否", "可否", "是否", "什么时候", "何时"];

/// `Some` when the sentence promises something: with the earliest time by which, where that can be told.
pub(super) fn promised(sentence: &str, at: UtcMs, tz: Tz) -> Option<Option<UtcMs>> {
    let scan = Scan::new(sentence);
    let length = scan.chars.len();
    if matches!(scan.chars.last(), Some('?' | '？')) || scan.has(0, length, QUESTIONS) {
        return None;
    }
    let counted: Vec<When> = times(&scan, at, tz).into_iter().filter(|when| counts(&scan, when, at)).collect();
    if counted.is_empty() {
        return None;
    }
    Some(counted.iter().filter_map(|when| when.due).min())
}

fn counts(scan: &Scan, when: &When, at: UtcMs) -> bool {
    if when.due.is_some_and(|due| due <= at) {
        return false;
    }
    let (from, to) = clause(scan, when);
    let will = ["will", "'ll", "going to", "shall", "将", "会"];
    let asks = scan.has(from, to, ASKS) && !scan.has(from, to, COURTESIES);
    let done = scan.has(from, to, DONE) && !scan.has(from, to, &will);
    let refuses = scan.has(from, to, REFUSALS) && !scan.has(from, to, NO_REFUSALS);
    if asks || done || refuses || scan.has(from, to, CONDITIONS) {
        return false;
    }
    // "明天上午，我们会回复您": a clause with little more than the time takes its words from the next one.
    let beside = (to - from).saturating_sub(when.end - when.from);
    let to = if beside <= BESIDE_CHARS_MAX { clause_at(scan, to + 1).1.max(to) } else { to };
    when.is_deadline || scan.has(from, to, COMMITS)
}

fn clause(scan: &Scan, when: &When) -> (usize, usize) {
    let (from, _) = clause_at(scan, when.from);
    let (_, to) = clause_at(scan, when.end.saturating_sub(1));
    (from, to)
}

/// From behind the comma before a place to before the next one.
fn clause_at(scan: &Scan, place: usize) -> (usize, usize) {
    let place = place.min(scan.chars.len());
    let is_comma = |at: &usize| matches!(scan.at(*at), Some('，' | ',' | '；' | ';'));
    let from = (0..place).rev().find(is_comma).map_or(0, |at| at + 1);
    let to = (place..scan.chars.len()).find(is_comma).unwrap_or(scan.chars.len());
    (from, to)
}
