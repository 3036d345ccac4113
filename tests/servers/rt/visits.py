#!/usr/bin/env python3
"""A visit on a server without slots: deskctl asks for it by a ticket in a queue of Request Tracker, somebody else answers there,
and deskctl reads the answer back: confirmed, moved, settled by hand, called off.

usage: visits.py RT_URL DESKCTL WORK_DIR
Prints what was seen; exit status 1 at the first mismatch.
"""
import datetime
import json
import os
import pathlib
import secrets
import subprocess
import sys

from raw import Raw

AGENT, AGENT_SECRET = "alice", "secret-alice"
OTHER, OTHER_SECRET = "bob", "secret-bob"
# Agents work in it, and its tickets and replies carry markers.
QUEUE = "VIP"
BEGIN, END = "-----BEGIN DESKBELL VISIT-----", "-----END DESKBELL VISIT-----"
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))

rt_url, deskctl = sys.argv[1:3]
data = pathlib.Path(sys.argv[3]) / "visits"
environment = {key: value for key, value in os.environ.items() if not key.startswith(("DESKBELL", "XDG_"))}
# Never the keyring of whoever runs this.
environment |= {"DESKBELL_DATA_DIR": str(data), "DESKBELL_PASSPHRASE": secrets.token_hex(16), "LC_ALL": "C.UTF-8",
                "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"}


def check(fact, words):
    if not fact:
        print(f"FAILED: {words}", flush=True)
        sys.exit(1)


def say(words):
    print(f"  {words}", flush=True)


def desk(*arguments, stdin="", fails=None):
    run = subprocess.run([deskctl, "--json", *map(str, arguments)], input=stdin, env=environment, capture_output=True, text=True,
                         timeout=300)
    if fails is not None:
        check(run.returncode == 1, f"{arguments} ended with {run.returncode}, not 1")
        code = json.loads(run.stderr.splitlines()[-1])["error"]["code"]
        check(code == fails, f"{arguments} failed with {code}, not {fails}")
        return None
    check(run.returncode == 0, f"{arguments} ended with {run.returncode}: {run.stderr}")
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return lines[0] if len(lines) == 1 else lines


def visit(key):
    return desk("visit", "show", key)


def block(**answer):
    return f"{BEGIN}\n{json.dumps({'v': 1, **answer})}\n{END}\n"


other = Raw(rt_url, OTHER, OTHER_SECRET)


def answers(ticket, content, kind="text/plain"):
    other.call("POST", f"ticket/{ticket}/correspond", {"Content": content, "ContentType": kind})
    desk("sync")


def bodies(ticket):
    return [row["Content"] for row in other.pages(f"ticket/{ticket}/attachments", fields="Content,Filename") if row["Content"]]


def at(days, hour):
    day = datetime.datetime.now(SHANGHAI).date() + datetime.timedelta(days=days)
    return datetime.datetime.combine(day, datetime.time(hour), SHANGHAI)


def begins(view):
    slot = view["visit"]["slot"]
    return slot and datetime.datetime.fromtimestamp(slot["start"] / 1000, SHANGHAI)


ticket = other.call("POST", "ticket", {"Queue": "Support", "Subject": "机房掉电", "Content": "请安排上门", "ContentType": "text/plain"})["id"]
desk("account", "add", "--kind", "rt", "--name", "RT", "--endpoint", rt_url, "--user", AGENT, stdin=AGENT_SECRET + "\n")
desk("sync")
local = next(row["id"] for row in desk("ticket", "list", "--order", "created", "--limit", "5")["rows"] if row["remote_id"] == str(ticket))
request = ["visit", "request", local, "--service", "hardware_inspection", "--site", "一号机房", "--city", "杭州", "--country", "CN",
           "--contact", "王建国", "--phone", "13800000000", "--asset", "SN-1", "--note", "状态: 已确认",
           "--from", at(1, 9).isoformat(), "--to", at(6, 18).isoformat()]
desk(*request, fails="visit_category_missing")
check(desk("outbox", "list") == [], "something was queued although no queue is set")
desk("account", "options", "RT", "--visit-category", QUEUE)
say("without a queue for visits the request is refused before anything is queued")

key = desk(*request)["visit"]
check(visit(key)["visit"]["state"] == "requested", "not requested at once")
desk("sync")
found = [row for row in other.tickets() if row["Queue"]["Name"] == QUEUE and any(key in body for body in bodies(row["id"]))]
check(len(found) == 1, f"{len(found)} tickets carry the visit, not one")
carrier = found[0]["id"]
ours = next(body for body in bodies(carrier) if BEGIN in body)
check("王建国" in ours and json.loads(ours.split(BEGIN)[1].split(END)[0])["ask"] == "request", "the block is not as written")
say(f"the visit is ticket {carrier} in {QUEUE}, readable by people and by machines")

answers(carrier, "".join(f"> {line}\n" for line in ours.splitlines()) + "\n" + ours)
check(visit(key)["visit"]["state"] == "requested", "our own words quoted back were taken for an answer")
start = at(2, 14)
answers(carrier, f"<p>您好</p><ul><li>状态: 已确认</li><li>时间: {start:%Y-%m-%d %H:%M}-16:00 Asia/Shanghai</li><li>工程师: 陈师傅</li></ul>"
                 "<blockquote><p>状态: 已拒绝</p></blockquote>", "text/html")
view = visit(key)
check((view["visit"]["state"], begins(view), view["engineer_name"]) == ("confirmed", start, "陈师傅"), f"not confirmed: {view['visit']}")
say("confirmed by a person's reply in HTML; our own words quoted back were no answer")

later = at(3, 10)
desk("visit", "reschedule", key, "--start", later.isoformat(), "--reason", "客户外出")
desk("sync")
check(begins(visit(key)) == start, "the time that stands did not stay until they answered")
answers(carrier, block(visit=key, state="confirmed", start=later.isoformat(), end=at(3, 12).isoformat()))
view = visit(key)
check((begins(view), view["visit"]["sequence"]) == (later, 1), f"not moved: {view['visit']}")
say("moved by a machine's block")

answers(carrier, "周五下午也可以，你们定。")
check(begins(visit(key)) == later, "words that only people read moved the visit")
friday = at(4, 15)
desk("visit", "settle", key, "--state", "confirmed", "--start", friday.isoformat(), "--end", at(4, 17).isoformat(), "--engineer", "李工")
view = visit(key)
check((begins(view), view["engineer_name"]) == (friday, "李工"), f"not settled: {view['visit']}")
say("settled by hand where only people could read the answer")

desk("visit", "cancel", key, "--reason", "已恢复")
desk("sync")
check(visit(key)["visit"]["state"] == "cancelled", "not called off")
told = [body for body in bodies(carrier) if BEGIN in body and '"ask":"cancel"' in body]
check(len(told) == 1 and "已恢复" in told[0], f"{len(told)} replies call it off, not one")
answers(carrier, "Status: confirmed")
check(visit(key)["visit"]["state"] == "cancelled", "a late yes brought it back")
check(len([row for row in other.tickets() if row["Queue"]["Name"] == QUEUE and any(key in body for body in bodies(row["id"]))]) == 1,
      "the visit was asked for twice")
say("called off, told there once, and a late yes does not bring it back")
print("visits on Request Tracker: all as they should be", flush=True)
