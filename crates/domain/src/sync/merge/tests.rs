use proptest::prelude::*;

use super::*;
use crate::sync::op::{FileRef, NewTicket};
use crate::ticket::Visibility;

fn remote() -> FieldView {
    FieldView {
        status: Status::Open,
        priority: Priority::Important,
        assignee: "wang".into(),
        tags: vec!["网络".into(), "vip".into()],
        custom_fields: BTreeMap::from([("region".into(), "cn-east".into())]),
    }
}

fn tags(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn set_tags(from: &[&str], to: &[&str]) -> OperationKind {
    OperationKind::SetTags { from: tags(from), to: tags(to) }
}

fn custom(field: &str, from: &str, to: &str) -> OperationKind {
    OperationKind::SetCustomField { field: field.into(), from: from.into(), to: to.into() }
}

fn conflict(field: &str, base: &str, mine: &str, theirs: &str) -> Merge {
    Merge::Conflict(Conflict { field: field.into(), base: base.into(), mine: mine.into(), theirs: theirs.into() })
}

/// A row: why, what the person saw and wants (base and local), the remote, what is expected.
struct Row {
    why: &'static str,
    local: OperationKind,
    remote: FieldView,
    expect: Merge,
}

fn row(why: &'static str, local: OperationKind, change: impl FnOnce(&mut FieldView), expect: Merge) -> Row {
    let mut remote = remote();
    change(&mut remote);
    Row { why, local, remote, expect }
}

fn unchanged(why: &'static str, local: OperationKind) -> Row {
    row(why, local.clone(), |_| {}, Merge::Send(local))
}

fn check(table: Vec<Row>) {
    for Row { why, local, remote, expect } in table {
        assert_eq!(plan_merge(&local, &remote), expect, "{why}");
    }
}

#[test]
fn one_value_each_side() {
    use OperationKind::{Close, SetAssignee, SetPriority, SetStatus};
    let resolve = SetStatus { from: Status::Open, to: Status::Resolved };
    let urgent = SetPriority { from: Priority::Important, to: Priority::Urgent };
    let take = SetAssignee { from: "wang".into(), to: "li".into() };
    check(vec![
        unchanged("only we changed the status", resolve.clone()),
        unchanged("only we changed the priority", urgent.clone()),
        unchanged("only we changed the assignee", take.clone()),
        unchanged("only we changed a custom field", custom("region", "cn-east", "cn-north")),
        unchanged("we filled a field that was not there", custom("rack", "", "7")),
        unchanged("only we closed it", Close { from: Status::Open }),
        row("both resolved it", resolve.clone(), |it| it.status = Status::Resolved, Merge::AlreadySo),
        row("both took it", take.clone(), |it| it.assignee = "li".into(), Merge::AlreadySo),
        row("both closed it", Close { from: Status::Open }, |it| it.status = Status::Closed, Merge::AlreadySo),
        row("they chose another status", resolve.clone(), |it| it.status = Status::WaitingCustomer, {
            conflict("status", "open", "resolved", "waiting_customer")
        }),
        row("we close what they resolved", Close { from: Status::Open }, |it| it.status = Status::Resolved, {
            conflict("status", "open", "closed", "resolved")
        }),
        row("they chose another priority", urgent.clone(), |it| it.priority = Priority::Routine, {
            conflict("priority", "important", "urgent", "routine")
        }),
        row(
            "they gave it to another",
            take.clone(),
            |it| it.assignee = "zhao".into(),
            conflict("assignee", "wang", "li", "zhao"),
        ),
        row("they gave it to nobody", take.clone(), |it| it.assignee.clear(), conflict("assignee", "wang", "li", "")),
        row("they emptied the field", custom("region", "cn-east", "cn-north"), |it| it.custom_fields.clear(), {
            conflict("region", "cn-east", "cn-north", "")
        }),
        row("they filled it too", custom("rack", "", "7"), |it| drop(it.custom_fields.insert("rack".into(), "8".into())), {
            conflict("rack", "", "7", "8")
        }),
        row("another field changed: both stand", resolve.clone(), |it| it.priority = Priority::Urgent, Merge::Send(resolve)),
        row("another custom field changed", custom("rack", "", "7"), |it| it.custom_fields.clear(), {
            Merge::Send(custom("rack", "", "7"))
        }),
        row("everything else changed", take.clone(), |it| *it = FieldView { assignee: it.assignee.clone(), ..other() }, {
            Merge::Send(take)
        }),
    ]);
}

fn other() -> FieldView {
    FieldView {
        status: Status::Closed,
        priority: Priority::Routine,
        assignee: "nobody".into(),
        tags: Vec::new(),
        custom_fields: BTreeMap::new(),
    }
}

#[test]
fn tags_merge_by_difference() {
    let sent = |from: &[&str], to: &[&str]| Merge::Send(set_tags(from, to));
    check(vec![
        unchanged("only we changed them", set_tags(&["网络", "vip"], &["网络", "磁盘"])),
        row("they added another", set_tags(&["网络", "vip"], &["网络", "vip", "磁盘"]), |it| it.tags.push("急".into()), {
            sent(&["网络", "vip", "急"], &["网络", "vip", "急", "磁盘"])
        }),
        row(
            "they took out what we keep",
            set_tags(&["网络", "vip"], &["网络", "vip", "磁盘"]),
            |it| it.tags = tags(&["网络"]),
            sent(&["网络"], &["网络", "磁盘"]),
        ),
        row("they took out what we take out", set_tags(&["网络", "vip"], &["网络"]), |it| it.tags = tags(&["网络"]), {
            Merge::AlreadySo
        }),
        row("they added what we add", set_tags(&["网络"], &["网络", "vip"]), |_| {}, Merge::AlreadySo),
        row("the order alone differs", set_tags(&["网络", "vip"], &["vip", "网络"]), |_| {}, Merge::AlreadySo),
        row("they emptied them", set_tags(&["网络", "vip"], &["网络"]), |it| it.tags.clear(), Merge::AlreadySo),
    ]);
}

#[test]
fn what_is_added_never_conflicts() {
    use OperationKind::{Attach, CreateTicket, Evaluate, Reopen};
    let file = FileRef { sha256: "00".into(), name: "a.txt".into(), mime: "text/plain".into(), size_bytes: 1 };
    for kind in [
        OperationKind::reply("好的", Visibility::Public),
        CreateTicket { ticket: NewTicket::default() },
        Evaluate { solved: true, score: 5, comment: "谢谢".into() },
        Attach { file, visibility: Visibility::Internal },
    ] {
        assert_eq!(plan_merge(&kind, &remote()), Merge::Send(kind.clone()));
        assert_eq!(plan_merge(&kind, &other()), Merge::Send(kind));
    }
    let reopen = |from, body: &str| Reopen { from, body: body.into() };
    check(vec![
        row("still resolved", reopen(Status::Resolved, "又坏了"), |it| it.status = Status::Resolved, {
            Merge::Send(reopen(Status::Resolved, "又坏了"))
        }),
        row("closed meanwhile", reopen(Status::Resolved, ""), |it| it.status = Status::Closed, {
            Merge::Send(reopen(Status::Closed, ""))
        }),
        row("opened by somebody else", reopen(Status::Resolved, " "), |_| {}, Merge::AlreadySo),
        row(
            "moved on by somebody else, and the reason is not said",
            reopen(Status::Resolved, "又坏了"),
            |it| it.status = Status::WaitingVendor,
            conflict("status", "resolved", "open", "waiting_vendor"),
        ),
        row("opened by somebody else, but the reason is not said", reopen(Status::Resolved, "又坏了"), |_| {}, {
            Merge::Send(reopen(Status::Open, "又坏了"))
        }),
    ]);
}

#[test]
fn an_edit_whose_predecessor_is_taken_back_starts_from_the_value_before() {
    use OperationKind::{Close, Reopen, SetAssignee, SetPriority, SetStatus};
    let resolve = SetStatus { from: Status::Open, to: Status::Resolved };
    let close = Close { from: Status::Open };
    let take = SetAssignee { from: "wang".into(), to: "li".into() };
    let table = [
        ("a status after a status", &resolve, SetStatus { from: Status::Resolved, to: Status::Closed }, {
            Some(SetStatus { from: Status::Open, to: Status::Closed })
        }),
        ("a close after a status", &resolve, Close { from: Status::Resolved }, Some(close.clone())),
        ("a reopening after a close", &close, Reopen { from: Status::Closed, body: "x".into() }, {
            Some(Reopen { from: Status::Open, body: "x".into() })
        }),
        ("it started elsewhere", &resolve, SetStatus { from: Status::New, to: Status::Closed }, None),
        ("another field", &resolve, SetPriority { from: Priority::Routine, to: Priority::Urgent }, None),
        ("an assignee", &take, SetAssignee { from: "li".into(), to: "zhao".into() }, {
            Some(SetAssignee { from: "wang".into(), to: "zhao".into() })
        }),
        ("a custom field", &custom("a", "1", "2"), custom("a", "2", "3"), Some(custom("a", "1", "3"))),
        ("another custom field", &custom("a", "1", "2"), custom("b", "2", "3"), None),
        ("a custom field with the name of a field", &resolve, custom("status", "resolved", "x"), None),
        ("tags", &set_tags(&["a"], &["a", "b"]), set_tags(&["a", "b"], &["b", "c"]), Some(set_tags(&["a"], &["c"]))),
        ("a reply", &resolve, OperationKind::reply("x", Visibility::Public), None),
    ];
    for (why, gone, next, expect) in table {
        assert_eq!(without_predecessor(gone, &next), expect, "{why}");
    }
    assert_eq!(without_predecessor(&OperationKind::reply("x", Visibility::Public), &resolve), None);
}

fn some_tags() -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(vec!["a", "b", "c", "d", "e"], 0..5)
        .prop_shuffle()
        .prop_map(|names| names.into_iter().map(str::to_owned).collect())
}

fn some_view() -> impl Strategy<Value = FieldView> {
    (0..6_usize, 0..3_usize, "[a-c]?", some_tags(), prop::collection::btree_map("[x-z]", "[1-3]", 0..3)).prop_map(
        |(status, priority, assignee, tags, custom_fields)| FieldView {
            status: Status::ALL[status],
            priority: Priority::ALL[priority],
            assignee,
            tags,
            custom_fields,
        },
    )
}

/// An edit as a person makes it: started from what the view shows.
fn some_edit(base: FieldView) -> impl Strategy<Value = (FieldView, OperationKind)> {
    (0..7_u8, some_view(), "[x-z]").prop_map(move |(which, wish, field)| {
        let kind = match which {
            0 => OperationKind::SetStatus { from: base.status, to: wish.status },
            1 => OperationKind::SetPriority { from: base.priority, to: wish.priority },
            2 => OperationKind::SetAssignee { from: base.assignee.clone(), to: wish.assignee },
            3 => OperationKind::SetTags { from: base.tags.clone(), to: wish.tags },
            4 => custom(&field, base.custom(&field), wish.custom(&field)),
            5 => OperationKind::Close { from: base.status },
            _ => OperationKind::Reopen { from: base.status, body: wish.assignee },
        };
        (base.clone(), kind)
    })
}

proptest! {
    /// Whatever both sides did: nothing of theirs is lost silently, and what we wanted is there, asked about, or sent.
    #[test]
    fn a_merge_loses_neither_side((base, kind) in some_view().prop_flat_map(some_edit), remote in some_view()) {
        let field = three_values(&kind, &remote);
        match plan_merge(&kind, &remote) {
            Merge::Send(sent) => {
                let mut after = remote.clone();
                after.lay(&sent);
                let mut meant = base.clone();
                meant.lay(&kind);
                // The wish is there, and only the one field moved.
                if let OperationKind::SetTags { from, to } = &kind {
                    prop_assert!(to.iter().filter(|tag| !from.contains(tag)).all(|tag| after.tags.contains(tag)));
                    prop_assert!(from.iter().filter(|tag| !to.contains(tag)).all(|tag| !after.tags.contains(tag)));
                    let untouched = |tag: &&String| !from.contains(tag) && !to.contains(tag);
                    prop_assert!(remote.tags.iter().filter(untouched).all(|tag| after.tags.contains(tag)));
                } else if !matches!(kind, OperationKind::Reopen { .. }) {
                    let values = field.unwrap();
                    prop_assert_eq!(&values.base, &values.theirs, "theirs was changed and would be overwritten");
                }
                let changed = [
                    after.status != remote.status,
                    after.priority != remote.priority,
                    after.assignee != remote.assignee,
                    after.tags != remote.tags,
                    after.custom_fields != remote.custom_fields,
                ];
                prop_assert!(changed.iter().filter(|changed| **changed).count() <= 1);
                // Sent and landed, there is nothing to send any more, except words.
                if !matches!(kind, OperationKind::Reopen { .. }) {
                    prop_assert_eq!(plan_merge(&kind, &after), Merge::AlreadySo);
                }
            }
            Merge::AlreadySo => {
                let mut after = remote.clone();
                after.lay(&kind);
                let same = same_set(&after.tags, &remote.tags)
                    && FieldView { tags: Vec::new(), ..after.clone() } == FieldView { tags: Vec::new(), ..remote.clone() };
                let is_reopening = matches!(kind, OperationKind::Reopen { .. });
                prop_assert!(same || is_reopening);
            }
            Merge::Conflict(values) => {
                prop_assert!(values.base != values.theirs && values.mine != values.theirs);
                let merges = matches!(kind, OperationKind::SetTags { .. });
                prop_assert!(!merges);
                // "Keep mine" goes through.
                let mine = started_from(&kind, &remote);
                prop_assert_eq!(plan_merge(&mine, &remote), Merge::Send(mine.clone()));
            }
        }
    }

    /// An edit that is merged with a server on which nothing happened is the edit.
    #[test]
    fn an_untouched_server_takes_the_edit_as_it_is((base, kind) in some_view().prop_flat_map(some_edit)) {
        match plan_merge(&kind, &base) {
            Merge::Send(sent) => {
                let (mut by_sent, mut by_kind) = (base.clone(), base);
                by_sent.lay(&sent);
                by_kind.lay(&kind);
                prop_assert_eq!(by_sent, by_kind);
            }
            Merge::AlreadySo => {}
            Merge::Conflict(values) => prop_assert!(false, "{:?}", values),
        }
    }
}
