"""Asks Request Tracker without any of Deskbell's code: standard library, page numbers, its own login."""
import http.client
import json
import urllib.parse

MARKER_FIELD = "Txn Mutation Id"


class Raw:
    def __init__(self, url, user, secret):
        self.host = urllib.parse.urlsplit(url).netloc
        self.user, self.secret, self.cookie = user, secret, None
        form = urllib.parse.urlencode({"user": user, "pass": secret})
        _, headers, _ = self._ask("POST", "/NoAuth/Login.html", form, "application/x-www-form-urlencoded")
        self.cookie = headers["Set-Cookie"].split(";")[0]

    def _ask(self, method, path, body=None, mime="application/json"):
        connection = http.client.HTTPConnection(self.host, timeout=120)
        headers = {"Content-Type": mime, **({"Cookie": self.cookie} if self.cookie else {})}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers, content

    def call(self, method, path, body=None, **query):
        text = None if body is None else json.dumps(body)
        status, _, content = self._ask(method, f"/REST/2.0/{path}?{urllib.parse.urlencode(query)}", text)
        if status not in (200, 201):
            raise RuntimeError(f"{method} {path}: HTTP {status} {content[:300]!r}")
        return json.loads(content)

    def pages(self, path, body=None, **query):
        """Every page by its number, until one is empty: totals are null for agents."""
        number = 0
        while True:
            number += 1
            answer = self.call("GET" if body is None else "POST", path, body, per_page=100, page=number, **query)
            if not answer["items"]:
                return
            yield from answer["items"]

    def tickets(self):
        fields = "Subject,Status,Priority,Requestor,Owner,Queue,LastUpdated"
        return list(self.pages("tickets", query="id > 0", orderby="id", fields=fields, **{"fields[Queue]": "Name"}))

    def notes(self):
        """(ticket, transaction) → (kind, body), for all transactions that are written by somebody."""
        bodies = {}
        parts = self.pages("attachments", [{"field": "id", "operator": ">", "value": 0}], orderby="id",
                           fields="TransactionId,ContentType,Filename,Content")
        for part in parts:
            if part["ContentType"] in ("text/plain", "text/html") and not part["Filename"]:
                bodies.setdefault(part["TransactionId"], part["Content"])
        notes = {}
        for row in self.pages("transactions", query="ObjectType = 'RT::Ticket'", orderby="id", fields="Type,ObjectId"):
            if row["Type"] in ("Create", "Correspond", "Comment"):
                notes[(row["ObjectId"], row["id"])] = (row["Type"], bodies.get(row["id"], ""))
        return notes

    def marked(self, ticket, marker):
        """How many transactions of the ticket carry the marker."""
        rows = self.pages(f"ticket/{ticket}/history", fields="Type,CustomFields")
        return sum(any(field["name"] == MARKER_FIELD and marker in field["values"] for field in row["CustomFields"] or [])
                   for row in rows)

    def with_body(self, ticket, body):
        """How many written parts of the ticket have exactly this text."""
        rows = self.pages(f"ticket/{ticket}/attachments", fields="Content,Filename")
        return sum(row["Content"].strip() == body.strip() for row in rows)
