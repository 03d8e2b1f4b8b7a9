# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Breaks chains of an image (kernel_image.py), one per kind, as memory looks that changes or lies."""

# What is done to the chosen node of a chain.
KINDS = {
    "loop": "the last node points to the first one",
    "self": "the node points to itself",
    "back": "the node's back pointer points to another node",
    "unmapped": "the node points to where no memory is",
    "user": "the node points to an address of a program",
    "odd": "the node points into the middle of a word",
    "edge": "the node points to the last bytes of a zone: its structure would pass the end",
    "reused": "the node's memory was freed and has other data",
    "hop": "the node was freed and is now the first node of another chain",
}


class Hostile:
    def __init__(self, image):
        self.image, self.node = image, image.at("dentry", "d_hash")
        names = [name for name, length in image.world.made.items() if length < 100]
        buckets = {name: next(b for b, c in image.chains.items() if sum(e.name == name for e in c) >= 20)
                   for name in names}
        self.targets = [(name, buckets[name]) for name in names]

    def break_all(self, kinds):
        """[{kind, name, bucket, length, reached, gained}]: a reader that checks back pointers reaches
        REACHED nodes of the chain and believes none behind them; one that follows blindly more, or never
        ends. GAINED nodes are in another chain now."""
        done = []
        for kind, (name, bucket) in zip(kinds, self.targets):
            chain = self.image.chains[bucket]
            reached = getattr(self, kind)(chain, len(chain) // 2)
            done.append({"kind": kind, "what": KINDS[kind], "name": name.decode(), "bucket": bucket,
                         "length": len(chain), "reached": reached, "gained": int(kind == "hop")})
        return done

    def where(self, entry):
        return entry.address + self.node

    def set_next(self, entry, value):
        self.image.memory.put(self.where(entry), "Q", value)

    def loop(self, chain, _):
        self.set_next(chain[-1], self.where(chain[0]))
        return len(chain)

    def self(self, chain, k):
        self.set_next(chain[k], self.where(chain[k]))
        return k + 1

    def back(self, chain, k):
        self.image.memory.put(self.where(chain[k]) + 8, "Q", self.where(chain[0]))
        return k

    def unmapped(self, chain, k):
        self.set_next(chain[k], 0xFFFF880000000000 - 0x1000)
        return k + 1

    def user(self, chain, k):
        self.set_next(chain[k], 0x00007F0000001000)
        return k + 1

    def odd(self, chain, k):
        self.set_next(chain[k], self.where(chain[k + 1]) + 4)
        return k + 1

    def edge(self, chain, k):
        data, base = self.image.memory.zones[-1]
        self.set_next(chain[k], base + len(data) - 8)
        return k + 1

    def reused(self, chain, k):
        size = self.image.slabs["dentry"].size
        self.image.memory.write(chain[k].address, (b"not an entry any more " * 20)[:size])
        return k

    def hop(self, chain, k):
        """It looks as its new neighbours do; their chain is one that no kind breaks."""
        image, entry, bucket = self.image, chain[k], self.targets[len(KINDS)][1]
        neighbour, head = image.chains[bucket][0], image.heads + 8 * bucket
        image.memory.write(entry.address, image.memory.read(neighbour.address, image.slabs["dentry"].size))
        name = entry.address + image.at("dentry", "d_name") + image.at("qstr", "name")
        image.memory.put(name, "Q", entry.address + image.at("dentry", "d_iname"))
        image.memory.put(self.where(entry), "QQ", self.where(neighbour), head)
        image.memory.put(self.where(neighbour) + 8, "Q", self.where(entry))
        image.memory.put(head, "Q", self.where(entry))
        return k
