//! Three versions of one event: as the server has it, as it was when we wrote it, as it is to be.
//!
//! Time, place, title and state are ours: they follow the visit. What the person added in their own calendar stays: alarms,
//! words beneath our description, colours, categories.

use calcard::Entry;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarDuration, ICalendarEntry, ICalendarProperty, ICalendarStatus,
    ICalendarTransparency, ICalendarValue,
};

/// Whose object it is; `None` for text that is none, or holds no event.
#[must_use]
pub fn uid_of(text: &str) -> Option<String> {
    let object = read(text)?;
    event_of(&object).and_then(|(_, event)| match value(event, &ICalendarProperty::Uid) {
        Some(ICalendarValue::Text(uid)) => Some(uid.clone()),
        _ => None,
    })
}

/// True when both say the same, but for their stamps and the order of their lines.
#[must_use]
pub fn same_event(one: &str, other: &str) -> bool {
    let parts = |text: &str| {
        let object = read(text)?;
        let (_, event) = event_of(&object)?;
        Some((meaningful(event), alarms(&object, event)))
    };
    parts(one).is_some_and(|one| parts(other).is_some_and(|other| one == other))
}

/// What is to be written over `theirs`: `ours`, with what the person added. `known` are the texts that we wrote before: what
/// stands in one of them was added by nobody.
#[must_use]
pub fn merged(theirs: &str, known: &[&str], ours: &str) -> String {
    let (Some(their_object), Some(mut object)) = (read(theirs), read(ours)) else { return ours.to_owned() };
    let known: Vec<ICalendar> = std::iter::once(ours).chain(known.iter().copied()).filter_map(read).collect();
    let (Some((_, their)), Some((at, own))) = (event_of(&their_object), event_of(&object)) else { return ours.to_owned() };
    let known: Vec<(&ICalendar, &ICalendarComponent)> =
        known.iter().filter_map(|object| Some((object, event_of(object)?.1))).collect();
    let is_ours = |entry: &ICalendarEntry| known.iter().any(|(_, event)| find(event, &entry.name) == Some(entry));
    let mut entries = own.entries.clone();
    for entry in &mut entries {
        match (&entry.name, find(their, &entry.name)) {
            (ICalendarProperty::Description, Some(_)) => {
                if let Some(added) = added_words(their, &known) {
                    let own = words(Some(entry));
                    entry.values = vec![ICalendarValue::Text(format!("{own}\n\n{added}"))];
                }
            }
            (ICalendarProperty::Categories, Some(now)) if !is_ours(now) => *entry = now.clone(),
            _ => {}
        }
    }
    let is_new =
        |entry: &&ICalendarEntry| !is_stamp(&entry.name) && known.iter().all(|(_, event)| find(event, &entry.name).is_none());
    entries.extend(their.entries.iter().filter(is_new).cloned());
    let alarms_now = alarms(&their_object, their);
    let kept = if known.iter().any(|(object, event)| alarms(object, event) == alarms_now) { None } else { Some(alarms_now) };
    rewrite(&mut object, at, entries, kept);
    object.to_string()
}

/// True where the person wrote words of their own into the event.
#[must_use]
pub fn has_added_words(theirs: &str, known: &[&str]) -> bool {
    let known: Vec<ICalendar> = known.iter().copied().filter_map(read).collect();
    let known: Vec<(&ICalendar, &ICalendarComponent)> =
        known.iter().filter_map(|object| Some((object, event_of(object)?.1))).collect();
    read(theirs).is_some_and(|object| event_of(&object).is_some_and(|(_, event)| added_words(event, &known).is_some()))
}

/// The event as called off, with everything else that stands in it.
#[must_use]
pub fn called_off(theirs: &str) -> Option<String> {
    let mut object = read(theirs)?;
    let (at, event) = event_of(&object)?;
    let mut entries = event.entries.clone();
    entries.retain(|entry| !matches!(entry.name, ICalendarProperty::Status | ICalendarProperty::Transp));
    for entry in &mut entries {
        if let (ICalendarProperty::Sequence, Some(ICalendarValue::Integer(number))) = (&entry.name, entry.values.first_mut()) {
            *number = number.saturating_add(1);
        }
    }
    let status = ICalendarValue::Status(ICalendarStatus::Cancelled);
    entries.push(ICalendarEntry::new(ICalendarProperty::Status).with_value(status));
    let free = ICalendarValue::Transparency(ICalendarTransparency::Transparent);
    entries.push(ICalendarEntry::new(ICalendarProperty::Transp).with_value(free));
    rewrite(&mut object, at, entries, Some(Vec::new()));
    Some(object.to_string())
}

fn read(text: &str) -> Option<ICalendar> {
    match calcard::Parser::new(text).entry() {
        Entry::ICalendar(object) => Some(object),
        _ => None,
    }
}

/// The event itself, not one of its exceptions.
fn event_of(object: &ICalendar) -> Option<(usize, &ICalendarComponent)> {
    object.components.iter().enumerate().find(|(_, one)| {
        one.component_type == ICalendarComponentType::VEvent && find(one, &ICalendarProperty::RecurrenceId).is_none()
    })
}

fn find<'a>(event: &'a ICalendarComponent, name: &ICalendarProperty) -> Option<&'a ICalendarEntry> {
    event.entries.iter().find(|entry| entry.name == *name)
}

fn value<'a>(event: &'a ICalendarComponent, name: &ICalendarProperty) -> Option<&'a ICalendarValue> {
    find(event, name)?.values.first()
}

const fn is_stamp(name: &ICalendarProperty) -> bool {
    matches!(name, ICalendarProperty::Dtstamp | ICalendarProperty::Created | ICalendarProperty::LastModified)
}

fn meaningful(event: &ICalendarComponent) -> Vec<ICalendarEntry> {
    let mut entries: Vec<ICalendarEntry> = event.entries.iter().filter(|entry| !is_stamp(&entry.name)).cloned().collect();
    entries.iter_mut().flat_map(|entry| &mut entry.values).for_each(in_seconds);
    entries.sort();
    entries
}

/// Servers write a day where we wrote 1,440 minutes.
fn in_seconds(value: &mut ICalendarValue) {
    if let ICalendarValue::Duration(length) = value {
        let seconds = length.as_seconds();
        let whole = u32::try_from(seconds.unsigned_abs()).unwrap_or(u32::MAX);
        *length = ICalendarDuration { neg: seconds < 0, weeks: 0, days: 0, hours: 0, minutes: 0, seconds: whole };
    }
}

fn alarms(object: &ICalendar, event: &ICalendarComponent) -> Vec<ICalendarComponent> {
    let component = |id: &u32| object.components.get(usize::try_from(*id).ok()?);
    let of_event = event.component_ids.iter().filter_map(component);
    let mut found: Vec<ICalendarComponent> = of_event
        .filter(|one| one.component_type == ICalendarComponentType::VAlarm)
        .map(|one| ICalendarComponent { component_ids: Vec::new(), entries: meaningful(one), ..one.clone() })
        .collect();
    found.sort();
    found
}

fn words(entry: Option<&ICalendarEntry>) -> String {
    match entry.and_then(|entry| entry.values.first()) {
        Some(ICalendarValue::Text(text)) => text.trim().to_owned(),
        _ => String::new(),
    }
}

/// What stands beneath a description of ours; all of it where it is none of ours any more.
fn added_words(their: &ICalendarComponent, known: &[(&ICalendar, &ICalendarComponent)]) -> Option<String> {
    let now = words(find(their, &ICalendarProperty::Description));
    let of_ours = known.iter().map(|(_, event)| words(find(event, &ICalendarProperty::Description)));
    let longest = of_ours.filter(|own| now.starts_with(own.as_str())).map(|own| own.len()).max().unwrap_or(0);
    let added = now.get(longest..).unwrap_or_default().trim();
    (!added.is_empty()).then(|| added.to_owned())
}

/// Other lines and, where they are given, other alarms for the component at `at`.
fn rewrite(object: &mut ICalendar, at: usize, entries: Vec<ICalendarEntry>, alarms: Option<Vec<ICalendarComponent>>) {
    let mut ids = object.components.get(at).map(|event| event.component_ids.clone()).unwrap_or_default();
    if let Some(alarms) = alarms {
        ids.retain(|id| {
            let component = usize::try_from(*id).ok().and_then(|id| object.components.get(id));
            component.is_none_or(|one| one.component_type != ICalendarComponentType::VAlarm)
        });
        for alarm in alarms {
            ids.extend(u32::try_from(object.components.len()));
            object.components.push(alarm);
        }
    }
    if let Some(event) = object.components.get_mut(at) {
        event.entries = entries;
        event.component_ids = ids;
    }
}

#[cfg(test)]
mod tests;
