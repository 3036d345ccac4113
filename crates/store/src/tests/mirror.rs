use deskbell_domain::Code;
use deskbell_domain::observation::ObservedAttachment;

use super::*;

#[test]
fn page_and_cursor_arrive_together_or_not_at_all() {
    let desk = Desk::new();
    let page = Observations { tickets: vec![ticket("T1")], notes: vec![note("T1", "n", "x")], events: vec![created("T1")] };
    let applied = desk.store.apply_page(desk.account, &page, &[], "c1", false, NOW).unwrap();
    assert_eq!((applied.changed.len(), applied.notes_new), (1, 1));
    let account = &desk.store.accounts().unwrap()[0];
    assert_eq!((account.cursor.as_deref(), account.pulled_full), (Some("c1"), false));
    assert_eq!(desk.store.ticket_counts().unwrap().get(&account.id), Some(&1));
    let error = desk.store.apply_page(AccountId(9), &page, &[], "c2", true, NOW).unwrap_err();
    assert_eq!(error.code, Code::AccountUnknown);
    assert_eq!(desk.store.stats().unwrap().tickets, 1);
    desk.store.apply_page(desk.account, &page, &[], "c2", true, NOW).unwrap();
    assert!(desk.store.accounts().unwrap()[0].pulled_full);
}

#[test]
fn a_page_seen_again_changes_nothing() {
    let desk = Desk::new();
    let page = Observations { tickets: vec![ticket("T1")], notes: vec![note("T1", "n", "x")], events: vec![created("T1")] };
    desk.apply(&page);
    let generation = |desk: &Desk| desk.store.ticket_rows(&Default::default(), Default::default(), 0, 1).unwrap().generation;
    let before = generation(&desk);
    assert_eq!(desk.apply(&page), crate::Applied::default());
    assert_eq!(generation(&desk), before);
    assert_eq!(desk.store.events(desk.ticket("T1")).unwrap().len(), 1);
}

#[test]
fn a_ticket_reads_as_it_was_observed() {
    let desk = Desk::new();
    let mut observed = ticket("T1");
    observed.customer = ObservedCustomer {
        remote_id: "c9".into(),
        name: "某银行".into(),
        vip: true,
        service_manager: "赵".into(),
        deputy: "钱".into(),
        city: "杭州".into(),
        languages: vec!["zh".into(), "en".into()],
    };
    let file = ObservedAttachment {
        remote_id: "a1".into(),
        name: "日志.txt".into(),
        mime: "text/plain".into(),
        size_bytes: 7,
        url: String::new(),
    };
    let html = ObservedNote {
        body: "<p>看<b>附件</b></p>".into(),
        format: BodyFormat::Html,
        attachments: vec![file],
        ..note("T1", "n2", "")
    };
    desk.apply(&Observations { tickets: vec![observed], notes: vec![html], events: vec![created("T1")] });
    let id = desk.ticket("T1");
    let record = desk.store.ticket(id).unwrap().unwrap();
    assert_eq!((record.account_name.as_str(), record.provider, record.fate.as_str()), ("RT", ProviderKind::Rt, "live"));
    assert_eq!((record.tags, record.custom_fields["region"].as_str()), (vec!["网络".to_owned()], "cn-east"));
    assert_eq!((record.customer.name.as_str(), record.customer.vip, record.customer.open_count), ("某银行", true, 1));
    assert_eq!(record.customer.languages, ["zh", "en"]);
    let notes = desk.store.notes(id).unwrap();
    assert_eq!((notes[0].attachments[0].name.as_str(), notes[0].attachments[0].size_bytes), ("日志.txt", 7));
    let row = &desk.store.ticket_rows(&Default::default(), Default::default(), 0, 1).unwrap().rows[0];
    assert_eq!(row.last_note, "李：看附件");
    assert_eq!(desk.store.events(id).unwrap()[0].kind, TicketEventKind::Created);
}

#[test]
fn deleted_and_merged_tickets_leave_a_tombstone_and_the_lists() {
    let (desk, id) = Desk::with_ticket("T1");
    for (fate, expected) in
        [(Fate::Deleted, ("deleted", None)), (Fate::Merged { into_remote_id: "T0".into() }, ("merged", Some("T0".to_owned())))]
    {
        desk.apply(&Observations { tickets: vec![ObservedTicket { fate, ..ticket("T1") }], ..Observations::default() });
        let record = desk.store.ticket(id).unwrap().unwrap();
        assert_eq!((record.fate.as_str(), record.merged_into), expected);
        assert_eq!(desk.store.ticket_rows(&Default::default(), Default::default(), 0, 10).unwrap().total, 0);
        assert_eq!(desk.store.search("宕机", &Default::default(), 10).unwrap().total, 0);
        assert!(!desk.store.clock_inputs(&[id]).unwrap()[0].live);
    }
    desk.apply(&Observations { tickets: vec![ticket("T1")], ..Observations::default() });
    assert_eq!(desk.store.search("宕机", &Default::default(), 10).unwrap().total, 1);
}

#[test]
fn a_ticket_that_is_gone_and_of_which_only_the_id_is_told_keeps_what_was_known() {
    let desk = Desk::new();
    desk.apply(&Observations { tickets: vec![ticket("T1")], notes: vec![note("T1", "n", "x")], events: vec![] });
    let before = desk.store.ticket(desk.ticket("T1")).unwrap().unwrap();
    let bare = |id: &str| ObservedTicket { subject: String::new(), status_raw: String::new(), fate: Fate::Deleted, ..ticket(id) };
    let deleted = ObservedEvent { kind: TicketEventKind::Deleted, uncertainty_ms: 60_000, ..created("T1") };
    desk.apply(&Observations { tickets: vec![bare("T1"), bare("T2")], notes: vec![], events: vec![deleted] });
    let after = desk.store.ticket(desk.ticket("T1")).unwrap().unwrap();
    assert_eq!((&after.subject, after.status, after.fate.as_str()), (&before.subject, before.status, "deleted"));
    let events = desk.store.events(desk.ticket("T1")).unwrap();
    assert_eq!(events.iter().map(|event| &event.kind).collect::<Vec<_>>(), vec![&TicketEventKind::Deleted]);
    assert_eq!(desk.store.stats().unwrap().tickets, 1, "a tombstone of what was never here is none");
}

#[test]
fn notes_of_an_unknown_ticket_are_counted_and_not_kept() {
    let desk = Desk::new();
    let applied =
        desk.apply(&Observations { notes: vec![note("T9", "n", "x")], events: vec![created("T9")], ..Observations::default() });
    assert_eq!((applied.notes_orphaned, applied.notes_new, applied.changed.len()), (2, 0, 0));
    assert_eq!(desk.store.stats().unwrap().notes, 0);
}

#[test]
fn an_edited_note_is_replaced_and_an_endless_conversation_keeps_its_newest() {
    let desk = Desk::new();
    let notes = (0..1_030).map(|at| ObservedNote { created_at: NOW.plus_ms(at), ..note("T1", &format!("n{at}"), "x") }).collect();
    desk.apply(&Observations { tickets: vec![ticket("T1"), ticket("T2")], notes, events: vec![] });
    let id = desk.ticket("T1");
    let kept = desk.store.notes(id).unwrap();
    assert_eq!((kept.len(), kept[0].remote_id.as_str(), kept[1_023].remote_id.as_str()), (1_024, "n6", "n1029"));
    assert!(desk.store.notes(desk.ticket("T2")).unwrap().is_empty());
    let edited = ObservedNote { created_at: NOW.plus_ms(1_029), ..note("T1", "n1029", "edited") };
    let applied = desk.apply(&Observations { notes: vec![edited], ..Observations::default() });
    assert_eq!((applied.notes_new, applied.changed.len()), (0, 1));
    assert_eq!(desk.store.notes(id).unwrap()[1_023].body, "edited");
}

#[test]
fn a_customer_who_becomes_vip_changes_every_ticket_of_theirs() {
    let desk = Desk::new();
    desk.apply(&Observations { tickets: vec![ticket("T1"), ticket("T2")], ..Observations::default() });
    let ids = [desk.ticket("T1"), desk.ticket("T2")];
    desk.store.clock_inputs(&ids).unwrap();
    desk.store.put_clocks(&ids.map(|id| (id, Vec::new()))).unwrap();
    let mut seen = ticket("T2");
    seen.customer.vip = true;
    let applied = desk.apply(&Observations { tickets: vec![seen], ..Observations::default() });
    assert_eq!(applied.changed, ids);
    assert_eq!(desk.store.stale_clock_tickets(10).unwrap(), ids);
    assert_eq!(desk.store.facets(&Default::default()).unwrap().vip, 2);
}

#[test]
fn a_ticket_asked_for_by_itself_is_complete() {
    let desk = Desk::new();
    let page = Observations { tickets: vec![ticket("T1"), ticket("T2")], ..Observations::default() };
    desk.store.apply_page(desk.account, &page, &[], "c1", false, NOW).unwrap();
    let complete = |remote: &str| desk.store.ticket(desk.ticket(remote)).unwrap().unwrap().notes_complete;
    let whole = Observations { tickets: vec![ticket("T1")], notes: vec![note("T1", "n", "x")], events: vec![] };
    desk.store.apply_ticket(desk.account, &whole, NOW).unwrap();
    assert_eq!((complete("T1"), complete("T2")), (true, false));
    assert_eq!(desk.store.accounts().unwrap()[0].cursor.as_deref(), Some("c1"));
    desk.store.apply_page(desk.account, &page, &[], "c2", false, NOW).unwrap();
    assert_eq!((complete("T1"), complete("T2")), (true, false), "a later page does not take it back");
}

#[test]
fn accounts_are_unique_and_remember_how_the_sync_went() {
    let desk = Desk::new();
    assert_eq!(desk.store.add_account(&new_account("agent"), NOW).unwrap_err().code, Code::AccountExists);
    let other = desk.store.add_account(&new_account("other"), NOW).unwrap();
    desk.store.note_sync_result(other, NOW, None).unwrap();
    desk.store.note_sync_result(other, NOW.plus_ms(5), Some(Code::TimedOut)).unwrap();
    let record = desk.store.accounts().unwrap().into_iter().find(|account| account.id == other).unwrap();
    assert_eq!((record.last_synced_at, record.last_error), (Some(NOW), Some(Code::TimedOut)));
    assert_eq!(desk.store.note_sync_result(AccountId(99), NOW, None).unwrap_err().code, Code::AccountUnknown);
}

#[test]
fn directories_and_secrets_are_kept() {
    let desk = Desk::new();
    let line = deskbell_domain::directory::PhoneLine {
        remote_id: "p".into(),
        tier: 2,
        name_zh: "专家".into(),
        name_en: "Experts".into(),
        number: "95187".into(),
        purpose_zh: String::new(),
        purpose_en: String::new(),
        languages: vec!["zh".into()],
        hours: "7x24".into(),
        ivr_zh: String::new(),
        ivr_en: String::new(),
        source: "example".into(),
        verified_on: "2026-01-01".into(),
        ..Default::default()
    };
    desk.store.replace_directory(desk.account, &[line.clone(), line.clone()], &[]).unwrap();
    desk.store.replace_directory(desk.account, std::slice::from_ref(&line), &[]).unwrap();
    assert_eq!(desk.store.phone_lines().unwrap(), [line]);
    assert!(desk.store.service_centres().unwrap().is_empty());
    desk.store.put_vault_secret("account-1", "s3cret").unwrap();
    assert_eq!(desk.store.vault_secret("account-1").unwrap().unwrap().as_str(), "s3cret");
    desk.store.delete_vault_secret("account-1").unwrap();
    assert!(desk.store.vault_secret("account-1").unwrap().is_none());
}
