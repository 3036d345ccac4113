//! Sentences that promise something by a time, and sentences that only look so.

use chrono_tz::Asia::Shanghai;

use super::*;

/// Wednesday, 2026-11-25 at 10:30 in Shanghai.
const AT: &str = "2026-11-25T10:30:00+08:00";

fn at(text: &str) -> UtcMs {
    UtcMs::parse_rfc3339(text).unwrap()
}

/// Times of Shanghai, `11-25 18:00`; `?` for one that is left open.
fn due(text: &str) -> Option<UtcMs> {
    (text != "?").then(|| at(&format!("2026-{}T{}:00+08:00", &text[..5], &text[6..])))
}

#[test]
fn what_is_promised_and_by_when() {
    let mut wrong = Vec::new();
    for (sentence, expected) in [
        ("我们会在今天18:00前给您答复。", "11-25 18:00"),
        ("今天下午6点前恢复。", "11-25 18:00"),
        ("今天下午三点半前会有初步结论。", "11-25 15:30"),
        ("今晚12点前完成扩容。", "11-26 00:00"),
        ("明天上午 10：30 前工程师联系您。", "11-26 10:30"),
        ("明天给您回复。", "11-27 00:00"),
        ("明早9点前同步进展。", "11-26 09:00"),
        ("明天下午给您报告。", "11-26 18:00"),
        ("明天上午，我们会回复您。", "11-26 12:00"),
        ("后天安排工程师上门。", "11-28 00:00"),
        ("周四前给出根因报告。", "11-26 00:00"),
        ("工程师将于周四到场。", "11-27 00:00"),
        ("本周五18点前提供补丁。", "11-27 18:00"),
        ("下周一之前完成整改。", "11-30 00:00"),
        ("下周三上线新版本。", "12-03 00:00"),
        ("12月1日前交付。", "12-01 00:00"),
        ("11月26日14:00-16:00 工程师上门巡检。", "11-26 16:00"),
        ("2026-11-27 12:00 之前恢复。", "11-27 12:00"),
        ("26号上午会电话联系您。", "11-26 12:00"),
        ("月底前完成迁移。", "12-01 00:00"),
        ("2小时内给您初步结论。", "11-25 12:30"),
        ("我们将在半小时内响应。", "11-25 11:00"),
        ("一个半小时内恢复。", "11-25 12:00"),
        ("两个小时之内回电。", "11-25 12:30"),
        ("1-2 小时内完成重启。", "11-25 12:30"),
        ("30分钟后再次为您更新进展。", "11-25 11:00"),
        ("3天内完成。", "11-28 10:30"),
        ("24h内必达。", "11-26 10:30"),
        ("两个工作日内出具报告。", "?"),
        ("本周内完成整改。", "?"),
        ("今天下班前给您结论。", "?"),
        ("几个小时内会有结果。", "?"),
        ("最晚明天12:00给您书面答复。", "11-26 12:00"),
        ("恢复时间不会晚于今天20:00。", "11-25 20:00"),
        ("请放心，今天18:00前一定恢复。", "11-25 18:00"),
        ("请您放心我们明天会到场。", "11-27 00:00"),
        ("如仍有问题请回复本单，我们会在1小时内处理。", "11-25 11:30"),
        ("今天18:00前给初步结论，明天给完整报告。", "11-25 18:00"),
        ("3点前给您回电。", "11-25 15:00"),
        ("We will restore the service within 2 hours.", "11-25 12:30"),
        ("You'll have our answer by 6pm today.", "11-25 18:00"),
        ("We'll send the report by Friday.", "11-28 00:00"),
        ("The fix ships before Friday.", "11-27 00:00"),
        ("An engineer will be on site by 14:00 on Thursday.", "11-26 14:00"),
        ("I will get back to you tomorrow morning.", "11-26 12:00"),
        ("Root cause no later than Dec. 1, 18:00.", "12-01 18:00"),
        ("We will call you in half an hour.", "11-25 11:00"),
        ("By Friday, we will have replaced the disk.", "11-28 00:00"),
        ("ETA: tomorrow 9:30.", "11-26 09:30"),
        ("We'll update you by EOD.", "11-26 00:00"),
        ("We'll update you by end of day Thursday.", "11-27 00:00"),
        ("We will close this by COB.", "?"),
        ("Please note the patch will be rolled out by noon tomorrow.", "11-26 12:00"),
        ("We will be there within two business days.", "?"),
        ("The migration is planned for next Friday.", "?"),
        ("Reply within a few hours guaranteed.", "?"),
        ("We will deliver on the 5th of December.", "12-06 00:00"),
        ("I'll check back tonight.", "11-26 00:00"),
    ] {
        let found = promises(sentence, at(AT), Shanghai);
        let expected = vec![Promised { text: sentence.to_owned(), due: due(expected) }];
        if found != expected {
            wrong.push(format!("{sentence}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_only_looks_like_a_promise() {
    let mut wrong = Vec::new();
    for sentence in [
        "您好，我们正在处理。",
        "今天天气不错。",
        "明天是工作日。",
        // asked of others, or asked at all
        "请您在今天18:00前提供日志。",
        "麻烦明天上午12点前确认一下窗口。",
        "能否在周四前提供抓包？",
        "您明天18:00方便吗？",
        "贵司将于周五前完成备案。",
        "客户要求今天18:00前恢复。",
        "希望明天就能恢复。",
        "Could you send the logs by Friday?",
        "Please send us the logs by 18:00 today.",
        "You need to restart it within 2 hours.",
        "The customer asked for a fix by Friday.",
        // what has happened
        "2小时前服务已恢复。",
        "三天前发生过一次。",
        "故障已于今天9:20恢复。",
        "我们昨天18:00前就给过答复。",
        "过去24小时内没有新的告警。",
        "最近2小时内出现3次超时。",
        "重启2小时后又出现报警。",
        "We fixed it within 2 hours.",
        "It was restored by 18:00.",
        "No errors within the last 24 hours.",
        "We replied two hours ago.",
        // a time that has passed
        "今天9:00前恢复。",
        "11月20日前完成。",
        "周三上午8点前恢复。",
        // what cannot be done, and what happens only if
        "今天18:00前无法恢复。",
        "We cannot fix this by Friday.",
        "We won't make it before Thursday.",
        "如果明天18:00前没有恢复，我们再约时间。",
        "If it is not fixed by Friday, write to us.",
        // hours, lines and lengths that are no deadlines
        "我们的工作时间是周一至周五9:00-18:00。",
        "Our desk is open Monday to Friday.",
        "We have weekly calls every Friday.",
        "提供7×24小时支持。",
        "健康检查间隔由300秒改为60秒。",
        "版本 2.5.1 修复了 3 个问题。",
        "The queue holds 24 hours of data.",
        "3号机房一切正常。",
        "建议使用“库表恢复”到新实例：选择时间点 15:35，只恢复受影响的表，完成后再把字段更新回原表。",
        "默认 135 分钟后自动解除，可用今日剩余的解封次数一次，但攻击未停会再次进入。",
        "预算在前期已经确认。",
    ] {
        let found = promises(sentence, at(AT), Shanghai);
        if !found.is_empty() {
            wrong.push(format!("{found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_what_we_wrote_ourselves_and_by_hand_is_read() {
    let text = "您好！\n我们会在今天18:00前给您答复。另外，补丁周五前上线。\n\n> 我们会在明天18:00前给您答复。\n```\nretry within 2 hours\n```\n\
                2026-11-25 10:30:00 job will finish within 2 hours\n-----BEGIN DESKBELL VISIT-----\n{\"note\":\"明天18:00前到场\"}\n\
                -----END DESKBELL VISIT-----\n在 2026年11月24日，李雷写道：\n我们明天一定恢复。";
    let found: Vec<String> = promises(text, at(AT), Shanghai).into_iter().map(|one| one.text).collect();
    assert_eq!(found, ["我们会在今天18:00前给您答复。", "另外，补丁周五前上线。"]);
}

#[test]
fn days_are_those_of_the_desk() {
    let late = at("2026-11-25T23:30:00+08:00");
    let text = "We will call you tomorrow.";
    assert_eq!(promises(text, late, Shanghai)[0].due, Some(at("2026-11-27T00:00:00+08:00")));
    let berlin = promises(text, late, chrono_tz::Europe::Berlin);
    assert_eq!(berlin[0].due, Some(at("2026-11-27T00:00:00+01:00")));
    // The clocks of Berlin skip 02:00 to 03:00 on 2027-03-28.
    let eve = at("2027-03-27T12:00:00+01:00");
    let skipped = promises("We will be done by 02:30 on Sunday.", eve, chrono_tz::Europe::Berlin);
    assert_eq!(skipped[0].due, Some(at("2027-03-28T03:30:00+02:00")));
}

#[test]
fn no_text_is_too_strange() {
    let long = "明天".repeat(5_000);
    for text in [
        "",
        "。",
        "半",
        "周",
        "下",
        "12:",
        "12:6",
        "99:99前",
        "13月45日前",
        "within",
        "by",
        "in 9999 weeks",
        "0时前",
        "\u{0}\u{202e}明天",
        &long,
    ] {
        let _whatever = promises(text, at(AT), Shanghai);
        let _whenever = promises(text, UtcMs(i64::MAX), Shanghai);
    }
    let many = "我们会在今天18:00前给您答复。".repeat(50);
    assert_eq!(promises(&many, at(AT), Shanghai).len(), PROMISES_MAX);
}
