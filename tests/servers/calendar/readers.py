"""iCalendar objects through two readers that are not Deskbell's, and what must be the same in both."""
import datetime
import json
import subprocess

import icalendar

UTC = datetime.timezone.utc


def check_lines(raw, name):
    """RFC 5545, 3.1: CRLF, at most 75 octets a line, folded between characters."""
    assert raw.endswith(b"\r\n"), name
    assert b"\r" not in raw.replace(b"\r\n", b""), f"{name}: a bare CR"
    lines = raw.split(b"\r\n")[:-1]
    folded = 0
    for line in lines:
        assert b"\n" not in line, f"{name}: a bare LF"
        assert len(line) <= 75, f"{name}: {len(line)} octets in {line!r}"
        line.decode("utf-8")
        folded += line.startswith(b" ")
    return folded


def _zone(calendar, tzid):
    """The zone as this very file defines it, not as this machine knows it."""
    for zone in calendar.walk("VTIMEZONE"):
        if str(zone["TZID"]) == tzid:
            return zone.to_tz(lookup_tzid=False)
    raise AssertionError(f"no VTIMEZONE for {tzid}")


def _time(calendar, prop):
    tzid = prop.params.get("TZID")
    value = prop.dt
    if tzid is None:
        return {"local": value.strftime("%Y-%m-%dT%H:%M:%S"), "tzid": None, "at": int(value.timestamp())}
    local = value.replace(tzinfo=None)
    at = local.replace(tzinfo=_zone(calendar, tzid))
    return {"local": local.strftime("%Y-%m-%dT%H:%M:%S"), "tzid": tzid, "at": int(at.timestamp())}


def _people(event, name):
    found = event.get(name, [])
    found = found if isinstance(found, list) else [found]
    return [f"{one.params.get('CN', '')} {one}" for one in found]


def _event(calendar, event):
    text = lambda name: str(event.get(name, ""))  # noqa: E731
    geo = event.get("GEO")
    alarms = [{"action": str(alarm["ACTION"]), "seconds": int(alarm["TRIGGER"].dt.total_seconds()),
               "description": str(alarm["DESCRIPTION"])} for alarm in event.walk("VALARM")]
    return {
        "uid": text("UID"), "sequence": int(event["SEQUENCE"]), "summary": text("SUMMARY"), "description": text("DESCRIPTION"),
        "location": text("LOCATION"), "status": text("STATUS"), "transp": text("TRANSP"), "url": text("URL"),
        "geo": [float(geo.latitude), float(geo.longitude)] if geo else None,
        "start": _time(calendar, event["DTSTART"]), "end": _time(calendar, event["DTEND"]),
        "stamp": int(event["DTSTAMP"].dt.timestamp()), "organizer": _people(event, "ORGANIZER"),
        "attendees": _people(event, "ATTENDEE"), "alarms": sorted(alarms, key=lambda one: one["seconds"]),
    }


def with_python(raw):
    calendar = icalendar.Calendar.from_ical(raw)
    errors = [error for component in calendar.walk() for error in getattr(component, "errors", [])]
    assert not errors, errors
    method = calendar.get("METHOD")
    return {"version": str(calendar["VERSION"]), "method": str(method) if method else None,
            "events": [_event(calendar, event) for event in calendar.walk("VEVENT")]}


class Readers:
    def __init__(self, reader, work):
        self.reader, self.work, self.compared = reader, work, 0

    def node(self, *args):
        done = subprocess.run(["node", str(self.reader), *map(str, args)], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def both(self, objects):
        """What both readers find in each of {name: bytes}; they must find the same."""
        paths, found = [], {}
        for number, (name, raw) in enumerate(objects.items()):
            path = self.work / f"object-{number}.ics"
            path.write_bytes(raw)
            paths.append(path)
        if not paths:
            return {}
        for (name, raw), theirs in zip(objects.items(), self.node(*paths), strict=True):
            ours = with_python(raw)
            assert ours == theirs, f"{name}: the readers differ\npython: {ours}\nical.js: {theirs}"
            found[name] = ours
            self.compared += 1
        return found
