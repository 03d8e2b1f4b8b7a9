# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""As much of SNMPv2c as asks many agents for a few scalars at once, in one process: a snmpget for each
would cost this machine more than their answers."""
import select
import socket
import time

from hosts import wait_for

ROOT = ".1.3.6.1.4.1.8072.9999.9999.1806"


def tlv(tag, body):
    size = len(body)
    head = bytes([size]) if size < 128 else bytes([0x82, size >> 8, size & 255])
    return bytes([tag]) + head + body


def integer(number):
    return tlv(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def oid(text):
    arcs = [int(arc) for arc in text.strip(".").split(".")]
    out = bytearray([arcs[0] * 40 + arcs[1]])
    for arc in arcs[2:]:
        part = [arc & 127]
        while arc > 127:
            arc >>= 7
            part.append(arc & 127 | 128)
        out += bytes(reversed(part))
    return tlv(6, bytes(out))


def request(number, oids, repetitions=0):
    """A GET, or with repetitions a GETBULK."""
    binds = b"".join(tlv(0x30, oid(o) + tlv(5, b"")) for o in oids)
    pdu = tlv(0xA5 if repetitions else 0xA0,
              integer(number) + integer(0) + integer(repetitions) + tlv(0x30, binds))
    return tlv(0x30, integer(1) + tlv(4, b"public") + pdu)


def elements(data):
    at, found = 0, []
    while at < len(data):
        tag, size, at = data[at], data[at + 1], at + 2
        if size & 128:
            count = size & 127
            size, at = int.from_bytes(data[at:at + count], "big"), at + count
        found.append((tag, data[at:at + size]))
        at += size
    return found


ABSENT = (0x80, 0x81, 0x82)  # noSuchObject, noSuchInstance, endOfMibView


def bindings(data):
    """The number of the request, and the values, each as (tag, bytes)."""
    pdu = elements(elements(elements(data)[0][1])[2][1])
    return int.from_bytes(pdu[0][1], "big"), [elements(bind)[1] for _, bind in elements(pdu[3][1])]


def response(data):
    """The number of the request, and the values: numbers, or None for what is not there."""
    number, values = bindings(data)
    return number, [
        int.from_bytes(body, "big") if tag in (0x02, 0x41, 0x42, 0x43, 0x46) else None for tag, body in values]


class Asker:
    """GETs to many hosts over one socket, one try each."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.request = 0

    def ask(self, hosts, oids, spread=0.0, timeout=3.0):
        """Dictionary of host to (values, seconds) for those that answered; sent over @spread seconds."""
        waiting, answers = {}, {}
        begin = time.monotonic()
        queue = [(begin + spread * i / len(hosts), host) for i, host in enumerate(hosts)]
        queue.reverse()
        while queue or waiting:
            now = time.monotonic()
            while queue and queue[-1][0] <= now:
                _, host = queue.pop()
                self.request += 1
                waiting[self.request] = host, time.monotonic()
                self.socket.sendto(request(self.request, oids), (host.address, 161))
            next_event = queue[-1][0] if queue else min(sent for _, sent in waiting.values()) + timeout
            ready, _, _ = select.select([self.socket], [], [], max(0, next_event - now))
            while ready:
                try:
                    data = self.socket.recv(65535)
                except BlockingIOError:
                    break
                number, values = response(data)
                if number in waiting:
                    host, sent = waiting.pop(number)
                    answers[host] = values, time.monotonic() - sent
            for number in [n for n, (_, sent) in waiting.items() if time.monotonic() - sent > timeout]:
                del waiting[number]
        return answers

    def until_all(self, hosts, oids, judge, seconds, what):
        """Asks until every host's values pass, each host only until its own do."""
        missing = list(hosts)

        def none_missing():
            answers = self.ask(missing, oids, timeout=1)
            missing[:] = [host for host in missing if host not in answers or
                          None in answers[host][0] or not judge(answers[host][0])]
            return not missing
        if missing:
            wait_for(seconds, none_missing, f"{what} ({len(hosts)} hosts)", 0.2)
