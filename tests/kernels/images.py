#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Empty images of filesystems that Debian 12 has no mkfs for: images.py affs|hfsplus FILE.

FILE has its size already. The layouts are those of the kernel's fs/affs/amigaffs.h and
fs/hfsplus/hfsplus_raw.h; all numbers are big endian.
"""
import os
import struct
import sys


def affs(size):
    """{offset: bytes}: fast file system, blocks of 512 bytes, of which the first two are reserved."""
    block, reserved, blocks = 512, 2, size // 512
    per_map = block * 8 - 32  # blocks that one bitmap block speaks of
    root = (reserved + blocks - 1) // 2
    maps = -(-(blocks - reserved) // per_map)
    if maps > 25:
        sys.exit("affs: too large for the root block's list of bitmap blocks")

    def summed(words, at):
        """The block whose words add up to 0."""
        words[at] = -sum(words) & 0xFFFFFFFF
        return struct.pack(f">{block // 4}I", *words)

    head = [0] * (block // 4)
    head[0], head[3] = 2, block // 4 - 56  # T_SHORT, size of the hash table
    head[-50] = 0xFFFFFFFF  # the bitmap is valid
    head[-49 : -49 + maps] = range(root + 1, root + 1 + maps)
    head[-20] = 0x01780000  # a name of one character, "x"
    head[-1] = 1  # ST_ROOT
    image = {0: b"DOS\1", root * block: summed(head, 5)}
    for i in range(maps):
        words = [0] * (block // 4)
        for bit in range(per_map):
            number = reserved + i * per_map + bit
            if number < blocks and not root <= number <= root + maps:  # 1: free
                words[1 + bit // 32] |= 1 << bit % 32
        image[(root + 1 + i) * block] = summed(words, 0)
    return image


def hfsplus(size):
    """{offset: bytes}: a root folder, no journal."""
    block, blocks = 4096, size // 4096
    name = "x".encode("utf-16-be")
    maps = -(-blocks // (block * 8))
    extents_at, extents = 1 + maps, 4
    catalog_at, catalog = extents_at + extents, 64
    used = catalog_at + catalog

    def node(kind, height, records):
        """A node of a B-tree: descriptor, records, and from its end the offsets of these."""
        data, offsets = struct.pack(">IIbBHH", 0, 0, kind, height, len(records), 0), []
        for record in records:
            offsets.append(len(data))
            data += record
        offsets.append(len(data))
        return data.ljust(block - 2 * len(offsets), b"\0") + struct.pack(f">{len(offsets)}H", *reversed(offsets))

    def header(depth, leaves, nodes, key, attributes):
        """The first node: of a tree whose one leaf node, if it has one, is the second."""
        leaf = 1 if leaves else 0
        record = struct.pack(">HIIIIHHIIHIBBI64x", depth, leaf, leaves, leaf, leaf, block, key, nodes, nodes - 1 - leaf, 0,
                             nodes * block, 0, 0xCF, attributes)
        taken = bytes([0xC0 if leaf else 0x80])
        return node(1, 0, [record, bytes(128), taken.ljust(block - 14 - len(record) - 128 - 8, b"\0")])

    def fork(start, count):
        return struct.pack(">QII", count * block, count * block, count) + struct.pack(">II", start, count).ljust(64, b"\0")

    key = lambda parent, text: struct.pack(">HIH", 6 + len(text), parent, len(text) // 2) + text
    folder = struct.pack(">HHII20xIIBBHI16x16xII", 1, 0, 0, 2, 0, 0, 0, 0, 0o40755, 0, 0, 0)
    thread = struct.pack(">HHIH", 3, 0, 1, len(name) // 2) + name
    taken = bytearray(maps * block)
    for number in [*range(used), blocks - 1]:
        taken[number // 8] |= 0x80 >> number % 8
    volume = struct.pack(">HHIII16x", 0x482B, 4, 0x100, 0x482B4C78, 0)  # "H+", unmounted properly
    volume += struct.pack(">10I", 0, 0, block, blocks, blocks - used - 1, used, block, block, 16, 0)
    volume += struct.pack(">Q32x", 1) + fork(1, maps) + fork(extents_at, extents) + fork(catalog_at, catalog)
    volume = volume.ljust(512, b"\0")  # without attributes and startup file
    return {
        1024: volume,
        block: bytes(taken),
        extents_at * block: header(0, 0, extents, 10, 2),
        catalog_at * block: header(1, 2, catalog, 516, 6),
        (catalog_at + 1) * block: node(-1, 1, [key(1, name) + folder, key(2, b"") + thread]),
        blocks * block - 1024: volume,
    }


def main():
    kind, path = sys.argv[1:]
    with open(path, "r+b") as f:
        for offset, data in {"affs": affs, "hfsplus": hfsplus}[kind](os.fstat(f.fileno()).st_size).items():
            f.seek(offset)
            f.write(data)


main()
