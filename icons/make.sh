#!/bin/sh
# Draws every icon size from the SVG sources. Needs rsvg-convert and Python 3.
set -eu
cd "$(dirname "$0")"
png() { rsvg-convert -w "$2" -h "$2" "$1" -o "$3"; }
for size in 16 24 32 48 64 128 256 512 1024; do png deskbell.svg "$size" "$size.tmp.png"; done
cp 32.tmp.png 32x32.png
cp 64.tmp.png 64x64.png
cp 128.tmp.png 128x128.png
cp 256.tmp.png 128x128@2x.png
cp 256.tmp.png 256x256.png
cp 512.tmp.png icon.png
for name in tray tray-light tray-dark tray-due tray-breached; do png "$name.svg" 64 "$name.png"; done
# ICO and ICNS are containers of PNG files; both formats are small enough to write here.
python3 - <<'PY'
import pathlib, struct
png = {size: pathlib.Path(f"{size}.tmp.png").read_bytes() for size in (16, 24, 32, 48, 64, 128, 256, 512, 1024)}
sizes = (16, 24, 32, 48, 64, 256)
head, body, offset = struct.pack("<HHH", 0, 1, len(sizes)), b"", 6 + 16 * len(sizes)
for size in sizes:
    head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(png[size]), offset)
    body += png[size]
    offset += len(png[size])
pathlib.Path("icon.ico").write_bytes(head + body)
kinds = {b"icp4": 16, b"icp5": 32, b"icp6": 64, b"ic07": 128, b"ic08": 256, b"ic09": 512, b"ic10": 1024, b"ic11": 32, b"ic12": 64, b"ic13": 256, b"ic14": 512}
chunks = b"".join(kind + struct.pack(">I", 8 + len(png[size])) + png[size] for kind, size in kinds.items())
pathlib.Path("icon.icns").write_bytes(b"icns" + struct.pack(">I", 8 + len(chunks)) + chunks)
PY
rm -f -- *.tmp.png
