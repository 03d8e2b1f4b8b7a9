#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Walks columns with pysnmp, over and over: rows_pysnmp.py next|bulk ADDRESS PORT COLUMN...

Prints a line of JSON per walk: begin, end, error or null, rows as pysnmp hands them over. A row begins with
the last arc of its first cell's name. bulkCmd may hand over rows of endOfMibView behind the last one: those
are left out. (To pyasn1 that is an empty OctetString.)
"""
import json
import sys
import time
import warnings

warnings.simplefilter("ignore")

from pyasn1.type.univ import Null  # noqa: E402
from pysnmp.hlapi import (CommunityData, ContextData, ObjectIdentity, ObjectType, SnmpEngine, UdpTransportTarget,  # noqa: E402
                          bulkCmd, nextCmd)


def walk(engine, how, target, columns):
    objects = [ObjectType(ObjectIdentity(column)) for column in columns]
    common = engine, CommunityData("public"), target, ContextData()
    command = nextCmd(*common, *objects, lookupMib=False, lexicographicMode=False) if how == "next" else \
        bulkCmd(*common, 0, 25, *objects, lookupMib=False, lexicographicMode=False)
    rows, error = [], None
    for indication, status, _, cells in command:
        if indication or status:
            error = str(indication or status.prettyPrint())
            break
        text = [None if isinstance(value, Null) else bytes(value).decode("latin-1") for _, value in cells]
        if any(cell is not None for cell in text):
            rows.append([int(cells[0][0][-1]), *text])
    return rows, error


def main():
    how, address, port, *columns = sys.argv[1:]
    engine, target = SnmpEngine(), UdpTransportTarget((address, int(port)), timeout=3, retries=0)
    while True:
        begin = time.time()
        rows, error = walk(engine, how, target, columns)
        print(json.dumps({"begin": begin, "end": time.time(), "error": error, "rows": rows}), flush=True)
        time.sleep(0.3)


if __name__ == "__main__":
    main()
