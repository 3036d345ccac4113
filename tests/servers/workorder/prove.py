#!/usr/bin/env python3
"""The hub's Workorder endpoint, driven from outside by the official Python SDK through all twelve operations; and the
requests that Deskbell's own client sends, signed again by the official signer.

usage: prove.py SERVE_HUB WORK_DIR [DESKCTL]
Ends with "N passed, M failed".
"""
import json
import os
import pathlib
import secrets
import subprocess
import sys
import time
import traceback
import urllib.parse

import requests
from alibabacloud_workorder20210610 import models

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from hub import Hub
from sdk import call, client

TWELVE = {"CreateTicket", "ListTickets", "GetTicket", "ListTicketNotes", "ReplyTicket", "ReopenTicket", "CloseTicket",
          "EvaluateTicket", "ListProducts", "ListCategories", "GetAttachmentUploadUrl", "GetMqConsumerTag"}
FILE_BYTES_MAX = 50 * 1024 * 1024
CATEGORY = "71601"
# Life of an address that is meant to expire: longer than a busy machine takes for one request.
URL_SECONDS = 8
called = set()


class Desk:
    def __init__(self, hub):
        self.hub = hub
        self.sdk = client(hub.workorder_host, hub.key, hub.secret)

    def do(self, operation, made=None, **fields):
        name = "".join(part.capitalize() for part in operation.split("_"))
        called.add(name)
        kind = getattr(models, name + "Request", None)
        answer = call(made or self.sdk, operation, kind(**fields) if kind else None)
        assert answer["RequestId"], answer
        return answer

    def ok(self, operation, **fields):
        answer = self.do(operation, **fields)
        assert answer["Success"] is True, answer
        return answer.get("Data")

    def refused(self, code, operation, made=None, **fields):
        try:
            answer = self.do(operation, made, **fields)
        except Exception as error:  # noqa: BLE001: the SDK has several kinds
            assert getattr(error, "code", None) == code, f"{operation}: {getattr(error, 'code', error)!r}, not {code}"
            return error
        raise AssertionError(f"{operation} was answered {answer}, not refused with {code}")

    def declined(self, operation, **fields):
        """HTTP 200 with Success false, which the SDK does not raise."""
        answer = self.do(operation, **fields)
        assert answer["Success"] is False and answer["Message"], answer

    def create(self, description="ecs无法启动 & 100% ~*", **fields):
        return self.ok("create_ticket", category_id=CATEGORY, severity=1, description=description, **fields)

    def upload(self, name, content):
        target = self.ok("get_attachment_upload_url", file_name=name)
        put = requests.put(target["PutSignedUrl"], data=content, headers={"Content-Type": "application/octet-stream"}, timeout=60)
        assert put.status_code == 200, put.text
        return target

    def notes(self, ticket):
        return self.ok("list_ticket_notes", ticket_id=ticket)

    def hub_tickets(self):
        return self.hub.every_ticket()


def the_whole_life_of_a_ticket(desk):
    ticket = desk.create(title="ecs续费失败啥原因", email="a@b.example")
    assert len(ticket) == 9, ticket
    seen = desk.ok("get_ticket", ticket_id=ticket)
    assert (seen["Title"], seen["Description"]) == ("ecs续费失败啥原因", "ecs无法启动 & 100% ~*"), seen
    assert (seen["CategoryId"], seen["Status"], seen["Severity"]["Value"]) == (CATEGORY, {"Label": "待响应", "Value": "1"}, "1")
    assert abs(seen["CreateTime"] - time.time() * 1000) < 60_000
    desk.hub.reply(ticket, "请提供实例 ID")
    assert desk.ok("get_ticket", ticket_id=ticket)["Status"]["Value"] == "2"
    desk.hub.set_status(ticket, "waiting_customer")
    assert desk.ok("get_ticket", ticket_id=ticket)["Status"] == {"Label": "待反馈", "Value": "3"}
    dialog = desk.ok("reply_ticket", ticket_id=ticket, content="好的, 我这边 a+b=c 已经\n续费成功", encrypt=False)
    assert isinstance(dialog, str) and desk.ok("get_ticket", ticket_id=ticket)["Status"]["Value"] == "4"
    notes = desk.notes(ticket)
    assert [(n["User"]["Role"], n["Dialog"]["Content"]) for n in notes] == [
        (3, "ecs无法启动 & 100% ~*"), (2, "请提供实例 ID"), (3, "好的, 我这边 a+b=c 已经\n续费成功")], notes
    assert notes[2]["DialogId"] == int(dialog) and all(n["Type"] == 2 and n["Attachments"] == [] for n in notes)
    desk.declined("evaluate_ticket", ticket_id=ticket, solved=True, score="5")
    desk.declined("reopen_ticket", ticket_id=ticket, content="x")
    assert desk.ok("close_ticket", ticket_id=ticket) is None
    assert desk.ok("get_ticket", ticket_id=ticket)["Status"] == {"Label": "已完成", "Value": "6"}
    desk.declined("close_ticket", ticket_id=ticket)
    desk.declined("reply_ticket", ticket_id=ticket, content="x", encrypt=False)
    desk.ok("evaluate_ticket", ticket_id=ticket, solved=True, score="5", content="很满意")
    assert desk.hub.ticket(ticket)["evaluation"] | {"at": 0} == {"solved": True, "score": 5, "comment": "很满意", "at": 0}
    desk.ok("evaluate_ticket", ticket_id=ticket, solved=False, score="2", content="")
    assert desk.hub.ticket(ticket)["evaluation"]["score"] == 2
    assert desk.ok("reopen_ticket", ticket_id=ticket, content="又坏了") == ticket
    assert desk.ok("get_ticket", ticket_id=ticket)["Status"]["Value"] == "4" and desk.notes(ticket)[-1]["Dialog"]["Content"] == "又坏了"


def files_there_and_back(desk):
    picture, log = secrets.token_bytes(300_000), "日志\n".encode() * 5_000
    first, second = desk.upload("图 1.png", picture), desk.upload("a,b.log", log)
    assert first["ObjectKey"].endswith(".png") and requests.get(first["GetSignedUrl"], timeout=60).content == picture
    ticket = desk.create(file_name_list=[first["ObjectKey"]])
    desk.ok("reply_ticket", ticket_id=ticket, content="见附件", encrypt=False, file_name_list=[second["ObjectKey"], first["ObjectKey"]])
    notes = desk.notes(ticket)
    assert [[a["Name"] for a in n["Attachments"]] for n in notes] == [["图 1.png"], ["a,b.log", "图 1.png"]], notes
    for note, place, content in [(0, 0, picture), (1, 0, log), (1, 1, picture)]:
        got = requests.get(notes[note]["Attachments"][place]["Url"], timeout=60)
        assert got.status_code == 200 and got.content == content
    empty = desk.upload("empty.txt", b"")
    assert requests.get(empty["GetSignedUrl"], timeout=60).content == b""


def files_that_are_refused(desk):
    target = desk.ok("get_attachment_upload_url", file_name="a.bin")
    put = target["PutSignedUrl"]
    typed = {"Content-Type": "application/octet-stream"}
    assert requests.put(put, data=b"x", headers={"Content-Type": "text/plain"}, timeout=60).status_code == 403
    assert b"SignatureDoesNotMatch" in requests.put(put[:-1] + ("0" if put[-1] != "0" else "1"), data=b"x", headers=typed, timeout=60).content
    desk.refused("param.illegal", "create_ticket", category_id=CATEGORY, severity=1, description="d", file_name_list=[target["ObjectKey"]])
    desk.refused("param.illegal", "get_attachment_upload_url", file_name="../etc/passwd")
    large = requests.put(put, data=bytes(FILE_BYTES_MAX + 1), headers=typed, timeout=120)
    assert large.status_code == 400 and b"EntityTooLarge" in large.content
    fits = requests.put(put, data=bytes(FILE_BYTES_MAX), headers=typed, timeout=300)
    assert fits.status_code == 200, fits.text


def pages_and_filters(desk):
    first = desk.do("list_tickets", page_number=1, page_size=100)
    total = first["TotalCount"]
    assert total >= 400 and first["PageNumber"] == 1 and first["PageSize"] == 100 and len(first["Data"]) == 100
    seen = []
    for page in range(1, total // 100 + 2):
        seen += [row["TicketId"] for row in desk.ok("list_tickets", page_number=page, page_size=100)]
    assert len(seen) == len(set(seen)) == total and {desk.hub.remote_id(row["id"]) for row in desk.hub_tickets()} == set(seen)
    assert desk.ok("list_tickets", page_number=total, page_size=100) == []
    count = lambda **fields: desk.do("list_tickets", page_number=1, page_size=100, **fields)["TotalCount"]  # noqa: E731
    names = ["assigned", "dealing", "wait_feedback", "feedback", "wait_confirm", "confirmed"]
    by_name = [count(status_list=[name]) for name in names]
    assert sum(by_name) == total and by_name == [count(status_list=[str(number)]) for number in range(1, 7)], by_name
    assert count(status_list=["wait-feedback", "confirmed"]) == by_name[2] + by_name[5]
    assert count(ticket_id=seen[3]) == 1 and count(ticket_id_list=seen[5:8]) == 3 and count(ticket_id="NOSUCHONE") == 0
    middle = desk.ok("get_ticket", ticket_id=seen[200])["CreateTime"]
    assert count(start_date=middle) + count(end_date=middle - 1) == total
    assert 0 < count(keyword="ecs") < total
    for page_number, page_size in [(0, 10), (1, 9), (1, 101)]:
        desk.refused("param.illegal", "list_tickets", page_number=page_number, page_size=page_size)
    desk.refused("param.illegal", "list_tickets", page_number=1, page_size=10, status_list=["soon"])
    desk.refused("param.illegal", "list_tickets", page_number=1, page_size=10, status_list=["1"] * 12)


def the_catalogue(desk):
    directories = desk.ok("list_products")
    products = [row for directory in directories for row in directory["ProductList"]]
    assert len(products) > 20 and all(isinstance(row["ProductId"], int) for row in products)
    ecs = next(row for row in products if row["ProductName"] == "ECS")
    categories = desk.ok("list_categories", product_id=ecs["ProductId"])
    assert all(isinstance(row["CategoryId"], int) for row in categories) and categories[0]["CategoryName"] == "故障"
    assert desk.ok("list_categories", product_id=ecs["ProductId"], language="en")[0]["CategoryName"] == "Fault"
    assert [row["ProductName"] for directory in desk.ok("list_products", name="redis", language="en") for row in directory["ProductList"]] == ["Redis"]
    assert desk.ok("list_categories", product_id=1) == []
    desk.refused("param.illegal", "list_products", language="de")
    assert desk.ok("get_mq_consumer_tag")
    ticket = desk.ok("create_ticket", category_id=str(categories[1]["CategoryId"]), severity=2, description="第一行\n第二行")
    seen = desk.ok("get_ticket", ticket_id=ticket)
    assert (seen["Title"], seen["Severity"]["Value"]) == ("第一行", "2") and desk.hub.ticket(ticket)["priority"] == "urgent"


def what_is_illegal(desk):
    ticket = desk.create()
    desk.refused("param.illegal", "get_ticket", ticket_id="0005PYGCW")
    desk.refused("illegal.auth", "get_ticket", ticket_id=ticket, uid="1902070573958003")
    desk.refused("param.illegal", "create_ticket", category_id="1", severity=1, description="d")
    desk.refused("param.illegal", "create_ticket", category_id=CATEGORY, severity=3, description="d")
    desk.refused("MissingDescription", "create_ticket", category_id=CATEGORY, severity=1)
    desk.refused("MissingContent", "reply_ticket", ticket_id=ticket, encrypt=False)
    desk.refused("MissingTicketId", "list_ticket_notes")
    desk.refused("param.illegal", "evaluate_ticket", ticket_id=ticket, solved=True, score="6")
    assert len(desk.notes(ticket)) == 1


def secrets_stay_with_the_agents(desk):
    info = models.CreateTicketRequestSecretInfo(content="root / pass123")
    ticket = desk.create(secret_info=info)
    assert "pass123" not in json.dumps(desk.notes(ticket)) and any("pass123" in note["body"] for note in desk.hub.notes(ticket))


def keys_and_tokens(desk):
    hub = desk.hub
    temporary = client(hub.workorder_host, hub.sts_key, hub.sts_secret, hub.sts_token)
    assert desk.do("list_products", made=temporary)["Success"] is True
    for key, secret, token, code in [
        (hub.key, "wrong", None, "SignatureDoesNotMatch"), ("nobody", "x", None, "InvalidAccessKeyId.NotFound"),
        (hub.sts_key, hub.sts_secret, "other", "InvalidSecurityToken.Malformed"),
        (hub.sts_key, hub.sts_secret, None, "InvalidAccessKeyId.NotFound"),
        (hub.key, hub.secret, "any", "InvalidSecurityToken.MismatchWithAccessKey"),
    ]:
        desk.refused(code, "list_products", made=client(hub.workorder_host, key, secret, token))


def throttled_and_failing(desk):
    hub = desk.hub
    hub.order("POST /ListProducts rate_limited 1500")
    error = desk.refused("Throttling.User", "list_products")
    assert error.status_code == 400 and error.retry_after == 1500, (error.status_code, getattr(error, "retry_after", None))
    hub.order("POST /ListProducts unavailable 1")
    desk.refused("ServiceUnavailable", "list_products")
    before = desk.do("list_tickets", page_number=1, page_size=10)["TotalCount"]
    hub.order("POST /CreateTicket duplicated")
    desk.refused("SignatureNonceUsed", "create_ticket", category_id=CATEGORY, severity=1, description="delivered twice")
    hub.order("POST /CreateTicket fails_after_commit")
    desk.refused("InternalError", "create_ticket", category_id=CATEGORY, severity=1, description="failed after commit")
    hub.order("POST /CreateTicket answer_lost")
    try:
        desk.create("answer lost")
        raise AssertionError("an answer came")
    except requests.RequestException:
        pass
    except Exception as error:  # noqa: BLE001
        assert not isinstance(error, AssertionError), error
    assert desk.do("list_tickets", page_number=1, page_size=10)["TotalCount"] == before + 3, "each of the three landed once"


def all_twelve_were_called(_desk):
    assert called == TWELVE, TWELVE ^ called


def addresses_expire(serve_hub, work):
    with Hub(serve_hub, work / "expiring.db", url_seconds=URL_SECONDS) as hub:
        desk = Desk(hub)
        target = desk.upload("a.txt", b"soon gone")
        ticket = desk.create(file_name_list=[target["ObjectKey"]])
        url = desk.notes(ticket)[0]["Attachments"][0]["Url"]
        time.sleep(URL_SECONDS + 1.1)
        late = requests.put(target["PutSignedUrl"], data=b"x", headers={"Content-Type": "application/octet-stream"}, timeout=60)
        for answer in (requests.get(url, timeout=60), requests.get(target["GetSignedUrl"], timeout=60), late):
            assert answer.status_code == 403 and b"Request has expired" in answer.content, answer.content
        # A new look gives a new address.
        fresh = desk.notes(ticket)[0]["Attachments"][0]["Url"]
        assert fresh != url and requests.get(fresh, timeout=60).content == b"soon gone"


def main():
    serve_hub, work = sys.argv[1], pathlib.Path(sys.argv[2])
    deskctl = sys.argv[3] if len(sys.argv) > 3 else None
    passed, failed = 0, []
    print("Workorder: the official SDK against the hub's endpoint", flush=True)

    def run(name, proof, *arguments):
        nonlocal passed
        try:
            words = proof(*arguments)
            passed += 1
            print(f"  ok {name.replace('_', ' ')}{': ' + words if words else ''}", flush=True)
        except Exception:  # noqa: BLE001: whatever went wrong, the others still run
            failed.append(name)
            print(f"  FAILED {name.replace('_', ' ')}\n{traceback.format_exc()}", flush=True)

    with Hub(serve_hub, work / "workorder.db") as hub:
        desk = Desk(hub)
        for proof in (pages_and_filters, the_whole_life_of_a_ticket, files_there_and_back, files_that_are_refused, the_catalogue,
                      what_is_illegal, secrets_stay_with_the_agents, keys_and_tokens, throttled_and_failing, all_twelve_were_called):
            run(proof.__name__, proof, desk)
    run("addresses_expire", addresses_expire, serve_hub, work)
    if deskctl:
        from signed import our_client_signs_as_the_official_one
        run("our_client_signs_as_the_official_one", our_client_signs_as_the_official_one, serve_hub, work, deskctl)
    print(f"{passed} passed, {len(failed)} failed", flush=True)
    sys.exit(1 if failed else 0)


main()
