"""A window from which files can be dragged, as a file manager's: `drag_source.py FILE…`. Prints one line when it is there, and one when a
drag has ended."""

import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk, GLib, Gtk

uris = [GLib.filename_to_uri(name) for name in sys.argv[1:]]
window = Gtk.Window(title="drag source")
window.set_default_size(120, 60)
box = Gtk.EventBox()
box.add(Gtk.Label(label="drag me"))
window.add(box)
box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
box.drag_source_add_uri_targets()
box.connect("drag-data-get", lambda _box, _context, data, _info, _time: data.set_uris(uris))
box.connect("drag-end", lambda _box, _context: print("ended", flush=True))
window.connect("destroy", lambda *_: Gtk.main_quit())
window.show_all()
window.move(0, 0)
print("ready", flush=True)
Gtk.main()
