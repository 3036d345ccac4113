"""Every request that Deskbell's own client sends, signed again by the official signer: the Authorization header has to be
the same, byte for byte."""
import hashlib
import json
import os
import pathlib
import secrets
import subprocess
import sys
import urllib.parse

from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "chaos"))
from hub import Hub
from proxy import Proxy

# Every operation that Deskbell uses; GetMqConsumerTag is none of them.
EXPECTED = {"CreateTicket", "ListTickets", "GetTicket", "ListTicketNotes", "ReplyTicket", "ReopenTicket", "CloseTicket",
            "EvaluateTicket", "ListProducts", "ListCategories", "GetAttachmentUploadUrl"}


def official(request, key, secret):
    """The Authorization header as the official SDK computes it for these bytes."""
    sent = request.header("authorization")
    names = sent.split("SignedHeaders=")[1].split(",")[0].split(";")
    made = DaraRequest()
    made.method = request.method
    made.pathname, _, query = request.target.partition("?")
    made.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
    made.headers = {name: request.header(name) for name in names}
    payload = hashlib.sha256(request.body).hexdigest()
    return Utils.get_authorization(made, "ACS3-HMAC-SHA256", payload, key, secret)


def our_client_signs_as_the_official_one(serve_hub, work, deskctl):
    data = work / "signed"
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("DESKBELL", "XDG_"))}
    environment |= {"DESKBELL_DATA_DIR": str(data), "DESKBELL_PASSPHRASE": secrets.token_hex(16), "LC_ALL": "C.UTF-8",
                    "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"}

    def desk(*arguments, stdin=""):
        run = subprocess.run([deskctl, "--json", *map(str, arguments)], input=stdin, env=environment, capture_output=True, text=True,
                             timeout=300)
        assert run.returncode == 0, f"{arguments}: {run.stderr}"
        rows = [json.loads(line) for line in run.stdout.splitlines()]
        return rows[0] if len(rows) == 1 else rows

    with Hub(serve_hub, work / "signed.db") as hub:
        proxy = Proxy(urllib.parse.urlsplit(hub.workorder_url).port, 1)
        proxy.record = []
        desk("account", "add", "--kind", "aliyun", "--name", "W", "--endpoint", f"http://{proxy.host}", "--user", hub.key,
             "--requests-per-minute", 60_000, stdin=hub.secret + "\n")
        desk("sync")
        category = desk("account", "catalogue", "W")["categories"][0]["id"]
        path = work / "图 1 &+.txt"
        path.write_text("附件 ~ * '()!")
        ticket = desk("ticket", "new", "--account", "W", "--subject", "签名 a+b=c&d %20 ~*'()", "--category", category, "--attach", path,
                      "描述 with spaces\nand \"quotes\" é 😀")["ticket"]
        for _ in range(2):
            desk("sync")
        desk("ticket", "reply", ticket, "好的 100% ~ * + = & ; / ?", "--attach", path)
        desk("sync")
        for step in (["close", ticket], ["evaluate", ticket, "--score", "5", "--comment", "很满意 :)"], ["reopen", ticket, "又坏了 +1"]):
            desk("ticket", *step)
            desk("sync")
        outbox = desk("outbox", "list")
        assert all(row["state"] == "sent" for row in outbox), outbox
        requests = [request for request in proxy.record if request.header("authorization").startswith("ACS3")]
        for request in requests:
            ours, theirs = request.header("authorization"), official(request, hub.key, hub.secret)
            assert ours == theirs, f"{request.header('x-acs-action')}: sent {ours}, the official signer says {theirs}"
        actions = {request.header("x-acs-action") for request in requests}
        assert actions >= EXPECTED, f"never sent: {EXPECTED - actions}"
        assert len({request.header("x-acs-signature-nonce") for request in requests}) == len(requests), "a nonce was used twice"
        return f"{len(requests)} requests of {len(actions)} operations, each signature equal byte for byte"
