# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Thousands of interfaces, addresses and tracked connections in seconds: many netlink messages to a system call.

All of it goes into the network namespace of the process.
"""
import socket
import struct

NLMSG_ERROR, NLM_F_REQUEST, NLM_F_ACK, NLM_F_EXCL, NLM_F_CREATE, NLA_F_NESTED = 2, 1, 4, 0x200, 0x400, 0x8000
NETLINK_ROUTE, NETLINK_NETFILTER = 0, 12
RTM_NEWLINK, RTM_NEWADDR, CT_NEW = 16, 20, 1 << 8
IFLA_IFNAME, IFLA_LINKINFO, IFLA_INFO_KIND, IFLA_INFO_DATA, VETH_INFO_PEER = 3, 18, 1, 2, 1
IFA_ADDRESS, IFA_LOCAL, IFA_F_NODAD = 1, 2, 2
CTA_TUPLE_ORIG, CTA_TUPLE_REPLY, CTA_TIMEOUT = 1, 2, 7
CTA_TUPLE_IP, CTA_TUPLE_PROTO, CTA_IP_V4_SRC, CTA_IP_V4_DST = 1, 2, 1, 2
CTA_PROTO_NUM, CTA_PROTO_SRC_PORT, CTA_PROTO_DST_PORT = 1, 2, 3
AT_ONCE = 128


def attribute(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def nested(kind, *values):
    return attribute(kind | NLA_F_NESTED, b"".join(values))


def send(protocol, kind, bodies):
    """One message of @kind per body; raises OSError for the first that the kernel refuses."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as s:
        s.bind((0, 0))
        bodies = list(bodies)
        for first in range(0, len(bodies), AT_ONCE):
            part = bodies[first:first + AT_ONCE]
            s.send(b"".join(message(kind, body, n, n == len(part) - 1) for n, body in enumerate(part)))
            wait_for(s, len(part) - 1)


def message(kind, body, number, last):
    flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | (NLM_F_ACK if last else 0)
    return struct.pack("=IHHII", 16 + len(body), kind, flags, number, 0) + body + b"\0" * (-len(body) % 4)


def wait_for(s, number):
    while True:
        answer, at = s.recv(1 << 16), 0
        while at < len(answer):
            length, kind, _, sequence, _ = struct.unpack_from("=IHHII", answer, at)
            if kind == NLMSG_ERROR:
                error = -struct.unpack_from("=i", answer, at + 16)[0]
                if error:
                    raise OSError(error, f"netlink message {sequence}")
                if sequence == number:
                    return
            at += length + -length % 4


def interfaces(names):
    """Pairs of veth, of an even number of names."""
    send(NETLINK_ROUTE, RTM_NEWLINK, map(pair_body, names[::2], names[1::2]))


def pair_body(name, peer):
    return link_body(name) + nested(IFLA_LINKINFO, attribute(IFLA_INFO_KIND, b"veth"),
                                    nested(IFLA_INFO_DATA, attribute(VETH_INFO_PEER, link_body(peer))))


def link_body(name):
    return struct.pack("=BxHiII", 0, 0, 0, 0, 0) + attribute(IFLA_IFNAME, name.encode() + b"\0")


def addresses(pairs):
    """Of (address, index of its interface)."""
    send(NETLINK_ROUTE, RTM_NEWADDR, (address_body(socket.AF_INET6 if ":" in a else socket.AF_INET, a, i) for a, i in pairs))


def address_body(family, address, index):
    value = socket.inet_pton(family, address)
    return struct.pack("=BBBBI", family, 8 * len(value), IFA_F_NODAD if family == socket.AF_INET6 else 0, 0, index) + \
        attribute(IFA_LOCAL, value) + attribute(IFA_ADDRESS, value)


def connections(count):
    """Entries of conntrack, of UDP: that many pairs of a port and an address, for ten minutes; none are real."""
    send(NETLINK_NETFILTER, CT_NEW, (connection_body(i) for i in range(count)))


def connection_body(number):
    here, there = struct.pack("!I", 0x0a010000 + number // 1000), struct.pack("!I", 0x0a020001)
    port, dns = struct.pack("!H", 20000 + number % 1000), struct.pack("!H", 53)
    return struct.pack("=BBH", socket.AF_INET, 0, 0) + tuple_of(CTA_TUPLE_ORIG, here, there, port, dns) + \
        tuple_of(CTA_TUPLE_REPLY, there, here, dns, port) + attribute(CTA_TIMEOUT, struct.pack("!I", 600))


def tuple_of(kind, source, target, source_port, target_port):
    return nested(kind, nested(CTA_TUPLE_IP, attribute(CTA_IP_V4_SRC, source), attribute(CTA_IP_V4_DST, target)),
                  nested(CTA_TUPLE_PROTO, attribute(CTA_PROTO_NUM, bytes([socket.IPPROTO_UDP])),
                         attribute(CTA_PROTO_SRC_PORT, source_port), attribute(CTA_PROTO_DST_PORT, target_port)))
