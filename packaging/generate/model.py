# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What dump_model prints, as objects, and a YAML writer that needs no library."""
import json

NOTE = "SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause\n" \
       "Generated from the metric table by packaging/generate/generate.py: do not edit."
# The text columns that tell rows apart, beside the index.
LABELS = {
    "superblocks": ("name", "device", "fstype", "mountpoint"),
    "chains": ("parent", "name"),
    "directories": ("path",),
    "lookups": ("path",),
    "alarms": ("resource",),
    "sources": ("name",),
    "alarm_counts": ("name",),
    "tables": ("name",),
}
# The one of them that is unique, in every row, and the same after a restart: history is kept by it.
NAMES = {"superblocks": "name"}
NUMERIC = ("Gauge32", "Unsigned32", "Counter32", "Counter64", "Gauge64", "Enumeration", "TruthValue")


# How the metric's name says its unit, at its end.
ENDINGS = {"bytes": "bytes", "seconds": "seconds", "microseconds": "us", "percent": "percent",
           "ratio": "ratio", "per_second": "per_second"}
# What (unit, multiplied with) is on the wire, in place of that ending: in full, and for short aliases.
WIRE = {("bytes", 1 / 1024): ("kibibytes", "KiB"), ("seconds", 1e3): ("milliseconds", "Ms"),
        ("seconds", 1e6): ("microseconds", "Us"), ("microseconds", 1e-3): ("milliseconds", "Ms"),
        ("percent", 1e3): ("millipercent", "MilliPct"), ("ratio", 1e3): ("permille", "Permille"),
        ("per_second", 100): ("per_100_seconds", "Per100S"), ("", 1e6): ("millionths", "Millionths")}


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def title(name):
    return "".join(word.capitalize() for word in name.split("_"))


class Metric:
    def __init__(self, table, data):
        self.__dict__.update(data)
        self.table, self.data = table, data
        self.twin = self.twin or None

    @property
    def oid(self):
        return f"{self.table.entry}.{self.arc}"

    @property
    def twin_oid(self):
        return f"{self.table.entry}.{self.twin_arc}"

    @property
    def stem(self):
        """Its name without the unit, None where the name says none; without a unit all of it."""
        if not self.unit:
            return self.name
        ending = ENDINGS.get(self.unit)
        if ending and (self.name == ending or self.name.endswith("_" + ending)):
            return self.name[: -len(ending)].rstrip("_")
        return None

    def named(self, unit):
        """Its name with another unit in place of its own."""
        return "_".join(filter(None, (self.stem, unit)))

    @property
    def wire(self):
        """What is on the wire in place of the unit that its name says: a word and a short one, or None."""
        return WIRE[self.unit, self.scale] if self.scale != 1 and self.stem is not None else None

    @property
    def text(self):
        return self.syntax in ("DisplayString", "DateAndTime", "RowPointer")

    @property
    def number(self):
        """What has its value as a number: a text's twin; None where nothing has."""
        if self.text and self.twin:
            return Metric(self.table, {**self.data, "object": self.twin, "arc": self.twin_arc,
                                       "syntax": "Gauge64", "twin": None})
        return self if self.syntax in NUMERIC else None

    @property
    def enum(self):
        """number -> label of the MIB"""
        if self.syntax == "TruthValue":
            return {1: "true", 2: "false"}
        return {int(k): camel(v) for k, v in self.symbols.items()}


class Table:
    def __init__(self, root, data):
        self.__dict__.update(data)
        self.oid = f"{root}.1.{self.arc}"
        self.entry = self.oid + (".1" if self.array else "")
        self.metrics = [Metric(self, m) for m in data["metrics"]]

    def metric(self, name):
        return next(m for m in self.metrics if m.name == name)

    @property
    def index(self):
        return self.metrics[0] if self.array else None

    @property
    def columns(self):
        """what can be read"""
        return [m for m in self.metrics if m.syntax != "Index"]

    @property
    def numbers(self):
        return [m.number for m in self.columns if m.number]

    @property
    def stored(self):
        """labels and numbers"""
        labels = LABELS.get(self.name, ())
        return [s for m in self.columns for s in (m if m.text and m.name in labels else None, m.number) if s]


class Model:
    def __init__(self, path):
        with open(path) as f:
            data = json.load(f)
        self.root, self.version, self.alarms = data["root"], data["version"], data["alarms"]
        for a in self.alarms:
            a["about"] = ": ".join(filter(None, (a["value"], a["why"])))
        self.all = [Table(self.root, t) for t in data["tables"]]
        self.polled = [t for t in self.all if t.polled]
        self.raised, self.cleared = f"{self.root}.0.1", f"{self.root}.0.2"
        # columns of the alarm table that both notifications carry, in their order
        self.varbinds = self.table("alarms").columns[: data["varbinds"]]

    def table(self, name):
        return next(t for t in self.all if t.name == name)

    def metric(self, place):
        """of [table, name]"""
        return self.table(place[0]).metric(place[1])

    @property
    def ruled(self):
        """alarm types that can be configured"""
        return [a for a in self.alarms if a["rule"]]

    @property
    def polled_alarms(self):
        """alarm types whose figure is a scalar"""
        return [a for a in self.alarms if a["scalar"]]


def level(value):
    """1000000 as 1,000,000, 0.00005 as 50 millionths"""
    return f"{value:,.0f}" if value >= 1 or value == 0 else f"{value:.6f}".rstrip("0")


PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789./-")


def scalar(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if value and set(value) <= PLAIN and value[0].isalpha() and \
            value not in ("true", "false", "yes", "no", "on", "off", "null", "n", "y"):
        return value
    return json.dumps(value, ensure_ascii=False)


def yaml(value, indent=0):
    """The lines of a value made of dict, list, str, int, float and bool."""
    pad = "  " * indent
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, (dict, list)) and inner:
                yield f"{pad}{scalar(key)}:"
                yield from yaml(inner, indent + isinstance(inner, dict))
            else:
                yield f"{pad}{scalar(key)}: " + \
                    (("{}" if isinstance(inner, dict) else "[]") if isinstance(inner, (dict, list))
                     else scalar(inner))
    else:
        for item in value:
            if isinstance(item, (dict, list)):
                lines = list(yaml(item, indent + 1))
                yield f"{pad}- {lines[0].lstrip()}"
                yield from lines[1:]
            else:
                yield f"{pad}- {scalar(item)}"


def yaml_file(value, note=NOTE, start=""):
    head = "".join(f"# {line}\n" for line in note.split("\n"))
    return head + start + "\n".join(yaml(value)) + "\n"
