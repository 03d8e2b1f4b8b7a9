# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Lets graphite-web draw panels of the dashboard for Graphite, two side by side in one picture.
Usage: draw.py DASHBOARD.json URL HOST FILE.png FROM UNTIL PANEL...; FROM and UNTIL are seconds since 1970"""
import io
import sys
from pathlib import Path

import cairocffi

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
import small_png  # noqa: E402
from dashboard_data import fetch, read_panels, store_of  # noqa: E402

COLUMNS, WIDTH, HEIGHT = 2, 460, 240
LOOK = {"format": "png", "width": WIDTH, "height": HEIGHT, "bgcolor": "white", "fgcolor": "black",
        "fontSize": 9, "lineWidth": 2, "lineMode": "connected", "yMin": 0, "tz": "UTC", "xFormat": "%H:%M:%S"}
# By the unit that Grafana has for it: what follows the title, and how the axis counts.
AXES = {"s": (", seconds", "si"), "bytes": (", bytes", "binary")}


def drawn(store, title, panel, begin, end):
    unit, system = AXES.get(panel["fieldConfig"]["defaults"]["unit"], ("", "si"))
    query = {**LOOK, "title": title + unit, "yUnitSystem": system, "from": begin, "until": end,
             "target": [store.words(target) for target in panel["targets"]]}
    return cairocffi.ImageSurface.create_from_png(io.BytesIO(fetch(f"{store.url}/render", query)))


def main():
    board, url, host, path, begin, end, *titles = sys.argv[1:]
    panels = read_panels(board)
    store = store_of(panels, url, host)
    rows = -(-len(titles) // COLUMNS)
    picture = cairocffi.ImageSurface(cairocffi.FORMAT_RGB24, COLUMNS * WIDTH, rows * HEIGHT)
    context = cairocffi.Context(picture)
    context.set_source_rgb(1, 1, 1)
    context.paint()
    for i, title in enumerate(titles):
        one = drawn(store, title, panels[title], begin, end)
        context.set_source_surface(one, i % COLUMNS * WIDTH, i // COLUMNS * HEIGHT)
        context.paint()
    small_png.write(picture, path)


if __name__ == "__main__":
    main()
