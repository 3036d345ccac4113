//! Plausible particulars for the slots of a script: the same slot is the same thing throughout a ticket.

use chrono::TimeDelta;
use chrono_tz::Asia::Shanghai;
use deskbell_domain::UtcMs;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::people::{Customer, Lang};
use crate::error::HubError;

const REGIONS: &[(&str, &str, &str)] = &[
    ("cn-hangzhou", "华东1（杭州）", "China East 1 (Hangzhou)"),
    ("cn-shanghai", "华东2（上海）", "China East 2 (Shanghai)"),
    ("cn-beijing", "华北2（北京）", "China North 2 (Beijing)"),
    ("cn-shenzhen", "华南1（深圳）", "China South 1 (Shenzhen)"),
    ("cn-zhangjiakou", "华北3（张家口）", "China North 3 (Zhangjiakou)"),
    ("cn-chengdu", "西南1（成都）", "China Southwest 1 (Chengdu)"),
    ("cn-hongkong", "中国香港", "Hong Kong"),
    ("ap-southeast-1", "新加坡", "Singapore"),
    ("eu-central-1", "德国（法兰克福）", "Germany (Frankfurt)"),
];
/// RFC 5737: addresses that belong to nobody.
const DOCUMENTATION_NETS: [&str; 3] = ["203.0.113", "198.51.100", "192.0.2"];
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &[u8] = b"0123456789abcdef";
const DIGITS: &[u8] = b"0123456789";
const KEY: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";

/// What slots are filled from.
pub(super) struct Slots<'a> {
    pub(super) seed: u64,
    pub(super) created_at: UtcMs,
    pub(super) lang: Lang,
    pub(super) customer: &'a Customer,
    pub(super) requester: &'a str,
    pub(super) agent: &'a str,
}

/// A random source for one purpose of one ticket. FNV-1a, so it is the same everywhere.
pub(super) fn rng_for(seed: u64, purpose: &str) -> StdRng {
    let hash = purpose
        .bytes()
        .fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    StdRng::seed_from_u64(hash)
}

/// One of several; `None` only of none.
pub(super) fn pick<'a, T>(rng: &mut StdRng, from: &'a [T]) -> Option<&'a T> {
    if from.is_empty() { None } else { from.get(rng.random_range(0..from.len())) }
}

fn letters(rng: &mut StdRng, alphabet: &[u8], count: usize) -> String {
    (0..count).filter_map(|_| pick(rng, alphabet).map(|byte| char::from(*byte))).collect()
}

impl Slots<'_> {
    /// One of several, the same place for subject and opening: they tell one story.
    pub(super) fn variant<'t>(&self, texts: &'t [String]) -> Option<&'t String> {
        pick(&mut rng_for(self.seed, "variant"), texts)
    }

    /// What stands under a customer's first message.
    pub(super) fn signature(&self) -> &'static str {
        match self.lang {
            Lang::Zh => "\n\n{customer} {requester}\n账号 UID：{uid}",
            Lang::En => "\n\nRegards,\n{requester}, {customer}\nAccount {uid}",
        }
    }

    /// Replaces every `{slot}`.
    ///
    /// # Errors
    /// [`HubError::DemoData`] for a slot that does not exist or never closes.
    pub(super) fn fill(&self, text: &str) -> Result<String, HubError> {
        let mut filled = String::with_capacity(text.len() + 64);
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            filled.push_str(before);
            let (slot, after) =
                behind.split_once('}').ok_or_else(|| HubError::DemoData(format!("a slot is not closed: {behind}")))?;
            // Braces of code are written with a space behind them.
            if slot.starts_with([' ', '"', '\n']) || slot.is_empty() {
                filled.push('{');
                rest = behind;
                continue;
            }
            filled.push_str(&self.value(slot)?);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn value(&self, slot: &str) -> Result<String, HubError> {
        let mut rng = rng_for(self.seed, slot);
        let unknown = || HubError::DemoData(format!("slot {slot}"));
        if let Some((kind, argument)) = slot.split_once(':') {
            return self.with_argument(&mut rng, kind, argument).ok_or_else(unknown);
        }
        let kind = slot.trim_end_matches(|c: char| c.is_ascii_digit());
        self.named(kind).or_else(|| Self::made(&mut rng, kind)).ok_or_else(unknown)
    }

    fn region(&self) -> (&'static str, &'static str, &'static str) {
        pick(&mut rng_for(self.seed, "region"), REGIONS).copied().unwrap_or(("cn-hangzhou", "华东1（杭州）", "Hangzhou"))
    }

    fn named(&self, kind: &str) -> Option<String> {
        let (region_id, region_zh, region_en) = self.region();
        Some(match kind {
            "customer" => self.customer.name.clone(),
            "requester" => self.requester.to_owned(),
            "agent" => self.agent.to_owned(),
            "manager" => self.customer.manager.clone(),
            "city" => self.customer.city.clone(),
            "domain" => self.customer.domain.clone(),
            // One account number a customer, whatever the ticket.
            "uid" => format!("1{}", letters(&mut rng_for(0, &self.customer.id), DIGITS, 15)),
            "region" if self.lang == Lang::Zh => region_zh.to_owned(),
            "region" => region_en.to_owned(),
            "region_id" => region_id.to_owned(),
            "zone" => format!("{region_id}-{}", letters(&mut rng_for(self.seed, "zone"), b"ghijk", 1)),
            _ => return None,
        })
    }

    fn made(rng: &mut StdRng, kind: &str) -> Option<String> {
        let resource = |rng: &mut StdRng, prefix: &str, count: usize| format!("{prefix}bp1{}", letters(rng, LOWER, count));
        Some(match kind {
            "instance" => resource(rng, "i-", 17),
            "disk" => resource(rng, "d-", 17),
            "rds" => resource(rng, "rm-", 14),
            "redis" => resource(rng, "r-", 13),
            "slb" => resource(rng, "lb-", 18),
            "eip" => resource(rng, "eip-", 18),
            "vpc" => resource(rng, "vpc-", 18),
            "sg" => resource(rng, "sg-", 17),
            "vpn" => resource(rng, "vpn-", 18),
            "nat" => resource(rng, "ngw-", 18),
            "cluster" => format!("c{}", letters(rng, HEX, 32)),
            "node" => {
                format!("{}.10.{}.{}.{}", "cn-node", rng.random_range(0..32), rng.random_range(0..255), rng.random_range(2..250))
            }
            "pod" => format!("{}-{}", letters(rng, HEX, 10), letters(rng, LOWER, 5)),
            "hash" => letters(rng, HEX, 8),
            "trace" => letters(rng, HEX, 32),
            "order" => format!("2{}", letters(rng, DIGITS, 14)),
            "ak" => format!("LTAI5t{}********", letters(rng, KEY, 6)),
            "reqid" => {
                let part = |rng: &mut StdRng, count| letters(rng, HEX, count).to_uppercase();
                format!("{}-{}-{}-{}-{}", part(rng, 8), part(rng, 4), part(rng, 4), part(rng, 4), part(rng, 12))
            }
            "ip" => format!("{}.{}", pick(rng, &DOCUMENTATION_NETS)?, rng.random_range(2..254)),
            "lan" => format!("172.16.{}.{}", rng.random_range(0..255), rng.random_range(2..250)),
            _ => return None,
        })
    }

    /// `n:20-90` a number, `t:-5` the time of day five minutes before the ticket, `ts:-5` the same with
    /// date and seconds, `d:-1` the date a day before. `#` and a letter tell equal ones apart.
    fn with_argument(&self, rng: &mut StdRng, kind: &str, argument: &str) -> Option<String> {
        let argument = argument.split('#').next().unwrap_or(argument);
        if kind == "n" {
            let (low, high) = argument.split_once('-')?;
            return Some(rng.random_range(low.parse::<u32>().ok()?..=high.parse::<u32>().ok()?).to_string());
        }
        let offset: i64 = argument.parse().ok()?;
        let local = self.created_at.to_datetime()?.with_timezone(&Shanghai);
        let text = match kind {
            "t" => (local + TimeDelta::minutes(offset)).format("%H:%M"),
            "ts" => {
                (local + TimeDelta::minutes(offset) + TimeDelta::seconds(rng.random_range(0..50))).format("%Y-%m-%d %H:%M:%S")
            }
            "d" if self.lang == Lang::Zh => (local + TimeDelta::days(offset)).format("%-m月%-d日"),
            "d" => (local + TimeDelta::days(offset)).format("%-d %B"),
            _ => return None,
        };
        Some(text.to_string())
    }
}
