#!/usr/bin/env python3
"""Fills an idle RT 5 database (SQLite) with tickets by plain SQL: RT itself makes ten a second.

usage: seed.py DB TICKETS [SEED]     after initial_data.pl; the same arguments give the same tickets
"""
import datetime
import random
import sqlite3
import sys

UNSET = "1970-01-01 00:00:00"
FORMAT = "%Y-%m-%d %H:%M:%S"
CUSTOMERS = 200
# One ticket in so many is in a queue that agents do not see, and is not counted.
HIDDEN_EVERY = 25

SURNAMES = "王李张刘陈杨赵黄周吴"
GIVEN = ["伟", "芳", "娜", "敏", "静", "磊", "洋", "艳", "勇", "杰"]
COMPANIES = ["华东支付", "海川物流", "Northwind", "星河游戏", "Café Lumière", "青禾教育", "Dvořák & syn", "云图数据"]
SUBJECTS = [
    "ECS 实例宕机，业务中断", "续费失败，控制台提示余额不足", "RDS 主备切换后连接数暴涨", "CDN 缓存不刷新", "OSS 上传返回 403",
    "域名备案进度咨询", "SLB 后端 502 间歇出现", "发票抬头修改", "VPN tunnel drops every night", "Invoice shows the wrong tax id",
    "Disk latency on the order database", "Cannot renew the wildcard certificate", "Login loop after password reset",
    "Kubernetes nodes NotReady after upgrade", "Не открывается панель управления", "Sauvegarde très lente depuis lundi",
]
OPENINGS = [
    "您好，从今天上午开始实例宕机，控制台显示运行中但是 SSH 无法连接。\n请尽快处理，业务已经中断。\n",
    "续费时一直报错 InvalidAccountStatus.NotEnoughBalance，账户余额充足，请核实。\n",
    "Hello,\n\nsince this morning about 3 % of the requests fail with 502 Bad Gateway.\nRequest ids are below.\n\n7F3C-22 / 7F3C-29\n",
    "Добрый день! Панель управления не загружается, ошибка 500.\n",
    "Bonjour,\nla sauvegarde de la base prend désormais six heures au lieu d’une.\n",
]
REPLIES = [
    "已收到，正在排查宿主机，预计 30 分钟内给出结论。\n", "宿主机内存故障，已热迁移，请确认业务是否恢复。\n", "确认恢复，谢谢！\n",
    "续费订单已重新推送，请刷新页面后重试 🙏\n", "We see resets between the balancer and the backend. Could you send the access log?\n",
    "Attached. It started at 08:40.\n", "The fix is rolled out; please check again.\n", "还是不行，报错截图见附件。\n",
]
COMMENTS = [
    "内部：同一机架还有 3 台受影响，已开变更单。\n", "internal: same fault as last week, see the post-mortem\n", "客户为 VIP，升级给值班经理。\n",
]
HTML = "<div><p>最新进展：<b>已恢复</b></p><p>Latency is back to 4&nbsp;ms &lt; 10&nbsp;ms.</p></div>\n"


def main():
    database, wanted = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    pick = random.Random(seed)
    db = sqlite3.connect(database)
    db.execute("PRAGMA synchronous=OFF")
    db.execute("BEGIN IMMEDIATE")

    def one(sql, *values):
        return db.execute(sql, values).fetchone()[0]

    last = {t: one(f"SELECT coalesce(max(id), 0) FROM {t}") for t in
            ("Principals", "Groups", "Users", "GroupMembers", "CachedGroupMembers", "Tickets", "Transactions", "Attachments")}
    last["Principals"] = max(last["Principals"], last["Groups"], last["Users"])
    rows = {t: [] for t in last}

    def new(table):
        last[table] += 1
        return last[table]

    people = {n: one("SELECT id FROM Users WHERE Name = ?", n) for n in ("alice", "bob", "carol", "Nobody")}
    queues = {n: one("SELECT id FROM Queues WHERE Name = ?", n) for n in ("Support", "VIP", "Internal")}
    everyone = [one("SELECT id FROM Groups WHERE Domain = 'SystemInternal' AND Name = ?", n) for n in ("Everyone", "Unprivileged")]
    start = datetime.datetime(2026, 1, 5, 8, 0, 0)
    began = start.strftime(FORMAT)

    def member(group, who):
        rows["GroupMembers"].append((new("GroupMembers"), group, who, 1, began, 1, began))
        via = new("CachedGroupMembers")
        rows["CachedGroupMembers"].append((via, group, who, via, group, 0))

    def group(name, description, domain, instance, creator, at):
        number = new("Principals")
        rows["Principals"].append((number, "Group", 0))
        rows["Groups"].append((number, name, description, domain, instance, creator, at, creator, at))
        via = new("CachedGroupMembers")
        rows["CachedGroupMembers"].append((via, number, number, via, number, 0))
        return number

    customers = []
    for index in range(CUSTOMERS):
        name = f"customer{index}@example.com"
        found = db.execute("SELECT id FROM Users WHERE Name = ?", (name,)).fetchone()
        if found:
            customers.append(found[0])
            continue
        number = new("Principals")
        rows["Principals"].append((number, "User", 0))
        real = f"{SURNAMES[index % 10]}{GIVEN[index // 10 % 10]}（{COMPANIES[index % 8]}）"
        rows["Users"].append((number, name, name, real, "*NO-PASSWORD*", people["alice"], began, people["alice"], began))
        customers.append(number)
        equivalence = group("UserEquiv", f"ACL equiv. for user {number}", "ACLEquivalence", number, 1, began)
        for parent in [equivalence, *everyone]:
            member(parent, number)

    made = 0
    while made < wanted:
        hidden = (made + 1) % HIDDEN_EVERY == 0 and pick.random() < 0.8
        ticket = new("Tickets")
        created = start + datetime.timedelta(seconds=int(made * 86400 * 200 / wanted))
        at = created
        at_text = created.strftime(FORMAT)
        owner = people[pick.choice(["alice", "bob", "carol", "Nobody"])]
        customer = pick.choice(customers)
        queue = "Internal" if hidden else "VIP" if made % 5 == 0 else "Support"
        subject = f"{pick.choice(SUBJECTS)} #{ticket}"
        status = pick.choice(["new"] * 3 + ["open"] * 5 + ["stalled", "resolved", "resolved", "rejected"])

        def write(kind, who, when, field=None, old=None, value=None, parts=()):
            transaction = new("Transactions")
            rows["Transactions"].append((transaction, "RT::Ticket", ticket, 0, kind, field, old, value, None, who, when))
            for mime, name, content in parts:
                rows["Attachments"].append((new("Attachments"), transaction, 0, "", subject, mime, name, "none", content,
                                            f'Content-Type: {mime}; charset="utf-8"\n', who, when))

        write("Create", customer, at_text, parts=[("text/plain", None, pick.choice(OPENINGS))])
        for _ in range(pick.randint(0, 6)):
            at += datetime.timedelta(seconds=pick.randint(300, 90_000))
            when = at.strftime(FORMAT)
            kind = pick.choice(["Correspond", "Correspond", "Comment"])
            text = pick.choice(COMMENTS if kind == "Comment" else REPLIES)
            who = people[pick.choice(["alice", "bob"])] if kind == "Comment" else pick.choice([customer, people["alice"], people["bob"]])
            parts = [("text/html", None, HTML)] if pick.random() < 0.03 else [("text/plain", None, text)]
            if pick.random() < 0.03:
                parts.append(("text/plain", f"access-{ticket}.log", "10.0.0.1 GET / 502\n" * 20))
            write(kind, who, when, parts=parts)
        priority = pick.choice([0, 0, 0, 50, 50, 100, pick.randint(0, 100)])
        if pick.random() < 0.1:
            at += datetime.timedelta(seconds=30)
            write("Set", people["bob"], at.strftime(FORMAT), "Priority", "0", str(priority))
        if status != "new":
            at += datetime.timedelta(seconds=60)
            write("Status", people["bob"], at.strftime(FORMAT), "Status", "new", status)
        updated = at.strftime(FORMAT)
        ended = updated if status in ("resolved", "rejected") else UNSET
        due = (created + datetime.timedelta(hours=8)).strftime(FORMAT)
        rows["Tickets"].append((ticket, ticket, queues[queue], "ticket", owner, subject, 0, 0, priority, status,
                                "gold" if queue == "VIP" else "standard", at_text, UNSET if status == "new" else at_text, due, ended, UNSET,
                                people["bob"], updated, customer, at_text))
        for role, who in (("AdminCc", None), ("Cc", None), ("Owner", owner), ("Requestor", customer)):
            number = group(role, None, "RT::Ticket-Role", ticket, customer, at_text)
            if who:
                member(number, who)
        made += not hidden

    columns = {
        "Principals": "id,PrincipalType,Disabled",
        "Users": "id,Name,EmailAddress,RealName,Password,Creator,Created,LastUpdatedBy,LastUpdated",
        "Groups": "id,Name,Description,Domain,Instance,Creator,Created,LastUpdatedBy,LastUpdated",
        "GroupMembers": "id,GroupId,MemberId,Creator,Created,LastUpdatedBy,LastUpdated",
        "CachedGroupMembers": "id,GroupId,MemberId,Via,ImmediateParentId,Disabled",
        "Tickets": "id,EffectiveId,Queue,Type,Owner,Subject,InitialPriority,FinalPriority,Priority,Status,SLA,Starts,Started,Due,Resolved,"
                   "Told,LastUpdatedBy,LastUpdated,Creator,Created",
        "Transactions": "id,ObjectType,ObjectId,TimeTaken,Type,Field,OldValue,NewValue,Data,Creator,Created",
        "Attachments": "id,TransactionId,Parent,MessageId,Subject,ContentType,Filename,ContentEncoding,Content,Headers,Creator,Created",
    }
    for table, names in columns.items():
        marks = ",".join("?" * len(names.split(",")))
        db.executemany(f"INSERT INTO {table}({names}) VALUES({marks})", rows[table])
    db.commit()
    notes = sum(row[4] in ("Create", "Correspond", "Comment") for row in rows["Transactions"])
    print(f"seeded {made} visible of {len(rows['Tickets'])} tickets, {notes} notes, {len(rows['Transactions'])} transactions")


main()
