# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Asks a Prometheus for every target of a dashboard until each has data; prints what has none.
Usage: dashboard_data.py DASHBOARD.json PORT HOST"""
import json
import sys
import time
import urllib.parse
import urllib.request

panels = json.load(open(sys.argv[1]))["panels"]
left = [t["expr"].replace("$host", sys.argv[3]).replace("$__rate_interval", "30s")
        for p in panels for t in p.get("targets", [])]
count, end = len(left), time.monotonic() + 60


def has_data(expression):
    query = urllib.parse.urlencode({"query": expression})
    try:
        return bool(json.load(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[2]}/api/v1/query?{query}"))["data"]["result"])
    except OSError:
        time.sleep(0.2)
        return False


while left and time.monotonic() < end:
    left = [t for t in left if not has_data(t)]
print(f"# {count} targets")
print("".join(f"# no data: {t}\n" for t in left), end="")
sys.exit(1 if left or count < 40 else 0)
