# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The memory of a made-up machine: zones of pages, slabs cut from them, and the file of it all."""
import struct

PAGE, PIECE = 4096, 1 << 21


class Memory:
    """A slab's pages: RUN of them lie behind each other and the next ones anywhere, among those of
    other slabs; or, with 0, all of 2 MiB, as where slabs grew at one go."""

    def __init__(self, draw, run=1):
        self.draw, self.pieces, self.zones, self.run = draw, {}, [], run
        self.free_pages = []
        # The direct map, the modules' and the kernel's own addresses: drawn as the kernel does at boot.
        self.next_zone = 0xFFFF888000000000 + draw.randrange(1 << 11) * (1 << 30)
        self.vmalloc = 0xFFFFC90000000000 + draw.randrange(1 << 11) * (1 << 30)
        self.text = 0xFFFFFFFF81000000 + draw.randrange(200) * PIECE

    def zone(self, base, size):
        """SIZE bytes at BASE, which is a multiple of 2 MiB."""
        found = (bytearray(size), base)
        self.zones.append(found)
        for piece in range(base >> 21, (base + size + PIECE - 1) >> 21):
            self.pieces[piece] = found
        return base

    def table(self, size):
        """A zone for a large table: where vmalloc() takes memory, as on machines with nodes, or in the direct map."""
        if self.draw.random() < 0.5:
            return self.zone(self.vmalloc, size)
        base = self.zone(self.next_zone, size)
        self.next_zone += -(-size // PIECE) * PIECE + PIECE
        return base

    def pages(self, count, own):
        """Addresses of COUNT pages, for the slab that has OWN; between zones there is nothing."""
        pool = self.free_pages if self.run else own
        while len(pool) < count:
            base = self.zone(self.next_zone, PIECE)
            self.next_zone += PIECE * self.draw.randint(1, 40)
            runs = list(range(base, base + PIECE, PAGE * max(self.run, 1)))
            if self.run:
                self.draw.shuffle(runs)
            pool += [first + i * PAGE for first in runs for i in range(max(self.run, 1))]
        taken = pool[:count]
        del pool[:count]
        return taken

    def put(self, address, form, *values):
        data, base = self.pieces[address >> 21]
        struct.pack_into("<" + form, data, address - base, *values)

    def write(self, address, what):
        data, base = self.pieces[address >> 21]
        data[address - base : address - base + len(what)] = what

    def get(self, address, form):
        data, base = self.pieces[address >> 21]
        return struct.unpack_from("<" + form, data, address - base)

    def read(self, address, size):
        data, base = self.pieces[address >> 21]
        return bytes(data[address - base : address - base + size])

    def save(self, path):
        """An ELF core file as /proc/kcore is: a note, and a segment per zone, in no order."""
        zones = self.zones[:]
        self.draw.shuffle(zones)
        start = -(-(64 + 56 * (len(zones) + 1)) // PAGE) * PAGE
        headers = struct.pack("<IIQQQQQQ", 4, 0, start, 0, 0, 0, 0, 0)
        at = start
        for data, base in zones:
            headers += struct.pack("<IIQQQQQQ", 1, 7, at, base, 0xFFFFFFFFFFFFFFFF, len(data), len(data), PAGE)
            at += len(data)
        with open(path, "wb") as file:
            file.write(b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56,
                                                                len(zones) + 1, 0, 0, 0) + headers)
            for data, base in zones:
                file.seek(start)
                file.write(data)
                start += len(data)


class Slab:
    """Objects of one size. Some slots stay free; freed() has their addresses."""

    def __init__(self, memory, size):
        self.memory, self.size, self.slots, self.left, self.own = memory, size, [], [], []
        self.step = -(-size // 8) * 8

    def take(self):
        if not self.slots:
            if self.step > PAGE:
                raise ValueError(f"an object of {self.size} bytes is larger than a page")
            new = [page + i * self.step for page in self.memory.pages(16, self.own) for i in range(PAGE // self.step)]
            self.memory.draw.shuffle(new)
            cut = len(new) // 20
            self.left += new[:cut]
            self.slots = new[cut:]
        return self.slots.pop()

    def freed(self):
        return self.left + self.slots
