#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""An AgentX master (RFC 2741) that sends damaged PDUs. Usage: fake_master.py SOCKET OID PDUS [SEED]

Accepts sessions and registrations, then sends PDUS requests: flipped bits, cut or stretched payloads,
wrong lengths, types, sessions, versions and orders. After each 25 a good GET of OID must be answered
with a Gauge32; a peer that closed the session, or lost its place in the stream, must be back within
ten seconds. Prints what was sent and ends with 0 when the last good GET was answered.
"""
import os
import random
import socket
import struct
import sys
import time

OPEN, CLOSE, REGISTER, GET, GETNEXT, GETBULK, TESTSET, RESPONSE = 1, 2, 3, 5, 6, 7, 8, 18
TYPES = [GET, GETNEXT, GETBULK, TESTSET, 9, 10, 11, RESPONSE, 12, 13, CLOSE, OPEN, REGISTER, 0, 19, 255]
PATIENCE = 10
GAUGE32 = 66


class Gone(Exception):
    """The peer closed the session or does not answer."""


def encode_oid(text, include=0):
    parts = [int(p) for p in text.strip(".").split(".")]
    return struct.pack(">BBBB", len(parts), 0, include, 0) + struct.pack(f">{len(parts)}I", *parts)


def header(kind, session, packet, length, version=1, flags=0x10):
    return struct.pack(">BBBBIIII", version, kind, flags, 0, session, packet, packet, length)


class Master:
    def __init__(self, path, oid):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        os.chmod(path, 0o666)
        self.listener.listen(1)
        self.listener.settimeout(PATIENCE)
        self.oid, self.peer, self.packet, self.sessions = oid, None, 100, 0

    def receive_exactly(self, size):
        data = b""
        while len(data) < size:
            try:
                more = self.peer.recv(size - len(data))
            except (ConnectionError, socket.timeout) as e:
                raise Gone(str(e)) from e
            if not more:
                raise Gone("closed")
            data += more
        return data

    def receive(self):
        head = self.receive_exactly(20)
        _, kind, flags, _ = head[:4]
        order = ">" if flags & 0x10 else "<"
        session, _, packet, length = struct.unpack(order + "IIII", head[4:])
        return kind, order, packet, self.receive_exactly(length)

    def send(self, data):
        try:
            self.peer.sendall(data)
        except (ConnectionError, socket.timeout) as e:
            raise Gone(str(e)) from e

    def acknowledge(self, order, packet):
        head = struct.pack("BBBB", 1, RESPONSE, 0x10 if order == ">" else 0, 0)
        self.send(head + struct.pack(order + "IIII", self.sessions, 0, packet, 8) +
                  struct.pack(order + "IHH", 1234, 0, 0))

    def serve_one(self):
        """Answers a request of the peer; returns a response of it."""
        kind, order, packet, payload = self.receive()
        if kind == RESPONSE:
            return order, packet, payload
        if kind == OPEN:
            self.sessions += 1
        self.acknowledge(order, packet)
        return None

    def accept(self):
        if self.peer:
            self.peer.close()
        self.peer, _ = self.listener.accept()
        self.peer.settimeout(PATIENCE)

    def probe(self):
        """A good GET; whatever the peer still answers to bad ones is passed over."""
        self.packet += 1
        body = encode_oid(self.oid) + struct.pack(">I", 0)
        self.send(header(GET, self.sessions, self.packet, len(body)) + body)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = self.serve_one()
            if not answer or answer[1] != self.packet:
                continue
            order, _, payload = answer
            if len(payload) < 12:
                raise SystemExit(f"a good GET was answered with {payload.hex()}")
            return struct.unpack(order + "H", payload[8:10])[0] == GAUGE32
        raise Gone("no answer")

    def probe_until(self, seconds):
        """The first snapshot may take a moment."""
        deadline = time.monotonic() + seconds
        while not self.probe():
            if time.monotonic() > deadline:
                raise SystemExit("a good GET is not answered with a Gauge32")
            time.sleep(0.1)


def good_payload(rng, oid):
    longer = oid + "." + str(rng.choice([0, 3, 2**31, 2**32 - 1]))
    body = encode_oid(rng.choice([oid, longer, "0.0"]), rng.randrange(2))
    body += rng.choice([encode_oid("1.3.6.1.4.1.8072.9999.9999.1807"), struct.pack(">I", 0)])
    return body * rng.choice([1, 1, 2, 40])


def damaged(rng, master):
    """One PDU and whether its length still tells where the next one begins."""
    body = bytearray(good_payload(rng, master.oid))
    kind, session, version, framed = rng.choice(TYPES[:3]), master.sessions, 1, True
    flags, fault = 0x10, rng.randrange(12)
    if fault == 0:
        for _ in range(rng.choice([1, 3, 20])):
            body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
    elif fault == 1:
        body = body[:rng.randrange(len(body))]
    elif fault == 2:
        body += bytes(rng.randrange(256) for _ in range(rng.randrange(1, 200)))
    elif fault == 3:
        kind = rng.choice(TYPES)
    elif fault == 4:
        session = rng.getrandbits(32)
    elif fault == 5:
        flags = rng.randrange(256)
    elif fault == 6:
        body[0] = rng.choice([0, 1, 127, 128, 129, 255])
    elif fault == 7:
        body = bytearray(rng.randrange(256) for _ in range(4 * rng.randrange(64)))
    elif fault == 8:
        kind, body = GETBULK, bytearray(struct.pack(">HH", 0, rng.choice([1, 100, 65535]))) + body
    elif fault == 9:
        kind = rng.choice([TESTSET, 9, 10, 11])
    elif fault == 10 and rng.randrange(60) == 0:
        version, framed = rng.randrange(256), False
    elif fault == 11 and rng.randrange(60) == 0:
        framed = False
    length = len(body) if framed or version != 1 else rng.choice([0, 3, len(body) + 4, 2**31, 2**32 - 1])
    if flags != 0x10 and not flags & 0x10:
        # The peer reads the length the other way round now.
        length = int.from_bytes(length.to_bytes(4, "big"), "little")
    master.packet += 1
    return header(kind, session, master.packet, length, version, flags) + bytes(body), fault


def main():
    path, oid, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    rng = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    master, sent, probes, lost, faults = Master(path, oid), 0, 0, 0, [0] * 12
    master.accept()
    print("ready", flush=True)
    while True:
        try:
            master.probe_until(PATIENCE)
            probes += 1
            if sent >= count:
                break
            for _ in range(25):
                pdu, fault = damaged(rng, master)
                master.send(pdu)
                faults[fault] += 1
                sent += 1
        except Gone:
            lost += 1
            if lost > 20 + count // 20:
                raise SystemExit(f"lost the peer {lost} times") from None
            master.accept()
    print(f"sent {sent} damaged PDUs {faults}, {probes} good GETs answered, {lost} sessions ended")


if __name__ == "__main__":
    try:
        main()
    except (socket.timeout, Gone) as e:
        sys.exit(f"fake_master: the peer did not come back: {e}")
