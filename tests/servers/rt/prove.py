#!/usr/bin/env python3
"""deskctl against Request Tracker: everything it holds is what RT answers, and what it sends is there once.

usage: prove.py RT_URL DESKCTL DUMP_STORE WORK_DIR TICKETS [SEED]
Prints what was counted; exit status 1 at the first mismatch.
"""
import json
import os
import pathlib
import random
import secrets
import signal
import subprocess
import sys
import time
import urllib.parse

from proxy import Hold, Proxy
from raw import Raw

KILLS = 20
# A round in which the answer was faster than the kill proves nothing and is repeated.
ROUNDS_MAX = 60
REQUEST_HOLD_S_MAX = 0.4
ANSWER_HOLD_S_MAX = 1.0
SYNCS_TO_SETTLE_MAX = 5
AGENT, AGENT_SECRET = "alice", "secret-alice"

rt_url, deskctl, dump_store = sys.argv[1:4]
work, expected_tickets = pathlib.Path(sys.argv[4]), int(sys.argv[5])
seed = int(sys.argv[6]) if len(sys.argv) > 6 else secrets.randbits(32)
pick = random.Random(seed)
data = work / "data"
environment = {key: value for key, value in os.environ.items() if not key.startswith(("DESKBELL", "XDG_"))}
# Never the keyring of whoever runs this.
environment |= {"DESKBELL_DATA_DIR": str(data), "DESKBELL_PASSPHRASE": secrets.token_hex(16), "LC_ALL": "C.UTF-8",
                "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"}
outputs = []


def check(fact, words):
    if not fact:
        print(f"FAILED: {words} (seed {seed})", flush=True)
        sys.exit(1)


def say(words):
    print(f"  {words}", flush=True)


def desk(*arguments, stdin="", fails=None):
    """Runs deskctl; answers its JSON, one object or one a line."""
    run = subprocess.run([deskctl, "--json", *map(str, arguments)], input=stdin, env=environment, capture_output=True, text=True,
                         timeout=900)
    outputs.append(run.stdout + run.stderr)
    if fails is not None:
        check(run.returncode == 1, f"{arguments} ended with {run.returncode}, not 1")
        code = json.loads(run.stderr.splitlines()[-1])["error"]["code"]
        check(code in fails, f"{arguments} failed with {code}, not one of {fails}")
        return None
    check(run.returncode == 0, f"{arguments} ended with {run.returncode}: {run.stderr}")
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return lines[0] if len(lines) == 1 else lines


def local():
    run = subprocess.run([dump_store, str(data)], env=environment, capture_output=True, text=True, timeout=300)
    check(run.returncode == 0, f"the store could not be read: {run.stderr}")
    return {row["ticket"]["remote_id"]: row for row in map(json.loads, run.stdout.splitlines())}


def compare(raw, merged=()):
    """Every ticket, status and note of the store with what RT answers now."""
    ours = local()
    theirs = raw.tickets()
    live = {remote_id for remote_id, row in ours.items() if row["ticket"]["fate"] == "live"}
    check(live == {row["id"] for row in theirs}, f"other tickets: {sorted(live ^ {row['id'] for row in theirs})[:10]}")
    for row in theirs:
        ticket = ours[row["id"]]["ticket"]
        owner = row["Owner"]["id"]
        expected = (row["Subject"], row["Status"], row["Priority"], row["Queue"]["Name"], row["Requestor"][0]["id"] if row["Requestor"] else "",
                    "" if owner == "Nobody" else owner)
        found = tuple(ticket[key] for key in ("subject", "status_raw", "priority_raw", "product", "requester", "assignee"))
        check(found == expected, f"ticket {row['id']}: {found} is not {expected}")
    kinds = {"Create": "public", "Correspond": "public", "Comment": "internal"}
    expected = {}
    for (ticket, transaction), (kind, body) in raw.notes().items():
        # RT keeps the old id on the transactions of a merged ticket; they are read under the survivor.
        ticket = dict(merged).get(ticket, ticket)
        if ticket in live and not (kind == "Create" and not body.strip()):
            expected.setdefault(ticket, {})[transaction] = (kinds[kind], body)
    count = 0
    for remote_id in live:
        found = {note["remote_id"]: (note["visibility"], note["body"]) for note in ours[remote_id]["notes"]}
        wanted = expected.get(remote_id, {})
        differing = [key for key in found.keys() | wanted.keys() if found.get(key) != wanted.get(key)]
        check(not differing, f"notes {differing[:5]} of ticket {remote_id}: {[(found.get(k), wanted.get(k)) for k in differing[:2]]}")
        check(len(found) == len(ours[remote_id]["notes"]), f"ticket {remote_id} holds a note twice")
        count += len(found)
    say(f"compared with RT: {len(theirs)} tickets and their statuses, {count} notes: equal")
    return ours


def operation(number):
    return next(row for row in desk("outbox", "list") if row["id"] == number)


def settle(number):
    """Syncs until the operation has left; answers how many syncs that took."""
    for count in range(1, SYNCS_TO_SETTLE_MAX + 1):
        desk("sync")
        if operation(number)["state"] == "sent":
            return count
    check(False, f"operation {number} is {operation(number)['state']} after {SYNCS_TO_SETTLE_MAX} syncs")


def once(raw, row):
    marked = raw.marked(row["ticket_remote_id"], row["marker"])
    written = raw.with_body(row["ticket_remote_id"], row["kind"]["body"])
    check((marked, written) == (1, 1), f"reply of operation {row['id']}: {marked} by marker, {written} by text, not once")


def connect(proxy):
    account = ["account", "add", "--kind", "rt", "--name", "RT", "--endpoint", f"http://127.0.0.1:{proxy.port}", "--user", AGENT]
    desk(*account, stdin="not-the-password\n", fails={"credentials_wrong"})
    check(desk("account", "list") == [], "an account was kept although its password is wrong")
    desk(*account, stdin=AGENT_SECRET + "\n")
    say("account: a wrong password is refused by name, the right one kept")


def pull_everything(raw):
    began = time.monotonic()
    report = desk("sync")
    say(f"pulled in {time.monotonic() - began:.1f} s: {json.dumps(report['pull'])}")
    ours = compare(raw)
    check(len(ours) == expected_tickets, f"{len(ours)} tickets, not the {expected_tickets} seeded ones")
    return ours


def stay_quiet(proxy):
    proxy.requests.clear()
    desk("sync")
    asked = [line for line in proxy.requests if "/NoAuth/" not in line]
    check(len(asked) == 1, f"a sync without a change asked {asked}")
    say("a sync without a change: one request after the login")


def work_offline(raw, proxy, tickets):
    proxy.cut()
    read = 0
    for ticket in tickets:
        shown = desk("ticket", "show", ticket["ticket"]["id"])
        check(shown["subject"] == ticket["ticket"]["subject"] and len(shown["notes"]) == len(ticket["notes"]), "offline reading")
        read += len(shown["notes"])
    bodies = [f"离线回复 {index}：宕机已处理，请确认。\nReply written offline {secrets.token_hex(4)}" for index in range(len(tickets))]
    queued = [desk("ticket", "reply", ticket["ticket"]["id"], stdin=body)["operation"] for ticket, body in zip(tickets, bodies)]
    changed = desk("ticket", "set", tickets[0]["ticket"]["id"], "--status", "waiting_customer", "--priority", "urgent")
    queued += [row["operation"] for row in changed]
    desk("sync", fails={"host_unreachable", "connection_lost"})
    states = {row["id"]: row["state"] for row in desk("outbox", "list")}
    check(all(states[number] == "queued" for number in queued), f"offline, the outbox says {states}")
    say(f"network cut: {len(tickets)} tickets with {read} notes read, {len(bodies)} replies and 2 changes kept")
    proxy.mend()
    for number in queued:
        settle(number)
    for row in desk("outbox", "list"):
        if row["id"] in queued and row["kind"]["kind"] == "reply":
            once(raw, row)
    record = raw.call("GET", f"ticket/{tickets[0]['ticket']['remote_id']}")
    check((record["Status"], record["Priority"]) == ("stalled", "100"), f"RT says {record['Status']}, {record['Priority']}")
    say(f"network back: {len(bodies)} replies in RT exactly once, status and priority as set")


def kill_between(raw, proxy, tickets):
    """SIGKILL of deskctl after it handed over a reply and before the answer reached it."""
    killed, fast = {}, 0
    for _ in range(ROUNDS_MAX):
        if len(killed) == KILLS:
            break
        ticket = pick.choice(tickets)["ticket"]
        body = f"收到，处理中。\nround {len(killed)} {secrets.token_hex(8)}"
        internal = ["--internal"] if pick.random() < 0.25 else []
        number = desk("ticket", "reply", ticket["id"], *internal, stdin=body)["operation"]
        hold = proxy.hold = Hold(pick.random() * REQUEST_HOLD_S_MAX, pick.random() * ANSWER_HOLD_S_MAX, lost=pick.random() < 0.3)
        sync = subprocess.Popen([deskctl, "--json", "sync"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        check(hold.sent.wait(120), "the reply was never sent")
        time.sleep(pick.random() * (hold.request_s + hold.answer_s + 0.4))
        sync.send_signal(signal.SIGKILL)
        answered, delivered = hold.answered.is_set(), hold.delivered.is_set()
        outputs.append("".join(sync.communicate()))
        row = operation(number)
        if delivered or row["state"] == "sent":
            fast += 1
        else:
            check(row["state"] in ("sending", "unknown") and row["attempts"] == 1, f"after the kill: {row}")
            killed[number] = "lost on the wire" if hold.lost else "answered by RT" if answered else "on the way or in RT"
        settle(number)
        once(raw, row)
    check(len(killed) == KILLS, f"only {len(killed)} kills fell between sending and acknowledgement")
    rows = {row["id"]: row for row in desk("outbox", "list")}
    for number in killed:
        once(raw, rows[number])
    moments = {moment: list(killed.values()).count(moment) for moment in sorted(set(killed.values()))}
    attempts = [rows[number]["attempts"] for number in killed]
    say(f"SIGKILL between send and acknowledgement: {KILLS} times; the reply was then {json.dumps(moments)} "
        f"({fast} rounds killed too late, repeated)")
    say(f"each of the {KILLS} replies is in RT exactly once; {attempts.count(1)} were found by reading back, "
        f"{KILLS - attempts.count(1)} sent again")
    check(all((rows[number]["attempts"] > 1) == (moment == "lost on the wire") for number, moment in killed.items()
              if moment != "on the way or in RT"), f"attempts {attempts} for {list(killed.values())}")


def follow_others(raw, other, tickets):
    """Another agent and the customers work in RT; one sync brings it all."""
    chosen = [ticket["ticket"]["remote_id"] for ticket in pick.sample(tickets, 12)]
    for remote_id in chosen[:4]:
        other.call("POST", f"ticket/{remote_id}/correspond", {"Content": f"来自同事 {remote_id}", "ContentType": "text/plain"})
    for remote_id in chosen[4:8]:
        other.call("PUT", f"ticket/{remote_id}", {"Subject": f"改名 {remote_id}", "Status": "resolved", "Priority": 50})
    html = "<p>图 <b>bold</b> &amp; more</p>"
    other.call("POST", f"ticket/{chosen[8]}/comment", {"Content": html, "ContentType": "text/html"})
    other.call("PUT", f"ticket/{chosen[9]}", {"Owner": "bob", "CustomFields": {"Severity": "High"}})
    fresh = other.call("POST", "ticket", {"Queue": "Support", "Subject": "新工单：续费", "Content": "无法续费", "Requestor": "customer7@example.com"})["id"]
    survivor = chosen[10]
    desk("sync")
    check(local()[str(fresh)]["ticket"]["subject"] == "新工单：续费", "the new ticket did not come")
    other.call("PUT", f"ticket/{fresh}", {"MergeInto": survivor})
    other.call("POST", "ticket", {"Queue": "VIP", "Subject": "VIP 宕机", "Content": "全部实例宕机", "Requestor": "customer9@example.com"})
    report = desk("sync")
    ours = compare(raw, {(str(fresh), survivor)})
    check(str(fresh) not in ours, "a merged ticket still stands beside its survivor")
    check(any(note["body"].strip() == "无法续费" for note in ours[survivor]["notes"]), "the survivor lacks what was merged into it")
    say(f"another agent's replies, changes, new and merged tickets came by the feed ({report['pull']['pages']} page)")


def keep_secrets():
    files = [file for file in work.rglob("*") if file.is_file() and file.is_relative_to(data)]
    words = [AGENT_SECRET, environment["DESKBELL_PASSPHRASE"], "RT_SID"]
    for file in files:
        content = file.read_bytes()
        check(not any(word.encode() in content for word in words), f"{file} holds a secret")
    check(not any(word in text for text in outputs for word in words), "a secret was printed")
    say(f"no secret in {len(files)} files and {len(outputs)} outputs")


def main():
    print(f"Request Tracker: deskctl against {rt_url}, seed {seed}", flush=True)
    raw, other = Raw(rt_url, AGENT, AGENT_SECRET), Raw(rt_url, "bob", "secret-bob")
    proxy = Proxy(urllib.parse.urlsplit(rt_url).port)
    connect(proxy)
    ours = pull_everything(raw)
    stay_quiet(proxy)
    standing = [row for row in ours.values() if row["ticket"]["status_raw"] in ("open", "new")]
    work_offline(raw, proxy, pick.sample(standing, 3))
    kill_between(raw, proxy, standing)
    follow_others(raw, other, standing)
    check(all(row["state"] == "sent" for row in desk("outbox", "list")), "the outbox is not empty at the end")
    stay_quiet(proxy)
    keep_secrets()
    print("Request Tracker: all as it should be", flush=True)


main()
