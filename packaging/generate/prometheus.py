# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Alert rules for Prometheus, and their tests: over snmp_exporter (rules.yml) and over node_exporter's
textfile collector (textfile-rules.yml)."""
import re

from model import NOTE, level, title, yaml_file

JOB = "dcachemon"
SEVERITIES = ((2, "warning"), (3, "critical"))


def shown(alarm, value, level_, labels):
    """The alarm's value and level, by queries of their own: the alert fires where there are none, too (SNMPv1,
    an older agent). Each is a series or a term of it with %s for the labels that find it."""
    match = ",".join(f"{name}=%q" for name in labels)
    given = " ".join(f"$labels.{name}" for name in labels)

    def number(term):
        return f'{{{{ with printf "{term % match}" {given} | query }}}}{{{{ . | first | value | humanize }}}}' \
            "{{ else }}unknown{{ end }}"
    return f"Value {number(value)}, level {number(level_)} {alarm['unit']}."


def alert_rule(alarm, number, severity):
    resource = "{{ $labels.dcmAlarmResourceName }}"
    return {
        "alert": f"Dcachemon{title(alarm['name'])}",
        "expr": f'dcmAlarmSeverity{{job="{JOB}"}} == {number} and dcmAlarmKind == {alarm["number"]}',
        "labels": {"severity": severity, "alarm": alarm["name"]},
        "annotations": {
            "summary": f"{alarm['name']} is {severity} on {{{{ $labels.instance }}}}: {resource}",
            "value": shown(alarm, "dcmAlarmValueMillionths{%s} / 1e6", "dcmAlarmThresholdMillionths{%s} / 1e6",
                           ("instance", "dcmAlarmIndex")),
            "description": f"{alarm['about']}. Default level: {level(alarm[severity])} {alarm['unit']}.",
            "runbook_url": f"man:dcachemon-runbook(7)#{alarm['name']}",
        },
    }


def watch_rule(alert, expression, severity, alarm, summary, description):
    return {"alert": alert, "expr": expression, "for": "5m",
            "labels": {"severity": severity, "alarm": alarm},
            "annotations": {"summary": summary, "description": description,
                            "runbook_url": f"man:dcachemon-runbook(7)#{alarm}"}}


def watch_rules():
    """What the agent cannot say itself."""
    return [
        watch_rule("DcachemonSnmpSilent", f'up{{job="{JOB}"}} == 0', "critical", "snmpd_wedge",
                   "snmpd on {{ $labels.instance }} does not answer",
                   "A snmpd whose interface table takes 3 s to reload never answers again."),
        watch_rule("DcachemonAgentMissing", f'up{{job="{JOB}"}} == 1 unless on (job, instance) dcmTotalsDentries',
                   "warning", "source_failed", "snmpd on {{ $labels.instance }} answers without dcachemon-snmp",
                   "Not running, not allowed to open the AgentX socket, or hidden by a view."),
    ]


def rules(model):
    found = [alert_rule(a, number, severity) for a in model.ruled for number, severity in SEVERITIES
             if a[severity] is not None]
    return {"groups": [{"name": "dcachemon", "rules": found + watch_rules()}]}


def series(name, instance, index, resource, value):
    labels = f'job="{JOB}",instance="{instance}",dcmAlarmIndex="{index}",dcmAlarmResourceName="{resource}"'
    return {"series": f"{name}{{{labels}}}", "values": f"{value}x10"}


# What the tests give an alarm as its value and its level, and how that is shown.
EXAMPLES = (("1500", "1.5k"), ("1000", "1k"))


def expected(rule, instance, told=True, **labels):
    def fill(text):
        for key, value in {"instance": instance, **labels}.items():
            text = text.replace("{{ $labels.%s }}" % key, value)
        for _, example in EXAMPLES:
            text = re.sub(r"\{\{ with .*?\{\{ end \}\}", example if told else "unknown", text, count=1)
        return text
    return {"exp_labels": {**rule["labels"], "job": JOB, "instance": instance, **labels},
            "exp_annotations": {k: fill(v) for k, v in rule["annotations"].items()}}


def tests(model):
    """Each type raised on a host of its own; another host where all is well; one silent; one without
    the agent."""
    all_rules = rules(model)["groups"][0]["rules"]
    inputs, checks = [], []
    for i, rule in enumerate(r for r in all_rules if "for" not in r):
        number = 3 if rule["labels"]["severity"] == "critical" else 2
        kind = next(a["number"] for a in model.alarms if a["name"] == rule["labels"]["alarm"])
        host, index, resource = f"host{i}", str(i + 1), f"/resource/{i}"
        inputs += [series("dcmAlarmSeverity", host, index, resource, number),
                   series("dcmAlarmKind", host, index, resource, kind)]
        told = i > 0  # the first one's agent has no numbers
        if told:
            inputs += [series(f"dcmAlarm{what}Millionths", host, index, resource, f"{value}000000")
                       for what, (value, _) in zip(("Value", "Threshold"), EXAMPLES)]
        checks.append((rule["alert"], expected(rule, host, told, dcmAlarmIndex=index,
                                               dcmAlarmResourceName=resource)))
    for host, up, agent in (("well", 1, True), ("silent", 0, False), ("bare", 1, False)):
        inputs.append({"series": f'up{{job="{JOB}",instance="{host}"}}', "values": f"{up}x10"})
        if agent:
            inputs.append({"series": f'dcmTotalsDentries{{job="{JOB}",instance="{host}"}}',
                           "values": "1000x10"})
    for rule, host in zip((r for r in all_rules if "for" in r), ("silent", "bare")):
        checks.append((rule["alert"], expected(rule, host)))
    names = sorted({name for name, _ in checks})
    return {
        "rule_files": ["rules.yml"], "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": inputs, "alert_rule_test": [
            {"eval_time": "8m", "alertname": name,
             "exp_alerts": [alert for other, alert in checks if other == name]} for name in names]}],
    }


def scrape():
    return {"scrape_configs": [{
        "job_name": JOB, "scrape_interval": "60s", "scrape_timeout": "20s",
        "metrics_path": "/snmp", "params": {"module": ["dcachemon"], "auth": ["public_v2"]},
        "static_configs": [{"targets": ["host.example.org"]}],
        "relabel_configs": [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"source_labels": ["__param_target"], "target_label": "instance"},
            {"target_label": "__address__", "replacement": "127.0.0.1:9116"}]}],
        "rule_files": ["rules.yml"]}


# ---- over node_exporter ----

def textfile_alert_rule(alarm, severity):
    """The series of the alarm table's severity is a stateset: 1 for the state that holds."""
    name = "dcachemon_alarm_severity"
    return {
        "alert": f"Dcachemon{title(alarm['name'])}",
        "expr": f'{name}{{type="{alarm["name"]}",{name}="{severity}"}} == 1',
        "labels": {"severity": severity, "alarm": alarm["name"]},
        "annotations": {
            "summary": f"{alarm['name']} is {severity} on {{{{ $labels.instance }}}}: {{{{ $labels.resource }}}}",
            "value": shown(alarm, "dcachemon_alarm_value{%s}", "dcachemon_alarm_threshold{%s}",
                           ("instance", "type", "resource")),
            "description": f"{alarm['about']}. Default level: {level(alarm[severity])} {alarm['unit']}.",
            "runbook_url": f"man:dcachemon-runbook(7)#{alarm['name']}",
        },
    }


def textfile_watch_rules():
    time = "dcachemon_snapshot_timestamp_seconds"
    return [
        watch_rule("DcachemonTextfileOld", f"time() - {time} > 300", "warning", "source_failed",
                   "the figures of dcachemon on {{ $labels.instance }} are old",
                   "Neither new ones nor their removal: dcachemon-textfile.timer or the sampler is stuck."),
        watch_rule("DcachemonTextfileMissing", f"{time} offset 1h unless on (job, instance) {time}",
                   "warning", "source_failed", "the figures of dcachemon on {{ $labels.instance }} are gone",
                   "They were there an hour ago. dcachemon-snmp or dcachemon-textfile.timer does not run."),
    ]


def textfile_rules(model):
    found = [textfile_alert_rule(a, severity) for a in model.ruled for _, severity in SEVERITIES
             if a[severity] is not None]
    return {"groups": [{"name": "dcachemon-textfile", "rules": found + textfile_watch_rules()}]}


def textfile_tests(model):
    """Each type and severity raised on a host of its own, another state on the same host being 0; a host
    whose file is old, and one whose file went."""
    name, time = "dcachemon_alarm_severity", "dcachemon_snapshot_timestamp_seconds"
    all_rules = textfile_rules(model)["groups"][0]["rules"]
    inputs, checks = [], []
    for i, rule in enumerate(r for r in all_rules if "for" not in r):
        host, alarm, now = f"host{i}", rule["labels"]["alarm"], rule["labels"]["severity"]
        for state in ("cleared", "warning", "critical"):
            labels = f'job="node",instance="{host}",type="{alarm}",resource="/resource/{i}",{name}="{state}"'
            inputs.append({"series": f"{name}{{{labels}}}", "values": f"{int(state == now)}x80"})
        labels = f'job="node",instance="{host}",type="{alarm}",resource="/resource/{i}"'
        inputs += [{"series": f"dcachemon_alarm_{what}{{{labels}}}", "values": f"{value}x80"}
                   for what, (value, _) in zip(("value", "threshold"), EXAMPLES)]
        checks.append((rule, host, {"type": alarm, "resource": f"/resource/{i}", name: now}))
    # One value a minute from 0 s on: as it should be, one that never changes, one that goes after a minute.
    for host, values in (("well", "0+60x80"), ("old", "0x80"), ("gone", "0 60 _x80")):
        inputs.append({"series": f'{time}{{job="node",instance="{host}"}}', "values": values})
    old, gone = (r for r in all_rules if "for" in r)
    checks += [(old, "old", {}), (gone, "gone", {})]
    return {
        "rule_files": ["textfile-rules.yml"], "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": inputs, "alert_rule_test": [
            {"eval_time": "66m", "alertname": alert, "exp_alerts": [
                dict(expected(rule, host, **labels),
                     exp_labels={**rule["labels"], "job": "node", "instance": host, **labels})
                for rule, host, labels in checks if rule["alert"] == alert]}
            for alert in sorted({r["alert"] for r, _, _ in checks})]}],
    }


def files(model):
    yield "prometheus/rules.yml", yaml_file(
        rules(model), NOTE + "\nAlarms that dcachemon-snmp raised by its own rules, so the levels are only "
        "in dcachemon.conf.")
    yield "prometheus/rules.test.yml", yaml_file(tests(model), NOTE + "\npromtool test rules rules.test.yml")
    yield "prometheus/prometheus.yml", yaml_file(
        scrape(), NOTE + "\nThe job to add, with snmp_exporter on the same host.")
    yield "prometheus/textfile-rules.yml", yaml_file(
        textfile_rules(model), NOTE + "\nThe same alarms where node_exporter reads what \"dcachemon show "
        "--prometheus\" writes.")
    yield "prometheus/textfile-rules.test.yml", yaml_file(
        textfile_tests(model), NOTE + "\npromtool test rules textfile-rules.test.yml")
