-- Version 4. Rules with dates, who stopped a clock, quiet hours, robots. Frozen once released.

-- Of the policy that the clock is counted by.
ALTER TABLE clock ADD COLUMN policy_id TEXT NOT NULL DEFAULT '';
-- 1: stopped without being met or missed; no figure counts it.
ALTER TABLE clock ADD COLUMN cancelled INTEGER NOT NULL DEFAULT 0;
-- The instants behind it are known to within this many milliseconds.
ALTER TABLE clock ADD COLUMN uncertainty_ms INTEGER NOT NULL DEFAULT 0;
-- Figures of a span are read from the index alone, and paused clocks are found without the others.
DROP INDEX clock_stopped;
CREATE INDEX clock_measured ON clock (stopped_at, started_at, deadline_at, cancelled) WHERE stopped_at IS NOT NULL;
CREATE INDEX clock_paused ON clock (ticket_id) WHERE stopped_at IS NULL AND paused_since IS NOT NULL;
-- Edits of which the server kept a part only.
CREATE INDEX operation_left_out ON operation (ticket_id, id) WHERE state = 'sent' AND detail <> '';

-- From a ticket to those that became part of it: its clocks start with the earliest of them.
CREATE INDEX ticket_merged ON ticket (account_id, merged_into) WHERE fate = 'merged';

CREATE TABLE rule_set (
    -- Policies and calendars, one row a version.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Clocks that start at or after it are counted by this set; 0 for since ever.
    valid_from INTEGER NOT NULL,
    -- RuleSet as JSON.
    payload TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    UNIQUE (valid_from)
) STRICT;

-- NULL: not held back. Otherwise quiet hours or do-not-disturb keep it in the app until then.
ALTER TABLE alert ADD COLUMN held_until INTEGER;
-- 1: a rule keeps it from ringing; it stands in the list only.
ALTER TABLE alert ADD COLUMN silent INTEGER NOT NULL DEFAULT 0;
-- When it has to go to the robots unless somebody acknowledges it first; NULL: never, or gone already.
ALTER TABLE alert ADD COLUMN escalate_at INTEGER;
-- When what it says stopped being so (answered, finished, deadline moved); NULL: it stands.
ALTER TABLE alert ADD COLUMN ended_at INTEGER;
-- 1: its notification is owed; 2: handed to the notification service, whose answer is not known; 0: neither.
ALTER TABLE alert ADD COLUMN notice INTEGER NOT NULL DEFAULT 0;
-- 0: the rule of a view lets it ring without sound.
ALTER TABLE alert ADD COLUMN sound INTEGER NOT NULL DEFAULT 1;
UPDATE alert SET notice = 1 WHERE shown_at IS NULL AND state = 'to_show';
CREATE INDEX alert_notice ON alert (notice, id) WHERE notice > 0;
CREATE INDEX alert_open ON alert (id) WHERE state = 'to_show' AND acknowledged_at IS NULL AND ended_at IS NULL;
CREATE INDEX alert_held ON alert (held_until) WHERE held_until IS NOT NULL;
CREATE INDEX alert_escalating ON alert (escalate_at) WHERE escalate_at IS NOT NULL;
CREATE INDEX alert_by_ticket ON alert (ticket_id, id);

CREATE TABLE robot (
    -- A group chat's webhook. Its address and signing secret are kept with the other secrets.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- dingtalk, wecom, feishu.
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Host and the last characters of the address, for people.
    address_hint TEXT NOT NULL,
    signed INTEGER NOT NULL DEFAULT 0,
    enabled INTEGER NOT NULL DEFAULT 1,
    -- RobotRule list as JSON.
    rules TEXT NOT NULL DEFAULT '[]',
    created_at INTEGER NOT NULL,
    -- Nothing goes out before: the platform's penalty, or a keyring that is locked. 0: free.
    hold_until INTEGER NOT NULL DEFAULT 0,
    -- Code of what holds it, or empty.
    code TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE robot_delivery (
    -- Messages on their way to a robot, and those that went: the delivery log.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    robot_id INTEGER NOT NULL,
    -- alert, escalation, test.
    kind TEXT NOT NULL,
    -- JSON array of alert ids; empty for a test.
    alert_ids TEXT NOT NULL DEFAULT '[]',
    -- JSON array of text: whom it names.
    mention TEXT NOT NULL DEFAULT '[]',
    -- As it went out last; before that, as it was queued.
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- queued, sending, sent, failed, unknown, merged (its content went with another), withdrawn (no longer true).
    state TEXT NOT NULL DEFAULT 'queued',
    -- Counted and committed before the attempt is made.
    attempts INTEGER NOT NULL DEFAULT 0,
    -- Attempts of which nobody knows whether they arrived.
    doubts INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL,
    code TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    -- Row that took its content along; 0: none.
    merged_into INTEGER NOT NULL DEFAULT 0,
    -- 0: not sent.
    sent_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX robot_delivery_waiting ON robot_delivery (robot_id, not_before) WHERE state IN ('queued', 'sending');
CREATE INDEX robot_delivery_log ON robot_delivery (robot_id, id);

CREATE TABLE robot_told (
    -- What a robot was told or is about to be: an alert that rings again after a snooze or a restart is not told again.
    robot_id INTEGER NOT NULL,
    alert_id INTEGER NOT NULL,
    -- alert, escalation.
    kind TEXT NOT NULL,
    PRIMARY KEY (robot_id, alert_id, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE robot_attempt (
    -- When messages began, for the platforms' limits; of the last minutes only.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    robot_id INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX robot_attempt_at ON robot_attempt (robot_id, at);
