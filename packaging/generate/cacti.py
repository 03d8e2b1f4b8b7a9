# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Cacti 1.2.19 and later: a template to import (data templates, graph templates, data queries and a device
template), and the XML file of each data query. Names of data sources have at most 19 characters."""
import hashlib
from xml.sax.saxutils import escape

from model import LABELS, NAMES, NOTE

DEVICE, PREFIX = "Dentry cache (dcachemon)", "dcachemon"
VERSION = "0103"  # of Cacti 1.2.19 to 1.2.24
QUERIES = "resource/snmp_queries"
# The column that keeps the history of a row, beside NAMES; the others go by their number.
KEYS = {**NAMES, "lookups": "path", "sources": "name", "alarm_counts": "name", "tables": "name"}
# A column that each row has, of tables that go by their number.
DENSE = {"chains": "length", "directories": "path"}
# Too small or too large to be seen beside the others of its unit.
APART = {("hash", "max_chain"), ("hash", "age_seconds"), ("sources", "cost_seconds"), ("reclaim", "rules_age")}
DS_MAX = 19
COLORS = ("00438C", "C73A1D", "2E7D32", "E09A00", "6A1B9A", "00838F", "795548", "9E9D24")
GAUGE, DERIVE = 1, 3
AVERAGE, MAX, LAST = 1, 3, 4
LINE2, GPRINT = 5, 9
# What Cacti has from the start.
CODES = {"graph": "00", "data": "01", "device": "02", "input": "03", "query": "04", "cdef": "05", "format": "06",
         "field": "07", "source": "08", "item": "10", "query graph": "11", "graph title": "12", "data title": "13",
         "cdef item": "14"}
SCALED, EXACT, PLAIN = "e9c43831e54eca8069317a2ce8c6f751", "19414480d6897c8731c7dc6c5310653e", \
    "304a778405392f878a6db435afffc1e9"
GET, GET_INDEXED = "3eb92bb845b9660a7445cf9740726522", "bf566c869ac6443b0c75d1c32b5a350e"
OID_FIELD = "4276a5ec6e3fe33995129041b1909762"
GET_FIELDS = ("92f5906c8dc0f964b41f4253df582c38", "32285d5bf16e56c478f5e83f32cda9ef", "ad14ac90641aed388139f6ba86a2e48b",
              "9c55a74bd571b4f00a96fd4b793278c6", "012ccb1d3687d3edb29c002ea66e72da", OID_FIELD,
              "fc64b99742ec417cc424dbf8c7692d36", "20832ce12f099c8e54140793a091af90", "c60c9aac1e1b3555ea0620b8bbfd82cb",
              "feda162701240101bc74148415ef415a")
ROW_FIELDS = ("6027a919c7c7731fbe095b6f53ab127b", "cbbe5c1ddfb264a6e5d509ce1c78c95f", "e6deda7be0f391399c5130e7c4a48b28")
INDEXED_FIELDS = ("617cdc8a230615e59f06f361ef6e7728", "acb449d1451e8a2a655c2c99d31142c7", "f4facc5e2ca7ebee621f09bc6d9fc792",
                  "1cc1493a6781af2c478fa4de971531cf", "b5c23f246559df38662c255f4aa21d6b", *ROW_FIELDS,
                  "c1f36ee60c3dc98945556d57f26e475b", "2cf7129ad3ff819a7a7ac189bee48ce8", "6b13ac0a0194e171d241d4b06f913158",
                  "3a33d4fc65b8329ab2ac46a36da26b72")


def ref(kind, code):
    return f"hash_{CODES[kind]}{VERSION}{code}"


def own(kind, *key):
    """The name of something of ours, the same in every version of the file."""
    return ref(kind, hashlib.md5("/".join(("dcachemon", kind) + key).encode(), usedforsecurity=False).hexdigest())


def xml(tag, content, indent=0):
    """The lines of an element; @content is text or pairs of a tag and a content."""
    pad = "\t" * indent
    if isinstance(content, (str, int)):
        yield f"{pad}<{tag}>{escape(str(content))}</{tag}>"
    else:
        yield f"{pad}<{tag}>"
        for inner in content:
            yield from xml(*inner, indent + 1)
        yield f"{pad}</{tag}>"


def xml_file(tag, content):
    return f"<!-- {NOTE} -->\n" + "\n".join(xml(tag, content)) + "\n"


def words(name):
    return name.replace("_", " ")


class Graph:
    """Values of one table with one unit, which one graph shows."""

    def __init__(self, table, metrics):
        first = metrics[0]
        self.table, self.metrics, self.counter = table, metrics, first.counter
        self.key = (table.name, first.unit, "rate" if first.counter else "level") + \
            ((first.name,) if (table.name, first.name) in APART else ())
        self.label = first.unit + (" per second" if first.counter else "")
        self.scaled = first.unit in ("seconds", "bytes") or first.counter
        self.what = ", ".join(self.word(m) for m in metrics)
        self.title = f"{table.title}: {self.what} ({self.label})"
        self.name = f"{PREFIX} - {self.title}"

    @staticmethod
    def word(m):
        return words(m.name if m.stem is None else m.stem or "time")

    @property
    def gprint(self):
        return SCALED if self.scaled else PLAIN if self.label in ("percent", "ratio") else EXACT


def graphs_of(table):
    found = {}
    for m in table.numbers:
        if m.charted and not m.enum:
            found.setdefault((m.unit, m.counter, m.name if (table.name, m.name) in APART else None), []).append(m)
    return [Graph(table, metrics) for metrics in found.values()]


def ds_name(m):
    """Cacti stores what is on the wire, so the name ends in its unit if the metric's name says one."""
    if not m.wire:
        return m.name[:DS_MAX]
    full, short = m.named(m.wire[0]), m.wire[1]
    return full if len(full) <= DS_MAX else m.stem[: DS_MAX - len(short) - 1] + "_" + short


def polled_oid(m):
    """With 64 bits where there are such."""
    return "." + (m.twin_oid if m.twin else m.oid)


# ---- data queries ----

def field(m):
    return m.twin or m.object


def key_of(table):
    """The column of the key and the one that shows which rows there are."""
    if table.name in KEYS:
        key = table.metric(KEYS[table.name])
        return key, key
    return table.index, table.metric(DENSE[table.name])


def query_field(name, label, oid, direction, source="value"):
    return (name, [("name", label), ("method", "walk"), ("source", source), ("direction", direction), ("oid", oid)])


def query_fields(table, key, dense):
    if key is table.index:
        yield query_field(key.object, words(key.name), "." + dense.oid, "input", r"OID/REGEXP:.*\.([0-9]+)$")
    for name in LABELS[table.name]:
        m = table.metric(name)
        yield query_field(m.object, words(name), "." + m.oid, "input")
    for graph in graphs_of(table):
        for m in graph.metrics:
            yield query_field(field(m), words(m.name), polled_oid(m), "output")


def query_name(table):
    return f"{PREFIX} - {table.title}"


def query_file(table):
    key, dense = key_of(table)
    return xml_file("query", [
        ("name", query_name(table)), ("description", table.help), ("oid_index", "." + dense.oid),
        ("oid_index_parse", r"OID/REGEXP:.*\.([0-9]+)$"),
        # One field alone: Cacti changes to none after it.
        ("index_order", key.object), ("index_order_type", "numeric" if key is table.index else "alphanumeric"),
        ("index_title_format", "|chosen_order_field|"), ("fields", list(query_fields(table, key, dense)))])


# ---- templates ----

def source_item(m):
    return (own("source", m.table.name, m.name), [
        ("t_data_source_name", ""), ("data_source_name", ds_name(m)), ("t_rrd_minimum", ""), ("rrd_minimum", 0),
        ("t_rrd_maximum", ""), ("rrd_maximum", "U"), ("t_data_source_type_id", ""),
        ("data_source_type_id", DERIVE if m.counter else GAUGE), ("t_rrd_heartbeat", ""), ("rrd_heartbeat", 600),
        ("t_data_input_field_id", ""), ("data_input_field_id", 0)])


def data_template(key, name, title, metrics, oid=""):
    """With one OID, or for the rows of a data query."""
    data = [(f"item_{i:03}", [("data_input_field_id", ref("field", code)),
                              ("t_value", "on" if code in ROW_FIELDS else ""),
                              ("value", oid if code == OID_FIELD else "")])
            for i, code in enumerate(GET_FIELDS if oid else INDEXED_FIELDS)]
    return (own("data", *key), [
        ("name", name), ("ds", [("t_name", ""), ("name", f"|host_description| - {title}"), ("data_source_path", ""),
                                ("data_input_id", ref("input", GET if oid else GET_INDEXED)), ("t_rrd_step", ""),
                                ("rrd_step", 300), ("t_active", ""), ("active", "on")]),
        ("items", [source_item(m) for m in metrics]), ("data", data)])


def data_templates(graph):
    if graph.table.array:
        yield data_template(graph.key, graph.name, graph.title, graph.metrics)
        return
    for m in graph.metrics:
        title = f"{graph.table.title}: {words(m.name)}"
        yield data_template((graph.table.name, m.name), f"{PREFIX} - {title}", title, [m], polled_oid(m) + ".0")


def factor_text(m):
    return f"{1 / m.scale:.10f}".rstrip("0").rstrip(".")


def cdef(text):
    parts = ((4, "CURRENT_DATA_SOURCE"), (6, text), (2, 3))
    return (own("cdef", text), [
        ("name", f"{PREFIX}: times {text}"), ("items", [
            (own("cdef item", text, str(i)), [("sequence", i), ("type", kind), ("value", value)])
            for i, (kind, value) in enumerate(parts, 1)])])


def graph_item(graph, m, number, role, kind, function, text, color):
    place = list(m.table.metrics).index(m)
    return (own("item", *graph.key, m.name, role), [
        ("graph_type_id", kind), ("task_item_id", own("source", m.table.name, m.name)), ("color_id", color),
        ("alpha", "FF"), ("consolidation_function_id", function),
        ("cdef_id", 0 if m.scale == 1 else own("cdef", factor_text(m))), ("vdef_id", 0), ("shift", ""), ("value", ""),
        ("gprint_id", ref("format", graph.gprint)), ("textalign", ""), ("text_format", text),
        ("hard_return", "on" if role == "max" else ""), ("line_width", "2.00" if kind == LINE2 else "0.00"),
        ("dashes", ""), ("dash_offset", 0), ("sequence", place * 4 + number)])


def graph_items(graph):
    for i, m in enumerate(graph.metrics):
        line = AVERAGE if m.counter else MAX  # a level keeps its peaks when it is older
        yield graph_item(graph, m, 1, "line", LINE2, line, Graph.word(m), COLORS[i % len(COLORS)])
        for number, role, function in ((2, "last", LAST), (3, "average", AVERAGE), (4, "max", MAX)):
            yield graph_item(graph, m, number, role, GPRINT, function, f"{role}:", 0)


def graph_template(graph):
    options = (("title", f"|host_description| - {graph.title}"), ("vertical_label", graph.label), ("image_format_id", 1),
               ("height", 200), ("width", 700), ("base_value", 1024 if graph.label == "bytes" else 1000),
               ("slope_mode", "on"), ("auto_scale", "on"), ("auto_scale_opts", 2), ("auto_scale_log", ""),
               ("auto_scale_rigid", "on"), ("upper_limit", 100), ("lower_limit", 0), ("auto_padding", "on"))
    return (own("graph", *graph.key), [
        ("name", graph.name), ("graph", [pair for name, value in options for pair in ((f"t_{name}", ""), (name, value))]),
        ("items", list(graph_items(graph))), ("inputs", "")])


def query_graph(graph, key):
    title = f"|host_description| - |query_{key.object}|: {graph.what} ({graph.label})"
    name, data = (graph.table.name, *graph.key), own("data", *graph.key)
    rows = [(f"item_{i:03}", [("snmp_field_name", field(m)), ("data_template_id", data),
                              ("data_template_rrd_id", own("source", m.table.name, m.name))])
            for i, m in enumerate(graph.metrics)]
    return (own("query graph", *name), [
        ("graph_template_id", own("graph", *graph.key)), ("name", f"{graph.what} ({graph.label})"), ("rrd", rows),
        ("sv_graph", [(own("graph title", *name), [("field_name", "title"), ("sequence", 1), ("text", title)])]),
        ("sv_data_source", [(own("data title", *name), [("field_name", "name"), ("data_template_id", data),
                                                        ("sequence", 1), ("text", title)])])])


def query_path(table):
    return f"{QUERIES}/dcachemon_{table.name}.xml"


def query(table):
    key = key_of(table)[0]
    return (own("query", table.name), [
        ("name", query_name(table)), ("description", table.help), ("xml_path", f"<path_cacti>/{query_path(table)}"),
        ("data_input_id", ref("input", GET_INDEXED)),
        ("graphs", [query_graph(graph, key) for graph in graphs_of(table)])])


def template(tables):
    graphs = [graph for table in tables for graph in graphs_of(table)]
    factors = {factor_text(m): None for graph in graphs for m in graph.metrics if m.scale != 1}
    device = [("name", DEVICE), ("class", "linux"),
              ("graph_templates", "|".join(own("graph", *g.key) for g in graphs if not g.table.array)),
              ("data_queries", "|".join(own("query", t.name) for t in tables if t.array))]
    return xml_file("cacti", [(own("device"), device), *map(graph_template, graphs),
                              *(data for graph in graphs for data in data_templates(graph)),
                              *map(cdef, factors), *(query(t) for t in tables if t.array)])


def files(model):
    tables = [t for t in model.polled if graphs_of(t)]
    yield "cacti/dcachemon.xml", template(tables)
    for table in tables:
        if table.array:
            yield f"cacti/{query_path(table)}", query_file(table)
