# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Writes pictures with a palette of 216 colours: lines and words need no more, and a third of the bytes.
Usage: small_png.py FILE.png, which is written anew"""
import struct
import sys
import zlib

import cairocffi

LEVELS, STEP = 6, 51  # of red, green and blue
NEAREST = bytes(round(value / STEP) for value in range(256))
PALETTE = bytes(STEP * level for i in range(LEVELS ** 3) for level in (i // LEVELS ** 2, i // LEVELS % LEVELS, i % LEVELS))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def rows(surface):
    """A line of palette numbers each, after the filter's number (none)."""
    surface.flush()
    data, stride, width = bytes(surface.get_data()), surface.get_stride(), surface.get_width()
    for y in range(surface.get_height()):
        line = data[y * stride:y * stride + 4 * width].translate(NEAREST)  # blue, green, red, unused
        yield b"\0" + bytes(r * LEVELS ** 2 + g * LEVELS + b for b, g, r in zip(line[0::4], line[1::4], line[2::4]))


def write(surface, path):
    head = struct.pack(">IIBBBBB", surface.get_width(), surface.get_height(), 8, 3, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"PLTE", PALETTE) +
                   chunk(b"IDAT", zlib.compress(b"".join(rows(surface)), 9)) + chunk(b"IEND", b""))


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as picture:
        seen = cairocffi.ImageSurface.create_from_png(picture)
    write(seen, sys.argv[1])
