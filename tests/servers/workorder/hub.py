"""A hub process with its Workorder endpoint, and questions to its own API: standard library and requests only."""
import json
import os
import pathlib
import subprocess
import uuid

import requests

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Hub:
    def __init__(self, program, database, url_seconds=3600, empty=False):
        environment = {**os.environ, "WORKORDER_URL_SECONDS": str(url_seconds)}
        if empty:
            # Only a database that is not there is filled.
            pathlib.Path(database).touch()
        self.process = subprocess.Popen([str(program), str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment)
        said = json.loads(self.process.stdout.readline())
        self.url, self.token = said["hub"], said["token"]
        self.workorder_url = said["workorder"]
        self.workorder_host = said["workorder"].removeprefix("http://").rstrip("/")
        self.key, self.secret = said["access_key_id"], said["access_key_secret"]
        self.sts_key, self.sts_secret, self.sts_token = said["sts_key_id"], said["sts_secret"], said["sts_token"]
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {self.token}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def order(self, words):
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "ordered\n"

    @staticmethod
    def number(remote_id):
        """The hub's own id behind a Workorder one."""
        return str(int(remote_id, 36))

    @staticmethod
    def remote_id(number):
        rest, text = int(number), ""
        while rest or len(text) < 9:
            rest, digit = divmod(rest, 36)
            text = DIGITS[digit] + text
        return text

    def ask(self, method, path, body=None, headers=None):
        key = {"Idempotency-Key": str(uuid.uuid4())} if method != "GET" else {}
        answer = self.session.request(method, f"{self.url}api/v1/{path}", json=body, headers={**key, **(headers or {})}, timeout=60)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def ticket(self, remote_id):
        return self.ask("GET", f"tickets/{self.number(remote_id)}")

    def notes(self, remote_id):
        return self.ask("GET", f"tickets/{self.number(remote_id)}/notes")["notes"]

    def reply(self, remote_id, body):
        return self.ask("POST", f"tickets/{self.number(remote_id)}/notes", {"body": body, "visibility": "public"})

    def set_status(self, remote_id, status):
        return self.ask("PATCH", f"tickets/{self.number(remote_id)}", {"status": status})

    def every_ticket(self, include=""):
        rows, before = [], ""
        while True:
            page = self.ask("GET", f"tickets?limit=200{before}{'&include=' + include if include else ''}")
            rows += page["tickets"]
            if not page["next_before"]:
                return rows
            before = f"&before={page['next_before']}"
