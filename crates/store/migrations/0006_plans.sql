-- Version 6. Ways to rows of tables that only grow. Frozen once released.

-- Where the desk's own words on a ticket are looked for, sent ones too: answers on tickets that carry visits.
CREATE INDEX operation_words ON operation (ticket_id, id) WHERE kind IN ('reply', 'create_ticket');

-- Names that several customers of one account have.
CREATE INDEX customer_by_name ON customer (account_id, name);

-- What was never there for anybody is most of the table.
CREATE INDEX reminder_told ON reminder (id) WHERE NOT (shown_at IS NULL AND ended_at IS NOT NULL);
CREATE INDEX reminder_notice ON reminder (notice) WHERE notice > 0;
CREATE INDEX reminder_snoozed ON reminder (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX reminder_held ON reminder (held_until) WHERE held_until IS NOT NULL;

-- The queue also has what is to be removed, of which `pushed` and `wanted` are both empty where the first try is still owed.
DROP INDEX calendar_item_waiting;
CREATE INDEX calendar_item_waiting ON calendar_item (not_before) WHERE pushed <> wanted OR wanted = '';
