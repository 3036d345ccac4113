//! What a ticket's text says that somebody on the telephone will ask for.

/// Most instances on a sheet.
const INSTANCES_MAX: usize = 20;
/// Text looked at of one note or field, in bytes.
const TEXT_BYTES_MAX: usize = 64 * 1024;
/// How ids of cloud resources begin: servers, load balancers, databases, caches, disks, networks, clusters.
const PREFIXES: &[&str] = &[
    "i-",
    "eci-",
    "d-",
    "s-",
    "m-",
    "sg-",
    "eni-",
    "vpc-",
    "vsw-",
    "eip-",
    "ngw-",
    "vpn-",
    "lb-",
    "slb-",
    "alb-",
    "nlb-",
    "rm-",
    "rr-",
    "pc-",
    "pi-",
    "r-",
    "dds-",
    "gp-",
    "am-",
    "hb-",
    "es-cn-",
    "alikafka_pre-cn-",
    "mse-cn-",
    "c-",
];
/// Characters behind the prefix.
const ID_CHARS: std::ops::RangeInclusive<usize> = 8..=40;
/// Digits of an account number.
const ACCOUNT_DIGITS: std::ops::RangeInclusive<usize> = 6..=20;
/// What a field or the words before an account number are called.
const ACCOUNT_NAMES: &[&str] = &["uid", "account id", "account_id", "aliuid", "账号id", "账号", "帐号", "主账号", "云账号"];
/// Words of an outage, in small letters.
const OUTAGE: &[&str] = &[
    "宕机",
    "宕掉",
    "中断",
    "不可用",
    "无法访问",
    "访问不了",
    "打不开",
    "连不上",
    "无法连接",
    "全部失败",
    "瘫痪",
    "掉线",
    "outage",
    "is down",
    "are down",
    "went down",
    "unreachable",
    "unavailable",
    "not responding",
    "cannot connect",
    "can't connect",
    "hard down",
    "service down",
    "site down",
];
/// Answers of a gateway that has nothing behind it.
const GATEWAY: &[&str] = &["502", "503", "504"];

fn cut(text: &str) -> &str {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// True when the text says that a service is down.
pub(super) fn says_outage(text: &str) -> bool {
    let small = cut(text).to_lowercase();
    let mut words = small.split(|c: char| !c.is_ascii_alphanumeric());
    OUTAGE.iter().any(|word| small.contains(word)) || words.any(|word| GATEWAY.contains(&word))
}

/// Ids of resources, each once, in the order found.
pub(super) fn instance_ids<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        for word in cut(text).split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_') {
            if is_instance(word) && !found.iter().any(|known| known == word) {
                found.push(word.to_owned());
                if found.len() == INSTANCES_MAX {
                    return found;
                }
            }
        }
    }
    found
}

fn is_instance(word: &str) -> bool {
    let Some(rest) = PREFIXES.iter().filter_map(|prefix| word.strip_prefix(prefix)).min_by_key(|rest| rest.len()) else {
        return false;
    };
    let plain = rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    // Words with a hyphen have no digits; ids always do.
    ID_CHARS.contains(&rest.len()) && plain && rest.bytes().any(|byte| byte.is_ascii_digit())
}

/// The customer's account number with the vendor: of a field that is called so, else behind such words in the text.
pub(super) fn account_number<'a>(
    fields: impl Iterator<Item = (&'a str, &'a str)>,
    texts: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let called = |name: &str| ACCOUNT_NAMES.contains(&name.trim().to_lowercase().as_str());
    let of_field =
        fields.filter(|(name, _)| called(name)).map(|(_, value)| value.trim().to_owned()).find(|value| !value.is_empty());
    of_field.or_else(|| texts.into_iter().find_map(|text| number_behind(cut(text))))
}

fn number_behind(text: &str) -> Option<String> {
    // Small letters of ASCII only: places in the text stay where they are.
    let small = text.to_ascii_lowercase();
    for name in ACCOUNT_NAMES {
        for (at, _) in small.match_indices(name) {
            // `liquid 12345678` names no account.
            if small.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_alphanumeric())) {
                continue;
            }
            let rest = small.get(at + name.len()..)?;
            let rest = rest.trim_start_matches([' ', ':', '：', '=', '\u{a0}', '为', '是', '#']);
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            if ACCOUNT_DIGITS.contains(&digits.len()) {
                return Some(digits);
            }
        }
    }
    None
}
