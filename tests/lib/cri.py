#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What kubelet asks of a container runtime (CRI, runtime.v1), for tests without a kubelet.

cri.py SOCKET pod NAMESPACE NAME UID [--logs FOLDER] [--parent GROUP] [--host]   prints the ID of its sandbox
cri.py SOCKET container SANDBOX NAMESPACE NAME UID CONTAINER ATTEMPT IMAGE COMMAND...       prints its ID
cri.py SOCKET end SANDBOX                       stops and removes the pod
cri.py SOCKET stop CONTAINER                    kills and removes one container of it
cri.py SOCKET ready                             succeeds when the runtime and its network are ready

Messages are encoded by field number, as in api.proto of k8s.io/cri-api: {number: value}, where a
value is an int, a text, bytes, a message, or a list of such. Exits with 1, and the runtime's words.
"""
import argparse
import sys

import grpc

CONTAINER, NODE = 1, 2  # NamespaceMode


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def encode(message):
    out = b""
    for field, values in message.items():
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, int):
                out += varint(field << 3) + varint(value)
                continue
            data = encode(value) if isinstance(value, dict) else value.encode() if isinstance(value, str) else value
            out += varint(field << 3 | 2) + varint(len(data)) + data
    return out


def decode(data):
    """{number: [values]} of a message with integers and texts; texts and messages stay bytes."""
    found, at = {}, 0

    def take():
        nonlocal at
        number = shift = 0
        while True:
            byte = data[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    while at < len(data):
        key = take()
        value = take()
        if key & 7 == 2:
            value, at = data[at:at + value], at + value
        found.setdefault(key >> 3, []).append(value)
    return found


def labels(namespace, name, uid, **more):
    """Those that kubelet sets."""
    found = {"pod.name": name, "pod.namespace": namespace, "pod.uid": uid, **more}
    return [{1: f"io.kubernetes.{key}", 2: value} for key, value in found.items()]


def pod_config(namespace, name, uid, logs="", parent="", host=False):
    linux = {2: {1: {1: NODE if host else 0, 2: CONTAINER}}}
    if parent:
        linux[1] = parent
    config = {1: {1: name, 2: uid, 3: namespace}, 2: "" if host else name, 8: linux}
    if logs:
        config[3] = f"{logs}/{namespace}_{name}_{uid}"
    config[6] = labels(namespace, name, uid)
    return config


class Runtime:
    def __init__(self, socket):
        # Servers written in Go refuse the path of the socket as a name of theirs.
        self.channel = grpc.insecure_channel(f"unix://{socket}", options=[("grpc.default_authority", "localhost")])

    def call(self, method, message):
        answer = self.channel.unary_unary(f"/runtime.v1.RuntimeService/{method}", request_serializer=encode,
                                          response_deserializer=decode)
        return answer(message, timeout=60)

    def pod(self, args):
        config = pod_config(args.namespace, args.name, args.uid, args.logs, args.parent, args.host)
        print(self.call("RunPodSandbox", {1: config})[1][0].decode())

    def container(self, args):
        config = {1: {1: args.container, 2: args.attempt}, 2: {1: args.image}, 3: args.command, 15: {2: {3: {2: CONTAINER}}},
                  9: labels(args.namespace, args.name, args.uid, **{"container.name": args.container})}
        created = self.call("CreateContainer", {1: args.sandbox, 2: config,
                                                3: pod_config(args.namespace, args.name, args.uid, args.logs, args.parent)})
        name = created[1][0].decode()
        self.call("StartContainer", {1: name})
        print(name)

    def end(self, args):
        self.call("StopPodSandbox", {1: args.sandbox})
        self.call("RemovePodSandbox", {1: args.sandbox})

    def stop(self, args):
        self.call("StopContainer", {1: args.sandbox})
        self.call("RemoveContainer", {1: args.sandbox})

    def ready(self, _):
        conditions = decode(self.call("Status", {})[1][0])[1]
        if not all(decode(condition).get(2) for condition in conditions):
            sys.exit(f"not ready: {conditions}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("socket")
    commands = parser.add_subparsers(dest="what", required=True)
    pod, container = commands.add_parser("pod"), commands.add_parser("container")
    container.add_argument("sandbox")
    for command in pod, container:
        for name in "namespace", "name", "uid":
            command.add_argument(name)
        command.add_argument("--logs", default="")
        command.add_argument("--parent", default="")
    pod.add_argument("--host", action="store_true")
    container.add_argument("container")
    container.add_argument("attempt", type=int)
    container.add_argument("image")
    container.add_argument("command", nargs=argparse.REMAINDER)
    for name in "end", "stop":
        commands.add_parser(name).add_argument("sandbox")
    commands.add_parser("ready")
    args = parser.parse_args()
    try:
        getattr(Runtime(args.socket), args.what)(args)
    except grpc.RpcError as e:
        sys.exit(f"{e.code().name}: {e.details()}".strip())


main()
