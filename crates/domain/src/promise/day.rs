//! Days as people name them, and stretches of a day.

use chrono::{Datelike as _, Days, NaiveDate, Weekday};

use super::scan::Scan;

/// A date without a year this far back belongs to next year.
const LAST_YEAR_DAYS: i64 = 180;

/// A stretch of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Dawn,
    Morning,
    Noon,
    Afternoon,
    Evening,
}

impl Part {
    /// Minutes of the day at which it is over; `None` for one without a clear end.
    pub(super) const fn ends(self) -> Option<u32> {
        match self {
            Self::Dawn => Some(6 * 60),
            Self::Morning => Some(12 * 60),
            Self::Noon => None,
            Self::Afternoon => Some(18 * 60),
            Self::Evening => Some(24 * 60),
        }
    }
}

/// A day that was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    /// `None` where the words do not say which: next week, the end of business.
    pub(super) date: Option<NaiveDate>,
    /// Said with the day: this evening.
    pub(super) part: Option<Part>,
    /// "Before" it means until it is over: the end of the month.
    pub(super) is_an_end: bool,
    /// Behind the words.
    pub(super) end: usize,
}

impl Named {
    const fn on(date: Option<NaiveDate>, end: usize) -> Self {
        Self { date, part: None, is_an_end: false, end }
    }

    const fn open(end: usize) -> Self {
        Self::on(None, end)
    }
}

/// The day that is named here, seen from `today`.
pub(super) fn day(scan: &Scan, at: usize, today: NaiveDate) -> Option<Named> {
    relative(scan, at, today)
        .or_else(|| han_weekday(scan, at, today))
        .or_else(|| han_date(scan, at, today))
        .or_else(|| latin_end(scan, at, today))
        .or_else(|| latin_weekday(scan, at, today))
        .or_else(|| latin_date(scan, at, today))
        .or_else(|| iso_date(scan, at))
        .or_else(|| open(scan, at))
}

fn later(today: NaiveDate, days: u64) -> Option<NaiveDate> {
    today.checked_add_days(Days::new(days))
}

fn relative(scan: &Scan, at: usize, today: NaiveDate) -> Option<Named> {
    use Part::{Afternoon, Evening, Morning};
    const WORDS: &[(&str, (u64, Option<Part>))] = &[
        ("大后天", (3, None)),
        ("后天", (2, None)),
        ("明天", (1, None)),
        ("明日", (1, None)),
        ("明早", (1, Some(Morning))),
        ("明晨", (1, Some(Morning))),
        ("明晚", (1, Some(Evening))),
        ("今天", (0, None)),
        ("今日", (0, None)),
        ("今早", (0, Some(Morning))),
        ("今晚", (0, Some(Evening))),
        ("今夜", (0, Some(Evening))),
        ("the day after tomorrow", (2, None)),
        ("day after tomorrow", (2, None)),
        ("tomorrow", (1, None)),
        ("tonight", (0, Some(Evening))),
        ("this morning", (0, Some(Morning))),
        ("this afternoon", (0, Some(Afternoon))),
        ("this evening", (0, Some(Evening))),
        ("today", (0, None)),
    ];
    let ((days, part), end) = scan.one_of(at, WORDS)?;
    Some(Named { date: Some(later(today, days)?), part, is_an_end: false, end })
}

fn han_weekday(scan: &Scan, at: usize, today: NaiveDate) -> Option<Named> {
    const WEEKS: &[(&str, u64)] = &[("下下个", 2), ("下下", 2), ("下个", 1), ("下", 1), ("本", 0), ("这个", 0), ("这", 0)];
    const NAMES: &[&str] = &["星期", "礼拜", "周"];
    if at > 0 && scan.at(at - 1).is_some_and(|c| "每上至到两三一".contains(c)) {
        return None;
    }
    let week = scan.one_of(at, WEEKS);
    let name = scan.any(week.map_or(at, |(_, end)| end), NAMES)?;
    let number = han_day(scan.at(name)?)?;
    let end = name + 1;
    // Office hours, and how often.
    let range = scan
        .any(end, &["至", "到", "-"])
        .is_some_and(|more| scan.any(more, NAMES).is_some() || scan.at(more).and_then(han_day).is_some());
    if range || scan.at(end) == Some('次') {
        return None;
    }
    let monday = today.checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_monday())))?;
    let date = match week {
        Some((week, _)) => later(monday, week * 7 + number - 1)?,
        None => later(today, (number + 6 - u64::from(today.weekday().num_days_from_monday())) % 7)?,
    };
    Some(Named::on(Some(date), end))
}

/// 1 for Monday.
fn han_day(c: char) -> Option<u64> {
    match c {
        '日' | '天' => Some(7),
        c => "一二三四五六".chars().position(|one| one == c).and_then(|at| u64::try_from(at + 1).ok()),
    }
}

fn han_date(scan: &Scan, at: usize, today: NaiveDate) -> Option<Named> {
    let last = |scan: &Scan, end: usize| scan.any(end, &["日", "号"]);
    if let Some((first, end)) = scan.digits(at, 4) {
        if let Some(month_at) = scan.word(end, "年") {
            let (month, end) = scan.digits(month_at, 2)?;
            let (day, end) = scan.digits(scan.word(end, "月")?, 2)?;
            let date = NaiveDate::from_ymd_opt(i32::try_from(first).ok()?, month, day)?;
            return Some(Named::on(Some(date), last(scan, end)?));
        }
        if let Some(day_at) = scan.word(end, "月") {
            let (day, end) = scan.digits(scan.spaces(day_at), 2)?;
            return Some(Named::on(Some(this_or_next_year(today, first, day)?), last(scan, end).unwrap_or(end)));
        }
        let end = last(scan, end)?;
        // A number and 号 is a machine room as often as a day.
        scan.any(end, &["前", "之前", "以前", "上午", "下午", "中午", "早", "晚", "内"])?;
        return Some(Named::on(Some(this_or_next_month(today, first)?), end));
    }
    let end = scan.any(at, &["本月底", "月底", "本月末", "月末"])?;
    if at > 0 && scan.at(at - 1).is_some_and(|c| "下上".contains(c)) {
        return None;
    }
    Some(Named { is_an_end: true, ..Named::on(Some(end_of_month(today)?), end) })
}

fn end_of_month(today: NaiveDate) -> Option<NaiveDate> {
    today.with_day(1)?.checked_add_months(chrono::Months::new(1))?.pred_opt()
}

fn this_or_next_year(today: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    let date = NaiveDate::from_ymd_opt(today.year(), month, day);
    match date {
        Some(date) if (today - date).num_days() <= LAST_YEAR_DAYS => Some(date),
        _ => NaiveDate::from_ymd_opt(today.year() + 1, month, day),
    }
}

fn this_or_next_month(today: NaiveDate, day: u32) -> Option<NaiveDate> {
    let date = today.with_day(day);
    match date {
        Some(date) if date >= today => Some(date),
        _ => today.with_day(1)?.checked_add_months(chrono::Months::new(1))?.with_day(day),
    }
}

/// The end of a day, on its own or with the day behind it.
fn latin_end(scan: &Scan, at: usize, today: NaiveDate) -> Option<Named> {
    const DAY: &[&str] = &["eod", "end of the day", "end of day"];
    const BUSINESS: &[&str] = &["cob", "eob", "close of business", "end of business"];
    let month = ["the end of the month", "end of the month", "end of this month", "month end"];
    if let Some(end) = scan.any(at, &month) {
        return Some(Named { is_an_end: true, ..Named::on(Some(end_of_month(today)?), end) });
    }
    let (is_business, end) = match scan.any(at, DAY) {
        Some(end) => (false, end),
        None => (true, scan.any(at, BUSINESS)?),
    };
    let on = scan.spaces(end);
    let on = scan.any(on, &["on", "of"]).map_or(on, |end| scan.spaces(end));
    let named = relative(scan, on, today).or_else(|| latin_weekday(scan, on, today)).or_else(|| latin_date(scan, on, today));
    let (date, end) = named.map_or((Some(today), end), |named| (named.date, named.end));
    Some(Named { is_an_end: true, ..Named::on(date.filter(|_| !is_business), end) })
}

const WEEKDAYS: &[(&str, Weekday)] = &[
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
    ("mon", Weekday::Mon),
    ("tues", Weekday::Tue),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thurs", Weekday::Thu),
    ("thur", Weekday::Thu),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
];

fn latin_weekday(scan: &Scan, at: usize, today: NaiveDate) -> Option<Named> {
    let is_behind = |words: &[&str]| scan_back(scan, at, words);
    if is_behind(&["every", "last", "each", "to", "through", "until", "from", "-"]) {
        return None;
    }
    let next = scan.word(at, "next").map(|end| scan.spaces(end));
    let this = scan.word(at, "this").map(|end| scan.spaces(end));
    let (weekday, end) = scan.one_of(next.or(this).unwrap_or(at), WEEKDAYS)?;
    let beyond = scan.spaces(end);
    if scan.any(beyond, &["to", "through", "-"]).is_some_and(|more| scan.one_of(scan.spaces(more), WEEKDAYS).is_some()) {
        return None;
    }
    // Two readings of "next Friday": which one is not for us to say.
    if next.is_some() {
        return Some(Named::open(end));
    }
    let ahead = (7 + weekday.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7;
    Some(Named::on(Some(later(today, u64::from(ahead))?), end))
}

/// True when one of the words stands before `at`, spaces aside.
pub(super) fn scan_back(scan: &Scan, at: usize, words: &[&str]) -> bool {
    let mut behind = at;
    while behind > 0 && scan.at(behind - 1).is_some_and(|c| c == ' ') {
        behind -= 1;
    }
    words.iter().any(|word| {
        let chars = word.chars().count();
        behind.checked_sub(chars).is_some_and(|from| scan.word(from, word) == Some(behind))
    })
}

const MONTHS: &[(&str, u32)] = &[
    ("january", 1),
    ("february", 2),
    ("march", 3),
    ("april", 4),
    ("may", 5),
    ("june", 6),
    ("july", 7),
    ("august", 8),
    ("september", 9),
    ("october", 10),
    ("november", 11),
    ("december", 12),
    ("jan", 1),
    ("feb", 2),
    ("mar", 3),
    ("apr", 4),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("sept", 9),
    ("sep", 9),
    ("oct", 10),
    ("nov", 11),
    ("dec", 12),
];

fn latin_date(scan: &Scan, at: usize, today: NaiveDate) -> Option<Named> {
    let ordinal = |at: usize| -> Option<(u32, usize)> {
        let (day, end) = scan.digits(at, 2)?;
        let behind = ["st", "nd", "rd", "th"].iter().find_map(|suffix| {
            let letters: String = [scan.at(end)?, scan.at(end + 1)?].into_iter().collect();
            (letters == **suffix).then_some(end + 2)
        });
        Some((day, behind.unwrap_or(end)))
    };
    let (month, day, end) = match scan.one_of(at, MONTHS) {
        Some((month, end)) => {
            let end = scan.word(end, ".").unwrap_or(end);
            let (day, end) = ordinal(scan.spaces(end))?;
            (month, day, end)
        }
        None => {
            let (day, end) = ordinal(at)?;
            let next = scan.spaces(end);
            let next = scan.word(next, "of").map_or(next, |end| scan.spaces(end));
            let (month, end) = scan.one_of(next, MONTHS)?;
            (month, day, end)
        }
    };
    let year_at = scan.spaces(scan.word(end, ",").unwrap_or(end));
    let year = scan.digits(year_at, 4).filter(|(year, _)| (2000..2200).contains(year));
    let (date, end) = match year {
        Some((year, end)) => (NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?, end),
        None => (this_or_next_year(today, month, day)?, end),
    };
    Some(Named::on(Some(date), end))
}

fn iso_date(scan: &Scan, at: usize) -> Option<Named> {
    let (year, end) = scan.digits(at, 4).filter(|(year, _)| (2000..2200).contains(year))?;
    let mark = scan.at(end).filter(|c| *c == '-' || *c == '/')?;
    let (month, end) = scan.digits(end + 1, 2)?;
    if scan.at(end) != Some(mark) {
        return None;
    }
    let (day, end) = scan.digits(end + 1, 2)?;
    Some(Named::on(Some(NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?), end))
}

/// Times that are named and whose end is anybody's guess.
fn open(scan: &Scan, at: usize) -> Option<Named> {
    const WORDS: &[&str] = &[
        "本周内",
        "本周末",
        "本周",
        "这周",
        "下周内",
        "下周",
        "下个月",
        "本月内",
        "年底",
        "周末",
        "下班",
        "节后",
        "end of this week",
        "end of the week",
        "end of next week",
        "end of week",
        "next week",
        "this week",
        "this weekend",
        "next month",
        "year end",
    ];
    if at > 0 && scan.at(at - 1).is_some_and(|c| "每上".contains(c)) {
        return None;
    }
    scan.any(at, WORDS).map(Named::open)
}
