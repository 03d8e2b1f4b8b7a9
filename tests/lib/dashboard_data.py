# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Asks a Prometheus or a Graphite for every target of a dashboard of packaging/grafana until each has data, and
the figures are there that are wanted; prints what is missing.

Usage: dashboard_data.py [OPTION]... DASHBOARD.json URL HOST

  --since TIME               of what was stored from then on, seconds since 1970 (default: five minutes ago)
  --patience SECONDS         60 by default; 0: asks once
  --legends                  at no time two series of a panel have one legend, and none has an empty one
  --reaches PANEL SERIES N   in a panel "ROW: TITLE" that PANEL fits, a series whose legend has SERIES (both are
                             patterns) was N or more at some time
  --ends PANEL SERIES N      no such series is above N any more in the last seconds; it may have ended
"""
import argparse
import collections
import json
import re
import sys
import time
import urllib.parse
import urllib.request

FEWEST = 40      # targets of a dashboard
RATE = "15s"     # for $__rate_interval
POINTS = 600     # of a series, at most
LAST = 10        # seconds


class Prometheus:
    """A store, and the words that its targets use."""

    def __init__(self, url, host):
        self.url, self.host = url, host

    def words(self, target):
        return target["expr"].replace("$host", self.host).replace("$__rate_interval", RATE)

    @staticmethod
    def legend(target, labels):
        return re.sub(r"\{\{(\w+)\}\}", lambda m: labels.get(m[1], ""), target["legendFormat"]).strip()

    def series(self, target, since):
        """Of each series its legend, and its points (time, value) in their order."""
        now = time.time()
        query = {"query": self.words(target), "start": since, "end": now, "step": max(1, (now - since) / POINTS)}
        found = json.loads(fetch(f"{self.url}/api/v1/query_range", query))["data"]["result"]
        return [(self.legend(target, s["metric"]), [(t, float(v)) for t, v in s["values"]]) for s in found]


class Graphite:
    def __init__(self, url, host):
        self.url, self.host = url, host

    def words(self, target):
        return target["target"].replace("$prefix", "collectd.").replace("$host", self.host)

    def series(self, target, since):
        query = {"format": "json", "from": int(since), "target": self.words(target)}
        found = json.loads(fetch(f"{self.url}/render", query))
        return [(s["target"], [(t, v) for v, t in s["datapoints"] if v is not None]) for s in found]


def fetch(url, query):
    with urllib.request.urlopen(f"{url}?{urllib.parse.urlencode(query, doseq=True)}", timeout=20) as answer:
        return answer.read()


def read_panels(path):
    """{"ROW: TITLE": panel} in their order."""
    row, panels = "", {}
    with open(path) as file:
        for panel in json.load(file)["panels"]:
            if panel["type"] == "row":
                row = panel["title"]
            else:
                panels[f"{row}: {panel['title']}"] = panel
    return panels


def store_of(panels, url, host):
    kind = next(iter(panels.values()))["datasource"]["type"]
    return {"prometheus": Prometheus, "graphite": Graphite}[kind](url, host)


class Check:
    def __init__(self, args):
        self.args, self.panels = args, read_panels(args.dashboard)
        self.store = store_of(self.panels, args.url, args.host)
        self.known = {}  # "ROW: TITLE": [(legend, points)]

    def ask(self, title):
        """Asks for a panel; returns what has no data."""
        missing, self.known[title] = [], []
        for target in self.panels[title]["targets"]:
            found = [s for s in self.store.series(target, self.args.since) if s[1]]
            self.known[title] += found
            missing += [] if found else [f"no data: {title}: {self.store.words(target)}"]
        return missing

    def largest(self, panel, series, since):
        """{"ROW: TITLE: legend": its largest value from @since on} of the panels and series that fit."""
        found = [(f"{title}: {legend}", [value for at, value in points if at >= since])
                 for title, known in self.known.items() if re.fullmatch(panel, title)
                 for legend, points in known if re.search(series, legend)]
        return {name: max(values) for name, values in found if values}

    def wanted(self):
        """What is not as the options say."""
        for panel, series, number in self.args.reaches:
            most = self.largest(panel, series, self.args.since)
            if max(most.values(), default=float("-inf")) < float(number):
                yield f"{panel}: {series} does not reach {number}: {most}"
        for panel, series, number in self.args.ends:
            last = self.largest(panel, series, time.time() - LAST)
            if max(last.values(), default=float("-inf")) > float(number):
                yield f"{panel}: {series} does not end at {number} or less: {last}"

    def same_legends(self):
        for title, found in self.known.items():
            seen = collections.Counter((legend, at) for legend, points in found for at, _ in points)
            for legend in sorted({legend for (legend, _), count in seen.items() if count > 1 or not legend}):
                yield f'not the legend of one series: {title}: "{legend}"'

    def once(self):
        try:
            missing = [text for title in self.panels for text in self.ask(title)]
        except OSError as error:
            return [str(error)]
        return missing + list(self.wanted()) + (list(self.same_legends()) if self.args.legends else [])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--since", type=float, default=time.time() - 300)
    parser.add_argument("--patience", type=float, default=60)
    parser.add_argument("--legends", action="store_true")
    for name in "--reaches", "--ends":
        parser.add_argument(name, nargs=3, action="append", default=[])
    for name in "dashboard", "url", "host":
        parser.add_argument(name)
    check = Check(parser.parse_args())
    count, end = sum(len(p["targets"]) for p in check.panels.values()), time.monotonic() + check.args.patience
    problems = check.once()
    while problems and time.monotonic() < end:
        time.sleep(1)
        problems = check.once()
    print(f"# {count} targets of {len(check.panels)} panels")
    print("".join(f"# {text}\n" for text in problems), end="")
    return 1 if problems or count < FEWEST else 0


if __name__ == "__main__":
    sys.exit(main())
