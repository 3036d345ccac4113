#!/usr/bin/env python3
"""Visits and sessions of a desk in a CalDAV calendar: put there, moved, called off, through kills, a server that is away and
edits from beside; read back by two other readers. And calendars that the desk reads: rules, gaps, bad files.

usage: prove.py DESKCTL SERVE_HUB READ_MJS WORK_DIR
Ends with "N passed, M failed".
"""
import datetime
import http.server
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time
import traceback
import zoneinfo

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here), str(here.parent / "workorder")]
from hub import Hub
from readers import Readers, check_lines
from server import CALENDAR, PASSWORD, USER, Server

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
NOTE = "请带上备用电源模块；机房在三层，进门登记身份证，联系保安王师傅。" * 6 + "\n第二行, with; commas\\backslash and 🛠️ emoji"
SITES = [("华东支付机房", "浦东新区张江路 88 号", "上海", 31.2304, 121.4737), ("西溪数据中心", "文一西路 969 号", "杭州", 30.2741, 120.1551)]
FOREIGN = """BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Somebody//Else//EN\r\nBEGIN:VEVENT\r\nUID:dentist@example.com\r
DTSTAMP:20260101T000000Z\r\nDTSTART:20261201T080000Z\r\nDTEND:20261201T090000Z\r\nSUMMARY:牙医\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"""


def mark(number):
    """Words in the note of one visit that no other has."""
    return f"【第 {number + 1} 份】"


class Desk:
    def __init__(self, deskctl, directory):
        self.deskctl = str(deskctl)
        self.environment = {**os.environ, "DESKBELL_DATA_DIR": str(directory), "DESKBELL_PASSPHRASE": "日历",
                            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "LANG": "zh_CN.UTF-8", "LC_ALL": "zh_CN.UTF-8"}

    def start(self, *args):
        return subprocess.Popen([self.deskctl, "--json", *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=self.environment)

    def run(self, *args, given=""):
        done = subprocess.run([self.deskctl, "--json", *map(str, args)], input=given, capture_output=True, text=True,
                              env=self.environment, timeout=300)
        return done.returncode, done.stdout, done.stderr

    def do(self, *args, given=""):
        code, out, err = self.run(*args, given=given)
        assert code == 0, f"deskctl {args}: {err}"
        return json.loads(out.splitlines()[-1]) if out.strip() else None

    def refused(self, code, *args, given=""):
        status, out, err = self.run(*args, given=given)
        assert status == 1, f"deskctl {args} went through: {out}"
        said = json.loads(err.splitlines()[-1])["error"]["code"]
        assert said == code, f"deskctl {args}: {said}, not {code}: {err}"
        return err

    def memory_kb(self, *args):
        """The largest resident size of one run, and how it ended."""
        process = self.start(*args)
        err = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_maxrss, process.returncode, err.decode()


class Proof:
    def __init__(self, deskctl, serve_hub, reader, work):
        self.work = pathlib.Path(work)
        self.server, self.hub = Server(work), Hub(serve_hub, self.work / "hub.db")
        (self.work / "desk").mkdir()
        self.desk = Desk(deskctl, self.work / "desk")
        self.readers = Readers(reader, self.work)
        self.random = random.Random(int(os.environ.get("CALENDAR_SEED", "20261121")))
        self.visits, self.foreign = [], None

    # -- what should be there

    def wanted(self):
        """{uid part: expectation} by the desk's own lists: confirmed visits and planned sessions."""
        found = []
        now = datetime.datetime.now(datetime.timezone.utc)
        span = ["--from", (now - datetime.timedelta(days=29)).isoformat(), "--to", (now + datetime.timedelta(days=60)).isoformat()]
        for view in self.desk.do("visit", "list", *span)["visits"]:
            visit = view["visit"]
            if visit["state"] in ("confirmed", "done"):
                zone = ((view["centre"] or {}).get("calendar") or {}).get("tz", "Asia/Shanghai")
                found.append({"id": view["key"], "sequence": visit["sequence"], "start": visit["slot"]["start"], "end": visit["slot"]["end"], "zone": zone,
                              "words": visit["note"], "place": visit["site"]["name"], "alarms": [-86400, -7200]})
        for one in self.desk.do("diagnosis", "list"):
            if one["state"] != "cancelled":
                found.append({"id": one["id"], "sequence": one["sequence"], "start": one["start"], "end": one["end"], "zone": one["time_zone"],
                              "words": one["join_url"], "place": one["join_url"], "uid": one["uid"], "title": one["title"],
                              "alarms": [-60 * minutes for minutes in one["reminders_min"]]})
        return found

    def compare(self, edited=()):
        """The calendar holds what the desk wants, the foreign event, and nothing else. Those of `edited` keep what was added."""
        objects = self.server.objects()
        assert objects.pop(self.foreign[0]) == self.foreign[1], "the foreign event was touched"
        read = self.readers.both({path: raw for path, (raw, _) in objects.items()})
        events = []
        for path, found in read.items():
            assert found["method"] is None and found["version"] == "2.0", path
            assert len(found["events"]) == 1, path
            event = found["events"][0]
            assert not event["organizer"] and not event["attendees"], "nobody is invited by a server"
            events.append(event)
        assert len({event["uid"] for event in events}) == len(events), "a uid twice"
        wanted = self.wanted()
        seen = {(event["start"]["at"] * 1000, event["end"]["at"] * 1000, event["sequence"], event["uid"]): event for event in events}
        left = dict(seen)
        for one in wanted:
            words = one["words"].replace("\r\n", "\n").strip()
            fitting = [key for key, event in left.items() if key[:3] == (one["start"], one["end"], one["sequence"])
                       and one.get("uid", key[3]) == key[3] and words in event["description"] and one["place"] in event["location"]]
            assert fitting, f"missing: {one}\nthere: {[event for key, event in left.items() if key[0] == one['start']]}"
            event = left.pop(fitting[0])
            local = datetime.datetime.fromtimestamp(one["start"] / 1000, zoneinfo.ZoneInfo(one["zone"]))
            assert event["start"]["tzid"] == one["zone"] and event["start"]["local"] == local.strftime("%Y-%m-%dT%H:%M:%S"), event
            assert one.get("title", "") in event["summary"], event["summary"]
            assert event["status"] == "CONFIRMED", event
            if event["uid"] not in edited:
                assert [alarm["seconds"] for alarm in event["alarms"]] == sorted(one["alarms"]), event["alarms"]
        assert not left, f"more than wanted: {left}"
        return {event["uid"]: event for event in events}

    def is_of(self, event, key):
        """The event of this visit of the proof: by the words only it has, for two visits may begin at one time."""
        return mark(self.visits.index(key)) in event["description"]

    def push(self):
        return self.desk.do("calendar", "push")

    def push_after(self, before):
        """Sends what changed since `before` was wanted, and nothing more: a slot that became free may go to one who waits for it."""
        def keyed(wanted):
            return {one["id"]: (one["sequence"], one["start"], one["end"]) for one in wanted}
        before, after = keyed(before), keyed(self.wanted())
        changed = [key for key, state in after.items() if before.get(key) != state]
        gone = [key for key in before if key not in after]
        report = self.push()
        assert (report["pushed"], report["removed"]) == (len(changed), len(gone)), f"{report}, but changed {changed}, gone {gone}"
        return changed, gone

    # -- steps

    def a_calendar_is_found_and_set(self):
        self.server.start()
        self.server.make_calendar("上门日程")
        made = self.server.ask("PUT", CALENDAR + "dentist.ics", FOREIGN, Content_Type="text/calendar", If_None_Match="*")
        self.foreign = (CALENDAR + "dentist.ics", (self.server.ask("GET", CALENDAR + "dentist.ics").content, made.headers["ETag"]))
        self.desk.do("account", "add", "--kind", "hub", "--name", "hub", "--endpoint", self.hub.url, given=self.hub.token)
        self.desk.do("sync")
        self.desk.refused("credentials_wrong", "calendar", "check", "--url", self.server.url, "--user", USER, given="wrong\n")
        self.desk.refused("plain_http_refused", "calendar", "check", "--url", "http://calendar.example/", "--user", USER, given="x\n")
        self.desk.refused("not_supported_server", "calendar", "check", "--url", Files(self.work).url, "--user", USER, given="x\n")
        self.desk.refused("calendar_missing", "calendar", "push")
        found = self.desk.do("calendar", "check", "--url", self.server.url, "--user", USER, given=PASSWORD + "\n")
        assert found == {"calendars": [{"href": CALENDAR, "name": "上门日程"}]}, found
        view = self.desk.do("calendar", "set", "--url", self.server.url, "--user", USER, given=PASSWORD + "\n")
        assert view["state"] == "current" and view["calendar_href"] == CALENDAR, view
        raw = b"".join(path.read_bytes() for path in (self.work / "desk").rglob("*") if path.is_file())
        assert PASSWORD.encode() not in raw, "the password lies open on disk"

    def visits_are_put_there(self):
        tickets = [row["id"] for row in self.desk.do("ticket", "list", "--limit", "40")["rows"]]
        start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
        for number in range(6):
            name, address, city, lat, lon = SITES[number % len(SITES)]
            site = ["--site", name, "--address", address, "--city", city, "--lat", lat, "--lon", lon, "--country", "CN"]
            span = ["--from", start.isoformat(), "--to", (start + datetime.timedelta(days=9)).isoformat()]
            common = [tickets[number], "--service", "hardware_inspection", *span, *site]
            slots = self.desk.do("visit", "slots", *common)
            centre = next(one for one in slots["centres"] if one["answer"]["slots"])
            slot = self.random.choice(centre["answer"]["slots"])
            asked = self.desk.do("visit", "request", *common, "--contact", "周启明", "--email", "zhou@example.com", "--phone", "13800000000",
                                 "--note", NOTE + mark(number), "--centre", centre["centre"]["remote_id"],
                                 "--start", datetime.datetime.fromtimestamp(slot["start"] / 1000, datetime.timezone.utc).isoformat())
            self.visits.append(asked["visit"])
            self.desk.do("sync")
        mine = [self.desk.do("visit", "show", key)["visit"]["state"] for key in self.visits]
        assert mine == ["confirmed"] * 6, mine
        report = self.push()
        # Those of the demo's visits that are over for a month stay out.
        assert report["pushed"] >= 6 and report["removed"] == 0 and report["waiting"] == 0, report
        assert len(self.compare()) == report["pushed"]
        again = self.push()
        assert again["pushed"] == 0, "nothing changed, nothing is sent"

    def sessions_in_other_zones(self):
        ticket = self.desk.do("ticket", "list", "--limit", "1")["rows"][0]["id"]
        year = datetime.datetime.now().year + 1
        for zone, at in (("Asia/Shanghai", f"{year}-03-10T09:30"), ("Europe/Berlin", f"{year}-07-01T14:00"), ("America/New_York", f"{year}-12-20T20:15"),
                         ("Australia/Lord_Howe", f"{year}-01-15T10:00"), ("Asia/Kolkata", f"{year}-05-05T05:45")):
            self.desk.do("diagnosis", "plan", "--ticket", ticket, "--title", f"支付网关 502 会诊, “{zone}”; 第一次", "--start", at, "--zone", zone,
                         "--join", "https://meet.example.com/会诊?id=42&x=1", "--with", "王 芳 <wang@example.com>", "--with", "Lee", "--remind", 60, "--remind", 10)
        # Clocks in Berlin are put forward over 02:30 on the last Sunday of March.
        last = max(day for day in range(25, 32) if datetime.date(year, 3, day).weekday() == 6)
        self.desk.refused("time_skipped", "diagnosis", "plan", "--ticket", ticket, "--title", "x", "--start", f"{year}-03-{last}T02:30", "--zone", "Europe/Berlin")
        self.desk.refused("window_past", "diagnosis", "plan", "--ticket", ticket, "--title", "x", "--start", "2020-01-01T10:00")
        assert self.push()["pushed"] == 5
        there, file = self.compare(), self.work / "session.ics"
        # Radicale writes its objects anew: what we wrote ourselves is read from files.
        for one in self.desk.do("diagnosis", "list"):
            self.desk.do("diagnosis", "export", one["id"], file)
            raw = file.read_bytes()
            check_lines(raw, one["title"])
            event = self.readers.both({one["title"]: raw})[one["title"]]["events"][0]
            for name in ("uid", "sequence", "summary", "description", "start", "end", "alarms"):
                assert event[name] == there[one["uid"]][name], (name, event[name], there[one["uid"]][name])

    def moved_and_called_off(self):
        key = self.visits[0]
        before = self.desk.do("visit", "show", key)
        uid = next(uid for uid, event in self.compare().items() if self.is_of(event, key))
        wanted = self.wanted()
        self.move(key)
        after = self.desk.do("visit", "show", key)["visit"]
        assert after["sequence"] > before["visit"]["sequence"] and after["slot"]["start"] != before["visit"]["slot"]["start"]
        changed, gone = self.push_after(wanted)
        assert key in changed and not gone, (changed, gone)
        assert self.compare()[uid]["sequence"] == after["sequence"], "the uid stays, the sequence grows"
        wanted = self.wanted()
        self.desk.do("visit", "cancel", self.visits[1], "--reason", "客户改期")
        self.desk.do("sync")
        _, gone = self.push_after(wanted)
        assert gone == [self.visits[1]], gone
        self.compare()

    def move(self, key):
        view = self.desk.do("visit", "show", key)
        visit, centre = view["visit"], view["visit"]["centre_id"]
        start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)
        slots = self.desk.do("visit", "slots", view["ticket"], "--service", visit["service"], "--centre", centre, "--from", start.isoformat(),
                             "--to", (start + datetime.timedelta(days=9)).isoformat(), "--lat", visit["site"]["latitude"], "--lon", visit["site"]["longitude"])
        free = [slot for one in slots["centres"] for slot in one["answer"]["slots"] if slot["start"] != visit["slot"]["start"]]
        to = datetime.datetime.fromtimestamp(self.random.choice(free)["start"] / 1000, datetime.timezone.utc).isoformat()
        self.desk.do("visit", "reschedule", key, "--start", to)
        self.desk.do("sync")

    def changed_from_beside(self):
        """Somebody moved our event in the calendar, wrote beneath it and set another alarm: time is ours, words and alarm stay."""
        key = self.visits[2]
        path, raw, uid = next((path, raw, found["events"][0]["uid"]) for path, (raw, _) in self.server.objects().items() if path != self.foreign[0]
                              for found in [self.readers.both({path: raw})[path]] if self.is_of(found["events"][0], key))
        import icalendar
        calendar = icalendar.Calendar.from_ical(raw)
        event = calendar.walk("VEVENT")[0]
        words = str(event.pop("DESCRIPTION")) + "\n\n带咖啡 ☕ 给保安"
        event.add("description", words)
        event.pop("SUMMARY")
        event.add("summary", "改了标题")
        event.add("color", "tomato")
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", "出门")
        alarm.add("trigger", datetime.timedelta(minutes=-5))
        event.subcomponents = [alarm]
        self.server.ask("PUT", path, calendar.to_ical(), Content_Type="text/calendar")
        assert self.push()["pushed"] == 0, "a visit that did not change leaves the person's calendar alone"
        wanted = self.wanted()
        self.move(key)
        assert key in self.push_after(wanted)[0]
        event = self.compare(edited={uid})[uid]
        assert event["description"].endswith("带咖啡 ☕ 给保安") and "改了标题" not in event["summary"], event
        assert event["description"].count("备用电源") == 6, "our words once"
        assert [alarm["seconds"] for alarm in event["alarms"]] == [-300], event["alarms"]
        self.move(key)
        self.push()
        event = self.compare(edited={uid})[uid]
        assert event["description"].count("带咖啡") == 1 and [alarm["seconds"] for alarm in event["alarms"]] == [-300], event
        # Called off: what the person wrote is not thrown away with it.
        self.desk.do("visit", "cancel", key)
        self.desk.do("sync")
        self.push()
        left = self.readers.both({path: self.server.ask("GET", path).content})[path]["events"][0]
        assert left["status"] == "CANCELLED" and left["transp"] == "TRANSPARENT" and "带咖啡" in left["description"], left
        self.server.ask("DELETE", path)
        self.compare()
        # Removed from beside: it comes back with the next change, under the same uid.
        key = self.visits[3]
        gone = next(path for path, (raw, _) in self.server.objects().items() if path != self.foreign[0]
                    and self.is_of(self.readers.both({path: raw})[path]["events"][0], key))
        self.server.ask("DELETE", gone)
        wanted = self.wanted()
        self.move(key)
        assert key in self.push_after(wanted)[0]
        self.compare()

    def killed_in_between(self):
        """deskctl dies at any moment of a push; the next one leaves each object once, as it should be."""
        ticket = self.desk.do("ticket", "list", "--limit", "1")["rows"][0]["id"]
        year = datetime.datetime.now().year + 1
        for number in range(12):
            self.desk.do("diagnosis", "plan", "--ticket", ticket, "--title", f"巡检 {number}", "--start", f"{year}-06-{number + 1:02}T10:00")
        self.push()
        killed = 0
        for turn in range(int(os.environ.get("CALENDAR_KILLS", "25"))):
            sessions = [one for one in self.desk.do("diagnosis", "list") if one["state"] == "planned" and one["title"].startswith("巡检")]
            for one in self.random.sample(sessions, min(4, len(sessions))):
                if self.random.random() < 0.2 and len(sessions) > 6:
                    self.desk.do("diagnosis", "cancel", one["id"])
                else:
                    self.desk.do("diagnosis", "change", one["id"], "--title", f"巡检 {one['id']} 第 {turn} 次", "--minutes", self.random.choice([30, 60, 90]))
            process = self.desk.start("calendar", "push")
            # From the moment on at which the server took the first of them.
            before = self.server.state()
            while process.poll() is None and self.server.state() == before:
                time.sleep(0.002)
            time.sleep(self.random.uniform(0, 0.08))
            if process.poll() is None:
                process.kill()
                killed += 1
            process.communicate()
        assert killed >= 5, f"only {killed} runs were killed in time"
        self.push()
        self.compare()
        items = self.desk.do("calendar", "list")["items"]
        assert {one["state"] for one in items} == {"current"}, items
        self.killed = killed

    def server_away(self):
        self.server.stop()
        one = next(one for one in self.desk.do("diagnosis", "list") if one["state"] == "planned")
        self.desk.do("diagnosis", "change", one["id"], "--title", "服务器不在时改的标题")
        self.desk.refused("host_unreachable", "calendar", "push")
        view = self.desk.do("calendar", "list")["calendar"]
        assert view["state"] == "waiting" and view["waiting"] == 1 and view["code"] == "host_unreachable", view
        self.server.start()
        assert self.push()["pushed"] == 1
        self.compare()

    def exports(self):
        """METHOD REQUEST while it stands, CANCEL after; UID and SEQUENCE as in the calendar."""
        there = self.compare()
        key = self.visits[4]
        file = self.work / "visit.ics"

        def export(*args):
            self.desk.do(*args, file)
            assert check_lines(file.read_bytes(), args) > 0, "something is folded"
            return self.readers.both({"export": file.read_bytes()})["export"]

        first = export("visit", "export", key)
        event = first["events"][0]
        assert first["method"] == "REQUEST" and event["status"] == "CONFIRMED" and event["uid"] in there, first
        assert event["attendees"] == ["周启明 mailto:zhou@example.com"] and len(event["organizer"]) == 1, event
        assert event["description"] == there[event["uid"]]["description"] and NOTE in event["description"]
        self.move(key)
        second = export("visit", "export", key)["events"][0]
        assert second["uid"] == event["uid"] and second["sequence"] == event["sequence"] + 1 and second["start"] != event["start"]
        self.desk.do("visit", "cancel", key, "--reason", "不需要了")
        self.desk.do("sync")
        third = export("visit", "export", key)
        assert third["method"] == "CANCEL" and third["events"][0]["status"] == "CANCELLED" and not third["events"][0]["alarms"], third
        assert third["events"][0]["uid"] == event["uid"] and third["events"][0]["sequence"] > second["sequence"]
        session = next(one for one in self.desk.do("diagnosis", "list") if one["time_zone"] == "America/New_York")
        invited = export("diagnosis", "export", session["id"])
        assert invited["method"] == "REQUEST" and invited["events"][0]["attendees"] == ["王 芳 mailto:wang@example.com"], invited
        assert invited["events"][0]["url"] == session["join_url"] and invited["events"][0]["uid"] == session["uid"]
        self.desk.refused("consent_missing", "diagnosis", "finish", session["id"], "--findings", "内存")
        self.desk.do("diagnosis", "cancel", session["id"], "--reason", "改期")
        assert export("diagnosis", "export", session["id"])["method"] == "CANCEL"
        self.push()
        self.compare()

    def live_questions(self):
        """Wednesday and Friday, 20:00 in Shanghai, once it is switched on."""
        shipped = self.desk.do("calendar", "subscriptions")
        assert len(shipped) == 1 and shipped[0]["shipped"] and not shipped[0]["enabled"], shipped
        assert self.desk.do("calendar", "sessions") == []
        self.desk.do("calendar", "subscription", shipped[0]["id"], "on")
        for start in ("2026-11-21T00:00:00Z", "2029-02-01T00:00:00Z"):
            found = self.desk.do("calendar", "sessions", "--days", 28, "--from", start)
            local = [datetime.datetime.fromtimestamp(one["start"] / 1000, SHANGHAI) for one in found]
            assert len(found) == 8 and {(at.weekday(), at.hour, at.minute) for at in local} == {(2, 20, 0), (4, 20, 0)}, local
            assert found[0]["reminders"] == [60, 10], found[0]
        self.desk.do("calendar", "subscription", shipped[0]["id"], "remove")
        assert self.desk.do("calendar", "subscriptions") == [], "removed, it stays away"

    def rules_as_ical_js_follows_them(self):
        """Occurrences of a calendar with rules, exceptions and a change of clocks, compared with ical.js."""
        file = self.work / "rules.ics"
        file.write_bytes((here / "rules.ics").read_bytes())
        kept = self.desk.do("calendar", "subscribe", file, "--remind", 30)
        assert kept["enabled"] and kept["reminders"] == [30], kept
        begin = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        found = self.desk.do("calendar", "sessions", "--days", 400, "--from", begin.isoformat())
        ours = sorted(one["start"] // 1000 for one in found)
        end = begin + datetime.timedelta(days=400)
        theirs = self.readers.node("--expand", int(begin.timestamp()), int(end.timestamp()), file)[0]
        assert ours == theirs and len(ours) > 200, (len(ours), len(theirs), set(ours) ^ set(theirs))
        self.desk.do("calendar", "subscription", kept["id"], "remove")

    def bad_files(self):
        small, big, wrong = self.work / "small.ics", self.work / "big.ics", self.work / "wrong.ics"
        event = "BEGIN:VEVENT\r\nUID:{0}\r\nDTSTART:20260101T080000Z\r\nSUMMARY:x\r\nEND:VEVENT\r\n"
        calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{0}END:VCALENDAR\r\n"
        small.write_text(calendar.format(event.format(1)), newline="")
        body = event.format("long")
        with big.open("w", newline="") as out:
            out.write("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
            for number in range(50 * 1024 * 1024 // len(body) + 1):
                out.write(event.format(f"{number:04}"))
            out.write("END:VCALENDAR\r\n")
        assert big.stat().st_size >= 50 * 1024 * 1024
        usual, status, _ = self.desk.memory_kb("calendar", "subscribe", small)
        assert status == 0
        most, status, err = self.desk.memory_kb("calendar", "subscribe", big)
        assert status == 1 and "calendar_too_large" in err, err
        assert most < usual + 8 * 1024, f"{most} kB to refuse a file, {usual} kB to read a small one"
        served = Files(self.work)
        most, status, err = self.desk.memory_kb("calendar", "subscribe", f"{served.url}big.ics")
        assert status == 1 and "calendar_too_large" in err, err
        assert most < usual + 24 * 1024, f"{most} kB to refuse an answer, {usual} kB to read a small file"
        served.hide_length = True
        most, status, err = self.desk.memory_kb("calendar", "subscribe", f"{served.url}big.ics")
        assert status == 1 and "calendar_too_large" in err and most < usual + 32 * 1024, (most, err)
        assert self.desk.do("calendar", "subscribe", f"{served.url}small.ics")["fetched_at"], "by address"
        self.memory = (usual, most)
        for raw in (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:\xff\xfe\r\nEND:VCALENDAR\r\n", b"", b"<html>no</html>", small.read_bytes()[:-20],
                    "BEGIN:VCALENDAR\r\n".encode("utf-16")):
            wrong.write_bytes(raw)
            self.desk.refused("calendar_unreadable", "calendar", "subscribe", wrong)
        before = len(self.desk.do("calendar", "subscriptions"))
        endless = "".join(f"BEGIN:VEVENT\r\nUID:{name}\r\nDTSTART:{start}\r\nRRULE:{rule}\r\nSUMMARY:{name}\r\nEND:VEVENT\r\n" for name, start, rule in (
            ("secondly", "19700101T000000Z", "FREQ=SECONDLY"), ("hourly", "19700101T000000Z", "FREQ=HOURLY"), ("never", "19700101T000000Z", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
            ("bomb", "20260101T000000Z", "FREQ=YEARLY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=" + ",".join(map(str, range(60))) + ";BYSECOND=" + ",".join(map(str, range(60)))),
            ("daily", "20260101T120000Z", "FREQ=DAILY"), ("zero", "20260101T120000Z", "FREQ=DAILY;INTERVAL=0")))
        wrong.write_text(calendar.format(endless), newline="")
        began = time.monotonic()
        most, status, _ = self.desk.memory_kb("calendar", "subscribe", wrong)
        assert status == 0 and most < usual + 64 * 1024, (status, most)
        found = self.desk.do("calendar", "sessions", "--days", 7, "--from", "2026-11-21T00:00:00Z")
        assert time.monotonic() - began < 60, "rules without an end are followed for ever"
        assert sum(one["title"] == "daily" for one in found) == 7, found
        gap = ("BEGIN:VEVENT\r\nUID:gap\r\nDTSTART;TZID=Europe/Berlin:20270328T023000\r\nDURATION:PT1H\r\nSUMMARY:gap\r\nEND:VEVENT\r\n")
        wrong.write_text(calendar.format(gap), newline="")
        self.desk.do("calendar", "subscribe", wrong)
        found = [one["start"] for one in self.desk.do("calendar", "sessions", "--days", 2, "--from", "2027-03-27T12:00:00Z") if one["title"] == "gap"]
        # RFC 5545, 3.3.5: read with the offset before the gap, 03:30 by the new clock.
        assert found == [1806197400000], found
        assert len(self.desk.do("calendar", "subscriptions")) == before + 2, "what was refused left nothing"

    def forgotten(self):
        self.desk.do("calendar", "remove")
        objects = self.server.objects()
        assert set(objects) == {self.foreign[0]} and objects[self.foreign[0]] == self.foreign[1], list(objects)
        assert self.desk.do("calendar", "list") == {"calendar": None, "items": []}


class Files:
    """A plain web server of a folder; without lengths where that is asked."""

    def __init__(self, folder):
        self.hide_length = False
        files = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PROPFIND(self):
                self.send_error(405)

            def do_GET(self):
                path = pathlib.Path(folder) / self.path.strip("/")
                if not path.is_file():
                    self.send_error(404)
                    return
                raw = path.read_bytes()
                self.send_response(200)
                if not files.hide_length:
                    self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                try:
                    self.wfile.write(raw)
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}/"


STEPS = ["a_calendar_is_found_and_set", "visits_are_put_there", "sessions_in_other_zones", "moved_and_called_off", "changed_from_beside",
         "killed_in_between", "server_away", "exports", "live_questions", "rules_as_ical_js_follows_them", "bad_files", "forgotten"]


def main():
    proof = Proof(*map(pathlib.Path, sys.argv[1:5]))
    failed = 0
    try:
        for name in STEPS:
            try:
                getattr(proof, name)()
                print(f"ok   {name}")
            except Exception:  # noqa: BLE001: every step is told
                failed += 1
                print(f"FAIL {name}\n{traceback.format_exc()}")
    finally:
        proof.server.stop()
        proof.hub.stop()
    print(f"{proof.readers.compared} objects read alike by icalendar and ical.js; {getattr(proof, 'killed', 0)} pushes killed; "
          f"memory {getattr(proof, 'memory', None)} kB")
    print(f"{len(STEPS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
