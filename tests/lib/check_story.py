#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Holds a page of "dcachemon events --html" against "events --json" of the same recording.

Usage: check_story.py PAGE JSON

Two parsers that know nothing of the program read the page: html.parser, which follows HTML, and
ElementTree, which follows XML. Every tag is balanced; only tags and attributes that are listed here
occur; nothing comes from elsewhere. Every number, name, left-out row and line of a chart is computed
again from the JSON. Exits with 1 and says what differs.
"""
import html.parser
import json
import re
import sys
import xml.etree.ElementTree as ElementTree

PAGE_BYTES = 1 << 20
TEXT_BYTES = 400
EXACT_DIGITS = 40
COLUMNS = 360
TOP, BOTTOM = 4, 84
ATTRIBUTES = {
    "html": {"lang"}, "meta": {"charset", "http-equiv", "name", "content"}, "data": {"value", "class"}, "td": {"class"},
    "p": {"class"}, "section": {"class"}, "table": {"class"}, "span": {"class"}, "svg": {"viewbox", "role", "aria-labelledby"},
    "th": {"scope"}, "figcaption": {"id"},
    "polyline": {"points"}, "line": {"class", "x1", "x2", "y1", "y2"}, "text": {"x", "y", "text-anchor"}}
PLAIN = {"head", "style", "title", "body", "main", "h1", "h2", "tr", "caption", "figure", "b", "details", "summary",
         "footer", "code"}
VOID, IN_SVG = {"meta"}, {"polyline", "line"}
# Heading: what the JSON has there; a pair is an interval, shown where the first is absent.
TABLES = {
    "alarms": ["severity", "type", "resource", "value", "threshold", "unit", "text"],
    "superblocks": ["unused", ("hashed", "hashed_low", "hashed_high"), ("negative", "negative_low", "negative_high"),
                    (None, "shrink_low_seconds", "shrink_high_seconds"), "fstype", "device", "id",
                    "mountpoint", "container.name"],
    "chains": ["length", "same_name", "unused", "fstype", "parent", "name", "container.name"],
    "directories": [("negative", "negative_low", "negative_high"), ("children", "children_low", "children_high"),
                    (None, "watch_low_seconds", "watch_high_seconds"), "fstype", "path", "sample_names", "hint",
                    "container.name"],
    "tables": ["longest", "p99", "load", "entries", "buckets", "name", "namespace", "state", "reason"],
    "lookups": ["seconds", "path", "error"],
    "sources": ["name", "state", "age_seconds", "reason"]}
# What begins with "about" is a number with its interval.
NUMBERS = [("about", key, key + "_low", key + "_high") for key in ("new_negative", "failed_lookups", "dentries")]
WHO = {
    "processes": NUMBERS + ["pid", "command", "cgroup", "directory", "container.name"],
    "cgroups": NUMBERS + ["cgroup", "command", "directory", "container.name"],
    "directories": NUMBERS + ["directory", "command", "sample_names"],
    "namespace_makers": [("about", "namespaces", "namespaces_low", "namespaces_high"), "pid", "command", "cgroup",
                         "container.name"]}
GROUPS = ["totals", "memory", "hash", "namespaces", "snmpd", "reclaim", "self"]
problems = []


def problem(text):
    problems.append(text)


class Reader(html.parser.HTMLParser):
    """HTML: a tag that is closed is the one that was opened last; "/>" closes only void tags and SVG."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.style = ""

    def tag(self, tag, attributes):
        if tag not in ATTRIBUTES and tag not in PLAIN:
            problem(f"tag <{tag}>")
        for name, value in attributes:
            if name not in ATTRIBUTES.get(tag, ()):
                problem(f"attribute {name} of <{tag}>")
            if re.search(r"//|:(?!')|url", value or "") and name != "content":
                problem(f"{name}={value!r} of <{tag}> refers to something")

    def handle_starttag(self, tag, attrs):
        self.tag(tag, attrs)
        if tag in VOID:
            return
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tag(tag, attrs)
        if tag not in VOID and not (tag in IN_SVG and "svg" in self.open):
            problem(f"<{tag}/> closes nothing in HTML")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            problem(f"</{tag}> closes another tag")

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data

    def handle_comment(self, data):
        problem("a comment")

    def handle_pi(self, data):
        problem("a processing instruction")


def raw(text):
    """The bytes that a string of the JSON stands for."""
    out, data, at = b"", text.encode(), 0
    while at < len(data):
        if re.match(rb"\\x(?!00)[0-9a-f]{2}", data[at:]):
            out, at = out + bytes([int(data[at + 2:at + 4], 16)]), at + 4
        else:
            at += data[at:at + 2] == b"\\\\"
            out, at = out + data[at:at + 1], at + 1
    return out


def visible(text):
    """What a person is shown of a name."""
    return shown(raw(text))


def shown(data):
    """The same of bytes: in these tests they are ASCII or no UTF-8 at all."""
    pieces = ["\\\\" if b == 0x5c else chr(b) if 0x20 <= b < 0x7f else f"\\x{b:02x}" for b in data]
    if sum(map(len, pieces)) <= TEXT_BYTES:
        return "".join(pieces)
    kept = ""
    for piece in pieces:
        if len(kept) + len(piece) >= TEXT_BYTES:
            break
        kept += piece
    return kept + "~"


def digits(value):
    """An exact number as the page has it; None when it is too long for that."""
    return None if len(value) > EXACT_DIGITS else value


def member(row, key):
    for part in key.split("."):
        row = row.get(part) if row else None
    return row


def words(element):
    return "".join(element.itertext())


def check_value(where, cell, value):
    data = cell.find("data")
    if isinstance(value, Number):
        if (data.get("value") if data is not None else None) != digits(value.text):
            problem(f"{where}: {words(cell)!r} for {value.text}")
        return
    if isinstance(value, list):
        value = " ".join(value) or None
    want = "-" if value is None else ("yes" if value else "no") if isinstance(value, bool) else visible(value)
    if words(cell) != want:
        problem(f"{where}: {words(cell)!r} instead of {want!r}")


def check_cell(where, cell, row, key):
    if not isinstance(key, tuple):
        value = member(row, key)
        if value is None and key == "mountpoint":
            part, process = row["part_mountpoint"], member(row, "process.command")
            value = "part: " + part if part else "process " + process if process else None
        check_value(where, cell, value)
    elif key[0] == "about":
        check_about(where, cell, *(row.get(k) for k in key[1:]))
    elif key[0] and row[key[0]] is not None:
        check_value(where, cell, row[key[0]])
    elif row[key[1]] is None or row[key[2]] is None:
        check_value(where, cell, None)
    else:
        ends = [(d.get("class"), d.get("value")) for d in cell.findall("data")]
        if ends != [("low", row[key[1]].text), ("high", row[key[2]].text)]:
            problem(f"{where}: {ends} for the interval {key}")


def check_about(where, cell, value, low, high):
    """A number, and where it is an estimate its interval: never one without the other."""
    if value is None or low == high:
        check_value(where, cell, value)
        return
    ends = [d.get("value") for d in cell.findall("data")]
    if ends != [low.text, high.text] or words(cell).split(" (")[0] != f"{int(value.text):,}":
        problem(f"{where}: {words(cell)!r} for {value.text}, {low.text} to {high.text}")


class Number(float):
    """A number of the JSON that still knows its digits."""

    def __new__(cls, text):
        number = super().__new__(cls, text)
        number.text = text
        return number


def left_out(after):
    data = after.find("data") if after is not None and after.get("class") == "left-out" else None
    return int(data.get("value")) if data is not None else 0


def following(parent, child):
    children = list(parent)
    at = children.index(child) + 1
    return children[at] if at < len(children) else None


def check_rows(where, parent, table, rows, total, columns):
    lines = table.findall("tr")[1:]
    if len(lines) > len(rows) or len(lines) + left_out(following(parent, table)) != total:
        problem(f"{where}: {len(lines)} rows and {left_out(following(parent, table))} left out of {total}")
    for n, (line, row) in enumerate(zip(lines, rows)):
        for key, cell in zip(columns, line.findall("td"), strict=True):
            check_cell(f"{where} row {n} {key}", cell, row, key)


def check_values(where, section, state):
    lines = {tuple(words(td) for td in tr.findall("td")[:2]): tr.findall("td")[2]
             for tr in section.findall("./details/table/tr")[1:]}
    for group in GROUPS:
        for row in state[group]["rows"]:
            for key, value in row.items():
                if value is not None:
                    cell = lines.pop((group, key), None)
                    if cell is None:
                        problem(f"{where}: {group} {key} is missing")
                    else:
                        check_value(f"{where} {group} {key}", cell, value)
    if lines:
        problem(f"{where}: {list(lines)} are not in the JSON")


def check_who(body, who):
    section = body.find("section[@class='who']")
    if (section is None) != (who is None):
        problem("who is on the page or in the JSON alone")
        return
    for name, columns in WHO.items() if who else ():
        table = section.find(f"table[@class='{name}']")
        if (table is None) != (not who[name]):
            problem(f"who: table {name}")
        elif table is not None:
            check_rows(f"who {name}", section, table, who[name], len(who[name]), columns)


def check_states(body, states):
    sections = body.findall("section[@class='state']")
    if len(sections) != min(len(states), 4):
        problem(f"{len(sections)} states on the page, {len(states)} in the JSON")
    for n, (section, state) in enumerate(zip(sections, states)):
        tables = {t.get("class"): t for t in section.findall("table")}
        for name, columns in TABLES.items():
            if (name in tables) != (int(state[name]["total"]) > 0):
                problem(f"state {n}: table {name}")
            elif name in tables:
                check_rows(f"state {n} {name}", section, tables[name], state[name]["rows"],
                           int(state[name]["total"]), columns)
        check_values(f"state {n}", section, state)
        cut = section.find("p[@class='cut']")
        if (cut is not None) != (state["cut"] > 0) or (cut is not None and not words(cut).startswith(
                f"{state['cut'].text} texts were cut")):
            problem(f"state {n}: cut texts")


def check_events(body, events):
    happened, done = (following(body, h) for h in body.findall("h2")[:2])
    rows = happened.findall("tr")[1:]
    if len(rows) + left_out(following(body, happened)) != len(events):
        problem(f"{len(rows)} events on the page, {len(events)} in the JSON")
    for n, (row, event) in enumerate(zip(rows, events)):
        cells = [words(td) for td in row.findall("td")]
        # the text of a reclaim has names, those of alarms are bytes as they are
        text = visible(event["text"]) if event["type"] == "reclaim" else shown(event["text"].encode())
        if cells[1:] != [shown(event["severity"].encode()), shown(event["type"].encode()), text]:
            problem(f"event {n}: {cells}")
    actions = [e for e in events if e["severity"] in ("reclaim", "change")]
    if not actions:
        if done.tag != "p":
            problem("something was done that is not in the JSON")
        return
    rows = done.findall("tr")[1:]
    if len(rows) + left_out(following(body, done)) != len(actions):
        problem(f"{len(rows)} of {len(actions)} actions")
    for row, action in zip(rows, actions):
        cells, reclaim = row.findall("td"), action.get("reclaim") or {}
        for at, key in (3, "before"), (4, "after"), (5, "seconds"):
            data, want = cells[at].find("data"), reclaim.get(key)
            if (data is None) != (want is None) or (data is not None and float(data.get("value")) != want):
                problem(f"{key} of {words(row)!r}")
        if words(cells[1]) != action["type"]:
            problem(f"{words(cells[1])!r} for {action['type']}")


COUNTERS = {"namespaces_created", "pgscan_direct", "allocstall", "slabs_scanned", "drop_slab"}


PARTS = {"longest chain of ": "longest", "load of ": "load"}


def table_series(document, resource, key):
    """[(time, value)] of a hash table: what the last line of its kind said, at each sample."""
    points, lines, value, at = [], document["tables"], None, 0
    for sample in document["samples"]:
        while at < len(lines) and not (isinstance(lines[at].get("time"), Number) and lines[at]["time"] > sample["time"]):
            rows = lines[at].get("rows")
            row = next((r for r in rows if isinstance(r, dict) and r.get("resource") == resource), {}) if isinstance(rows, list) else {}
            value, at = row.get(key), at + 1
        if isinstance(value, Number):
            points.append((sample["time"], value))
    return points


def charted_tables(document):
    """The tables that alarms are about; without any, the first of the last line."""
    names = []
    for event in document["events"]:
        if event["type"] in ("table_chain", "table_load") and event.get("resource") and event["resource"] not in names:
            names.append(event["resource"])
    if not names and document["tables"] and isinstance(document["tables"][-1].get("rows"), list):
        names = [r["resource"] for r in document["tables"][-1]["rows"][:1] if isinstance(r, dict) and
                 isinstance(r.get("resource"), str) and r["resource"]]
    return names[:3]


def check_table_charts(document, labels):
    for resource in charted_tables(document):
        for part, key in PARTS.items():
            if table_series(document, resource, key) and part + shown(resource.encode()) not in labels:
                problem(f"no chart of the {part}{resource}")


def series(document, label):
    """[(time, value)] of a chart."""
    for part, key in PARTS.items():
        resource = next((r for r in charted_tables(document) if part + shown(r.encode()) == label), None)
        if resource:
            return table_series(document, resource, key)
    if label in document["lookups"]:
        at = document["lookups"].index(label)
        return [(s["time"], s["lookups"][at]) for s in document["samples"] if s["lookups"][at] is not None]
    values = [(s["time"], s[label]) for s in document["samples"] if s.get(label) is not None]
    if label not in COUNTERS:
        return values
    return [(t, b - a) for (_, a), (t, b) in zip(values, values[1:]) if b >= a]


def points_of(document, label):
    return series(document, next((p for p in document["lookups"] if visible(p) == label), label))


def is_steady(document, label, points):
    return len({v for _, v in points}) == 1 and len(points) + (label in COUNTERS) >= len(document["samples"])


def check_steady(body, document):
    """What is the same all the time has a row instead of a chart; returns the names."""
    table = next((t for t in body.findall("table") if words(t[0]) == "What stayed the same"), None)
    names = []
    for row in table.findall("tr")[1:] if table is not None else ():
        names.append(words(row[0]))
        points = points_of(document, names[-1])
        if not is_steady(document, names[-1], points) or float(row[1].find("data").get("value")) != points[0][1]:
            problem(f"{words(row)!r} for {points[:3]}")
    return names


def check_chart(figure, document, events):
    label = words(figure.find("./figcaption/b"))
    points = points_of(document, label)
    if is_steady(document, label, points):
        problem(f"a chart of {label}, which stays the same")
    low, high = min(v for _, v in points), max(v for _, v in points)
    ends = [float(d.get("value")) for d in figure.findall("./figcaption/data")]
    if ends != ([low, high] if low != high else [low]):
        problem(f"chart {label}: {ends} instead of {low} to {high}")
    begin, end = document["samples"][0]["time"], document["samples"][-1]["time"]
    column = lambda t: max(0, min(COLUMNS - 1, int((t - begin) / (end - begin) * COLUMNS))) if end > begin else 0
    want = {}
    for time, value in points:
        y = BOTTOM - (value - low) / (high - low) * (BOTTOM - TOP) if high > low else (BOTTOM + TOP) / 2
        want.setdefault(2 * column(time) + 1, []).append(y)
    drawn = {}
    for line in figure.iter("polyline"):
        for pair in line.get("points").split(" "):
            x, y = pair.split(",")
            drawn.setdefault(int(x), []).append(float(y))
    if drawn.keys() != want.keys():
        problem(f"chart {label}: {len(drawn)} columns instead of {len(want)}")
    for x in drawn.keys() & want.keys():
        if abs(min(drawn[x]) - min(want[x])) > 0.01 or abs(max(drawn[x]) - max(want[x])) > 0.01:
            problem(f"chart {label} at {x}: {drawn[x]} instead of {want[x]}")
    marks = [int(line.get("x1")) for line in figure.iter("line")]
    if marks != [2 * column(e["time"]) + 1 for e in events[:64]]:
        problem(f"chart {label}: marks at {marks}")
    svg = figure.find("svg")
    ElementTree.fromstring(ElementTree.tostring(svg))
    if svg.get("role") != "img" or svg.get("aria-labelledby") != figure.find("figcaption").get("id"):
        problem(f"chart {label} has no name for who cannot see it")
    return label


def check_accessible(root):
    """What a reader of the page needs who does not see it: headings in order, names of tables and charts."""
    if root.get("lang") != "en" or not words(root.find("head/title")).startswith("dcachemon: Alarm"):
        problem("no language or title")
    levels = [int(e.tag[1]) for e in root.iter() if re.fullmatch(r"h[1-6]", e.tag)]
    if levels[:1] != [1] or levels.count(1) != 1 or max(b - a for a, b in zip(levels, levels[1:])) > 1:
        problem(f"headings {levels}")
    for table in root.iter("table"):
        if table[0].tag != "caption" or not words(table[0]):
            problem("a table without a caption")
        if {cell.get("scope") for cell in table.find("tr")} != {"col"}:
            problem(f"{words(table[0])}: a column without a header cell")
    names = [e.get("id") for e in root.iter() if e.get("id")]
    if len(set(names)) != len(names):
        problem(f"{names} are not unique")


def main():
    page = open(sys.argv[1], "rb").read()
    document = json.load(open(sys.argv[2]), parse_int=Number, parse_float=Number)
    reader = Reader()
    reader.feed(page.decode())
    reader.close()
    if reader.open:
        problem(f"{reader.open} stay open")
    if re.search(r"@import|url|expression", reader.style):
        problem("the style refers to something")
    if len(page) > PAGE_BYTES:
        problem(f"{len(page)} bytes")
    root = ElementTree.fromstring(page.decode().removeprefix("<!DOCTYPE html>\n"))
    policy = root.find("./head/meta[@http-equiv='Content-Security-Policy']")
    if policy is None or not policy.get("content").startswith("default-src 'none'"):
        problem("no policy against scripts")
    check_accessible(root)
    body = root.find("body/main")
    check_events(body, document["events"])
    check_states(body, document["states"])
    check_who(body, document["who"])
    charts = [check_chart(f, document, document["events"]) for f in body.findall("figure")]
    charts += check_steady(body, document)
    check_table_charts(document, charts)
    print(f"{len(page)} bytes, {sum(1 for _ in root.iter())} tags, charts {' '.join(charts)}")
    for text in problems[:20]:
        print(f"PROBLEM {text}")
    return bool(problems)


sys.exit(main())
