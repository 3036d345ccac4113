#!/usr/bin/env python3
"""Two desks work on one server over a wire that breaks, while their processes are killed. At rest every accepted operation is
on the server exactly once or was rejected with a reason, and both mirrors equal the server.

usage: chaos.py PROVIDER DESKCTL DUMP_STORE SERVE_HUB WORK_DIR     PROVIDER: hub, workorder or rt
  CHAOS_OPERATIONS (500)  CHAOS_KILLS (100)  CHAOS_SEED (drawn)  CHAOS_TICKETS (60, for rt)
Prints a table and ends with "N passed, M failed".
"""
import collections
import json
import os
import pathlib
import random
import secrets
import sys
import threading
import time

from adapters import ADAPTERS
from desk import Desk, Killed
from proxy import Proxy

DESKS = 2
# Tickets that the two work on, so that they meet.
SHARED_TICKETS = 30
# Of the kills, this share hits the process that queues; the others hit the one that sends and pulls.
KILL_QUEUEING = 0.12
KILL_PAUSE_S = (0.15, 1.6)
ROUNDS_AT_REST_MAX = 60
REFUSALS_MAX = 2_000
WAITING = ("queued", "sending", "unknown")


class Chaos:
    def __init__(self, provider, programs, work):
        self.operations, self.kills = int(os.environ.get("CHAOS_OPERATIONS", 500)), int(os.environ.get("CHAOS_KILLS", 100))
        self.seed = int(os.environ.get("CHAOS_SEED") or secrets.randbits(32))
        self.work, self.failures, self.checks = work, [], 0
        self.server = ADAPTERS[provider](programs, work)
        self.proxy = Proxy(self.server.port, self.seed, self.server.may_repeat)
        self.desks = [Desk(name, programs["deskctl"], programs["dump_store"], work / name) for name in ("east", "west")[:DESKS]]
        self.accepted, self.refused = [dict() for _ in self.desks], collections.Counter()
        self.killed, self.done, self.syncs = collections.Counter(), threading.Event(), collections.Counter()
        self.errors = []

    def check(self, fact, words):
        self.checks += 1
        if not fact:
            self.failures.append(words)

    # -- before

    def connect(self):
        for desk in self.desks:
            arguments, secret = self.server.account(self.proxy)
            desk.ask("account", "add", "--name", "S", *arguments, stdin=secret + "\n")
            desk.ask("sync")
        self.catalogue = self.desks[0].ask("account", "catalogue", "S")
        rows = [row["ticket"] for row in self.desks[0].mirror()]
        standing = sorted(row["remote_id"] for row in rows if row["status"] not in ("resolved", "closed"))
        chosen = set(random.Random(self.seed).sample(standing, min(SHARED_TICKETS, len(standing))))
        self.tickets = [[row["ticket"]["id"] for row in desk.mirror() if row["ticket"]["remote_id"] in chosen] for desk in self.desks]

    # -- operations

    def draw(self, pick, number, tickets):
        """The arguments of an operation and the text by which the server will be asked for it."""
        kind = pick.choices(list(self.server.operations), list(self.server.operations.values()))[0]
        token = f"{kind}-{number}-{pick.getrandbits(48):012x}"
        ticket = pick.choice(tickets)
        text = f"好的，已处理 {token}"
        if kind in ("reply", "note"):
            return kind, ["reply", ticket, *(["--internal"] if kind == "note" else []), text], text
        if kind in ("reply_file", "attach"):
            path = self.work / f"{token}.txt"
            path.write_text(f"日志 {token}\n" * pick.randrange(1, 4_000))
            return kind, ["attach", ticket, path] if kind == "attach" else ["reply", ticket, "--attach", path, text], path.name
        if kind == "create":
            words = ["new", "--account", "S", "--subject", f"新工单 {token}", "--priority", "routine"]
            return kind, [*words, *self.server.category(pick, self.catalogue), f"描述 {token}"], f"新工单 {token}"
        if kind == "reopen":
            return kind, ["reopen", ticket, text], text
        if kind == "evaluate":
            return kind, ["evaluate", ticket, "--score", pick.randrange(1, 6), "--comment", token], token
        if kind == "close":
            return kind, ["close", ticket], None
        if kind == "tags":
            return kind, ["set", ticket, "--add-tag", token], token
        if kind == "field" and hasattr(self.server, "field_values"):
            return kind, ["set", ticket, "--field", f"{self.server.field}={pick.choice(self.server.field_values)}"], None
        if kind == "field":
            return kind, ["set", ticket, "--field", f"{self.server.field}={token}"], token
        value = {"status": self.server.statuses, "priority": ["urgent", "important", "routine"],
                 "assignee": self.server.assignees(self.catalogue)}[kind]
        return kind, ["set", ticket, f"--{kind}", pick.choice(value)], None

    def work_on(self, index):
        """One desk's share of the operations, some of which die while they are being queued."""
        desk, pick = self.desks[index], random.Random(f"{self.seed} {index}")
        tickets, wanted = list(self.tickets[index]), self.operations // DESKS + (index < self.operations % DESKS)
        refusals = number = 0
        while len(self.accepted[index]) < wanted and refusals < REFUSALS_MAX:
            number += 1
            kind, arguments, token = self.draw(pick, f"{index}.{number}", tickets)
            try:
                status, rows, error = desk.run("ticket", *arguments, role="queueing")
            except Killed:
                # Accepted or not: the outbox will say. The text is kept to tell.
                self.accepted[index][f"killed {number}"] = (kind, token, None)
                continue
            if status != 0:
                refusals += 1
                self.refused[f"{kind}: {json.loads(error.splitlines()[-1])['error']['code']}" if error.strip().startswith("{") else error[-200:]] += 1
                continue
            self.accepted[index][rows[-1]["operation"]] = (kind, token, rows[-1])
            if kind == "create":
                # What is opened here is worked on at once, before the server has it.
                tickets.append(rows[-1]["ticket"])
                tickets.append(rows[-1]["ticket"])
            time.sleep(pick.uniform(0, 0.1))

    def keep_syncing(self, index):
        desk, pick = self.desks[index], random.Random(f"{self.seed} sync {index}")
        while not self.done.is_set():
            try:
                status, _, _ = desk.run("sync", role="syncing")
                self.syncs["done" if status == 0 else "failed"] += 1
            except Killed:
                self.syncs["killed"] += 1
            time.sleep(pick.uniform(0, 0.15))

    def keep_killing(self):
        pick = random.Random(f"{self.seed} kill")
        while not self.done.is_set() and sum(self.killed.values()) < self.kills:
            time.sleep(pick.uniform(*KILL_PAUSE_S))
            role = "queueing" if pick.random() < KILL_QUEUEING else "syncing"
            if pick.choice(self.desks).kill(role):
                self.killed[role] += 1

    def guarded(self, run, *arguments):
        try:
            run(*arguments)
        except Exception as error:  # noqa: BLE001: told at the end, by name
            self.errors.append(f"{run.__name__}{arguments}: {error!r}")

    def break_everything(self):
        self.proxy.calm = False
        start = lambda run, *arguments: threading.Thread(target=self.guarded, args=(run, *arguments))  # noqa: E731
        workers = [start(self.work_on, index) for index in range(DESKS)]
        others = [start(self.keep_syncing, index) for index in range(DESKS)] + [start(self.keep_killing)]
        for thread in workers + others:
            thread.start()
        for thread in workers:
            thread.join()
        others[-1].join(600)
        self.done.set()
        for thread in others:
            thread.join()
        self.proxy.calm = True

    # -- at rest

    def come_to_rest(self):
        for index, desk in enumerate(self.desks):
            for _ in range(ROUNDS_AT_REST_MAX):
                status, _, error = desk.run("sync")
                waiting = [row for row in desk.outbox() if row["state"] in WAITING]
                if not waiting:
                    break
                for row in waiting:
                    # Not to wait for the backoff; refused for what is on its way.
                    desk.run("outbox", "retry", row["id"])
                time.sleep(0.5)
            left = [f"{row['id']} {row['kind']['kind']} {row['state']} {row['code']}" for row in desk.outbox() if row["state"] in WAITING]
            self.check(not left, f"{desk.name}: still waiting at rest: {left[:5]}")
        for _ in range(2):
            for desk in self.desks:
                status, _, error = desk.run("sync")
                self.check(status == 0, f"{desk.name}: the last sync failed: {error}")

    def verify(self):
        self.server.read()
        self.states, self.lost, self.doubled, self.wrong = collections.Counter(), [], [], []
        self.reasons, self.told, self.untold, self.already = collections.Counter(), 0, 0, 0
        for index, desk in enumerate(self.desks):
            rows = {row["id"]: row for row in desk.outbox()}
            tokens = {}
            for key, (kind, token, _) in self.accepted[index].items():
                if isinstance(key, int):
                    if key not in rows:
                        self.lost.append(f"{desk.name}: operation {key} ({kind}) was accepted and is not in the outbox")
                    tokens[key] = token
            for number, row in rows.items():
                if number not in tokens:
                    # Queued by a process that was killed before it said so: it counts as accepted.
                    tokens[number] = self.token_of(row)
                self.verify_one(desk, row, tokens[number])
        self.check(not self.lost, f"lost: {self.lost[:5]}")
        self.check(not self.doubled, f"doubled: {self.doubled[:5]}")
        self.check(not self.wrong, f"wrong: {self.wrong[:5]}")

    @staticmethod
    def token_of(row):
        kind = row["kind"]
        files = kind.get("files") or ([kind["file"]] if "file" in kind else [])
        if files:
            return files[0]["name"]
        return {"reply": kind.get("body"), "reopen": kind.get("body"), "evaluate": kind.get("comment"),
                "create_ticket": kind.get("ticket", {}).get("subject")}.get(kind["kind"])

    def verify_one(self, desk, row, token):
        state, words = row["state"], f"{desk.name}: operation {row['id']} {row['kind']['kind']} {row['marker']} is {row['state']} ({row['code']})"
        self.states[state] += 1
        if state == "rejected":
            self.reasons[f"{row['code']} ({row['kind']['kind']})"] += 1
            if not row["code"]:
                self.wrong.append(f"{words} without a reason")
        count = self.server.count(row, token)
        if count is None:
            self.untold += 1
            return
        self.told += 1
        if state == "sent" and count == 0 and self.overwritten(row):
            return
        if state == "sent" and count == 0:
            self.lost.append(f"{words} and not on the server")
        elif state == "sent" and count > 1:
            self.doubled.append(f"{words} and {count} times on the server")
        elif state == "rejected" and count and row["kind"]["kind"] != "evaluate":
            self.wrong.append(f"{words} and {count} times on the server")

    def overwritten(self, row):
        """An edit that found its value there already changes nothing; the server still knows its key."""
        landed, was_so = getattr(self.server, "landed", None), getattr(self.server, "was_so", None)
        if landed is not None and row["kind"]["kind"] in ("set_tags", "set_custom_field", "evaluate") and landed(row):
            return True
        so = was_so is not None and was_so(row)
        self.already += so
        return so

    def compare_mirrors(self):
        self.compared = collections.Counter()
        for desk in self.desks:
            ours = {row["ticket"]["remote_id"]: row for row in desk.mirror() if row["ticket"]["fate"] == "live" and row["ticket"]["remote_id"]}
            self.check(set(ours) == set(self.server.tickets), f"{desk.name}: other tickets: {sorted(set(ours) ^ set(self.server.tickets))[:5]}")
            for remote_id in set(ours) & set(self.server.tickets):
                (fields, notes), (their_fields, their_notes) = self.server.mirror_of(ours[remote_id]), self.server.truth_of(remote_id)
                differing = {key: (fields[key], their_fields[key]) for key in fields if fields[key] != their_fields[key]}
                self.check(not differing, f"{desk.name}: ticket {remote_id}: here and there {differing}")
                other = sorted(key for key in notes.keys() | their_notes.keys() if notes.get(key) != their_notes.get(key))
                self.check(not other, f"{desk.name}: notes {other[:3]} of {remote_id}: {[(notes.get(k), their_notes.get(k)) for k in other[:2]]}")
                self.check(len(notes) == len(ours[remote_id]["notes"]), f"{desk.name}: ticket {remote_id} holds a note twice")
                self.compared.update(tickets=1, notes=len(notes))

    def tell(self, seconds):
        rows = [("operations accepted", sum(self.states.values()))]
        rows += [(f"  {state}", count) for state, count in sorted(self.states.items())]
        rows += [(f"    because of {code}", count) for code, count in sorted(self.reasons.items())]
        rows += [("refused before they were queued", sum(self.refused.values()))]
        rows += [(f"faults: {kind}", count) for kind, count in sorted(self.proxy.faults.items())]
        rows += [("faults together", sum(self.proxy.faults.values())), ("requests", self.proxy.requests)]
        rows += [(f"SIGKILL while {role}", count) for role, count in sorted(self.killed.items())]
        rows += [("SIGKILLs together", sum(self.killed.values())), ("asked for on the server, one by one", self.told)]
        rows += [("  of them edits that had nothing left to change", self.already)]
        rows += [("that the server cannot tell one by one", self.untold), ("lost", len(self.lost)), ("doubled", len(self.doubled))]
        rows += [("tickets compared in both mirrors", self.compared["tickets"]), ("notes compared in both mirrors", self.compared["notes"])]
        for name, value in rows:
            print(f"  {name:<44}{value:>8}")
        print(f"  repeated by the wire: {self.server.repeats}")
        print(f"  {seconds:.0f} s, syncs {dict(self.syncs)}, refused {dict(self.refused)}", flush=True)

    def run(self):
        print(f"Chaos: two desks against {self.server.name}, {self.operations} operations, {self.kills} kills, seed {self.seed}", flush=True)
        began = time.monotonic()
        try:
            self.connect()
            self.break_everything()
            self.come_to_rest()
            self.verify()
            self.compare_mirrors()
            self.check(sum(self.killed.values()) >= self.kills, f"only {sum(self.killed.values())} kills hit a process")
            self.check(sum(self.states.values()) >= self.operations * 0.95, f"only {sum(self.states.values())} operations were accepted")
            self.check(not self.errors, f"the proof itself: {self.errors}")
            self.tell(time.monotonic() - began)
        finally:
            self.server.stop()
        for words in self.failures[:20]:
            print(f"  FAILED: {words}")
        print(f"{self.checks - len(self.failures)} passed, {len(self.failures)} failed", flush=True)
        return 1 if self.failures else 0


def main():
    provider, deskctl, dump_store, serve_hub, work = sys.argv[1:6]
    work = pathlib.Path(work) / f"chaos-{provider}"
    work.mkdir(parents=True)
    programs = {"deskctl": deskctl, "dump_store": dump_store, "serve_hub": serve_hub, "tickets": os.environ.get("CHAOS_TICKETS", 60)}
    sys.exit(Chaos(provider, programs, work).run())


main()
