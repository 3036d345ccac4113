//! Figures, printed and not asserted: `cargo test --release -p deskbell-store -- --ignored --nocapture measured`.

mod busy;
mod due;

use std::time::Instant;

use deskbell_domain::filter::{TicketFilter, TicketOrder};

use super::*;

const WORDS: &[&str] = &[
    "服务器",
    "宕机",
    "网关",
    "支付",
    "间歇",
    "502",
    "error",
    "timeout",
    "重启",
    "数据库",
    "连接",
    "负载均衡",
    "证书",
    "过期",
    "续费",
    "失败",
    "CDN",
    "缓存",
    "回源",
    "InvalidParameter",
    "实例",
    "快照",
    "磁盘",
    "扩容",
    "带宽",
    "延迟",
    "丢包",
    "专线",
    "kernel",
    "panic",
    "客户",
    "反馈",
    "已",
    "恢复",
    "请",
    "确认",
    "日志",
    "分析",
    "中",
    "工程师",
    "上门",
    "检测",
    "安全",
    "加固",
    "压测",
    "报告",
    "华东",
    "华北",
    "可用区",
    "主备",
    "切换",
    "同步",
    "复制",
    "索引",
    "慢查询",
    "CPU",
    "memory",
    "OOM",
    "pod",
    "节点",
];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn text(&mut self, words: usize) -> String {
        (0..words).map(|_| WORDS[self.roll(WORDS.len())]).collect::<Vec<_>>().join(["", " ", "，"][self.roll(3)])
    }
}

#[test]
#[ignore = "prints figures, takes a minute"]
fn measured() {
    let count: usize = std::env::var("TICKETS").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let desk = Desk::new();
    let mut dice = Dice(7);
    let (mut importing, mut bytes) = (0.0, 0_usize);
    for batch in 0..count.div_ceil(5_000) {
        let mut page = Observations::default();
        for at in batch * 5_000..((batch + 1) * 5_000).min(count) {
            let remote = format!("T-{at}");
            let mut seen = ticket(&remote);
            seen.subject = dice.text(4);
            seen.status = Status::ALL[dice.roll(6)];
            seen.priority = Priority::ALL[dice.roll(3)];
            seen.customer.remote_id = format!("c{}", dice.roll(2_000));
            seen.customer.name = format!("客户{}", seen.customer.remote_id);
            seen.updated_at = NOW.plus_ms(-(dice.roll(1_000_000_000) as i64));
            page.tickets.push(seen);
            page.events.push(created(&remote));
            for n in 0..4 + dice.roll(2) {
                let body = format!("{} i-bp{:06x}", dice.text(35), dice.roll(0xFF_FFFF));
                bytes += body.len();
                page.notes.push(note(&remote, &format!("{at}-{n}"), &body));
            }
        }
        let started = Instant::now();
        desk.store.import_tickets(desk.account, &page, NOW).unwrap();
        importing += started.elapsed().as_secs_f64();
    }
    println!(
        "import {count} tickets, {} MB of text: {importing:.1} s, file {} MB",
        bytes >> 20,
        desk.store.stats().unwrap().bytes >> 20
    );
    let desk = desk.reopened();
    let timed = |what: &str, work: &mut dyn FnMut() -> String| {
        let started = Instant::now();
        let answer = work();
        println!("{what}: {:.2} ms {answer}", started.elapsed().as_secs_f64() * 1_000.0);
    };
    timed("load columns", &mut || desk.store.warm_columns().map(|()| String::new()).unwrap());
    for order in [TicketOrder::Updated, TicketOrder::Deadline] {
        for start in [0, count as u64 / 2, count as u64 - 60] {
            timed(&format!("rows {order:?} at {start}"), &mut || {
                desk.store.ticket_rows(&TicketFilter::default(), order, start, 60).unwrap().rows.len().to_string()
            });
        }
    }
    timed("facets", &mut || desk.store.facets(&TicketFilter::default()).unwrap().total.to_string());
    for query in [
        "宕机",
        "服",
        "服务器",
        "负载均衡",
        "502",
        "err",
        "error",
        "in",
        "i-bp00",
        "fwq",
        "fuwuqi",
        "服务器 宕机 502",
        "T-777",
        "zzz",
    ] {
        for pass in ["cold", "warm"] {
            timed(&format!("search {query} {pass}"), &mut || {
                let answer = desk.store.search(query, &TicketFilter::default(), 50).unwrap();
                format!("total {} exact {}", answer.total, answer.exact)
            });
        }
    }
    let id = desk.ticket("T-5");
    timed("enqueue", &mut || desk.enqueue(id, reply("x"), "m").0.to_string());
    timed("claim", &mut || desk.store.claim_next(NOW, &[desk.account]).unwrap().is_some().to_string());
    let page = Observations { tickets: (0..100).map(|at| ticket(&format!("N-{at}"))).collect(), ..Observations::default() };
    timed("page of 100 new tickets", &mut || desk.apply(&page).changed.len().to_string());
    let dir = desk.dir.path().to_owned();
    let key = desk.key.clone();
    let Desk { dir: _kept, store, .. } = desk;
    drop(store);
    timed("open", &mut || Store::open(&dir, &key, NOW).map(|_| String::new()).unwrap());
}
