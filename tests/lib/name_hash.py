# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The kernel's hash of a name, d_name.hash, of each generation (fs/namei.c: full_name_hash()).

Machines of 64 bits, little endian. A kernel uses one of:

* words_old     until 4.7, with CONFIG_DCACHE_WORD_ACCESS (x86): eight bytes at a time, times 9
* words         since 4.8 (2a18da7a9c78, 8387ff2577eb): two mixed values, salted with the parent
* bytes_old     until 4.7, other machines: R5, one byte at a time
* bytes         since 4.8: the same, salted and multiplied
"""
MASK = (1 << 64) - 1
GOLDEN = 0x61C8864680B583EB


def rotate(value, by):
    return (value << by | value >> (64 - by)) & MASK


def pieces(name):
    """The name in words of eight bytes; the last one, of less than eight, filled with zeros."""
    whole = len(name) & ~7
    words = [int.from_bytes(name[i : i + 8], "little") for i in range(0, whole, 8)]
    return words, int.from_bytes(name[whole:], "little")


def words_old(name, salt=0):
    words, rest = pieces(name)
    value = 0
    for word in words:
        value = (value + word) * 9 & MASK
    value = (value + rest) & MASK
    return (value + (value >> 32)) & 0xFFFFFFFF


def words(name, salt):
    whole, rest = pieces(name)
    x, y = 0, salt
    for word in whole:
        x ^= word
        y ^= x
        x = (rotate(x, 12) + y) & MASK
        y = rotate(y, 45) * 9 & MASK
    x ^= rest
    y ^= x * GOLDEN & MASK
    return (y * GOLDEN & MASK) >> 32


def bytes_old(name, salt=0):
    value = 0
    for c in name:
        value = (value + (c << 4) + (c >> 4)) * 11 & MASK
    return value & 0xFFFFFFFF


def bytes_salted(name, salt):
    value = salt
    for c in name:
        value = (value + (c << 4) + (c >> 4)) * 11 & MASK
    return (value * GOLDEN & MASK) >> 32


HASHES = {"words_old": words_old, "words": words, "bytes_old": bytes_old, "bytes": bytes_salted}
