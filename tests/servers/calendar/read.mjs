// What ical.js reads in iCalendar files: one JSON object a file. Instants are computed with the VTIMEZONE of the file itself.
//
//   node read.mjs FILE…
//   node read.mjs --expand FROM TO FILE     starts of every occurrence in [FROM, TO), seconds
import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';

function load(path) {
  const root = new ICAL.Component(ICAL.parse(readFileSync(path, 'utf8')));
  ICAL.TimezoneService.reset();
  for (const zone of root.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
  return root;
}

function time(property) {
  const value = property.getFirstValue();
  const tzid = property.getParameter('tzid') ?? null;
  // A zone that the file does not define would be read as floating.
  if (tzid && !ICAL.TimezoneService.has(tzid)) throw new Error(`no VTIMEZONE for ${tzid}`);
  return { local: value.toString().slice(0, 19), tzid, at: value.toUnixTime() };
}

function event(component) {
  const text = (name) => component.getFirstPropertyValue(name) ?? '';
  const people = (name) => component.getAllProperties(name).map((one) => `${one.getParameter('cn') ?? ''} ${one.getFirstValue()}`);
  const geo = component.getFirstPropertyValue('geo');
  return {
    uid: text('uid'), sequence: text('sequence'), summary: text('summary'), description: text('description'),
    location: text('location'), status: text('status'), transp: text('transp'), url: text('url'), geo: geo ? geo.map(Number) : null,
    start: time(component.getFirstProperty('dtstart')), end: time(component.getFirstProperty('dtend')),
    stamp: component.getFirstPropertyValue('dtstamp').toUnixTime(), organizer: people('organizer'), attendees: people('attendee'),
    alarms: component.getAllSubcomponents('valarm').map((alarm) => ({
      action: alarm.getFirstPropertyValue('action'), seconds: alarm.getFirstPropertyValue('trigger').toSeconds(),
      description: alarm.getFirstPropertyValue('description'),
    })).sort((one, other) => one.seconds - other.seconds),
  };
}

const args = process.argv.slice(2);
if (args[0] === '--expand') {
  const [from, to] = [Number(args[1]), Number(args[2])];
  const found = [];
  const events = load(args[3]).getAllSubcomponents('vevent');
  for (const component of events.filter((one) => !one.hasProperty('recurrence-id'))) {
    const uid = component.getFirstPropertyValue('uid');
    const exceptions = events.filter((one) => one.hasProperty('recurrence-id') && one.getFirstPropertyValue('uid') === uid);
    const one = new ICAL.Event(component, { exceptions });
    const iterator = one.iterator();
    for (let next = iterator.next(); next && next.toUnixTime() < to; next = iterator.next()) {
      const at = one.getOccurrenceDetails(next).startDate.toUnixTime();
      if (at >= from && at < to) found.push(at);
    }
  }
  console.log(JSON.stringify(found.sort((one, other) => one - other)));
} else {
  for (const path of args) {
    const root = load(path);
    console.log(JSON.stringify({ version: root.getFirstPropertyValue('version'), method: root.getFirstPropertyValue('method'), events: root.getAllSubcomponents('vevent').map(event) }));
  }
}
