# Deskbell message catalogue, English. Shared by the window (ui/), the shell and deskctl.
# Same keys as zh-CN.ftl; a test compares them.

app-name = Deskbell
app-name-full = Deskbell 服务铃

## Native notifications and tray

notify-title-first-response = First response due: { $subject }
notify-title-resolution = Resolution due: { $subject }
notify-title-first-response-breached = First response missed: { $subject }
notify-title-resolution-breached = Resolution missed: { $subject }
notify-title-next-response = Next response due: { $subject }
notify-title-next-response-breached = Next response missed: { $subject }
notify-title-first-resolution = First resolution due: { $subject }
notify-title-first-resolution-breached = First resolution missed: { $subject }
notify-title-visit = Visit on site due: { $subject }
notify-title-visit-breached = Visit on site missed: { $subject }
notify-body = { $customer } · { $left } left · { $remote_id }
notify-body-breached = { $customer } · overdue by { $over } · { $remote_id }
notify-body-as-of = { $customer } · { $left } left · as of { $time }
notify-digest-title = { $count ->
    [one] { $count } deadline needs you
   *[other] { $count } deadlines need you
}
notify-digest-body = Nearest: { $subject } · { $left }
notify-digest-body-breached = Oldest: { $subject } · overdue by { $over }
notify-body-breached-as-of = { $customer } · overdue by { $over } · as of { $time }
notify-as-of = as of { $time }
notify-held-title = { $count ->
    [one] { $count } deadline kept back while it was quiet
   *[other] { $count } deadlines kept back while it was quiet
}
alert-manager = service manager { $name }
alert-manager-away = service manager { $name } (away)
alert-acting-for = { $name }, for { $manager }
alert-deputy = deputy { $name }
notify-left-minutes = { $minutes } min
notify-left-hours = { $hours } h { $minutes } min
notify-left-seconds = { $seconds } s
notify-without-actions = Open Deskbell to acknowledge or snooze.
notify-test-title = The bell works
notify-test-body = Deadlines will ring like this.
action-open = Open
action-acknowledge = Acknowledge
action-snooze = Snooze 10 min
tray-open = Open Deskbell
tray-watch = Watch
tray-sync-now = Sync now
tray-work-offline = Work offline
tray-quit = Quit
tray-next = Next: { $subject } · { $left } left · { $time }
tray-next-none = No deadline ahead
tray-held = { $count ->
    [one] { $count } alert held back
   *[other] { $count } alerts held back
}
tray-dnd = Do not disturb
tray-dnd-until = Do not disturb: on until { $time }
tray-dnd-quiet-hours = Do not disturb (quiet hours now)
tray-dnd-hour = For 1 hour
tray-dnd-tomorrow = Until tomorrow 8:00
tray-dnd-morning = Until 8:00 this morning
tray-dnd-off = Off: ring again
notify-no-tray-title = Deskbell has quit
notify-no-tray-body = This desktop has no tray to stay in, so nothing rings until Deskbell is opened again.
tray-tooltip-quiet = Deskbell · nothing due soon
tray-tooltip-due = { $count ->
    [one] Deskbell · { $count } deadline soon
   *[other] Deskbell · { $count } deadlines soon
}
tray-tooltip-breached = { $count ->
    [one] Deskbell · { $count } deadline missed
   *[other] Deskbell · { $count } deadlines missed
}

## Robots in group chats

robot-title = { $count ->
        [one] Deskbell: { $count } deadline needs you
       *[other] Deskbell: { $count } deadlines need you
    }
robot-title-escalation = { $count ->
        [one] Deskbell: { $count } deadline that nobody has acknowledged
       *[other] Deskbell: { $count } deadlines that nobody has acknowledged
    }
robot-line-left = { $priority } · { $customer } · { $metric }: { $span } left, due { $time }
robot-line-left-nobody = { $priority } · { $metric }: { $span } left, due { $time }
robot-line-over = { $priority } · { $customer } · { $metric }: overdue by { $span }, was due { $time }
robot-line-over-nobody = { $priority } · { $metric }: overdue by { $span }, was due { $time }
robot-more = { $count ->
        [one] { $count } more is in Deskbell.
       *[other] { $count } more are in Deskbell.
    }
robot-repeated = Sent again: the first try may have arrived.
robot-test-title = Deskbell: test message
robot-test-body = The robot "{ $name }" works. Alerts will come like this.

## Errors: what happened, what was kept, what to do next

error-host-unreachable =
    .what = The server could not be reached.
    .kept = Everything already here stays readable, and what you wrote waits in the outbox.
    .next = Check the network or the address. Deskbell tries again by itself.
error-name-not-resolved =
    .what = No server is known under this name.
    .kept = Everything already here stays readable, and what you wrote waits in the outbox.
    .next = Check the spelling of the address, your VPN and your DNS.
error-certificate-invalid =
    .what = The server's certificate is not trusted.
    .kept = Nothing was sent, your password included.
    .next = Ask whoever runs the server for a valid certificate, or install your organisation's root certificate on this computer.
error-plain-http-refused =
    .what = The address is plain http, which would show your password to the network.
    .kept = Nothing was sent.
    .next = Use the https address. Plain http is accepted for this computer only.
error-endpoint-invalid =
    .what = This is not a usable address.
    .kept = What you typed is still in the form.
    .next = Enter the full address, such as https://support.example.com.
error-timed-out =
    .what = The server took too long to answer.
    .kept = Everything here is kept. A reply that may have left is read back before it is sent again.
    .next = Wait for the next attempt, or choose Sync now.
error-connection-lost =
    .what = The connection broke off.
    .kept = Everything here is kept. A reply that may have left is read back before it is sent again.
    .next = Nothing to do. Deskbell continues where it stopped.
error-credentials-wrong =
    .what = The server did not accept this user and password.
    .kept = Your tickets and unsent work are kept on this computer.
    .next = Enter the user and the password or token again.
error-forbidden =
    .what = The server does not allow this user to do that.
    .kept = Your text is kept.
    .next = Ask an administrator of the server for the right, then try again.
error-not-found =
    .what = The server no longer knows this.
    .kept = The copy on this computer is kept.
    .next = It may have been deleted or moved. Check the address of the account if everything is missing.
error-not-supported-server =
    .what = The server answered, but it is not the kind chosen here, or too old.
    .kept = What you typed is still in the form.
    .next = Choose the right kind, or check the address. Request Tracker must be version 5 with REST 2.
error-answer-not-json =
    .what = The server answered with a web page instead of data.
    .kept = Nothing here was changed.
    .next = Check the address. A proxy or a sign-in page may stand in between.
error-answer-truncated =
    .what = The server's answer broke off half way.
    .kept = What had arrived complete is kept, the rest is asked for again.
    .next = Nothing to do. If it keeps happening, tell whoever runs the server.
error-answer-unexpected =
    .what = The server's answer could not be understood.
    .kept = Nothing here was changed.
    .next = Try again later. If it keeps happening, the server may have been upgraded.
error-rate-limited =
    .what = The server asked for a pause between requests.
    .kept = Everything waits in order.
    .next = Nothing to do. Deskbell continues at the time the server named.
error-server-failed =
    .what = The server had an internal failure.
    .kept = Everything here is kept and waits.
    .next = Nothing to do. Deskbell tries again by itself.
error-refused =
    .what = The server refused this change.
    .kept = Your text is kept in the outbox.
    .next = Read the server's reason, then try again or discard it.
error-changed-meanwhile =
    .what = The ticket was changed on the server while your edit was waiting.
    .kept = Both values are kept: the server's is shown, yours is in the outbox.
    .next = Look at the ticket, then send your change again or discard it.
error-clock-wrong =
    .what = This computer's clock is too far from the server's, so its signed requests are refused.
    .kept = Synced tickets and everything waiting in the outbox are kept.
    .next = Set the system's date, time and time zone right; sending goes on by itself.
error-keyring-locked =
    .what = The keyring of this computer is locked.
    .kept = Your data is on the disk, encrypted.
    .next = Unlock the keyring and start Deskbell again.
error-keyring-missing =
    .what = This computer has no keyring.
    .kept = Nothing was written unencrypted.
    .next = Choose a passphrase for Deskbell's own vault.
error-vault-locked =
    .what = The vault is locked.
    .kept = Your data is on the disk, encrypted.
    .next = Enter your passphrase.
error-passphrase-wrong =
    .what = This passphrase does not open the vault.
    .kept = The vault is unchanged. You can try as often as you like.
    .next = Check Caps Lock and the input method, then try again.
error-data-directory-read-only =
    .what = The data directory cannot be written.
    .kept = What is in it is unchanged.
    .next = Make the directory writable for you, or start with another one (DESKBELL_DATA_DIR).
error-database-newer =
    .what = The data was written by a newer version of Deskbell.
    .kept = It was not touched.
    .next = Install the newer version, or start with another data directory.
error-database-corrupt =
    .what = The database file is damaged.
    .kept = The file was moved aside. Unsent replies and drafts are rescued from it as far as they can be read.
    .next = Start again. Tickets are fetched from the server anew.
error-database-key-wrong =
    .what = The key in the keyring does not open this database.
    .kept = The database is unchanged.
    .next = Restore the keyring entry, or start with another data directory.
error-database-busy =
    .what = The database is in use by another program.
    .kept = Nothing was changed.
    .next = Close the other Deskbell or deskctl, then try again.
error-backup-key-wrong =
    .what = The key does not open this backup, or the file is no backup of Deskbell.
    .kept = Nothing was changed.
    .next = Put the backup's .key file beside it and give its passphrase, or choose another file.
error-backup-unreadable =
    .what = This file is no backup of Deskbell, or it is damaged.
    .kept = Nothing was changed.
    .next = Choose another backup. A database that was kept aside can be put back in the same way.
error-disk-full =
    .what = The disk is full.
    .kept = Everything stored before is intact. The last step was not stored.
    .next = Free some space, then try again.
error-storage =
    .what = The data could not be read or written.
    .kept = Everything stored before is intact.
    .next = Try again. If it keeps happening, check the disk.
error-input-invalid =
    .what = Something in the form is missing or not valid.
    .kept = What you typed is still there.
    .next = Correct it and try again.
error-unknown-command =
    .what = This action is not known to the running version.
    .kept = Nothing was changed.
    .next = Restart Deskbell. If it keeps happening, install it again.
error-ticket-unknown =
    .what = This ticket is not on this computer.
    .kept = Nothing was changed.
    .next = Sync, then search for it again.
error-account-unknown =
    .what = This account is no longer connected.
    .kept = Nothing was changed.
    .next = Connect it again in Settings.
error-account-exists =
    .what = This account is already connected.
    .kept = The account is unchanged.
    .next = Use another user or address.
error-operation-unknown =
    .what = This edit is no longer in the outbox.
    .kept = Nothing was changed.
    .next = It may have been sent already: look at the ticket.
error-operation-not-discardable =
    .what = There are edits that may already have left for the server.
    .kept = They are kept in the outbox.
    .next = Wait until they are sent or refused, then try again.
error-operation-not-offered =
    .what = This server does not offer that for this ticket.
    .kept = Nothing was changed; what you typed is still here.
    .next = Do it on the server itself, or write it in a reply.
error-replies-since =
    .what = New replies came in after you wrote this one.
    .kept = Your reply is kept and was not sent.
    .next = Read what is new, then send it as it is or change it.
error-depends-on-rejected =
    .what = This waits for a ticket that the server refused to open.
    .kept = It is kept in the outbox and was not sent.
    .next = Correct the new ticket and send it again, or take both back.
error-file-too-large =
    .what = The file is larger than 50 MB.
    .kept = It was not attached; everything else is as it was.
    .next = Make it smaller, split it, or share a link to it.
error-file-unreadable =
    .what = The file could not be read.
    .kept = It was not attached; everything else is as it was.
    .next = Check that it still exists and that you may read it, then try again.
error-file-unwritable =
    .what = The file could not be written there.
    .kept = Deskbell still has it; nothing was overwritten.
    .next = Choose another folder, or free some space.
error-program-missing =
    .what = This computer has no program that opens the file.
    .kept = The file is still here.
    .next = Save it and open it elsewhere, or install a program for it.
error-file-missing =
    .what = The file is not on this computer and the server does not give it.
    .kept = The conversation is complete without it.
    .next = Try again online. If it was removed on the server, ask for it again.
error-rules-invalid =
    .what = The rules cannot be used: { $count ->
        [one] something is wrong at { $place }.
       *[other] { $count } things are wrong, the first at { $place }.
    }
    .kept = The rules in force stay as they were; what you typed stays in the editor.
    .next = Correct what is marked, then save again.
error-holidays-unreadable =
    .what = The holiday notice cannot be read.
    .kept = The calendar stays as it was.
    .next = Choose a file with “years”, or with “year” and “days” (name, date, isOffDay).
error-robot-unknown =
    .what = There is no such robot any more.
    .kept = Nothing was changed.
    .next = Look at the list of robots again.
error-robot-address-invalid =
    .what = This is not the address of a robot of this platform.
    .kept = What you entered is still in the form.
    .next = Copy the whole Webhook address from the robot's settings in the group.
error-robot-secret-missing =
    .what = The address of this robot is not among the secrets of this computer.
    .kept = The robot, its rules and its messages are kept; nothing is sent until then.
    .next = Edit the robot and enter its address and signing secret again.
error-robot-sign-mismatch =
    .what = The platform refused the signature.
    .kept = The message is kept in the delivery log.
    .next = Compare the signing secret with the one in the group's robot settings, and this computer's clock with the real time; then send it again.
error-robot-keyword-missing =
    .what = The group lets only messages with its keyword through, and this one has none.
    .kept = The message is kept in the delivery log.
    .next = Make "Deskbell" the keyword in the robot's security settings, or use a signature instead; then send it again.
error-robot-ip-refused =
    .what = The robot takes messages from certain network addresses only, and this computer's is not one of them.
    .kept = The message is kept in the delivery log.
    .next = Add this network's address in the robot's security settings, or use a signature instead; then send it again.
error-robot-gone =
    .what = The platform does not know this robot: it was removed, switched off, or its address changed.
    .kept = The message is kept in the delivery log.
    .next = Add the robot to the group again, enter its new address here, and send the message again.
error-robot-message-refused =
    .what = The platform refused the message.
    .kept = The message is kept in the delivery log.
    .next = Read the platform's answer below; check the people named in the rule, then send it again.
error-notification-bus-missing =
    .what = This session has no message bus, so no notification can be shown.
    .kept = Every alert is in the desk: in the bell's list and on the tray.
    .next = Start Deskbell from a desktop session (the variable DBUS_SESSION_BUS_ADDRESS says where the bus is).
error-notification-service-missing =
    .what = No program on this desktop shows notifications.
    .kept = Every alert is in the desk: in the bell's list and on the tray.
    .next = Start or install one, such as dunst, mako or the desktop's own. Deskbell notices it by itself.
error-notification-service-silent =
    .what = The program that shows notifications does not answer.
    .kept = Every alert is in the desk: in the bell's list and on the tray.
    .next = Restart it. Deskbell notices by itself.
error-internal =
    .what = Something went wrong inside Deskbell.
    .kept = Everything stored before is intact.
    .next = Try again. If it keeps happening, restart Deskbell.

## Words

priority-urgent = Urgent
priority-important = Important
priority-routine = Routine
status-new = New
status-open = Open
status-waiting-customer = Waiting for customer
status-waiting-vendor = Waiting for vendor
status-resolved = Resolved
status-closed = Closed
metric-first-response = First response
metric-resolution = Resolution
metric-next-response = Next response
metric-first-resolution = First resolution
metric-visit = Visit on site
metric-short-first-response = Response
metric-short-resolution = Resolve
metric-short-next-response = Reply
metric-short-first-resolution = 1st resolve
metric-short-visit = Visit
vip = VIP
value-none = none
cancel = Cancel
dismiss = Close
undo = Undo
undo-nothing = Nothing to undo.
undo-done = Undone.
undo-reply = Taken back. The text is in the reply box.
undo-create = Taken back. The ticket is in the new-ticket form.
undo-many = { $count ->
        [one] { $count } change undone.
       *[other] { $count } changes undone.
    }
undo-some = { $back } undone. { $left } had already left for the server.
undo-left = Too late to undo: it has already left for the server.
seconds-left = { $seconds } s
try-again = Try again
copied = Copied
language-zh = 简体中文
language-en = English
language-short-zh = 中
language-short-en = EN
language-switch = Switch between Chinese and English
provider-hub = Deskbell hub
provider-hub-text = The open support API of Deskbell
provider-rt = Request Tracker
provider-rt-text = Version 5, over REST 2
provider-aliyun = Alibaba Cloud Workorder
provider-aliyun-text = Workorder API 2021-06-10
theme-system = System
theme-light = Light
theme-dark = Dark

## Time

time-now = now
time-soon = in a moment
time-ago = { $length } ago
time-in = in { $length }
time-yesterday = Yesterday
time-yesterday-at = Yesterday { $time }
time-tomorrow-at = Tomorrow { $time }
length-business-days =
    { $days ->
        [one] { $days } business day
       *[other] { $days } business days
    }
length-seconds = { $seconds } s
length-minutes = { $minutes } min
length-hours = { $hours } h
length-hours-minutes = { $hours } h { $minutes } min
length-days = { $days } d
length-days-hours = { $days } d { $hours } h
countdown-hours = { $hours }:{ $minutes }h
countdown-days = { $days }d { $hours }h

## Rail, top bar, connectivity

nav-label = Screens
nav-watch = Watch
nav-tickets = Tickets
nav-outbox = Outbox
nav-settings = Settings
nav-accounts = Accounts
nav-watch-badge = { $count } breached
nav-outbox-badge = { $count ->
        [one] { $count } edit needs you
       *[other] { $count } edits need you
    }
account-state-idle = Up to date
account-state-syncing = Syncing
account-state-offline = Offline
account-state-paused = Paused
account-waiting-until = Waiting until { $time }
account-paused-text = Fetching is paused; what you write still goes out.
account-pause = Pause
account-resume = Resume
account-pause-label = Pause fetching: { $name }
account-resume-label = Resume fetching: { $name }
account-state-waiting = Waiting for the next attempt
account-state-failed = Not reached
account-tickets =
    { $count ->
        [one] { $count } ticket
       *[other] { $count } tickets
    }
accounts-none = No account is connected.
sync-panel-title = Connection
sync-chip-synced = Synced { $time }
sync-chip-never = Not synced yet
sync-chip-offline-never = Offline · not synced yet
sync-chip-waiting = As of { $time }
sync-chip-offline = Offline · as of { $time }
sync-chip-failed = Not reached · as of { $time }
sync-chip-syncing = Syncing { $done } of { $total }
sync-chip-syncing-open = Syncing · { $done } so far
sync-chip-waiting-count = { $count } waiting
sync-chip-paused = Paused · as of { $time }
sync-chip-yours = { $count ->
        [one] { $count } needs you
       *[other] { $count } need you
    }
sync-progress = { $done } of { $total } tickets · { $rate } a second
sync-progress-open = { $done } tickets so far · { $rate } a second
sync-first-pull = First sync
sync-asking = Asking what there is…
sync-left = { $left } left
sync-progress-of = Fetching { $name }
first-pull-hint = Newest first: you can start now.
first-pull-paused = { $count ->
        [one] { $count } ticket is here and can be used.
       *[other] { $count } tickets are here and can be used.
    }
sync-last = last at { $time } ({ $ago })
sync-retry-at = Tries again at { $time } ({ $in })
sync-now = Sync now
sync-work-offline = Work offline
sync-offline-calm = No network. You can read and answer everything here; replies leave when the network is back.

## Search

search-label = Search tickets or type a command
search-placeholder = Search tickets, customers, IDs, or type a command
search-results = Search results
search-found =
    { $count ->
        [one] { $count } ticket
       *[other] { $count } tickets
    }
search-found-about = More than { $total } tickets
search-commands = Commands
search-nothing = Nothing matches “{ $query }”. Try two characters of a Chinese word, or the start of an English one.

## Alerts

alerts-button = Alerts
alerts-button-unread =
    { $count ->
        [one] Alerts, { $count } new
       *[other] Alerts, { $count } new
    }
alerts-rung-many =
    { $count ->
        [one] { $count } alert rang. { $last }
       *[other] { $count } alerts rang. The last: { $last }
    }
alerts-rung-show = Show all
alerts-button-still = Alerts; the bell is quiet
alerts-title = Alerts
alerts-earlier = Earlier
alerts-empty = The bell has not rung
alerts-empty-hint = Deadlines that come near appear here and as a notification.
alerts-none-open = Nothing waits for you
alerts-none-open-hint = Every alert has been dealt with. The next one appears here and as a notification.
alerts-acknowledge-all = Acknowledge all
alerts-acknowledged =
    { $count ->
        [one] { $count } alert acknowledged.
       *[other] { $count } alerts acknowledged.
    }
alerts-settings = Settings of the bell
alerts-group-breached = Missed
alerts-group-coming = Coming near
alerts-group-held = Held back
alerts-more = The { $count } most pressing are shown. Watch shows every clock; “Acknowledge all” covers them all.
alerts-keys = ↑ ↓ choose · Enter opens · A acknowledges · S snoozes 10 min
alerts-notifier-back = Notifications are shown again, by { $server }.
alert-breach = { $metric }: the deadline { $deadline } was missed
alert-share = { $metric }: { $percent }% of the agreed time is used; due { $deadline }
alert-time-left = { $metric }: { $left } of working time left; due { $deadline }
alert-snoozed = Snoozed until { $time }
alert-snooze = Snooze
alert-snooze-label = Snooze: { $subject }
alert-snooze-for = { $length }
alert-snooze-deadline = Until the deadline, { $time }
alert-acknowledged = Acknowledged { $time }
alert-ended = No longer so since { $time }: answered, finished, or the deadline moved
alert-held = Held back until { $time }: the bell is quiet
alert-silent = Listed without ringing, by a rule
alert-escalates = Goes to the group chat at { $time } unless acknowledged
threshold-breach = Deadline missed
threshold-share = { $percent }% used
threshold-time-left = { $left } left
dnd = Do not disturb
dnd-on = Do not disturb until { $time }
dnd-left = { $left } left
dnd-held = { $count } held back
dnd-off = Ring again
dnd-quiet = Quiet hours until { $time }
dnd-hours = { $hours } h
dnd-until-tomorrow = Until tomorrow 8:00
dnd-until-morning = Until 8:00

## Welcome, vault, failure

welcome-title = Every ticket, before it is late
welcome-lead = Deskbell keeps your support tickets on this computer, readable and answerable without a network, and rings before a deadline.
welcome-demo = Try the demo desk
welcome-demo-text = About 400 invented tickets from a cloud support desk, on this computer only. A clock comes close within a minute, so you hear the bell.
welcome-demo-busy = Preparing the demo…
welcome-connect = Connect an account
welcome-connect-text = Request Tracker 5, Alibaba Cloud Workorder or a Deskbell hub. The password goes into the keyring of this computer.
welcome-foot = You can add and remove accounts at any time in Settings.
vault-create-title = Choose a passphrase
vault-create-lead = It locks Deskbell's vault, which holds the key of your data and your passwords.
vault-unlock-title = Unlock Deskbell
vault-unlock-lead = Your tickets are on this computer, encrypted.
vault-passphrase = Passphrase
vault-passphrase-again = Passphrase again
vault-passphrase-hint = At least { $least } characters. Several words are easier to remember.
vault-strength-short = At least { $least } characters
vault-strength-weak = Weak: make it longer
vault-strength-fair = Fair
vault-strength-strong = Strong
vault-differs = The two differ.
vault-no-recovery = Nobody can recover a lost passphrase. Tickets can be fetched again from the server; unsent work cannot.
vault-create = Create the vault
vault-unlock = Unlock
vault-busy = One moment…
failed-kept = Kept
failed-next = Next
failed-detail = Detail
failed-code = Name

## Accounts

account-add-title = Connect an account
account-add-text = Deskbell asks the server first and stores the account only if that went well.
account-kind = Kind of server
account-endpoint = Address
account-endpoint-example = https://support.example.com
account-endpoint-workorder = https://workorder.aliyuncs.com
account-address-whole = Enter the full address, with https:// in front.
account-address-https = Only https, so that the password stays private. Plain http works on this computer only.
account-region = Region
region-most = All other regions
region-singapore = Singapore
region-tokyo = Japan (Tokyo)
region-other = Another address
account-key-id = AccessKey ID
account-key-example = LTAI5t…
account-key-secret = AccessKey secret
account-key-spaces = An AccessKey ID has no spaces in it.
account-token = Security token (STS)
account-token-hint = Only for a temporary key; may stay empty.
account-token-needed = This AccessKey is temporary: it works only with its security token.
account-user = User
account-secret = Password or token
account-secret-hint = Kept in the keyring or the vault, never in a file.
account-name = Name on this desk
account-name-hint = May stay empty: the server's name is used then.
account-options = Options
account-options-label = Options of { $name }
account-options-keep = Keep
account-options-kept = Options of { $name } kept.
account-options-hint = Empty leaves it to the server's own limits.
option-requests-per-minute = Requests a minute
option-connections-max = Connections
option-poll-s = Seconds between looks
option-automatic = automatic
option-range = { $least } to { $most }, or empty
account-connect = Check and connect
account-checking = Asking the server…
account-adding = Storing…
account-checked = Signed in as { $name } on { $server }
account-demo = demo
account-sync = Sync now: { $name }
account-remove = Remove
account-remove-label = Remove { $name }
account-remove-title = Remove { $name }?
account-remove-text = Its tickets are deleted from this computer. Nothing changes on the server.
account-remove-unsent =
    { $count ->
        [one] { $count } edit has not been sent yet.
       *[other] { $count } edits have not been sent yet.
    } Its tickets are deleted from this computer.
account-force-title = Unsent work in { $name }
account-force-text =
    { $count ->
        [one] { $count } edit
       *[other] { $count } edits
    } would be lost for good. Remove the account all the same?
account-force = Remove and lose them

## Watch

watch-title = Watch
watch-next = next deadline { $time }
watch-quiet = No clock is running
watch-quiet-hint = Every open ticket has been answered or waits for somebody else.
watch-none-hint = There is no open ticket on this desk.
watch-to-tickets = See the tickets
figure-breached = breached
figure-minutes = within 15 minutes
figure-unfinished = unfinished
horizon-title = SLA horizon
horizon-none = No deadline in the next 24 hours
horizon-closed = Outside service hours { $from }–{ $to }
horizon-tick = { $time }, { $priority }: { $subject }
lane-breached = Breached
lane-minutes = Within 15 minutes
lane-hour = Within an hour
lane-today = Today
lane-later = Later
lane-breached-empty = Nothing is late.
lane-minutes-empty = Nothing urgent right now.
lane-hour-empty = Nothing in this hour.
lane-today-empty = Nothing more today.
lane-later-empty = Nothing planned.
lane-more =
    { $count ->
        [one] and { $count } more
       *[other] and { $count } more
    }

## Tickets

tickets-title = Tickets
tickets-list = Ticket list
tickets-empty = No tickets yet
tickets-empty-hint = They appear here as soon as the first page has arrived.
tickets-empty-filtered = Nothing matches this view
tickets-empty-filtered-hint = Other tickets may be hidden by the filter.
tickets-show-all = Show all tickets
filter-toolbar = Views and order
filter-label = Filter
filter-clear = Clear
filter-status = Status
filter-priority = Priority
filter-product = Product
filter-product-none = No product
filter-account = Account
view-unfinished = Unfinished
view-breached = Breached
view-urgent = Urgent
view-vip = VIP
view-waiting = Waiting
view-all = All
view-custom = Filtered
view-more = +{ $count } more views
view-more-short = +{ $count }
bulk-toolbar = Change the picked tickets
bulk-picked = { $count } picked
bulk-progress = { $done } of { $total }
bulk-close = Close
bulk-clear = Pick none
bulk-nothing = Nothing to change: they are like that already.
bulk-done = { $count ->
        [one] { $count } ticket changed.
       *[other] { $count } tickets changed.
    }
bulk-done-some = { $count } changed, { $refused } left out: their server does not offer it.
order-label = Order: { $value }
order-deadline = Time left
order-updated = Updated
order-created = Created
order-priority = Priority
ticket-pending =
    { $count ->
        [one] { $count } edit waiting to be sent
       *[other] { $count } edits waiting to be sent
    }
ticket-local = not on the server yet
ticket-none = No ticket is open
ticket-none-hint = Choose one with J and K or the mouse, or search with /.
ticket-merged = This ticket was merged into #{ $into }. What it held is kept here for reading.
ticket-merged-open = Find it
ticket-deleted = This ticket was deleted on the server. The copy here is kept for reading.
ticket-product = Product
ticket-requester = Requester
ticket-assignee = Assignee
ticket-nobody = nobody
assignee-nobody = Nobody
assignee-label = Assignee: { $value }
assignee-placeholder = Choose or type a name
suggest-use = Use “{ $value }”
suggest-type = Type a value, then press Enter.
suggest-none = Nothing matches.
tag = Tag
tag-add = Add a tag
tag-remove = Remove tag { $tag }
tag-placeholder = Tag, Enter
ticket-rating = Rating
ticket-rated-solved = { $score } of 5, solved
ticket-rated-unsolved = { $score } of 5, not solved
close-ticket = Close ticket
reopen = Reopen
reopen-title = Reopen this ticket?
reopen-text = It goes back to work. The reason is sent as a public reply; it may stay empty.
reopen-why = Reason
evaluate = Rate
evaluate-title = Rate how it went
evaluate-text = The rating goes to the server as the customer's verdict.
evaluate-solved = Is the problem solved?
evaluate-yes = Solved
evaluate-no = Not solved
evaluate-score = Score
evaluate-score-hint = 1 is worst, 5 is best
evaluate-score-1 = Very bad
evaluate-score-2 = Bad
evaluate-score-3 = Fair
evaluate-score-4 = Good
evaluate-score-5 = Very good
evaluate-comment = Comment
evaluate-send = Send the rating
ticket-created = Created
ticket-updated = Updated
ticket-status-raw = On the server
back-to-list = Back to the list
priority-label = Priority: { $value }
status-label = Status: { $value }
field-pending = waits to be sent · on the server: { $mirror }
toast-status = Status: { $value }.
toast-priority = Priority: { $value }.
toast-assignee = Assignee: { $value }.
toast-tags = Tags: { $value }.
toast-field = { $field }: { $value }.
toast-close = The ticket is closed.
toast-reopen = The ticket is reopened.
toast-evaluate = Rated.
toast-waits = Offline: it waits in the outbox.
toast-reply = The reply is on its way.
toast-internal = The note is on its way.

## Clocks

clock-paused = Paused
clock-cancelled = Cancelled
clock-due = due { $time }
clock-left = { $left } left
clock-met = ✓ in { $took }
clock-late = late by { $over }
clock-breached = { $over } over
clock-provisional = Provisional: no holiday notice has been published for that year yet
clock-provisional-short = provisional
calendar-always = 24×7
why-unfold = Step by step
why-fold = Fold
why-more = { $count } more intervals

## Conversation and composer

conversation = Conversation
notes-incomplete = Earlier notes are still being fetched.
notes-none = No notes yet.
note-internal = Internal note
note-no-author = No name
note-body-of = Message from { $author }
attachments = Attachments
composer-label = Write
composer-mode = Kind of note
composer-reply = Reply
composer-internal = Internal note
composer-reply-label = Reply to the customer
composer-internal-label = Internal note
composer-reply-placeholder = Write to { $customer }…
composer-internal-placeholder = Only your team sees this…
composer-send = Send
composer-send-internal = Add note
composer-sending = Storing…
composer-dirty = …
composer-saved = Draft saved
composer-failed = Draft not saved. The text is still here.
composer-offline = Offline: it is sent when the network is back.
replies-since = { $count ->
        [one] { $count } new reply since you wrote this
       *[other] { $count } new replies since you wrote this
    }
replies-show = Show
replies-ask = Send it all the same?
replies-read = Read first

## Side column

side-label = About this ticket
side-why = Why this deadline
side-server-sla = On the server
server-sla = SLA
server-due = Due
server-clock = The server's own
side-customer = Customer
side-line = Line to call
side-ticket = Ticket
customer-name = Name
customer-manager = Manager
customer-deputy = deputy { $name }
customer-city = City
customer-languages = Languages
customer-history = History
customer-tickets =
    { $total ->
        [one] { $total } ticket
       *[other] { $total } tickets
    }, { $open } open
copy-number = Copy number
line-verified = Verified { $date }

## Outbox

outbox-title = Outbox
outbox-summary = { $waiting } waiting · { $rejected } for you to decide
outbox-empty = Nothing waits
outbox-empty-hint = Replies and changes that have not reached the server yet are listed here.
outbox-pending = Waiting or refused
outbox-sent = Sent in the last 7 days
outbox-reply = Reply
outbox-internal = Internal note
outbox-create = New ticket
outbox-status = Status: { $from } → { $to }
outbox-priority = Priority: { $from } → { $to }
outbox-assignee = Assignee: { $from } → { $to }
outbox-tags = Tags: + { $added }, − { $removed }
outbox-tags-added = Tags added: { $tags }
outbox-tags-removed = Tags removed: { $tags }
outbox-custom-field = { $field }: { $from } → { $to }
outbox-close = Close the ticket
outbox-reopen = Reopen the ticket
outbox-evaluate-solved = Rating: { $score } of 5, solved
outbox-evaluate-unsolved = Rating: { $score } of 5, not solved
outbox-attach = File: { $name }
outbox-attach-internal = Internal file: { $name }
outbox-files = { $count ->
        [one] with { $count } file
       *[other] with { $count } files
    }
outbox-written = written
outbox-attempts =
    { $count ->
        [one] { $count } attempt
       *[other] { $count } attempts
    }
outbox-unknown-hint = the server is asked whether it arrived before anything is sent again
outbox-discard-title = Discard this edit?
outbox-discard-reply = It will not be sent. The text goes back to the ticket's draft.
outbox-discard-create = The ticket will not be opened on the server. What you wrote goes back to the new-ticket form.
outbox-discard-attach = The file will not be sent.
outbox-discard-said = It will not be sent. The text goes back to the ticket's draft.
outbox-discard-field = It will not be sent. The ticket shows the server's value again.
operation-queued = Waiting
operation-sending = Sending
operation-sent = Sent
operation-rejected = Refused
operation-unknown = Checking
operation-conflict = Your choice
operation-held = Held back
operation-retry = Try now
operation-discard = Discard
operation-take-back = Take back
operation-send-anyway = Send anyway
operation-edit = Edit
operation-leaves = leaves { $in }
operation-leaves-in = leaves in { $seconds } s
operation-next = next attempt { $in }

## Changed on both sides

field-status = Status
field-priority = Priority
field-assignee = Assignee
field-tags = Tags
field-visit = Visit
field-label = { $field }: { $value }
field-empty = Empty it
field-type = Type a value
field-choose = Choose a value
field-needed = Needed.
field-refused = refused: { $reason }
conflict-title = Changed on both sides: { $field }
conflict-lead = Nothing was sent yet. Choose which value stands.
conflict-base = Before
conflict-mine = Yours
conflict-theirs = On the server now
conflict-keep-mine = Send mine
conflict-keep-theirs = Keep the server's
conflict-keep-mine-label = Send mine: { $value }
conflict-keep-theirs-label = Keep the server's: { $value }
conflict-kept-mine = { $field }: yours is being sent ({ $value }).
conflict-kept-theirs = { $field }: the server's stands ({ $value }).

## New ticket

new-title = New ticket
new-text = It shows here at once and is sent to the server right after.
new-text-offline = Offline: it shows here at once and is sent when the network is back.
new-account = Account
new-category = Category
new-queue = Queue
new-requester-hint = Name or e-mail
new-catalogue = Asking the server what can be chosen…
new-subject = Subject
new-body = What is it about?
new-more = Further fields ({ $count })
new-send = Open the ticket
new-later = Keep for later
new-clear = Clear
new-no-files = This account takes no files: remove them, or choose another account.
new-no-account = No connected account takes new tickets.
new-shelf = { $count ->
        [one] { $count } other unsent ticket is kept.
       *[other] { $count } other unsent tickets are kept.
    }
new-shelf-open = Continue with it
new-aside = Internal notes that were written on it; they are not sent with it:
toast-create = The ticket is on its way.
do-new = New ticket

## Settings

settings-title = Settings
settings-general = General
settings-rules = SLA rules
settings-robots = Chat robots
settings-robots-none = No robot is connected yet.
settings-accounts = Accounts
settings-look = Language and look
settings-language = Language
settings-theme = Theme
settings-name = Your name
settings-sending = Sending
settings-undo = Undo after sending
settings-undo-none = Off
settings-hold = Hold outdated replies
settings-hold-hint = Asks first when newer replies came while yours waited
settings-alerts = Alerts
settings-sound = Sound
settings-sound-on = Bell sound
settings-sound-hint = With every alert that rings
settings-sound-sample = Sample
settings-sound-play = Play the bell
settings-notifications = Notifications
settings-notifications-unknown = Asking the system…
settings-notifications-service = Shown by
settings-notifications-none = Nobody
settings-notifications-asked = asked at { $time }
notification-actions = Buttons
notification-actions-yes = Yes: open, acknowledge and snooze right on the notification.
notification-actions-no = None: the notification says to open Deskbell, where alerts are acknowledged and snoozed.
notification-persistence = Kept
notification-persistence-yes = Yes: what you did not see stays in its list.
notification-persistence-no = No: it disappears after a while. The bell's list keeps every alert.
notification-sound = Sound
notification-sound-yes = It plays the bell itself, also when the window is closed.
notification-sound-no = It plays none: the window rings while it is open.
notification-body-markup = Text
notification-body-markup-yes = It reads markup; ticket text is always shown as it is written.
notification-body-markup-no = Plain text.
notification-test = Test
notification-test-send = Send a test notification
notification-test-sending = Sending…
notification-test-failed = Not shown, for the reason above.
notification-test-sent = Taken by the service at { $time }. Nothing to see? It may be keeping quiet itself.
settings-quiet = Quiet hours
settings-quiet-on = Every week
settings-quiet-none = Off: the bell rings at any time
settings-quiet-daily = Every day
settings-quiet-over-night = { $days }, { $from } until { $to } the next day
settings-quiet-by-day = { $days }, { $from } until { $to }
settings-quiet-hours = From – to
settings-quiet-from = Quiet from
settings-quiet-to = Quiet until
settings-quiet-days = Begins on
settings-quiet-urgent = Urgent rings
settings-quiet-urgent-hint = Urgent tickets ring all the same
settings-quiet-hint = What would have rung is held back and told as one digest when quiet hours end, as far as it is still true. By this computer's clock.
time-wrong = Give a time such as 22:00.
settings-dnd-hint = For now only. What would have rung is held back and told as one digest at the end.
settings-dnd-urgent = Urgent rings
settings-dnd-urgent-hint = Urgent tickets ring all the same
settings-escalation = Nobody answers
settings-escalation-on = Escalate
settings-escalation-none = Off: alerts stay on this desk
settings-escalation-after =
    { $minutes ->
        [one] After { $minutes } minute without acknowledgement
       *[other] After { $minutes } minutes without acknowledgement
    }
settings-escalation-minutes = Minutes
settings-escalation-wrong = A whole number from 1 to 1440.
settings-escalation-hint = Urgent alerts that nobody acknowledged go to the group chats whose robots take escalations.
settings-escalation-robots = Robots…
view-rules = Rules by view
view-rules-hint = Which tickets ring, which are only listed, which stay away. The first rule that fits decides.
view-rules-none = No rules: every ticket rings.
view-rules-rest = Every other ticket rings, with sound.
view-rule-add = Add a rule
view-rule-name = Name
view-rule-name-hint = For example “Night shift: urgent only”.
view-rule-tickets = Tickets
view-rule-tickets-hint = Nothing chosen means every one.
view-rule-matching = unfinished tickets that fit now: { $shown }
view-rule-vip-only = VIP customers only
view-rule-not-vip = not VIP
view-rule-every = Every ticket
view-rule-customers = Customer
view-rule-customer-add = Customer
view-rule-product-add = Product
view-rule-does = What the bell does
view-rule-ring-label = Alerts
view-rule-ring = Ring
view-rule-list = List only
view-rule-off = Off
view-rule-ring-hint = A notification, the bell in the window and an entry in the list.
view-rule-list-hint = An entry in the bell's list, without ringing.
view-rule-off-hint = Not even an entry. The clocks themselves stay visible everywhere.
view-rule-sound = with sound
view-rule-silent = without sound
view-rule-only = only at { $thresholds }
view-rule-thresholds = Moments
view-rule-thresholds-all = None chosen: every moment that the policy names.
view-rule-thresholds-some = Only at these; other moments of the policy stay away.
view-rule-keep = Keep the rule
view-rule-up = Move up: { $name }
view-rule-down = Move down: { $name }
view-rule-edit = Edit: { $name }
view-rule-remove = Remove: { $name }
view-rule-removed = Rule “{ $name }” removed.
view-rule-moved = { $name } is now number { $place } of { $count }.
view-rule-drag = Drag to change the order
name-remove = Take off { $name }
settings-storage = Data and network
settings-offline-hint = Nothing is fetched or sent until this is off
settings-data-directory = Data directory
settings-key = Encryption key
settings-key-keyring = In the keyring of this computer.
settings-key-vault = In Deskbell's vault, opened by your passphrase.
settings-key-vault-needed = Not set up yet.
settings-salvage = Rescued
settings-salvage-text =
    { $count ->
        [one] { $count } unsent edit was
       *[other] { $count } unsent edits were
    } rescued from a damaged database. The old file:
settings-about = About
settings-version = Version { $version }
settings-licence = Licence
settings-licence-text = Apache License 2.0
settings-shortcuts = Show the shortcuts

## Actions

shortcuts-title = Keyboard shortcuts
shortcuts-go = Go
shortcuts-list = List
shortcuts-ticket = Ticket
shortcuts-desk = Desk
do-search = Search
do-watch = Go to Watch
do-tickets = Go to Tickets
do-outbox = Go to Outbox
do-settings = Go to Settings
do-bell = Open the bell's list
do-next = Next ticket
do-previous = Previous ticket
do-pick = Pick for a bulk change
do-reply = Reply
do-internal = Internal note
do-resolve = Mark as resolved
do-assign = Change the assignee
do-tag = Add a tag
do-close-on-server = Close ticket on the server
do-reopen = Reopen ticket
do-evaluate = Rate the ticket
do-undo = Undo the last edit
do-close-ticket = Close the ticket
do-sync = Sync now
do-offline = Work offline on or off
do-theme = Switch light and dark

## Files

file-pick = Attach
file-pick-hint = Attach files (or drop them here, or paste a screenshot)
file-adding = Adding…
file-remove = Remove { $name }
file-drop = Drop to attach { $where }
file-drop-reply = to the reply
file-drop-ticket = to the new ticket
files-to-send = Files to send
files-too-many = At most { $limit } files go with one message.
file-remote = on the server
file-queued = waiting
file-fetching = Fetching
file-sending = Sending
file-sent = On the server
file-failed = Could not be fetched.
file-fetch-too-large = Larger than Deskbell fetches (200 MB). Open it on the server.
file-bytes-of = { $done } of { $total }
file-progress = { $name }: transfer
file-view = View
file-view-named = View { $name }
file-open = Open with another program
file-open-named = Open { $name } with another program
file-save = Save as…
file-save-named = Save { $name } as…
file-saved = Saved: { $path }
file-fetch = Fetch
file-fetch-again = Try again
file-fetch-named = Fetch { $name }
file-cancel = Stop fetching
file-cancel-named = Stop fetching { $name }
file-truncated = Only the beginning is shown. Save the file to see all of it.
file-no-preview = This file cannot be shown here. Save it, or open it with another program.
file-program-title = This file may be a program
file-program-text = “{ $name }” can run commands on this computer. Open it only if you know who sent it and expect it.
file-program-open = Open anyway
file-kind-image = Image
file-kind-audio = Audio
file-kind-video = Video
file-kind-pdf = PDF
file-kind-sheet = Spreadsheet
file-kind-document = Document
file-kind-slides = Slides
file-kind-archive = Archive
file-kind-text = Text
file-kind-other = File

## Rules: policies, calendars, versions

rules-unnamed = Without a name
rules-comma = { ", " }
rules-loading = Reading the rules…
rules-intro = The first policy that matches a ticket sets its targets. A clock is counted by the rules in force when it started.
rules-policies = Policies
rules-policies-hint = Checked from the top; the first match wins.
rules-policy-add = Add a policy
rules-policy-open = Edit the policy { $name }
rules-policy-up = Move { $name } up
rules-policy-down = Move { $name } down
rules-policy-drag = Drag { $name } to another place
rules-policy-moved = { $name }: place { $place } of { $count }
rules-policy-shadowed = Never used: “{ $name }” above takes all of its tickets.
rules-policy-gaps = Some tickets match no policy, and have no deadlines.
rules-policy-none = No policy: no ticket has a deadline.
rules-policy-targets = 
    { $count ->
        [one] { $count } target
       *[other] { $count } targets
    }
rules-policy-rings = rings at { $list }
rules-policy-silent = never rings
rules-calendars = Calendars
rules-calendar-add = Add a calendar
rules-calendar-open = Edit the calendar { $name }
rules-calendar-used = 
    { $count ->
        [0] not used by any policy
        [one] used by { $count } policy
       *[other] used by { $count } policies
    }
rules-calendar-known = holidays known until { $date }
rules-calendar-always = open all the time
rules-versions = Versions
rules-versions-hint = Saved rules stay. Clocks keep the version that was in force when they started.
rules-version-ever = From the beginning
rules-version-from = From { $date }
rules-version-now = In force
rules-version-later = Not yet in force
rules-version-shipped = As shipped
rules-version-size = 
    { $policies ->
        [one] { $policies } policy
       *[other] { $policies } policies
    }, { $calendars ->
        [one] { $calendars } calendar
       *[other] { $calendars } calendars
    }
rules-version-again = Use again…
rules-version-edit = Edit…
rules-version-again-label = Use the rules { $name } again
rules-version-replace-title = Replace your unsaved changes?
rules-version-replace-text = What you changed and did not save gives way to the rules of that version.
rules-version-replace = Replace
rules-back = SLA rules
rules-name-zh = Name in Chinese
rules-name-en = Name in English
rules-duplicate = Duplicate
rules-copy-of = { $name } (copy)
rules-delete = Delete
rules-deleted = “{ $name }” is taken out. Nothing is saved yet.
rules-calendar-in-use = Used by { $list }, so it cannot be deleted.
rules-order = Order
rules-order-place = { $place } of { $count }
rules-match = Which tickets
rules-match-hint = Leave a line empty for every ticket. All lines with a choice must be true.
rules-match-all = Every ticket
rules-match-more = { $list } and { $more } more
rules-vip = Customers
rules-vip-any = All
rules-vip-only = VIP only
rules-vip-not = Not VIP
rules-priorities = Priorities
rules-accounts = Accounts
rules-account-gone = Account { $id } (removed)
rules-customers = Customer names
rules-products = Products or queues
rules-tags = At least one of the tags
rules-list-add = Add to: { $label }
rules-list-remove = Remove { $value } from: { $label }
rules-list-type = Type a name
rules-targets = Targets
rules-targets-hint = Empty means no clock. A business day ends at the same time of day, so many working days later.
rules-target-of = { $metric }, { $priority }
rules-target-unit = Unit: { $metric }, { $priority }
rules-unit-second = s
rules-unit-minute = min
rules-unit-hour = h
rules-unit-business-day = bus. days
rules-unit-percent = % used
rules-unit-minute-left = min left
rules-unit-second-left = s left
rules-counted = Counted in
rules-calendar = Calendar
rules-visit-calendar = Calendar of visits
rules-visit-same = The same calendar
rules-pauses = Pause
rules-pauses-hint = Resolution clocks stand still in these statuses. Response clocks never pause.
rules-reopen = When reopened
rules-reopen-continue = Continue: the closed time is a pause
rules-reopen-reset = Start anew
rules-rings = When the bell rings
rules-ring-50 = 50 % used
rules-ring-75 = 75 % used
rules-ring-90 = 90 % used
rules-ring-15min = 15 min left
rules-ring-5min = 5 min left
rules-ring-breach = Deadline missed
rules-ring-own = Own values
rules-ring-add = Add a value
rules-ring-value = Value { $n }
rules-ring-unit = Unit of value { $n }
rules-ring-remove = Remove value { $n }
rules-zone = Time zone
rules-zone-find = City or zone
rules-hours = Weekly hours
rules-hours-hint = 24:00 is the end of the day. Hours over midnight are written on both days.
rules-hours-closed = Closed
rules-hours-from = { $day }, interval { $n }: from
rules-hours-to = { $day }, interval { $n }: to
rules-hours-add = Add an interval to { $day }
rules-hours-remove = Remove interval { $n } of { $day }
rules-hours-copy = Copy to weekdays
rules-hours-copy-label = Copy to weekdays: the hours of { $day }
rules-hours-copied = Monday to Friday now have these hours.
rules-days = Holidays, make-up workdays and breaks
rules-days-hint = A holiday closes the day; a make-up workday has its own hours; a break closes part of a day.
rules-days-year = Year
rules-days-year-size = { $year } · { $off } off, { $makeup } make-up
rules-days-unread = Dates that cannot be read
rules-days-none = No special days in this year.
rules-day-date = Date
rules-day-name = Name
rules-day-date-of = Date { $n }
rules-day-name-of = Name of { $date }
rules-day-remove = Remove { $date }
rules-kind-holiday = Holiday
rules-kind-shift = Make-up workday
rules-kind-break = Break
rules-kind-weekly = Working day
rules-kind-closed = Closed
rules-add-title = Add dates
rules-add-kind = Kind
rules-add-from = First date
rules-add-to = Last date
rules-add-name = Name
rules-add = Add
rules-add-note = Hours of the new days can be changed in the list.
rules-added = { $count ->
        [0] All of these dates are in the list already.
        [one] { $count } date added.
       *[other] { $count } dates added.
    }
rules-known-until = Holidays known until
rules-known-until-hint = Deadlines after it are provisional. Empty: the end of the last year with a holiday.
rules-preview = Preview
rules-preview-previous = Previous month
rules-preview-next = Next month
rules-preview-today = This month
rules-preview-total = 
    { $days ->
        [one] { $days } day
       *[other] { $days } days
    } open, { $hours }
rules-preview-hours = { $hours } h
rules-preview-provisional = provisional
rules-preview-stale = Without what cannot be read yet.
rules-preview-forward = Clocks go forward { $minutes } min
rules-preview-backward = Clocks go back { $minutes } min
rules-import = Import a holiday notice…
rules-import-title = Import holidays
rules-import-hint = Paste the JSON of a year, drop it here, or choose a file. What would be added is shown first.
rules-import-text = Holiday data (JSON)
rules-import-file = Choose a file…
rules-import-large = The file is larger than { $size }. Nothing was read.
rules-import-unreadable = The file could not be read. Try again, or paste its text.
rules-import-reading = Reading…
rules-import-source = Source: { $source }
rules-import-off = 
    { $count ->
        [one] { $count } day off is added
       *[other] { $count } days off are added
    }
rules-import-makeup = 
    { $count ->
        [one] { $count } make-up workday is added
       *[other] { $count } make-up workdays are added
    }, { $hours }
rules-import-turned = 
    { $count ->
        [one] { $count } date becomes the other kind
       *[other] { $count } dates become the other kind
    }
rules-import-renamed = 
    { $count ->
        [one] { $count } date gets another name
       *[other] { $count } dates get another name
    }
rules-import-known = 
    { $count ->
        [one] { $count } date is there already
       *[other] { $count } dates are there already
    }
rules-import-until = Then known until { $date }
rules-import-add = Add to { $name }
rules-import-nothing = Everything in it is in the calendar already.
rules-imported = Added to { $name }. Nothing is saved yet.
rules-unsaved = Unsaved changes
rules-unsaved-kept = They stay here while you do something else.
rules-problems = 
    { $count ->
        [one] { $count } problem
       *[other] { $count } problems
    }
rules-problems-title = To be put right before saving
rules-problem-go = Go to { $name }
rules-discard = Discard…
rules-discard-title = Discard your changes?
rules-discard-text = The rules in force stay as they are. What you changed here is gone.
rules-discard-yes = Discard
rules-review = Review and save…
rules-save-title = Save the rules
rules-save-nothing = Nothing is changed: there is nothing to save.
rules-save-when = From when
rules-save-now = From now on
rules-save-now-hint = Clocks that run already keep the rules they started with.
rules-save-date = From a date
rules-save-date-hint = The present rules stay in force until then. Time of this computer.
rules-save-all = Also recompute existing clocks
rules-save-all-hint = Every clock is counted anew, past ones too. Earlier versions are replaced.
rules-save-from-date = Date
rules-save-from-time = Time
rules-save-effect = What would change
rules-save-counting = Counting what would change…
rules-save-keep = Save
rules-save-keeping = Saving…
rules-saved = The rules are saved.
rules-saved-from = The rules are saved and apply from { $date }.
rules-save-undo = Undo…
rules-dry-looked = Open tickets looked at
rules-dry-changed = Clocks that change
rules-dry-breached = Newly missed
rules-dry-rescued = No longer missed
rules-dry-without = Tickets without a policy
rules-dry-none = No deadline would move.
rules-dry-truncated = Not every ticket was looked at: the figures are at least these.
rules-dry-examples = Largest moves
rules-dry-ticket = Ticket
rules-dry-clock = Clock
rules-dry-policy = Policy
rules-dry-old = Deadline now
rules-dry-new = Then
rules-dry-no-deadline = none
rules-dry-open = Open { $subject }
rules-wrong-name = Give it a name in one language at least.
rules-wrong-calendar = This calendar is gone. Choose another one.
rules-wrong-target = A whole number from 1 to { $most }, or empty.
rules-wrong-threshold = A whole number from 1 to { $most }.
rules-wrong-no-policy = At least one policy is needed.
rules-wrong-zone = This time zone is not known. Choose one of the list.
rules-wrong-span-missing = Fill in both times, or remove the interval.
rules-wrong-span-time = Write times as 09:00, up to 24:00.
rules-wrong-span-reversed = It ends before it begins. Over midnight, write it on both days.
rules-wrong-span-overlap = It overlaps another interval.
rules-wrong-span-many = At most { $most } intervals a day.
rules-wrong-date = Write the date as 2027-01-31.
rules-wrong-date-missing = The date is missing.
rules-wrong-date-twice = This date is in the list already.
rules-wrong-range = The last date comes before the first.
rules-wrong-range-long = At most { $most } days at once.
rules-wrong-from = Write the date as 2027-01-31 and the time as 09:00.
rules-wrong-from-missing = Enter the date from which they apply.
rules-wrong-from-past = This is in the past. To change running clocks, choose “recompute existing clocks”.
weekday-mon = Monday
weekday-tue = Tuesday
weekday-wed = Wednesday
weekday-thu = Thursday
weekday-fri = Friday
weekday-sat = Saturday
weekday-sun = Sunday

## Directories and visits: errors
error-tier-invalid =
    .what = There are the tiers 1 (standard), 2 (technical experts) and 3 (enterprise).
    .kept = What you typed is still in the form.
    .next = Choose one of the three.
error-phone-number-invalid =
    .what = This is no phone number: it may hold digits, a plus in front, spaces, hyphens and brackets, and 3 to 20 digits.
    .kept = What you typed is still in the form.
    .next = Correct the number; letters do not belong in it.
error-mail-address-invalid =
    .what = This is no e-mail address.
    .kept = What you typed is still in the form.
    .next = Write it as name@example.com.
error-value-missing =
    .what = Something is missing here.
    .kept = What you typed is still in the form.
    .next = Fill it in.
error-value-twice =
    .what = This is here twice.
    .kept = What you typed is still in the form.
    .next = Each may be there once.
error-text-too-long =
    .what = This text is too long.
    .kept = What you typed is still in the form.
    .next = Shorten it.
error-too-many =
    .what = There are too many of these.
    .kept = What you typed is still in the form.
    .next = Remove some.
error-number-out-of-range =
    .what = This number is too small or too large.
    .kept = What you typed is still in the form.
    .next = Choose one within the limits.
error-coordinates-missing =
    .what = The place is missing: a latitude from −90 to 90 and a longitude from −180 to 180, not both zero.
    .kept = What you typed is still in the form.
    .next = Enter the coordinates, or choose the city.
error-country-invalid =
    .what = This is no country code.
    .kept = What you typed is still in the form.
    .next = Write two capital letters, as CN or SG.
error-language-invalid =
    .what = This is no language tag.
    .kept = What you typed is still in the form.
    .next = Write it as zh-CN, yue or en (BCP 47).
error-hours-missing =
    .what = The opening hours are missing.
    .kept = What you typed is still in the form.
    .next = Add at least one interval, or choose round the clock.
error-hours-invalid =
    .what = The opening hours cannot be meant like this: an interval ends before it begins, two overlap, or a date or time zone is unknown.
    .kept = What you typed is still in the form.
    .next = Correct the interval that is marked.
error-source-missing =
    .what = It does not say where this is known from.
    .kept = What you typed is still in the form.
    .next = Name the source: a contract, a web page, a call.
error-date-invalid =
    .what = This is no date.
    .kept = What you typed is still in the form.
    .next = Write it as 2026-11-21.
error-date-in-future =
    .what = This date is in the future: nothing can have been verified on it.
    .kept = What you typed is still in the form.
    .next = Enter the day on which it was verified.
error-service-unknown =
    .what = There is no such service.
    .kept = What you typed is still in the form.
    .next = Choose hardware inspection, network stress test or security hardening.
error-service-not-offered =
    .what = This centre does not offer the service.
    .kept = Your request is kept.
    .next = Choose another centre.
error-centre-unknown =
    .what = There is no such service centre any more.
    .kept = Your request is kept.
    .next = Choose another centre.
error-site-too-far =
    .what = The site is beyond the centre's travel radius.
    .kept = Your request is kept.
    .next = Choose a nearer centre.
error-site-abroad =
    .what = The site is in another country than the centre; its engineers do not cross the border.
    .kept = Your request is kept.
    .next = Choose a centre in that country, or open a ticket for remote help.
error-window-reversed =
    .what = The window ends before it begins.
    .kept = What you typed is still in the form.
    .next = Swap the two times.
error-window-past =
    .what = The window is in the past.
    .kept = What you typed is still in the form.
    .next = Choose a later one.
error-window-too-long =
    .what = The window is longer than 92 days.
    .kept = What you typed is still in the form.
    .next = Choose a shorter one.
error-time-skipped =
    .what = Clocks are put forward past this time: it does not exist on that day.
    .kept = What you typed is still in the form.
    .next = Choose a time before or after the gap.
error-slot-taken =
    .what = Somebody else took this slot a moment ago.
    .kept = Your request is kept.
    .next = Choose one of the alternatives, or join the waiting list.
error-slot-unavailable =
    .what = No engineer can come at this time.
    .kept = Your request is kept.
    .next = Choose one of the alternatives, or another window.
error-hold-unknown =
    .what = The slot was kept for five minutes, and they are over.
    .kept = Your request is kept.
    .next = Choose the slot again.
error-visit-unknown =
    .what = There is no such visit any more.
    .kept = Nothing was changed.
    .next = Look at the list of visits again.
error-visit-finished =
    .what = The visit is done, declined or cancelled, and stays so.
    .kept = The visit is as it was.
    .next = Ask for a new visit.
error-visit-action-invalid =
    .what = This cannot be done to the visit as it stands.
    .kept = The visit is as it was.
    .next = Look at its state first.
error-visit-past-cutoff =
    .what = It is too late to move or cancel the visit: the centre's cut-off has passed.
    .kept = The visit stands.
    .next = Call the centre.
error-visit-not-begun =
    .what = The visit has not begun yet.
    .kept = The visit is as it was.
    .next = Finish it after it has begun.

## Reports: errors
error-history-empty =
    .what = There is no ticket in this history.
    .kept = Nothing was changed.
    .next = Choose a file with incidents in it, or sync an account first.
error-history-columns =
    .what = The first line does not name the columns of an incident log. Missing: { $missing }.
    .kept = Nothing was changed.
    .next = Export the log with number, incident_state, opened_at, sys_updated_at and priority, or choose an NDJSON file of tickets.
error-history-encoding =
    .what = The file is not written in UTF-8 or GBK text.
    .kept = Nothing was changed.
    .next = Save it as “CSV UTF-8” and choose it again.
error-history-dates =
    .what = It cannot be told whether dates begin with the day or the month, as in { $sample }.
    .kept = Nothing was changed.
    .next = Say which comes first (on the command line --dates dmy or mdy), then run again.
error-history-too-large =
    .what = The file has more than a replay takes: { $limit }.
    .kept = Nothing was changed.
    .next = Split it, for instance by year, and replay the parts.
error-history-gone =
    .what = The chosen file is not at hand any more.
    .kept = The rules you typed are still there.
    .next = Choose the file again.
error-replay-cancelled =
    .what = The replay was stopped.
    .kept = The result before it is still shown.
    .next = Run it again when you like.

## Clocks: who stopped them, and why this deadline
time-within = ±{ $length }
clock-target = target { $target }
clock-paused-since = paused since { $time }
clock-by-replied = { $who }replied { $time }
clock-by-resolved = { $who }resolved { $time }
clock-by-closed = { $who }closed { $time }
clock-by-closed-unanswered = { $who }closed unanswered { $time }
clock-by-merged = { $who }merged { $time }
clock-by-deleted = deleted { $time }
clock-by-visit-done = { $who }visit done { $time }
clock-by-visit-cancelled = { $who }visit called off { $time }
clock-who = { $who } { "" }
clock-within = Seen by polling: the instant is known to within { $length }
clock-instance = { $metric } · no. { $n }
clock-earlier = { $count ->
    [one] { $count } earlier
   *[other] { $count } earlier
}
clock-why-label = { $metric }: why this deadline
clock-marks = The bell
clock-mark-share = { $percent }%
clock-mark-left = { $left } left
clock-mark-breach = deadline
clock-mark-rung = rang { $time }
clock-mark-at = rings { $time }
clock-mark-passed = passed { $time }, did not ring
clock-mark-waits = set once the clock runs again
why-matched = The policy “{ $policy }” applies, because { $reasons }.
why-matched-all = The policy “{ $policy }” applies; it covers every other ticket.
why-reason-vip = the customer is a VIP
why-reason-not-vip = the customer is not a VIP
why-reason-priority = the priority is { $value }
why-reason-account = the ticket comes from “{ $value }”
why-reason-customer = the customer is { $value }
why-reason-product = the product is { $value }
why-reason-tag = it is tagged “{ $value }”
why-target = { $metric } within { $target }, counted by “{ $calendar }” ({ $tz }).
why-target-visit = { $metric } within { $target }, counted by the visit calendar “{ $calendar }” ({ $tz }).
why-started = It counts from { $time }.
why-uncertain = That instant was seen by polling and is known to within { $length }.
why-pauses = { $count ->
    [one] One pause took { $length } of service time out.
   *[other] { $count } pauses took { $length } of service time out.
}
why-paused-now = Paused since { $time }: there is a deadline again once it runs.
why-superseded = Until { $time } the priority was another one, with a target of { $target }.
why-due = So it is due { $time }.
why-known-until = Provisional: no holiday notice has been published for the time after { $date }, so the deadline may still move.
why-stopped = { $said }, and the clock stopped.
why-counted = { $length } counted
why-pause-out = paused, { $length } taken out
why-pause-none = paused outside service hours
why-pause-still = still paused, { $length } taken out
why-sum = { $length } in all: the target
why-sum-so-far = { $length } so far
history-title = History
history-all = All { $count }
history-fold = Fold
history-more = { $count } older ones are not listed
history-created = Created
history-status = Status { $to }
history-status-from = Status { $from } → { $to }
history-reopened = Reopened as { $to }
history-replied-agent = Answered the customer
history-replied-customer = The customer wrote
history-replied-system = System message
history-priority = Priority { $to }
history-priority-from = Priority { $from } → { $to }
history-merged = Merged into #{ $into }
history-absorbed = Took in a ticket created { $time }
history-deleted = Deleted on the server
history-visit-requested = Visit requested
history-visit-done = Visit done
history-visit-cancelled = Visit called off
left-out-title = The server kept a part only
left-out-said = “{ $what }” arrived { $time }, but this was not kept:
left-out-next = Set it again here, or fill it in on the server.
left-out-outbox = Arrived, but the server did not keep:
left-out-not-proved = could not be confirmed ({ $why })
left-out-no-field = { $field }: there is no such field over there
left-out-no-tags = tags: there are none over there

## Watch: figures and the horizon
figure-hour-paused = paused
figure-first = first response, median · P90 { $p90 }
figure-resolve = resolution, median · P90 { $p90 }
figure-first-none = first response, median
figure-resolve-none = resolution, median
figure-met-share = on time (n = { $n })
figure-how = How it is counted
figure-how-counted = Clocks that run now and have a deadline; a ticket can have several. Breached is from the moment of the deadline on.
figure-how-minutes = Clocks whose deadline lies in the next 15 minutes, the present instant included.
figure-how-unfinished = Tickets in a status before resolved, with your unsent edits counted in.
figure-how-paused = Clocks that stand still in a status that pauses them, such as waiting for the customer. They are in none of the lanes.
figure-how-median = { $metric }: { $n } clocks ended since { $since }. The time from start to end on the wall, pauses and closed hours included. In order of length, the median is number { $half } and P90 number { $ninety }. Cancelled clocks are left out.
figure-how-median-none = { $metric }: no clock has ended since { $since }.
figure-how-met = Of { $n } clocks that ended since { $since }, { $met } ended at or before their deadline: { $met } ÷ { $n }. Cancelled clocks are left out.
figure-how-met-none = No clock has ended since { $since }.
figure-how-row = { $metric } { $met } / { $n }
figure-open-list = Open the tickets behind it
horizon-sub = next 24 hours · { $total ->
    [0] no deadline
    [one] one deadline
   *[other] { $total } deadlines
}
horizon-shaded = shaded: outside the hours of “{ $calendar }”
horizon-open = “{ $calendar }” is open throughout
horizon-label = SLA horizon: left and right move between deadlines, up and down choose a ticket, Enter opens it
horizon-cluster = { $from } to { $to }, { $total } deadlines, the first is { $subject }
horizon-tip-many = { $total } deadlines
horizon-tip-more = { $count } more
watch-paused = { $count ->
    [one] one paused
   *[other] { $count } paused
}
card-provisional = provisional

## What can be wrong with a place in the rules
rules-fault-no-policies = At least one policy is needed.
rules-fault-too-many = At most { $most }.
rules-fault-id-missing = The id is missing.
rules-fault-id-twice = The id “{ $text }” is used twice.
rules-fault-name-missing = Give it a name in one language at least.
rules-fault-calendar-unknown = There is no calendar “{ $text }”.
rules-fault-calendar-never-open = This calendar is never open, and a policy counts in it.
rules-fault-priority-twice = This priority has targets twice.
rules-fault-target-zero = A target is at least 1; leave it out for no clock.
rules-fault-target-too-long = At most { $most }.
rules-fault-percent-invalid = A whole number from 1 to 99.
rules-fault-time-left-invalid = From one second to thirty days.
rules-fault-time-zone-unknown = The time zone “{ $text }” is not known.
rules-fault-time-invalid = Write times as 09:00, up to 24:00.
rules-fault-span-reversed = { $from }–{ $to } ends before it begins. Over midnight, write it on both days.
rules-fault-spans-overlap = It overlaps another interval.
rules-fault-date-invalid = “{ $text }” is no date; write it as 2027-01-31.
operation-name-create-ticket = New ticket
operation-name-reply = Reply
operation-name-set-status = Status
operation-name-set-priority = Priority
operation-name-set-assignee = Assignee
operation-name-set-tags = Tags
operation-name-set-custom-field = Field
operation-name-close = Close
operation-name-reopen = Reopen
operation-name-evaluate = Rating
operation-name-attach = File

## Reports
nav-reports = Reports
do-reports = Open Reports: replay a history under other rules
replay-title = Reports
replay-subtitle = What if, before a contract is signed: replay past tickets under a set of rules
replay-history = History
replay-own = Tickets on this computer
replay-own-hint = Every ticket of every account, up to now
replay-file = A file
replay-file-hint = A ServiceNow incident log (CSV), or tickets as NDJSON
replay-pick = Choose a file…
replay-pick-other = Choose another…
replay-looking = Looking into the file…
replay-picked = { $tickets } tickets, { $rows } rows
replay-until = Up to { $at }
replay-tz = Time zone of its dates
replay-tz-placeholder = As the office hours, or e.g. Asia/Shanghai
replay-dates = Dates are written
replay-dates-choose = Choose: day or month first
replay-dates-told = { $order } (detected)
replay-dates-dmy = day-month-year
replay-dates-mdy = month-day-year
replay-dates-needed = Say first whether dates begin with the day or the month.
replay-rules = Rules
replay-rules-in-force = Rules in force
replay-rules-in-force-hint = Counted by the versions of the rules that are in force. To try other targets, choose “Changed rules”.
replay-rules-changed = Changed rules
replay-rules-from = Starting from
replay-rules-now = In force
replay-rules-first = The first rules
replay-rules-of = Rules from { $at }
replay-rules-draft = The unsaved draft in Settings
replay-rules-hint = Changes here are for trying only: nothing is saved, and no running clock moves.
replay-rules-wrong = { $count ->
    [one] One place in the rules needs correcting.
   *[other] { $count } places in the rules need correcting.
 }
replay-calendar = Calendar
replay-candidate = Candidate
replay-run = Replay
replay-stop = Stop
replay-running = Replay progress
replay-reading = Reading the history…
replay-progress = { $done } of { $total } tickets replayed
replay-file-needed = Choose a file first.
replay-outdated = The choices have changed; below is still the earlier result.
replay-export = Export CSV…
replay-exported = Exported to { $path }.
replay-empty = Nothing replayed yet
replay-empty-hint = Choose a history and rules, then press Replay. You will see what would have been late and when the bell would have rung, by priority and month.
replay-result = Result
replay-headline = Would have breached { $breached } of { $decided } decided clocks
replay-headline-before = Under the rules in force: { $breached } of { $decided }, { $percent }.
replay-counts = { $tickets } tickets, { $clocks } clocks; { $open } still open, { $cancelled } cancelled.
replay-counts-alerts = { $alerts } alerts would have rung.
replay-without-policy = { $count ->
    [one] No policy applies to one ticket.
   *[other] No policy applies to { $count } tickets.
 }
replay-as-of = As of { $at }.
replay-by-row = By metric and priority
replay-by-policy = By policy
replay-by-month = By month of creation
replay-compared = Compared with the rules in force
replay-col-name = Name
replay-col-month = Month
replay-col-met = Met
replay-col-breached = Breached
replay-col-share = Share
replay-col-open = Open
replay-col-cancelled = Cancelled
replay-col-alerts = Alerts
replay-col-p50 = Late, 50%
replay-col-p50-hint = Half of the breached were no later than this
replay-col-p90 = 90%
replay-col-p90-hint = Nine of ten of the breached were no later than this
replay-col-max = Latest
replay-col-points = Points
replay-col-threshold = Threshold
replay-col-ticket = Ticket
replay-col-clock = Clock
replay-col-due = Due
replay-col-stopped = Stopped
replay-col-late = Late by
replay-under-a-minute = under a minute
replay-alerts = { $count ->
    [one] One alert would have rung
   *[other] { $count } alerts would have rung
 }
replay-alerts-by-month = By month
replay-heat = When they ring (weekday × hour, in the calendar’s time zone)
replay-heat-cell = { $day } { $hour }:00, { $count } alerts
replay-heat-most = { $count } in the busiest hour; the darker, the busier.
replay-superseded = { $count ->
    [one] One more threshold came at the same instant as a later one of its clock, which rings for it.
   *[other] { $count } more thresholds came at the same instant as a later one of their clock, which rings for them.
 }
replay-latest = Latest tickets
replay-still-open = still open
replay-all = Show all { $count }
replay-fewer = Show fewer
replay-assumed = Assumptions
replay-problems = { $count ->
    [one] One row was not used
   *[other] { $count } rows were not used
 }
replay-problem-line = Line { $line }:
replay-problems-more = { $count } more are not listed.
replay-problem-field-count = not as many fields as the first line (found / expected)
replay-problem-number-missing = no number
replay-problem-date-missing = no date
replay-problem-date-unreadable = not a date
replay-problem-state-unknown = unknown state
replay-problem-priority-unknown = unknown priority
replay-problem-not-a-ticket = not a ticket
replay-problem-line-too-long = line too long
replay-note-time-zone = Dates name no time zone; they are read in { $tz }.
replay-note-date-order = Dates are read as { $order ->
    [mdy] month-day-year
   *[dmy] day-month-year
 }.
replay-note-history-end = The history ends { $until }; open clocks are judged as of then, and those past their deadline count as breached.
replay-note-opened-at = Clocks start at opened_at, not when the incident was entered.
replay-note-first-response = The first row out of New is the first response, by whoever made that update.
replay-note-no-replies = The log has no customer replies, so next responses are not counted; nor are visits.
replay-note-states = Awaiting User Info and Awaiting Evidence wait for the customer; Awaiting Vendor, Problem and Change wait for the vendor; Active is open.
replay-note-priorities = Priority 1 is urgent, 2 important, 3 and below routine.
replay-note-hidden-reopenings = In { $count } rows the number of reopenings rose without an open state to be seen: taken as reopened and resolved again at that row.
replay-note-resolved-column = { $count } incidents have no Resolved row; resolved_at tells when.
replay-note-before-opening = { $count } rows are older than their incident’s opened_at and are taken to be then.
replay-note-priority-kept = { $count } rows have no priority and keep the one before.
replay-note-traits = The customer is caller_id, the product category; nobody is VIP.
replay-note-gbk = The file is read as GBK.
replay-note-last-status-only = This kind of file tells the last status and when it was set; pauses in between are not known.
replay-note-present-traits = Policies are chosen by the ticket’s present customer, product, tags and priority.
replay-note-alerts = Alerts are those of a bell that is never late and never quiet: it rings while a clock runs, after a pause for what passed in it, and again when a deadline moves.

## Robots

robots-none-hint = A robot tells a group chat about deadlines: { $platforms }. Add one in the group's settings, then enter its Webhook address here.
robot-kind-dingtalk = DingTalk
robot-kind-wecom = WeCom
robot-kind-feishu = Feishu
robot-add = Add a robot
robot-edit = Edit: { $name }
robot-keep = Keep
robot-text = A custom robot of a group chat. Messages name the ticket's number, the customer, the deadline and who answers for the customer; nothing else of a ticket leaves this computer. Whose card has a mobile number is mentioned by it in DingTalk and WeCom.
robot-platform = Platform
robot-name = Name
robot-name-hint = For example the name of the group.
robot-name-long = At most { $most } characters.
robot-address = Webhook address
robot-address-hint-dingtalk = In the group: Settings, Bot, Custom. Begins with https://oapi.dingtalk.com/robot/send
robot-address-hint-wecom = In the group: Group robots, Add. Begins with https://qyapi.weixin.qq.com/cgi-bin/webhook/send
robot-address-hint-feishu = In the group: Settings, Bots, Custom bot. Begins with https://open.feishu.cn/open-apis/bot/v2/hook/
robot-secret = Signing secret
robot-secret-hint = From the robot's security settings, if it signs. With a keyword instead, make it "Deskbell".
robot-secrets-kept = Address and secret go to the keyring and are not shown again.
robot-secrets-stay = Address and secret stay as they are.
robot-secrets-replace = Enter new ones
robot-added = { $name } is connected.
robot-kept = { $name } is kept.
robot-rules = What it tells
robot-rules-hint = A ticket that fits several rules is told once, naming everybody that they name.
robot-rule-number = Rule { $place }
robot-rule-name = Name of the rule
robot-rule-name-hint = May stay empty.
robot-rule-add = Add a rule
robot-rule-remove = Remove the rule
robot-rule-tells = Moments
robot-rule-what = Tells
robot-rule-alerts = Alerts
robot-rule-escalations = Unacknowledged alerts
robot-rule-every = every alert
robot-rule-escalated = alerts nobody acknowledged
robot-rule-names = names { $names }
robot-rule-quiet = quiet { $from }–{ $to }
robot-rule-nothing = Choose alerts, unacknowledged alerts, or both.
robot-rule-escalations-after = Urgent alerts count as unacknowledged after { $minutes } min; Settings, Alerts changes that.
robot-rule-escalations-off = Nothing escalates now: switch escalation on in Settings, Alerts.
robot-rule-people = People
robot-rule-mention = Names
robot-rule-mention-add = Person
robot-everybody = everybody
robot-mention-hint-dingtalk = Mobile numbers or DingTalk user ids of people in the group.
robot-mention-hint-wecom = Mobile numbers or WeCom user ids of people in the group.
robot-mention-hint-feishu = Feishu user ids (ou_…) of people in the group; Feishu robots cannot name mobile numbers.
robot-quiet-none = Tells at any hour.
robot-quiet-urgent = Urgent tickets are told all the same
robot-quiet-hint = What is held back goes as one message when quiet hours end, unless somebody has dealt with it.
robot-enabled = Switched on
robot-off = Switched off: nothing is queued for it.
robot-signed = signed
robot-waiting = { $count } waiting
robot-held-until = Goes on at { $time }.
robot-no-rules = No rule: it tells nothing by itself.
robot-test = Send a test
robot-test-label = Send a test message to { $name }
robot-testing = Sending…
robot-test-sent = { $name } took the message at { $time }. Look into the group.
robot-remove = Remove
robot-remove-label = Remove: { $name }
robot-remove-title = Remove { $name }?
robot-remove-text = Its rules, its log and its secrets are forgotten. The group keeps the robot until you remove it there.
robot-remove-waiting = { $count ->
        [one] { $count } message still waits and will not be sent. Its rules, its log and its secrets are forgotten.
       *[other] { $count } messages still wait and will not be sent. Its rules, its log and its secrets are forgotten.
    }
robot-log = Messages
robot-log-of = Messages of
robot-log-all = All robots
robot-log-none = Nothing has been sent yet.
robot-state-queued = Waiting
robot-state-sending = Sending
robot-state-sent = Sent
robot-state-failed = Refused
robot-state-unknown = In doubt
robot-state-merged = Merged
robot-state-withdrawn = Withdrawn
robot-waits = Goes as soon as it may.
robot-waits-until = Goes at { $time }.
robot-sending = On its way.
robot-sent = Taken by the platform at { $time }.
robot-sent-twice = Taken by the platform at { $time }; an earlier try may have arrived too.
robot-unknown = It may have arrived: no clear answer came. It is not sent again by itself.
robot-merged = Went along with message #{ $id }.
robot-withdrawn = No longer true when its turn came: acknowledged, answered or finished.
robot-attempts = { $count } tries
robot-answer = The platform's answer:
robot-show = Text
robot-send-now = Send now
robot-send-again = Send again
exact-days = { $n } d
exact-hours = { $n } h
exact-minutes = { $n } min
exact-seconds = { $n } s
why-and = { " " }and { "" }

## Visits: names used in several places

service-hardware_inspection = Hardware inspection
service-network_stress_test = Network stress test
service-security_hardening = Security hardening
visit-state-requested = Requested
visit-state-waitlisted = On the waitlist
visit-state-confirmed = Confirmed
visit-state-declined = Declined
visit-state-cancelled = Cancelled
visit-state-done = Done
outbox-visit-request = Visit requested: { $service }
outbox-visit-confirm = Visit confirmed
outbox-visit-decline = Visit declined
outbox-visit-reschedule = Visit moved
outbox-visit-cancel = Visit cancelled
outbox-visit-complete = Visit completed
outbox-visit-waitlist = Visit put on the waitlist
outbox-visit-edit = Visit details changed
outbox-discard-visit = Take this visit request back? What you filled in is kept as a draft.

## Rail: visits and directories

nav-visits = Visits
nav-phones = Phone lines
nav-centres = Service centres
nav-customers = Customers
nav-directory = Directory
nav-work = Work
do-visits = Go to Visits
do-phones = Go to Phone lines
do-centres = Go to Service centres
do-customers = Go to Customers
visits-title = Visits
visits-none = No visits yet
visits-none-hint = Press v on a ticket, or choose “Book a visit” here.
phones-title = Phone lines
phones-none = No phone lines yet
phones-none-hint = They are listed here once an account has synced.
centres-title = Service centres
centres-none = No service centres yet
centres-none-hint = They are listed here once an account has synced.
customers-title = Customers
customers-none = No customers yet
customers-none-hint = Customers with tickets are listed here once an account has synced.

# Visits carried by tickets
option-visit-category = Category id for visits on site
option-visit-queue = Queue for visits on site
option-visit-category-example = for example 1001
option-visit-queue-example = for example OnSite
option-visit-hint = This kind of server has no visiting slots: a visit travels as a ticket filed here, and its confirmation is read from the reply. Left empty, visits cannot be asked for.

## People and papers: errors
error-person-unknown =
    .what = This contact card is not here any more.
    .kept = Nothing was changed; what you typed is still in the form.
    .next = Add the person again, or close the form.
error-customer-unknown =
    .what = This customer is not on this desk.
    .kept = Nothing was changed.
    .next = Sync, or choose another customer.
error-deputy-is-self =
    .what = { $name } cannot be their own deputy.
    .kept = What you typed is still in the form.
    .next = Name somebody else, or leave the deputy empty.
error-absences-overlap =
    .what = This absence overlaps with another of the same person.
    .kept = What you typed is still in the form.
    .next = Make one of them shorter, or join the two.
error-font-missing =
    .what = No Chinese font was found on this computer, so the PDF was not made: its Chinese would be empty boxes.
    .kept = Everything is as it was; no file was written.
    .next = Install Noto Sans CJK (Debian and Ubuntu: fonts-noto-cjk; Fedora: google-noto-sans-cjk-fonts), then try again.
error-paper-failed =
    .what = The PDF could not be made.
    .kept = Everything is as it was; no file was written.
    .next = Try again. If it stays so, report it with the detail below.

# calendars and diagnosis sessions
calendar-visit-title = Visit · { $service } · { $place }
calendar-diagnosis-title = Cloud Doctor session · { $title }
calendar-ticket = Ticket: { $value }
calendar-contact = Contact: { $value }
calendar-engineer = Engineer: { $value }
calendar-asset = Asset: { $value }
calendar-note = Note: { $value }
calendar-reason = Called off because: { $value }
calendar-join = Join: { $value }
calendar-people = With: { $value }
error-visit-without-time =
    .what = This visit has no time yet.
    .kept = The visit is as it was.
    .next = Export it once it is confirmed.
error-calendar-unreadable =
    .what = This is not a calendar (iCalendar) that can be read whole.
    .kept = Nothing was changed; what was read before is still here.
    .next = Get the .ics file again from its publisher, in UTF-8.
error-calendar-too-large =
    .what = The calendar is too large to be read.
    .kept = Nothing of it was taken in; what was read before is still here.
    .next = Subscribe to a smaller calendar, or export only the part that is needed.
error-calendar-missing =
    .what = There is no calendar: none is set up, or it is gone from the server.
    .kept = What waits to be sent stays here.
    .next = Choose a calendar in Settings › Calendar.
error-subscription-unknown =
    .what = There is no such calendar.
    .kept = The others are as they were.
    .next = Reload the list.
error-diagnosis-unknown =
    .what = There is no such session.
    .kept = The others are as they were.
    .next = Reload the list.
error-diagnosis-finished =
    .what = The session is over or was called off.
    .kept = The session is as it was.
    .next = Plan another one where it is needed.
error-consent-missing =
    .what = The customer's consent is not recorded yet.
    .kept = What was typed is still here; the session is as it was.
    .next = Record who agreed to what and when, then finish the session.

## Directories and calls (core)

error-entry-unknown =
    .what = The directory has no such entry.
    .kept = Every other entry is as it was.
    .next = Look at the list again; it was removed, or its provider no longer carries it.
error-import-encoding =
    .what = This file is not written in UTF-8 and cannot be read safely (perhaps it is GBK or UTF-16).
    .kept = Nothing in the directory has changed.
    .next = Save it from your spreadsheet as “CSV UTF-8 (comma delimited)” and import it again.
error-import-unreadable =
    .what = This file is neither JSON exported by Deskbell nor a table that can be read.
    .kept = Nothing in the directory has changed.
    .next = Mend it as the guide describes; the technical line below says where.
error-import-columns =
    .what = The column names in the first row are not right.
    .kept = Nothing in the directory has changed.
    .next = Name the columns as in the guide; the easiest start is an export. The line below says which are missing or not known.
error-import-too-large =
    .what = The file is too large for a directory.
    .kept = Nothing in the directory has changed.
    .next = At most 5 MB and 2,000 entries: split it and import the parts.
error-import-refused =
    .what = Some rows have problems, so none was taken.
    .kept = Nothing in the directory has changed, nor has the file.
    .next = Mend the rows that the preview names, and choose the file again.
error-import-gone =
    .what = The file of this preview is not at hand any more.
    .kept = Nothing in the directory has changed.
    .next = Choose the file again.
error-cell-invalid =
    .what = This cell does not hold what its column needs.
    .kept = Nothing in the directory has changed.
    .next = Mend the file as the guide describes that column.
error-row-length =
    .what = This row has more or fewer cells than the first.
    .kept = Nothing in the directory has changed.
    .next = Look at commas and quotes: text with a comma goes between double quotes.
error-call-unknown =
    .what = The call log has no such call.
    .kept = Every other call is as it was.
    .next = Look at the call log again.
error-call-under-way =
    .what = Another call has not ended yet.
    .kept = Its timer and notes are as they were.
    .next = End it and say how it went; then begin the next.
error-call-finished =
    .what = This call has already ended.
    .kept = What was written down is kept, and its note can still be changed.
    .next = See it in the call log.

error-dialer-missing =
    .what = This computer has no program that dials telephone numbers.
    .kept = The number is as it was; nothing was dialled.
    .next = Copy the number, or scan the QR code with a mobile phone.

line-reason-outage = A service is down, and this line is for that
line-reason-enterprise_contract = The customer has an enterprise contract
line-reason-vip = The customer is a VIP
line-reason-urgent = Urgent matters go straight to the technical experts
line-reason-product = This line is for { $product }
line-reason-standard = Ordinary questions go to the standard line
line-reason-language = Speaks { $language }
line-reason-dialect = Speaks the dialect { $language }
line-reason-open_alternative = “{ $line }” would suit better, but nobody answers there now
line-reason-closed = Nobody answers now
line-reason-hours_unknown = Nobody wrote down when it is open
line-reason-language_missing = Does not speak { $languages }
line-reason-enterprise_only = For enterprise customers only
line-reason-nothing_fits = No line fits: the standard one passes you on

no-slot-window_reversed = The window ends before it begins
no-slot-window_past = This window is over
no-slot-service_not_offered = This centre does not offer the service
no-slot-no_skill = No engineer of this centre has learned the service
no-slot-no_language = No engineer who could do it speaks the language
no-slot-abroad = The site is in another country or region, where this centre does not go
no-slot-too_far = About { $km } km away, beyond the { $most } km that it travels
no-slot-hours_unknown = Nobody wrote down this centre's hours, so nothing can be planned
no-slot-hours_invalid = This centre's hours have a mistake in them, so nothing can be planned
no-slot-rules_invalid = This centre's booking rules have a mistake in them, so nothing can be planned
no-slot-notice = It needs notice: { $earliest } at the earliest
no-slot-horizon = Not open for booking yet: { $latest } at the latest
no-slot-closed = The centre is closed then, or the window is shorter than a visit
no-slot-full = Fully booked

call-outcome-reached = Reached
call-outcome-no_answer = No answer
call-outcome-busy = Busy
call-outcome-voicemail = Left a message
call-outcome-called_back = They called back
call-outcome-other = Other
call-ask-sla_engineer = Ask for the engineer of your service level agreement (SLA)
call-ask-expert = Ask for a technical expert
call-ask-agent = Give the product and the ticket number, and be put through
call-note-title = Call: { $line } ({ $number })
call-note-when = When: { $from } to { $to }, { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }
call-note-outcome = Outcome: { $outcome }
call-note-agent = Answered by: { $agent }
call-note-case = Their case number: { $case }
call-note-ticked = Checked: { $ticked }

## Customers, people, handover, sessions, calendars

time-today = today
time-tomorrow = tomorrow
moment-date = Date
moment-time = Time
moment-date-wrong = Enter a date, such as 2026-11-26.
moment-time-wrong = Enter a time, such as 14:00.
moment-skipped = The clocks go forward past this time: it does not exist. The first one after it is { $next }.
care-tab-customers = Customers
care-tab-people = People
care-tab-handover = Handover
care-tab-sessions = Sessions
customers-search = Find by name, city or manager
customers-not-found = No customer matches
customers-not-found-hint = Try another name, city or manager.
customers-pick = Choose a customer
customers-pick-hint = Its manager and deputy, open tickets and visits are shown here.
care-nobody = no service manager
care-acts-for = { $deputy } for { $manager }
care-breached = { $count } breached
care-open = { $count } open
person-name = Name
person-role = Role
person-phone = Phone
person-email = Email
person-im = Messenger
person-im-hint = For example DingTalk linxia.
person-copy = Copy { $what } of { $name }
person-no-contact = No contact details.
person-languages = Languages
person-note = Note
person-add = Add a person
person-edit = Edit { $name }
person-text = Write the name as the provider does: that is how customers find this card.
person-keep = Save
person-added = { $name } was added.
person-kept = { $name } was saved.
person-remove = Remove
person-remove-label = Remove { $name }
person-remove-title = Remove the card of { $name }?
person-remove-text = Contact details and absences go with it. The name stays with the customers.
person-removed = The card of { $name } was removed.
person-manages = { $count ->
       [one] manages 1 customer
      *[other] manages { $count } customers
    }
person-acts = acting for { $count }
people-text = Cards of service managers and deputies. During an absence the deputy acts: customers, tickets and alerts name whoever is there.
people-none = Nobody yet
people-none-hint = Add a service manager to keep contact details, absences and deputies.
people-unknown = Without a card
people-unknown-hint = Customers name them. Absences need a card.
absences = Absences
absences-hint = While away, the deputy named here acts; without one, each customer’s own deputy does.
absence-add = Add an absence
absence-number = Absence { $place }
absence-begins = Begins
absence-ends = Ends
absence-who = Deputy
absence-who-hint = Choose or type a name
absence-who-empty = Each customer’s own deputy acts.
absence-note = Note
absence-note-placeholder = For example annual leave
absence-remove = Remove absence { $place }
absence-now = away
absence-from = Away from { $at },
absence-through = through { $day }
absence-until = until { $at }
absence-deputy = deputy { $name }
handover-brief = Handover brief
join = Join
join-label = Join { $title }
join-title = Open { $host }?
join-text = The link of “{ $title }” opens in your browser. Look at the address first.
join-not-plain = This host name contains letters of another script; it may look like a site that it is not.
join-copy = Copy link
join-go = Open in browser
join-refused = Not an https link, so it cannot be opened: { $url }
side-sessions = Diagnosis sessions
session-plan = Plan a session
session-change = Change the session
session-on = Ticket #{ $id } { $subject }
session-default-title = Diagnosis: { $subject }
session-title = Title
session-start = Begins
session-length = Length
session-until = until { $time }
session-past = This time has passed.
session-join = Join link
session-join-hint = You see the whole address before it is opened.
session-join-wrong = Only links that begin with https:// and have no spaces or user names.
session-participants = Participants
participant-name = Name
participant-email = Email
participant-role = Role
participant-field = Participant { $place }: { $field }
participant-remove = Remove { $name }
participant-add = Add a participant
session-consent = Customer’s consent
session-consent-hint = You can plan without it; a session cannot be finished before consent is recorded.
session-consent-given = { $by } agreed · { $at }
session-consent-words = In their words: { $words }
session-consent-missing = Consent not recorded yet
consent-by = Who agreed
consent-by-placeholder = Name on the customer’s side
consent-words = What they agreed to, in their words
consent-words-placeholder = For example: You may look at the load balancer and its monitoring; no changes.
consent-at = Recorded { $at }
consent-at-now = The time is recorded when you save.
session-reminders = Reminders
session-keep = Save
session-planned = “{ $title }” is planned.
session-kept = “{ $title }” was saved.
session-running = now
session-over = findings due
session-state-done = done
session-state-cancelled = called off
session-people-more = { $names } and others, { $count } in all
session-finish = Findings
session-finish-title = Finish the session
session-needs-consent = The customer’s consent is not recorded
session-needs-consent-hint = A session looks into the customer’s systems, so it cannot be finished without consent on record. Ask the customer, then record it here; your findings stay.
session-findings = Findings
session-findings-hint = What was found, and what comes next.
session-findings-needed = Write down the findings, even if nothing was found.
session-to-ticket = Put the findings on the ticket as a note
session-later = Not now
session-finished = “{ $title }” is finished.
session-finished-told = “{ $title }” is finished, and its findings are on the ticket.
session-edit = Change “{ $title }”
session-file = Calendar file of “{ $title }”
session-file-saved = Saved to { $path }
session-call-off = Call off “{ $title }”
session-call-off-title = Call the session off?
session-call-off-text = “{ $title }” goes from the calendar, and its reminders end.
session-call-off-why = Why (optional)
session-call-off-do = Call it off
session-keep-it = Keep it
session-called-off = “{ $title }” was called off.
sessions-diagnosis = Diagnosis sessions
sessions-diagnosis-text = An expert looks into a system together with the customer. Planned on a ticket.
sessions-none = No sessions yet
sessions-none-hint = Open a ticket and choose “Plan a session” beside it.
sessions-none-planned = No session is planned.
sessions-past = Past
sessions-all = Show all { $count }
sessions-fewer = Show fewer
reminder-at-start = at the start
reminders-none = no reminder
reminders-before = reminds { $each } before
live-title = Live Q&A
live-text = Sessions of your subscribed calendars in the next four weeks.
live-manage = Manage subscriptions
live-off = Not subscribed
live-off-hint = Subscribe to the live Q&A on Wednesdays and Fridays at 20:00 and be reminded in time.
live-subscribe = Subscribe
live-none = No sessions in the next four weeks.
settings-calendar = Calendars
subscriptions = Subscribed calendars
subscriptions-text = The live Q&A and other .ics calendars. Sessions of those switched on are listed under Customers › Sessions, and ring in time.
subscription-shipped = Comes with Deskbell
subscription-from-file = From a file
subscription-next = next { $at }
subscription-no-next = no next session
subscription-read = read { $at }
subscription-rings = Remind before
subscription-rings-label = Reminders of “{ $name }”
subscription-refresh = Read “{ $name }” again
subscription-kept = What was read before stays.
subscription-remove = Remove
subscription-remove-label = Remove “{ $name }”
subscription-remove-title = Remove “{ $name }”?
subscription-remove-text = Its sessions and reminders no longer appear. The calendar itself is untouched.
subscription-add-url = Subscribe by address
subscription-add-file = Add from an .ics file
subscription-add = Subscribe
subscription-reading = Reading…
subscription-added = Subscribed to “{ $name }”.
subscription-url = Address
subscription-url-hint = The https address of an .ics calendar. It is read first, and added when that works.
subscription-name = Name
subscription-name-hint = Left empty, the calendar’s own name is used.
caldav = My calendar (CalDAV)
caldav-text = Visits and diagnosis sessions go into your calendar, and so do changes and cancellations. Only Deskbell’s own events are touched.
caldav-start = Connect a calendar
caldav-url = Server address
caldav-url-hint = The address of a CalDAV server or calendar.
caldav-user = User name
caldav-password = Password
caldav-password-hint = Kept in the system’s keyring, and never shown again.
caldav-password-kept = Left empty, the kept password is used.
caldav-check = Look for calendars
caldav-checking = Looking…
caldav-no-calendars = The server has no calendar that can be written to. Create one there first.
caldav-choose = Which calendar to write to
caldav-keep = Use this calendar
caldav-keeping = Saving…
caldav-kept = The calendar is connected.
caldav-calendar = Calendar
caldav-on = Write events
caldav-state = State
caldav-state-off = Switched off; what was written stays
caldav-state-current = Everything is there
caldav-state-waiting = { $count ->
       [one] 1 event waits
      *[other] { $count } events wait
    }
caldav-state-failed = Cannot write
caldav-pushed = last written { $at }
caldav-retry = next try { $at }
caldav-push = Write now
caldav-pushing = Writing…
caldav-edit = Change
caldav-remove = Disconnect
caldav-remove-title = Disconnect this calendar?
caldav-remove-text = Deskbell’s events are taken out of the calendar; where its server does not answer they stay. The password leaves the keyring.

## Handover and reports on paper
handover-title = Handover brief
handover-title-of = Handover brief · { $name }

## Phone lines, calls and service centres

close = Close
opening-always = Round the clock
opening-until = Open until { $time }
opening-from = Closed, opens { $time }
opening-closed = Closed
opening-unknown = Hours not known
centre-name = { $city } service centre
distance-km = { $km } km
tier-1 = Standard
tier-2 = Technical experts
tier-3 = Enterprise
phones-summary = { $count ->
    [one] { $count } line
   *[other] { $count } lines
 }, { $open } open now
phones-shown = Show
phones-shown-lines = Lines
phones-shown-log = Call log
lines-stale = { $count ->
    [one] { $count } line was last verified more than 90 days ago
   *[other] { $count } lines were last verified more than 90 days ago
 }. Check the number against its source, then press “Verified today”.
lines-by-tier = By tier
lines-by-order = In recommended order
line-first = First choice
line-add = New line
line-edit = Edit { $name }
line-number-and-name = Number and name
line-number = Phone number
line-vendor = Vendor
line-purpose-zh = What for (Chinese)
line-purpose-en = What for (English)
line-tier = Tier
line-contract = For
line-contract-any = All customers
line-contract-enterprise = Enterprise contracts only
line-contract-enterprise-hint = Only for customers with an enterprise contract.
line-for = When
line-for-outage = A service is down
line-languages = Languages
line-dialects = Dialects
line-ivr-zh = Menu in words (Chinese)
line-ivr-en = Menu in words (English)
ivr-step = Step { $n }
ivr-key = Key
ivr-label-zh = Choice (Chinese)
ivr-label-en = Choice (English)
ivr-remove = Remove step { $n }
ivr-add = Add a step
checklist-item = Item { $n }
checklist-zh = Text (Chinese)
checklist-en = Text (English)
checklist-remove = Remove item { $n }
checklist-add = Add an item
sheet-none = Choose a line
sheet-none-hint = Its number, the keys to press and what to have at hand appear here.
sheet-why = Why this line
sheet-ivr = Voice menu
sheet-checklist = Before you call
sheet-checklist-done = { $done } of { $all }
sheet-checklist-none = This line has no checklist; one can be added in its editor.
sheet-have = They will ask for
sheet-have-none = When you call about a ticket, its account, number and instance ids stand here.
sheet-line = About this line
sheet-languages = Languages: { $list }
sheet-ticket = Ticket
sheet-account = Account
sheet-instances = Instances
sheet-ours = On our side
sheet-manager = service manager { $name }
sheet-deputy = deputy { $name }
sheet-copy = Copy { $value }
call-for = This call is about
call-for-ticket = About the ticket
call-for-none = Not about a ticket
call-for-open = For the open ticket: { $subject }
call-fact-outage = A service is down
call-fact-urgent = Urgent
call-fact-enterprise = Enterprise contract
call-fact-language = Language
call-fact-language-any = Any
call-dial = Call
call-copy-label = Copy the number { $number }
call-code = QR code
call-code-label = Dial from a mobile phone: QR code of { $name }
call-code-title = Dial from a mobile phone
call-code-text = Point the phone’s camera at it and confirm.
call-code-image = QR code that dials { $number }
call-record = Only log a call
call-record-hint = You dial on another phone; the timer and the notes run here
call-running = Call under way: { $name }
call-panel = Notes and end
call-note = Notes on the call
call-note-hint = What they said, what was agreed
call-agent = Who answered
call-case = Their case number
call-outcome = Outcome
call-to-ticket = Put it on the ticket as an internal note
call-kept = Kept as you type
call-end = End the call
call-ended = Logged: the call to { $name }
call-ended-ticket = Logged, and its note goes to the ticket: the call to { $name }
calls-show = Call log
calls-none = No calls yet
calls-none-hint = Calls made from a line or a ticket stay here with their length, outcome and notes.
calls-when = When
calls-line = Line
calls-length = Length
calls-outcome = Outcome
calls-agent = Who answered
calls-note = Notes
calls-ticket = Ticket
calls-open-ticket = Open the ticket
calls-on-ticket = note written
call-sheet-open = Call sheet
line-others = Other lines
directory-back = Back to the list
directory-import = Import
directory-export = Export
directory-export-csv = CSV (spreadsheet)
directory-export-json = JSON
directory-exported = Exported to { $path }
directory-problems = { $count ->
    [one] { $count } thing to correct
   *[other] { $count } things to correct
 }; nothing is saved yet
directory-unsaved = Not saved yet; it waits here if you leave
directory-discard = Discard
directory-discard-title = Discard what you typed?
directory-discard-text = What you typed is lost; the entry stays as it was.
directory-keep = Save
directory-kept = Saved: { $name }
directory-over-provider = This entry is the provider’s. Your change is kept here, over it, and can be taken back at any time.
directory-hours = Opening hours
directory-hours-always = Round the clock
directory-hours-weekly = Weekly hours
directory-hours-words = As the source puts it: { $words }
directory-days = Holidays and make-up workdays from
directory-days-none = No holidays
directory-days-size = { $off } days off, { $makeup } make-up workdays, known until { $until }
directory-source = Source
directory-source-from = Where this is known from
directory-source-hint = A contract, a web page, a call
directory-verified-on = Verified on
directory-today = Today
directory-wrong-number = A whole number is needed
directory-wrong-range = A number from { $least } to { $most }
directory-show-hidden = Show { $count } hidden
directory-hide-hidden = Leave out { $count } hidden
entry-draft = unsaved
entry-hidden = hidden
entry-own = own
entry-changed = changed here
entry-provider-changed = changed by the provider
entry-provider-changed-hint = The provider changed this entry after you did. To see theirs, restore it.
entry-stale = verify
entry-stale-hint = not verified for more than 90 days
entry-problems = { $count } to correct
entry-source = Source:
entry-source-none = not named
entry-verified = Verified on
entry-verified-never = never
entry-verified-now = Verified today: { $name }
entry-edit = Edit
entry-verify = Verified today
entry-remove = Delete
entry-hide = Hide
entry-show = Show again
entry-restore = Back to the provider’s
entry-restore-title = Back to the provider’s “{ $name }”?
entry-restore-text = Your changes here are taken away, and the provider’s entry shows again.
entry-restored = Restored: { $name }
entry-removed = Deleted: { $name }
entry-now-hidden = Hidden: { $name }
import-lines-title = Import phone lines
import-centres-title = Import service centres
import-text = This is what the file would change. Nothing is written before you confirm.
import-failed-text = The file was not imported; the directory is as it was.
import-added = new
import-changed = changed
import-same = the same
import-refused = wrong
import-rows = Rows of the file
import-row = Row
import-name = Name
import-what = What changes
import-more = { $count } more rows
import-refused-hint = Correct the rows marked here in the file, then choose it again; until then nothing is written.
import-apply = Import { $count }
import-other = Choose another file
import-done = { $count } imported.
centres-summary = { $count ->
    [one] { $count } centre
   *[other] { $count } centres
 }, { $open } open now
centres-stale = { $count ->
    [one] { $count } centre was last verified more than 90 days ago
   *[other] { $count } centres were last verified more than 90 days ago
 }. Check it against its source, then press “Verified today”.
centres-find = City, pinyin or initials
centres-services = Services
centres-open = Open now
centres-found = { $count ->
    [one] { $count } centre
   *[other] { $count } centres
 }
centres-no-match = No centre matches
centres-no-match-hint = Try another city or spelling, or clear the filters.
centres-clear = Clear filters
centre-add = New centre
centre-engineers = { $count ->
    [one] { $count } engineer
   *[other] { $count } engineers
 }
centre-engineers-all = Show all { $count }
centre-engineers-fewer = Show fewer
centre-engineers-none = No engineers are listed.
centre-away = { $km } from { $city }
centre-book = Book a visit here
centre-days = The next 14 days
centre-day-open = open
centre-day-closed = closed
centre-reach = Reach and booking
centre-address = Address
centre-radius = Travel radius
centre-slot = Slots
centre-slot-value = { $minutes } min, { $capacity } at a time
centre-notice = Notice
centre-notice-value = at least { $hours } h, at most { $days } days ahead
centre-contacts = Contacts
centre-contacts-none = No contacts are listed.
centre-people = Engineers
centre-choose = Choose a service centre
centre-choose-hint = From the list or the map: its days, contacts and engineers appear here.
centre-rules = Booking rules
centre-rule-slot-minutes = Slot length (min)
centre-rule-capacity = Visits at a time
centre-rule-buffer-before-min = Travel before (min)
centre-rule-buffer-after-min = Travel after (min)
centre-rule-notice-min = Minimum notice (min)
centre-rule-horizon-days = Horizon (days)
centre-rule-travel-radius-km = Travel radius (km)
centre-rule-cancel-cutoff-min = Change cut-off (min)
centre-where = Where
centre-city-zh = City (Chinese)
centre-city-en = City (English)
centre-latitude = Latitude
centre-longitude = Longitude
centre-take-place = Fill in { $city } ({ $latitude }, { $longitude })
centre-country = Country code
contact-n = Contact { $n }
contact-name = Name
contact-role = Role
contact-phone = Phone
contact-email = E-mail
contact-remove = Remove contact { $n }
contact-add = Add a contact
contact-dial = Dial { $number }
engineer-n = Engineer { $n }
engineer-id = Id
engineer-skills = Skills
engineer-remove = Remove engineer { $n }
engineer-add = Add an engineer
site-label = Distance from
site-from = From { $city }
site-city = City or pinyin
site-none = No such city
site-unknown = The customer’s city is not known: { $city }
site-customer = Where { $name } is: { $city }
site-clear = Without distances
map-label = Map of service centres
map-help = Arrows: next centre · Shift+arrows: move · + −: zoom · 0: all
map-site = Pin: { $city }
map-tools = Map
map-nearer = Zoom in
map-farther = Zoom out
map-all = Show all
acting-why-absence-deputy = { $manager } is away { $until }; { $acting } was named to act.
acting-why-customer-deputy = { $manager } is away { $until }; { $acting } acts as this customer’s deputy.
acting-why-further-deputy = Manager and deputy are both away { $until }; the next deputy, { $acting }, acts.
acting-why-no-manager = No service manager is named; the deputy { $acting } answers.
acting-why-nobody-there = { $manager } is away { $until }, and no deputy is there. Name one.
acting-why-unknown = No service manager and no deputy is named.
care-acting = acting
care-now = Who answers now
care-who = Manager and deputy
care-deputy = Deputy
care-none = nobody
care-add-card = Add a card
care-provider-says = the provider says { $name }
care-edit = Change
care-edit-hint = Changed in Deskbell only; the provider is not told.
care-same = Manager and deputy cannot be the same person.
care-kept = Who answers for { $name } was changed.
care-provider-again = As the provider says
care-figure-breached = Breached
care-figure-open = Open
care-figure-all = All tickets
care-calm = No open tickets.
customers-back = Back to the list
handover-customer = Customer
handover-all-customers = All customers instead
handover-manager = Service manager
handover-everybody = Everybody
handover-from = From
handover-to = To
handover-reversed = The end must be after the beginning.
handover-make = Make the brief
handover-again = Make it again
handover-making = Making it…
handover-pdf = Save as PDF
handover-writing = Writing…
handover-outdated = What you chose has changed; below is the brief from before.
handover-none = No brief yet
handover-none-hint = Choose a manager and a time. The brief lists open tickets, clocks, visits and what was promised.
handover-span = { $from } to { $to }
handover-made = made { $at }
handover-figure-customers = Customers
handover-figure-tickets = Open tickets
handover-figure-breached = Breached
handover-figure-visits = Visits
handover-figure-promises = Promises
handover-people = People
handover-calm = Nothing to hand over.
handover-more = { $count } more customers have open work and are not listed.
handover-quiet = { $count } customers have nothing open.
handover-acting = { $name } answers
handover-tickets = Open tickets { $count }
handover-tickets-more = { $count } more are not listed.
handover-visits = Visits { $count }
handover-no-slot = no time yet
handover-calls = Calls { $count }
handover-promises = Promises
handover-promise-due = due: { $at }
handover-promise-past = was due: { $at }
entry-provider-gone = gone at the provider
entry-provider-gone-hint = The provider no longer carries this entry; your words are kept.
centre-day-provisional = holidays of that year are not published yet
join-failed = This computer has no browser that opens the link.

# Words in tickets that carry a visit
carrier-subject = Visit on site
carrier-request = Visit on site requested
carrier-move = Another time requested
carrier-cancel = Visit on site cancelled
carrier-complete = Visit on site completed
carrier-edit = Visit on site: new details
carrier-service = Service
carrier-centre = Service centre
carrier-site = Site
carrier-contact = Contact
carrier-asset = Asset
carrier-window = Preferred time
carrier-start = Start asked for
carrier-stands = Time that stands
carrier-languages = Languages
carrier-note = Note
carrier-reason = Explanation
carrier-ticket = Ticket
carrier-checked = Checked
carrier-findings = Findings
carrier-signed = Signed by
carrier-answer-how = Please answer with these lines (or with a machine-readable block of the same form):
carrier-answer-state = Status: confirmed / declined
carrier-answer-time = Time: YYYY-MM-DD hh:mm-hh:mm time zone
carrier-answer-engineer = Engineer: (name)

# Reminders of appointments
remind-notify-visit = Visit on site in { $left } ({ $time })
remind-notify-visit-begun = Visit on site has begun ({ $time })
remind-notify-visit-given = Visit on site confirmed for { $time }
remind-notify-diagnosis = Diagnosis session in { $left } ({ $time })
remind-notify-diagnosis-begun = Diagnosis session has begun ({ $time })
remind-notify-live = Live session in { $left } ({ $time })
remind-notify-live-begun = Live session has begun ({ $time })
remind-notify-many = { $count } appointments
remind-notify-without-actions = Open Deskbell to look at it or to be reminded later.

error-visit-category-missing =
    .what = This server has no visiting slots, and no category is set in which visits travel as tickets.
    .kept = Nothing was sent. What you typed is still in the form.
    .next = Set the category or queue for visits in Settings → Accounts → Options (deskctl account options --visit-category), then ask again.
language-yue = Cantonese
language-wuu = Wu
language-nan = Min Nan
language-hak = Hakka

## Visits: calendar, page, wizard

do-visit = Book a visit
contact-phone-hint = A number or an e-mail address is needed.
move-title = Moving: { $service } · { $who }
move-from = Now: { $time }
move-how = Choose a free slot, or use the arrow keys and Enter; Esc puts it back.
move-none = Nothing is free in these days. Look further with “Next week”.
move-no-slot-here = No free slot here
move-stop = Put back
move-stays = { $service } · { $who } stays where it is.
move-question = Move { $service }?
move-before = From
move-after = To
move-reason = Reason
move-reason-hint = Kept in the visit's history; may be empty.
move-confirm = Move
slot-tile = Free
slot-any = Let the centre choose
slot-any-hint = a slot within the window
slot-anybody = Anybody
slot-who = Who comes
slot-who-more = { $names } and { $more } more
slot-free = { $count } free
slot-book = Book { $time }, { $who }
slot-move-here = Move to { $time }, { $who }
slot-earliest = Earliest { $time }
slot-estimate-hint = Estimated from the directory and the visits known here; the centre has the last word
slot-waitlist = Join the waiting list if nothing is free
slot-waitlist-hint = and the bell rings when a slot comes free
slots-free = { $count ->
        [one] { $count } slot free
       *[other] { $count } slots free
    }
slots-free-about = { $count ->
        [one] about { $count } slot free
       *[other] about { $count } slots free
    }
slots-looking = Looking for free slots…
slots-more = There are more; choose a later window to see them.
slots-none = No free slots
slots-no-centre = No centre can come. Centres are added under Service centres.
visit-about = About this visit
visit-address = Address
visit-alternatives = Free instead
visit-alternatives-show = Show what is free
visit-asked-for = as asked for; not confirmed
visit-asset = Assets
visit-asset-hint = What is to be looked at: asset tags, serial numbers, racks
visit-book = Book a visit
visit-book-more = Book another
visit-by = Centre
visit-call-centre = Call { $centre }: { $name }, { $phone }.
visit-call-centre-unknown = Contact { $centre } directly.
visit-cancel = Cancel visit
visit-cancel-confirm = Cancel the visit
visit-cancel-reason = Reason
visit-cancel-reason-hint = The engineer and the customer see it.
visit-cancel-title = Cancel { $service }?
visit-cancel-until = can be cancelled until { $time }
visit-cancelled = { $service } is cancelled.
visit-carrier = The ticket that carries it
visit-checklist = Checklist
visit-checklist-add = Add a line
visit-checklist-done = { $done } of { $total } done
visit-checklist-none = Nothing on the list.
visit-city = City
visit-city-hint = In Chinese, English or pinyin; distances go by it
visit-clash = the same engineer has another visit then
visit-clash-short = clash
visit-complete = Complete
visit-complete-later = It can be completed once it has begun.
visit-complete-unplaced = It can be completed once it has a time.
visit-complete-left = { $count ->
        [one] { $count } line is not ticked
       *[other] { $count } lines are not ticked
    }
visit-completed = { $service } is completed.
visit-contact = Contact
visit-coordinates = Coordinates (optional)
visit-coordinates-hint = Latitude, longitude; filled in with the city
visit-coordinates-wrong = These are no coordinates. Write 30.2500, 120.1600, or leave them out.
visit-copy-address = Copy the address
visit-country = Country or region
visit-country-none = Not said
visit-cutoff = Cut-off
visit-cutoff-until = can be moved or cancelled until { $time }
visit-cutoff-was = closed for changes since { $time }
visit-event-cancelled = Cancelled
visit-event-confirmed = Confirmed
visit-event-confirmed-at = Confirmed for { $time }
visit-event-declined = Declined
visit-event-done = Completed
visit-event-edited = Details changed
visit-event-requested = Requested
visit-event-requested-at = Requested for { $time }
visit-event-rescheduled = Moved
visit-event-rescheduled-at = Moved to { $time }
visit-event-waitlisted = On the waiting list
visit-finding = Found at “{ $text }”
visit-finding-hint = Finding (optional)
visit-findings = Findings
visit-findings-hint = What was seen, what was done, what is left to do
visit-findings-long = Too long: { $most } characters at most. Your words are still here.
visit-history = History
visit-ics = Calendar file
visit-join-waitlist = None of these: join the waiting list
visit-keep = Keep it
visit-km = { $km } km
visit-move = Move
visit-moved = { $service } moves to { $time }.
visit-no-alternatives = Nothing else is free nearby. Ask again with another window.
visit-no-time = No time yet
visit-note = Note
visit-note-hint = How to get in, maintenance windows, what to mind
visit-pdf = Report (PDF)
visit-pending = Waiting to be sent
visit-photo-waits = goes with the ticket
visit-photos = Photos
visit-photos-drop = Add to this visit
visit-photos-no = No photos.
visit-photos-none = No photos yet. Choose, paste or drop them; they go to the ticket as attachments.
visit-place = Give it a time
visit-refused = { $service } was not booked: { $what }
visit-refused-short = not booked
visit-report-kept = Kept on this computer, not sent
visit-report-send = Send the report
visit-report-sent = The report of { $service } is on its way.
visit-requested = { $service } is requested; the centre confirms it.
visit-requested-offline = { $service } is requested. You are offline: it is sent and confirmed once you are back.
visit-service = Service
visit-show = Show
visit-sign = Customer's sign-off
visit-sign-clear = Draw again
visit-sign-draw = Sign here
visit-sign-drawn = Drawn signature
visit-sign-full = The drawing is as long as it can be.
visit-sign-hint = A typed name signs; a drawing may be added.
visit-sign-name = Name of who signs
visit-sign-unnamed = Type the name of who signed: the drawing goes with it. Nothing was sent; the drawing is kept.
visit-signed = Signed by { $name }, { $time }
visit-site = Site
visit-site-name = Name of the site
visit-stays = It cannot be moved or cancelled now.
visit-stays-cutoff = { $centre } takes no changes from { $before } before the visit; that was { $cutoff }.
visit-stays-final = { $state }: it stays as it is.
visit-stays-ticket = Its ticket is not on this computer yet; try again after a sync.
visit-take-back = Take back
visit-target = Visit target
visit-target-business = On site within { $target }, counted in the hours of “{ $calendar }” ({ $tz })
visit-target-calendar = On site within { $target }, counted in calendar hours, day and night
visit-ticket = Ticket
visit-ticket-away = not on this computer
visit-waits-offline = Offline: it is sent once you are back.
visit-waits-queued = On its way to the server.
visit-waits-sending = Being sent…
visit-waits-unknown = It is not known whether the server has it; being checked.
visit-waits-rejected = The server did not take it.
visit-wanted = Wanted
visit-what = What is to be done
visit-when = When
visit-window = { $from } to { $to }
visits-all-centres = All centres
visits-any-centre = Not chosen
visits-as-of = as of { $time }
visits-calendar = Calendar of visits
visits-col-when = When
visits-col-service = Service
visits-col-customer = Customer
visits-col-by = Centre
visits-col-state = State
visits-count = { $count }
visits-count-day = { $count } this day
visits-count-week = { $count } this week
visits-day-after = Next day
visits-day-before = Previous day
visits-empty-week = No visits in these days
visits-engineers = { $count ->
        [one] { $count } engineer
       *[other] { $count } engineers
    }
visits-everybody = All engineers
visits-go = Go to
visits-kind-open = To come { $count }
visits-kind-past = Done { $count }
visits-kind-off = Called off { $count }
visits-map = Where the centres are: { $count } cities
visits-mode = View
visits-mode-week = Week
visits-mode-day = Day
visits-mode-list = List
visits-more = { $count } more
visits-n = { $count }
visits-nobody-yet = Not known
visits-of-engineer = Engineer: { $name }
visits-open-day = Open { $day }
visits-show = Show
visits-slots-for = Free slots for
visits-today = Today
visits-unplaced = No time yet
visits-week-after = Next week
visits-week-before = Previous week
wizard-title = Book a visit
wizard-at = At { $centre }
wizard-any-centre = Let any centre do it
wizard-which = First, which ticket is it for?
wizard-step-ticket = Ticket
wizard-step-site = Site and contact
wizard-step-time = Service and slot
wizard-step-confirm = Confirm
wizard-find-ticket = Find a ticket
wizard-tickets = Tickets
wizard-no-ticket = No ticket found. Try other words.
wizard-known-sites = Visited before
wizard-window = Window
wizard-window-promise = Within { $hours } h
wizard-window-this-week = This week
wizard-window-next-week = Next week
wizard-window-fortnight = Within two weeks
wizard-from = From
wizard-to = To
wizard-languages = The engineer speaks
wizard-slots = Free slots
wizard-back = Back
wizard-next = Next
wizard-send = Book
wizard-send-offline = Keep it; book when online
wizard-then = The server takes the slot at once; if somebody was faster, you are offered others.
wizard-then-any = The centre chooses a slot within the window and confirms it here.
wizard-then-waitlist = A free slot is taken; else the request waits, and the bell rings when one comes.
wizard-then-estimate = These slots are an estimate; the centre has the last word.
wizard-then-offline = You are offline: the request waits here and is sent once you are back; if the slot is gone by then, you are offered others.
session-finish-do = Finish the session
do-session = Plan a diagnosis session
visits-range = { $from } – { $to }
visits-range-month = { $from } – { $day }

# Appointments in the bell
remind-group = Appointments
remind-visit = Visit on site · { $time }
remind-visit-given = Visit confirmed · { $time }
remind-diagnosis = Diagnosis session · { $time }
remind-live = Live session · { $time }
remind-snooze-start = Until it begins ({ $time })
settings-remind = Reminders of visits
settings-remind-leads = Before it
settings-remind-hint = The bell rings then, within quiet hours and do-not-disturb; a visit that moves or is called off rings no more. Five times at most.
settings-remind-none = Nothing reminds of a visit.

# Visits that travel as tickets: what they wait for, settled by hand
carried-awaiting-confirm = Sent as a ticket; waiting for their answer.
carried-awaiting-reschedule = Another time was asked for: { $time }. Until they answer, the time that stands is kept.
carried-unread = A reply of { $author } needs a person to read it:
carried-unread-hint = Part of it was understood, but it cannot be taken over as it is.
carried-open = Open the ticket that carries it
carried-settle = Settle by hand
carried-settle-title = What they answered about this visit
carried-settle-state = Their answer
carried-settle-confirmed = Confirmed
carried-settle-declined = Declined
carried-settle-cancelled = Cancelled
carried-settle-start = Begins
carried-settle-end = Ends
carried-settle-engineer = Engineer
carried-settle-keep = Keep
carried-settle-order = It has to end after it begins.
carried-settled = Their answer is kept
do-call = Call sheet: which line to call
do-call-notes = Notes of the call under way
entry-conflicts = Changed both by you and by the provider: { $fields }. Yours are shown; to see theirs, restore the entry.
moment-pick = Choose a date: { $field }
day-picker-previous = Previous month
day-picker-next = Next month

## Reports and briefs on paper
paper-visit-title = Visit report
paper-made = Made by Deskbell · { $time } ({ $zone })
paper-ticket = Ticket
paper-customer = Customer
paper-service = Service
paper-state = State
paper-state-pending = { $state } (changes have not reached the server yet)
paper-time = Time
paper-window = Asked for
paper-site = Site
paper-contact = Contact
paper-asset = Asset
paper-centre = Service centre
paper-engineer = Engineer
paper-note = Note
paper-findings = Findings
paper-findings-none = No findings were written down.
paper-checklist = Checklist
paper-photos = Photos
paper-photo-missing = { $name } (not on this computer)
paper-sign-off = Customer’s sign-off
paper-sign-off-none = Not signed yet.
paper-history = History
paper-when = When
paper-what = What
paper-who = Who and why
brief-summary = { $customers } customers, { $tickets } open tickets ({ $breached } past a deadline), { $visits } visits, { $promises } promises.
brief-nothing = Nothing is open for this time.
brief-more-customers = { $count } more customers with something open are not listed. Narrow the brief to a manager or a customer.
brief-more-tickets = { $count } more open tickets are not listed.
brief-promises-quoted = Quoted from our public replies, word for word
brief-due = Due
brief-promise = In our words
brief-said = Who, when
brief-person = Name
brief-reach = Reached at
brief-absences = Away
brief-deputy = { $name } stands in
brief-nobody = Nobody
brief-deputy-name = Deputy
brief-languages = Languages
brief-until = until { $time }
brief-breached = past its deadline of { $time }
brief-provisional = provisional
brief-paused = paused
brief-no-deadline = no deadline
brief-last-note = Last note
brief-unsent = Not sent yet
brief-unsent-count = { $count } changes wait in the outbox
brief-due-at = due { $time }
brief-due-passed = was due { $time }
brief-due-open = when exactly cannot be told
brief-line = Line
acting-manager = the manager is there
acting-absence_deputy = the manager is away and named them
acting-customer_deputy = the manager is away; the customer’s deputy
acting-further_deputy = manager and deputy are away; the next one named
acting-no_manager = no manager; the deputy
acting-nobody_there = the manager is away and nobody stands in
acting-unknown = nobody answers for this customer
brief-quiet = { $count } more customers have nothing open.
brief-promises = Promises by when
brief-people = People
brief-acting = Acting now
brief-manager = Service manager
brief-visits = Visits
brief-no-slot = no time yet
brief-calls = Recent calls
