"""Radicale on loopback, and a plain look at it from beside."""
import pathlib
import re
import socket
import subprocess
import sys
import time

import requests

USER, PASSWORD = "lin", "口令 with space"
CALENDAR = f"/{USER}/work/"


class Server:
    def __init__(self, work):
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        self.work, self.process = pathlib.Path(work), None
        (self.work / "users").write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
        (self.work / "radicale.ini").write_text(
            f"[server]\nhosts = 127.0.0.1:{self.port}\n[auth]\ntype = htpasswd\nhtpasswd_filename = {self.work}/users\n"
            f"htpasswd_encryption = plain\ndelay = 0\n[storage]\nfilesystem_folder = {self.work}/collections\n"
            "[logging]\nlevel = warning\n", encoding="utf-8")
        self.url = f"http://127.0.0.1:{self.port}/"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (USER.encode(), PASSWORD.encode())

    def start(self):
        log = open(self.work / "radicale.log", "ab")
        self.process = subprocess.Popen([sys.executable, "-m", "radicale", "--config", str(self.work / "radicale.ini")],
                                        stdout=log, stderr=log)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("Radicale does not answer")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def state(self):
        """Changes with every write."""
        folder = self.work / "collections" / "collection-root" / USER / "work"
        return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.ics")}

    def ask(self, method, path, body=None, **headers):
        body = body.encode() if isinstance(body, str) else body
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.session.request(method, self.url.rstrip("/") + path, data=body, headers=names, timeout=60)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def make_calendar(self, name):
        self.ask("MKCALENDAR", CALENDAR, f"""<?xml version="1.0"?><c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">
<d:set><d:prop><d:displayname>{name}</d:displayname></d:prop></d:set></c:mkcalendar>""")

    def objects(self):
        """{path: (bytes, etag)} of everything in the calendar."""
        listing = self.ask("PROPFIND", CALENDAR, Depth="1").text
        paths = [path for path in re.findall(r"<href>([^<]+\.ics)</href>", listing)]
        found = {}
        for path in paths:
            answer = self.ask("GET", path)
            found[path] = (answer.content, answer.headers["ETag"])
        return found
