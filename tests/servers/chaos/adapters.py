"""What differs between providers: how an account is made, what can be done, and what the server says when it is asked without
any of Deskbell's code. `count` answers how often an operation is on the server; `None` where the server cannot tell."""
import collections
import pathlib
import subprocess
import sys
import urllib.parse

here = pathlib.Path(__file__).resolve().parent
sys.path += [str(here.parent / "rt"), str(here.parent / "workorder")]

# Tickets that the Workorder endpoint begins with.
TICKETS = 50

# Each as often as its number says.
HUB_OPERATIONS = {"reply": 24, "note": 8, "reply_file": 6, "attach": 6, "status": 8, "priority": 8, "assignee": 8, "tags": 8,
                  "field": 10, "create": 8, "close": 3, "reopen": 4, "evaluate": 4}


class HubAdapter:
    name = "hub"
    operations = HUB_OPERATIONS
    statuses = ["open", "waiting_customer", "waiting_vendor", "resolved"]
    # Idempotency keys tell a repeated write from a new one.
    repeats = "every request"
    field = "change_id"

    def __init__(self, programs, work):
        from hub import Hub
        self.hub = Hub(programs["serve_hub"], work / "hub.db")
        self.port = urllib.parse.urlsplit(self.hub.url).port
        self.before = {row["id"]: row for row in self.hub.every_ticket()}

    def stop(self):
        self.hub.stop()

    def may_repeat(self, _request):
        return True

    def account(self, proxy):
        return ["--kind", "hub", "--endpoint", f"http://{proxy.host}", "--user", "proof"], self.hub.token

    def category(self, pick, catalogue):
        return ["--category", pick.choice(catalogue["categories"])["id"]]

    def assignees(self, catalogue):
        return catalogue["assignees"]

    def read(self):
        """Everything, once the server is at rest."""
        self.tickets = {row["id"]: row for row in self.hub.every_ticket("notes,events")}
        self.by_token = collections.Counter()
        for row in self.tickets.values():
            self.by_token[row["subject"]] += 1
            for note in row["notes"]:
                self.by_token[note["body"]] += 1
                for attachment in note["attachments"]:
                    self.by_token[attachment["name"]] += 1
            for event in row["events"]:
                if event["event"] == "field_changed":
                    self.by_token[event["to"]] += 1
                if event["event"] == "tags_changed":
                    self.by_token.update(event["added"])
            if row["evaluation"]:
                self.by_token[row["evaluation"]["comment"]] += 1

    def landed(self, row):
        """What the server itself kept for the operation's key."""
        answer = self.hub.session.get(f"{self.hub.url}api/v1/operations/{row['marker']}", timeout=60)
        return {200: True, 404: False}[answer.status_code]

    def count(self, row, token):
        # Values that others set too are counted by the key, which the server takes once.
        return self.by_token[token] if token else int(self.landed(row))

    def was_so(self, row):
        """Whether the field of an edit ever had the value that was wanted, so that there was nothing to send."""
        kind = row["kind"]["kind"]
        part = {"set_status": "status", "close": "status", "set_priority": "priority", "set_assignee": "assignee"}.get(kind)
        ticket = self.tickets.get(row["ticket_remote_id"])
        if not part or not ticket:
            return False
        first = self.before.get(ticket["id"], {"status": "new", "priority": "routine", "assignee": ""})[part]
        wanted = "closed" if kind == "close" else row["kind"]["to"]
        return wanted in {first, ticket[part], *(e["to"] for e in ticket["events"] if e["event"] == f"{part}_changed")}

    def mirror_of(self, ours):
        ticket = ours["ticket"]
        fields = {key: ticket[key] for key in ("subject", "status", "priority", "assignee", "tags", "custom_fields", "product", "requester")}
        return fields, {note["remote_id"]: (note["visibility"], note["body"], [(a["name"], a["size_bytes"]) for a in note["attachments"]])
                        for note in ours["notes"]}

    def truth_of(self, remote_id):
        row = self.tickets[remote_id]
        fields = {key: row[key] for key in ("subject", "status", "priority", "assignee", "tags", "custom_fields", "product", "requester")}
        return fields, {note["id"]: (note["visibility"], note["body"], [(a["name"], a["size_bytes"]) for a in note["attachments"]])
                        for note in row["notes"]}


class WorkorderAdapter:
    name = "workorder"
    operations = {"reply": 40, "reply_file": 10, "attach": 8, "create": 14, "close": 12, "reopen": 12, "evaluate": 10}
    statuses = []
    # The signature's nonce is taken once: the second delivery is refused, and its refusal may be the answer that arrives.
    repeats = "every request (the nonce refuses the second)"
    field = None

    def __init__(self, programs, work):
        from hub import Hub
        # Every look at this provider asks for the notes of every unfinished ticket: few tickets, many looks.
        self.hub = Hub(programs["serve_hub"], work / "workorder.db", empty=True)
        self.port = urllib.parse.urlsplit(self.hub.workorder_url).port
        for number in range(TICKETS):
            ticket = self.hub.ask("POST", "tickets", {"subject": f"无法登录 {number}", "body": f"请看一下 {number}", "priority": "routine",
                                                      "category": "71601", "requester": "王建国"})["id"]
            for reply in range(number % 4):
                self.hub.ask("POST", f"tickets/{ticket}/notes", {"body": f"处理中 {number}.{reply}", "visibility": "public"})
            if number % 5 == 0:
                self.hub.ask("PATCH", f"tickets/{ticket}", {"status": "closed"})

    def stop(self):
        self.hub.stop()

    def may_repeat(self, _request):
        return True

    def account(self, proxy):
        return ["--kind", "aliyun", "--endpoint", f"http://{proxy.host}", "--user", self.hub.key, "--requests-per-minute", 60_000], self.hub.secret

    def category(self, pick, catalogue):
        return ["--category", pick.choice(catalogue["categories"])["id"]]

    def assignees(self, _catalogue):
        return []

    def read(self):
        """By the official SDK; evaluations, which that API does not give back, by the hub's own."""
        from alibabacloud_workorder20210610 import models
        from sdk import call, client
        sdk = client(self.hub.workorder_host, self.hub.key, self.hub.secret)
        self.tickets, page = {}, 1
        while True:
            rows = call(sdk, "list_tickets", models.ListTicketsRequest(page_number=page, page_size=100))["Data"]
            if not rows:
                break
            self.tickets |= {row["TicketId"]: {"title": row["Title"], "status": row["Status"]["Value"]} for row in rows}
            page += 1
        self.by_token = collections.Counter()
        for remote_id, row in self.tickets.items():
            row["notes"] = call(sdk, "list_ticket_notes", models.ListTicketNotesRequest(ticket_id=remote_id))["Data"]
            self.by_token[row["title"]] += 1
            for note in row["notes"]:
                # A note that holds only a file says its name.
                self.by_token.update({note["Dialog"]["Content"], *(attachment["Name"] for attachment in note["Attachments"])})
        self.verdicts = {self.hub.remote_id(row["id"]): row["evaluation"] for row in self.hub.every_ticket()}

    def count(self, row, token):
        kind = row["kind"]["kind"]
        if kind == "evaluate":
            # A later verdict replaces an earlier one, so only a missing one can be told.
            return 1 if self.verdicts[row["ticket_remote_id"]] else 0
        if kind == "close":
            return None
        return self.by_token[token]

    def mirror_of(self, ours):
        ticket = ours["ticket"]
        return ({"title": ticket["subject"]},
                {note["remote_id"]: (note["body"], [a["name"] for a in note["attachments"]]) for note in ours["notes"]})

    def truth_of(self, remote_id):
        row = self.tickets[remote_id]
        return ({"title": row["title"]},
                {str(n["DialogId"]): (n["Dialog"]["Content"], [a["Name"] for a in n["Attachments"]]) for n in row["notes"]})


class RtAdapter:
    name = "rt"
    operations = {"reply": 34, "note": 12, "reply_file": 8, "attach": 8, "status": 10, "priority": 8, "assignee": 8, "field": 6,
                  "create": 10, "close": 4, "reopen": 4}
    statuses = ["open", "waiting_customer", "resolved"]
    # Nothing in RT tells a repeated POST or PUT from a new one, and no client can prevent what the wire sends twice.
    repeats = "reads only: nothing in RT tells a repeated write from a new one"
    field = "Severity"
    field_values = ["Low", "Medium", "High"]

    def __init__(self, programs, work):
        from raw import Raw
        self.rt, self.home = str(here.parent / "rt" / "rt.sh"), work / "rt"
        url = subprocess.run([self.rt, "start", str(self.home)], check=True, capture_output=True, text=True).stdout.strip()
        subprocess.run([self.rt, "seed", str(self.home), str(programs["tickets"])], check=True, capture_output=True)
        self.port = urllib.parse.urlsplit(url).port
        self.raw = Raw(url, "alice", "secret-alice")

    def stop(self):
        subprocess.run([self.rt, "stop", str(self.home)], check=False)

    def may_repeat(self, request):
        # Searches are POST, but write nothing.
        return request.method == "GET" or "/REST/2.0/tickets" in request.target or "/REST/2.0/transactions" in request.target \
            or "/REST/2.0/attachments" in request.target

    def account(self, proxy):
        return ["--kind", "rt", "--endpoint", f"http://{proxy.host}", "--user", "alice"], "secret-alice"

    def category(self, pick, catalogue):
        return ["--category", pick.choice(catalogue["categories"])["id"], "--requester", "customer7@example.com"]

    def assignees(self, _catalogue):
        return ["alice", "bob", "carol"]

    def read(self):
        self.tickets = {row["id"]: row for row in self.raw.tickets()}
        self.bodies = self.raw.notes()
        self.by_token = collections.Counter(body.strip() for _, body in self.bodies.values())
        self.by_token.update(row["Subject"] for row in self.tickets.values())
        parts = self.raw.pages("attachments", [{"field": "id", "operator": ">", "value": 0}], orderby="id", fields="Filename")
        self.by_token.update(row["Filename"] for row in parts if row["Filename"])

    def count(self, row, token):
        return self.by_token[token] if token else None

    def mirror_of(self, ours):
        ticket = ours["ticket"]
        fields = {"subject": ticket["subject"], "status": ticket["status_raw"], "priority": ticket["priority_raw"],
                  "assignee": ticket["assignee"], "queue": ticket["product"]}
        return fields, {note["remote_id"]: (note["visibility"], note["body"].strip()) for note in ours["notes"]}

    def truth_of(self, remote_id):
        row, owner = self.tickets[remote_id], self.tickets[remote_id]["Owner"]["id"]
        kinds = {"Create": "public", "Correspond": "public", "Comment": "internal"}
        fields = {"subject": row["Subject"], "status": row["Status"], "priority": row["Priority"],
                  "assignee": "" if owner == "Nobody" else owner, "queue": row["Queue"]["Name"]}
        notes = {transaction: (kinds[kind], body.strip()) for (ticket, transaction), (kind, body) in self.bodies.items()
                 if ticket == remote_id and not (kind == "Create" and not body.strip())}
        return fields, notes


ADAPTERS = {adapter.name: adapter for adapter in (HubAdapter, WorkorderAdapter, RtAdapter)}
