#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A core file of virtual addresses from one of physical ones, as QEMU's dump-guest-memory writes it.

    drgn_core.py CORE SEGMENTS NOTES VMLINUX

CORE is changed in place. SEGMENTS has what /proc/kcore said in the machine, "VIRTUAL PHYSICAL SIZE" a
line; NOTES are its notes, of which that of VMCOREINFO is kept. What the kernel has mapped page by page
(vmalloc: modules) is found by drgn with the debug symbols in VMLINUX, and added.
"""
import struct
import sys

from drgn import FaultError, Program
from drgn.helpers.linux.list import list_for_each_entry

PAGE, NOTE, LOAD, VM_IOREMAP = 4096, 4, 1, 1
NOWHERE = (1 << 64) - 1


class Core:
    def __init__(self, path):
        self.file = open(path, "r+b")
        self.segments = []  # (virtual, physical, place in the file, size)
        self.physical = [(h[4], h[2], h[5]) for h in self.headers() if h[0] == LOAD]
        self.note = (0, 0)

    def headers(self):
        self.file.seek(0)
        header = self.file.read(64)
        assert header[:6] == b"\x7fELF\2\1", "no ELF file of 64 bits"
        offset, count = struct.unpack_from("<Q", header, 32)[0], struct.unpack_from("<H", header, 56)[0]
        self.file.seek(offset)
        return [struct.unpack("<IIQQQQQQ", self.file.read(56)) for _ in range(count)]

    def append(self, data):
        """Where they are in the file."""
        at = -(-self.file.seek(0, 2) // PAGE) * PAGE
        self.file.seek(at)
        self.file.write(data)
        return at

    def add_direct(self, virtual, physical, size):
        """What a range of virtual addresses has of the physical memory that there is."""
        for start, at, length in self.physical:
            first, last = max(physical, start), min(physical + size, start + length)
            if first < last:
                self.segments.append((virtual + first - physical, first, at + first - start, last - first))

    def add_pages(self, virtual, data):
        self.segments.append((virtual, NOWHERE, self.append(data), len(data)))

    def save(self):
        headers = struct.pack("<IIQQQQQQ", NOTE, 0, self.note[0], 0, 0, self.note[1], self.note[1], 4)
        for virtual, physical, at, size in self.segments:
            headers += struct.pack("<IIQQQQQQ", LOAD, 7, at, virtual, physical, size, size, PAGE)
        offset = self.append(headers)
        self.file.seek(32)
        self.file.write(struct.pack("<QQ", offset, 0))
        self.file.seek(54)
        self.file.write(struct.pack("<HHHHH", 56, len(self.segments) + 1, 0, 0, 0))
        self.file.flush()


def vmcoreinfo(notes):
    at = 0
    while at + 12 <= len(notes):
        name, size, _ = struct.unpack_from("<III", notes, at)
        end = at + 12 + (name + 3) // 4 * 4 + (size + 3) // 4 * 4
        if notes[at + 12 : at + 12 + name] == b"VMCOREINFO\0":
            return notes[at:end]
        at = end
    sys.exit("/proc/kcore had no note VMCOREINFO")


def mapped_pages(program):
    """(ADDRESS, bytes) of each row of pages that the kernel has mapped by hand."""
    for area in list_for_each_entry("struct vmap_area", program["vmap_area_list"].address_of_(), "list"):
        if area.vm and area.vm.flags.value_() & VM_IOREMAP:
            continue
        start, row = 0, b""
        for address in range(area.va_start.value_(), area.va_end.value_(), PAGE):
            try:
                page = program.read(address, PAGE)
            except FaultError:
                page = b""
            start = start if row else address
            if page:
                row += page
            elif row:
                yield start, row
                row = b""
        if row:
            yield start, row


def main():
    path, segments, notes, symbols = sys.argv[1:]
    core = Core(path)
    note = vmcoreinfo(open(notes, "rb").read())
    core.note = core.append(note), len(note)
    for line in open(segments):
        virtual, physical, size = (int(n, 16) for n in line.split())
        if physical != NOWHERE:
            core.add_direct(virtual, physical, size)
    core.save()
    program = Program()
    program.set_core_dump(path)
    program.load_debug_info([symbols])
    rows = list(mapped_pages(program))
    for address, data in rows:
        core.add_pages(address, data)
    core.save()
    print(f"# {len(core.segments)} segments, of which {len(rows)} of {sum(len(d) for _, d in rows) >> 20} MiB are mapped by hand")


if __name__ == "__main__":
    main()
