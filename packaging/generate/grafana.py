#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Makes the Grafana dashboards from the list of values of the collectd plugin; generate.py takes
files() from here, the dashboard of what "dcachemon show --prometheus" writes.

Usage: dump_collectd | grafana.py FOLDER

Writes dcachemon-graphite.json and dcachemon-prometheus.json: one row of panels per table; in it one
panel per unit for a table with one row, one panel per value for a table with many rows. A test holds
the files in packaging/grafana against this program.
"""
import json
import sys
from pathlib import Path

from model import NAMES

UNITS = {"entries": "short", "bytes": "bytes", "seconds": "s", "percent": "percent", "ratio": "percentunit"}
# Ratios that may well be above 1 are shown as they are.
PLAIN = {"wedge_ratio"}
# Seconds since 1970; Grafana counts milliseconds.
DATES = {("reclaim", "time")}
# Of another magnitude than what they would share a panel with: one of both would be a flat line.
ALONE = {("hash", "max_chain"), ("hash", "pass_age"), ("hash", "age"), ("reclaim", "rules"), ("reclaim", "rules_age")}
# Labels beside those of SNMP. Rows have a rank as a label where all others are the same.
MORE_LABELS = {"chains": ("bucket",), "directories": ("rank",)}
# Tables whose rows collectd knows by their rank alone, and what it is the rank of.
RANKED = {"chains": "chain ", "directories": "directory "}
WIDTH, HEIGHT = 8, 7
LONGEST = 12  # series in a panel of a table with many rows


def read_values(stream):
    keys = "table label rows type instance kind unit help title".split()
    values = [dict(zip(keys, line.rstrip("\n").split("\t"))) for line in stream]
    # What no table has: whether all that should work does.
    values.append(dict(next(v for v in values if v["table"] == "self"), type="bool", instance="degraded",
                       kind="gauge", unit="state", help="1 while a source does not work."))
    return values


def per_second(unit):
    return "ops" if unit not in UNITS else UNITS[unit]


def is_date(value):
    return (value["table"], value["instance"]) in DATES


def panel_unit(value):
    if is_date(value):
        return "dateTimeAsIso"
    if value["kind"] == "counter":
        return per_second(value["unit"])
    return "short" if value["instance"] in PLAIN else UNITS.get(value["unit"], "short")


def words(name):
    return name.replace("_", " ")


def title_of(value):
    return words(value["instance"]) + (" per second" if value["kind"] == "counter" else "")


class Graphite:
    name, source, by = "Graphite", "graphite", "collectd"

    def target(self, value):
        path = f"$prefix$host.dcachemon-{value['label']}{'*' if value['rows'] != 'group' else ''}" \
               f".{value['type']}-{value['instance']}"
        if is_date(value):
            path = f"scale({path}, 1000)"
        if value["rows"] == "group":
            return {"target": f"alias({path}, '{title_of(value)}')"}
        if value["rows"] == "many":
            path = f"highestMax({path}, {LONGEST})"
        name = RANKED.get(value["table"], "")
        return {"target": f"aliasSub(aliasByNode({path}, -2), '^dcachemon-{value['label']}', '{name}')"}

    def variables(self):
        return [{"name": "prefix", "label": "prefix", "type": "textbox", "query": "collectd.",
                 "current": {"text": "collectd.", "value": "collectd."},
                 "options": [{"selected": True, "text": "collectd.", "value": "collectd."}]},
                {"name": "host", "type": "query", "query": "$prefix*", "refresh": 1, "sort": 1,
                 "datasource": {"type": self.source, "uid": "${datasource}"}, "includeAll": False}]


class Prometheus:
    name, source, by = "Prometheus", "prometheus", "collectd"
    example = "collectd_dcachemon_objects"

    def metric(self, value):
        # write_prometheus appends the data source's name unless it is "value", and _total to counters
        name = f"collectd_dcachemon_{value['type']}"
        name += "_seconds" if value["type"] == "duration" else ""
        return name + ("_total" if value["kind"] == "counter" else "")

    def target(self, value):
        match = f'dcachemon="{value["label"]}"' if value["rows"] == "group" else \
            f'dcachemon=~"{value["label"]}.*"'
        series = f'{self.metric(value)}{{instance="$host",{match},type="{value["instance"]}"}}'
        legend = title_of(value) if value["rows"] == "group" else "{{dcachemon}}"
        return {"expr": self.drawn(series, value), "legendFormat": legend}

    @staticmethod
    def drawn(series, value):
        """What a panel asks for, so that it shows @series."""
        if value["kind"] == "counter":
            series = f"rate({series}[$__rate_interval])"
        if is_date(value):
            series = f"1000 * {series}"
        return f"topk({LONGEST}, {series})" if value["rows"] == "many" else series

    def variables(self):
        query = f"label_values({self.example}, instance)"
        return [{"name": "host", "type": "query", "query": {"query": query, "refId": "host"},
                 "definition": query, "refresh": 1, "sort": 1, "includeAll": False,
                 "datasource": {"type": self.source, "uid": "${datasource}"}}]


class Textfile(Prometheus):
    """What node_exporter reads from a file."""
    by = "node_exporter"
    example = "dcachemon_totals_dentries"

    def target(self, value):
        series = " / ".join(f'{name}{{instance="$host"}}' for name in value["series"].split(" / "))
        return {"expr": self.drawn(series, value), "legendFormat": value["labels"] or title_of(value)}


def textfile_labels(table):
    """A legend: what tells its rows apart."""
    labels = [NAMES[table.name]] if table.name in NAMES else \
        [m.name for m in table.metrics if m.label] + list(MORE_LABELS.get(table.name, ()))
    return " ".join("{{%s}}" % name for name in labels)


def instance(metric):
    """Its name without the unit, which the axis has; the table's where nothing is left."""
    if metric.stem is None or metric.name in PLAIN:
        return metric.name
    return metric.stem or metric.table.name.removesuffix("s")


def alarm_values(model):
    """What no table has: how far each raised alarm is above its level."""
    table = model.table("alarms")
    series = " / ".join(table.metric(name).series for name in ("value", "threshold"))
    yield {"table": "alarm_status", "rows": "few", "instance": "share_of_level", "series": series,
           "kind": "gauge", "unit": "ratio", "type": "ratio", "title": model.table("alarm_status").title,
           "help": "Value of each alarm that is raised, as a share of the level that it crossed.",
           "labels": textfile_labels(table)}


def textfile_values(model):
    for table in model.polled:
        rows = "group" if not table.array else \
            "many" if table.name in ("superblocks", "chains", "directories") else "few"
        labels = textfile_labels(table)
        for m in table.metrics:
            if m.charted and m.series and not m.states:
                yield {"table": table.name, "rows": rows, "instance": instance(m), "series": m.series,
                       "kind": "counter" if m.counter else "gauge", "unit": m.base_unit or m.unit,
                       "type": m.base_unit or m.unit, "help": m.base_help, "title": table.title,
                       "labels": labels}


def files(model):
    values = [*textfile_values(model), *alarm_values(model)]
    yield "grafana/dcachemon-node-exporter.json", dashboard_text(Textfile(), values)


def group(values):
    """Panels of one table: lists of values that belong together."""
    panels = {}
    for value in values:
        shared = value["rows"] == "group" and (value["table"], value["instance"]) not in ALONE
        key = (panel_unit(value), value["kind"], value["unit"]) if shared else value["instance"]
        panels.setdefault(key, []).append(value)
    return list(panels.values())


def make_panel(backend, number, at, values):
    first = values[0]
    targets = [dict(backend.target(v), refId=chr(ord("A") + i)) for i, v in enumerate(values)]
    title = ", ".join(words(v["instance"]) for v in values)
    title += " per second" if first["kind"] == "counter" else ""
    return {"id": number, "type": "timeseries", "title": title[0].upper() + title[1:], "gridPos": at,
            "description": "\n\n".join(f"{words(v['instance'])}: {v['help']}" for v in values),
            "datasource": {"type": backend.source, "uid": "${datasource}"}, "targets": targets,
            "fieldConfig": {"defaults": {"unit": panel_unit(first), "min": None if is_date(first) else 0,
                                         "custom": {"lineWidth": 1, "fillOpacity": 5, "showPoints": "never"}},
                            "overrides": []},
            "options": {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                        "tooltip": {"mode": "multi", "sort": "desc"}}}


def make_panels(backend, values):
    panels, y, number = [], 0, 1
    titles = {v["table"]: v["title"] for v in values}
    for table, title in titles.items():
        panels.append({"id": number, "type": "row", "title": title, "collapsed": False, "panels": [],
                       "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}})
        number, y, x = number + 1, y + 1, 0
        for part in group([v for v in values if v["table"] == table]):
            if x + WIDTH > 24:
                x, y = 0, y + HEIGHT
            panels.append(make_panel(backend, number, {"x": x, "y": y, "w": WIDTH, "h": HEIGHT}, part))
            number, x = number + 1, x + WIDTH
        y += HEIGHT
    return panels


def make_dashboard(backend, values):
    choose = {"name": "datasource", "label": "data source", "type": "datasource", "query": backend.source,
              "refresh": 1}
    uid = backend.source if backend.by == "collectd" else backend.by.replace("_", "-")
    return {"uid": f"dcachemon-{uid}", "title": f"Dentry cache ({backend.by}, {backend.name})",
            "description": "Made from the metric table of dcachemon.", "tags": ["dcachemon", backend.by],
            "schemaVersion": 36, "version": 1, "editable": True, "refresh": "30s", "timezone": "browser",
            "time": {"from": "now-6h", "to": "now"}, "annotations": {"list": []}, "links": [],
            "templating": {"list": [choose] + backend.variables()}, "panels": make_panels(backend, values)}


def dashboard_text(backend, values):
    return json.dumps(make_dashboard(backend, values), indent=1) + "\n"


def main():
    values = read_values(sys.stdin)
    for backend in Graphite(), Prometheus():
        path = Path(sys.argv[1]) / f"dcachemon-{backend.source}.json"
        path.write_text(dashboard_text(backend, values))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
