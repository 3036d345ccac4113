"""A notification service and a tray host on the session bus, for tests.

Prints one JSON line for each thing that happens; obeys one JSON line at a time on standard input:
  {"invoke": [id, "action"]}   a person chose an action of a notification
  {"close": id}                a notification went away unanswered
  {"menu": null}               print the tray menu, submenus and all: {"menu": [[id, label, enabled, toggled], ...]}
  {"click": id}                click an entry of the tray menu
  {"label": null}              print what stands beside the tray icon: {"label": text}
Arguments: which parts to be, of: notifications tray; capabilities=a,b for what the notification service says it can do.
"""

import json
import sys

from gi.repository import Gio, GLib

NOTIFICATIONS = """<node><interface name="org.freedesktop.Notifications">
  <method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
    <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/></method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/>
    <arg type="s" direction="out"/><arg type="s" direction="out"/></method>
  <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
  <signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
</interface></node>"""

WATCHER = """<node><interface name="org.kde.StatusNotifierWatcher">
  <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
  <method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
  <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
  <property name="ProtocolVersion" type="i" access="read"/>
  <signal name="StatusNotifierItemRegistered"><arg type="s"/></signal>
</interface></node>"""

CAPABILITIES = ["actions", "body", "body-markup"]
for argument in sys.argv[1:]:
    if argument.startswith("capabilities="):
        CAPABILITIES = [name for name in argument.partition("=")[2].split(",") if name]

bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
last_id = 0
item = None  # (bus name, object path) of the tray icon


def say(what):
    print(json.dumps(what, ensure_ascii=False), flush=True)


def signal(name, value):
    bus.emit_signal(None, "/org/freedesktop/Notifications", "org.freedesktop.Notifications", name, value)


def on_notifications(_bus, _sender, _path, _interface, method, parameters, invocation):
    global last_id
    if method == "Notify":
        app, replaces, icon, summary, body, actions, hints, timeout = parameters.unpack()
        if replaces:
            number = replaces
        else:
            last_id += 1
            number = last_id
        invocation.return_value(GLib.Variant("(u)", (number,)))
        say({"notify": {"id": number, "replaces": replaces, "app": app, "icon": icon, "summary": summary, "body": body,
                        "actions": actions, "hints": hints, "timeout": timeout}})
    elif method == "CloseNotification":
        invocation.return_value(None)
        signal("NotificationClosed", GLib.Variant("(uu)", (parameters.unpack()[0], 3)))
        say({"closed": parameters.unpack()[0]})
    elif method == "GetCapabilities":
        invocation.return_value(GLib.Variant("(as)", (CAPABILITIES,)))
    else:
        invocation.return_value(GLib.Variant("(ssss)", ("double", "deskbell-tests", "1", "1.2")))


def on_watcher(_bus, sender, _path, _interface, method, parameters, invocation):
    global item
    if method == "RegisterStatusNotifierItem":
        name = parameters.unpack()[0]
        item = (sender, name) if name.startswith("/") else (name, "/StatusNotifierItem")
        say({"tray": list(item)})
    invocation.return_value(None)


def watcher_property(_bus, _sender, _path, _interface, name):
    if name == "RegisteredStatusNotifierItems":
        return GLib.Variant("as", ["".join(item)] if item else [])
    return GLib.Variant("b", True) if name == "IsStatusNotifierHostRegistered" else GLib.Variant("i", 0)


def menu_call(method, arguments, answer):
    name, path = item
    menu = bus.call_sync(name, path, "org.freedesktop.DBus.Properties", "Get",
                         GLib.Variant("(ss)", ("org.kde.StatusNotifierItem", "Menu")), None, 0, 5000, None).unpack()[0]
    return bus.call_sync(name, menu, "com.canonical.dbusmenu", method, arguments, answer, 0, 5000, None)


def item_property(property_name):
    name, path = item
    return bus.call_sync(name, path, "org.freedesktop.DBus.Properties", "Get",
                         GLib.Variant("(ss)", ("org.kde.StatusNotifierItem", property_name)), None, 0, 5000, None).unpack()[0]


def flattened(children):
    for number, fields, below in children:
        yield [number, fields.get("label", ""), fields.get("enabled", True), fields.get("toggle-state", -1)]
        yield from flattened(below)


def print_menu():
    layout = menu_call("GetLayout", GLib.Variant("(iias)", (0, -1, [])), None).unpack()[1]
    say({"menu": list(flattened(layout[2]))})


def obey(channel, _condition):
    line = channel.readline()
    if not line:
        loop.quit()
        return False
    order = json.loads(line)
    if "invoke" in order:
        signal("ActionInvoked", GLib.Variant("(us)", tuple(order["invoke"])))
    elif "close" in order:
        signal("NotificationClosed", GLib.Variant("(uu)", (order["close"], 2)))
    elif "menu" in order:
        print_menu()
    elif "label" in order:
        say({"label": item_property("XAyatanaLabel") if item else ""})
    elif "click" in order:
        menu_call("Event", GLib.Variant("(isvu)", (order["click"], "clicked", GLib.Variant("i", 0), 0)), None)
    return True


def serve(name, path, xml, call, read=None):
    node = Gio.DBusNodeInfo.new_for_xml(xml)
    bus.register_object(path, node.interfaces[0], call, read, None)
    Gio.bus_own_name_on_connection(bus, name, Gio.BusNameOwnerFlags.NONE, lambda *_: say({"owned": name}), None)


if "notifications" in sys.argv:
    serve("org.freedesktop.Notifications", "/org/freedesktop/Notifications", NOTIFICATIONS, on_notifications)
if "tray" in sys.argv:
    serve("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", WATCHER, on_watcher, watcher_property)
loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, obey)
loop.run()
