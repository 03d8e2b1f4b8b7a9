# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""snmptrapd handler and snmptt configuration. Variables of both notifications, in their order:
sequence, severity, kind, resource (a row), resource name, value, threshold, text, time."""
from model import NOTE

HASH_NOTE = "".join(f"# {line}\n" for line in NOTE.split("\n"))

HANDLER = r'''#!/bin/sh
@NOTE@# traphandle of snmptrapd for notifications of dcachemon: one line to syslog for each and, with a path in
# DCACHEMON_COMMAND_FILE, a passive check result to the command pipe of Nagios or Icinga.
# snmptrapd gives the host's name, its address and then "OID VALUE" lines. Everything in there is
# data from strangers: only awk sees it, and what it prints has no control characters and no ";".
#
# snmptrapd waits for this program before it answers an inform and takes the next notification, and runs it again for
# an inform that is repeated meanwhile. So nothing here waits for a reader of the pipe, and none is made where
# Nagios, which ends with its pipe, would find it in the way.
pipe=${DCACHEMON_COMMAND_FILE:-}
result=$(awk -v now="$(date +%s)" -v service="${DCACHEMON_SERVICE:-dentry cache}" '
function clean(s) {
    gsub(/[^ -~]|;/, "_", s)
    sub(/^ *"/, "", s); sub(/" *$/, "", s)
    return substr(s, 1, 400)
}
# "critical(3)" or "3"
function number(s) { sub(/.*\(/, "", s); return s + 0 }
BEGIN { @NAMES@ }
NR == 1 { host = clean($0); next }
NR == 2 { next }
{
    oid = $1
    value = $0
    sub(/^[^ ]* */, "", value)
    if (oid ~ /snmpTrapOID|6\.3\.1\.1\.4\.1\.0$/) cleared = value ~ /(1806\.0\.2|dcmAlarmCleared) *$/
    if (match(oid, /@BELOW@\.[0-9]+\.[0-9]+$/)) {
        split(substr(oid, RSTART), arcs, ".")
        v[arcs[@ARC@]] = clean(value)
        have = 1
    } else if (match(oid, /dcmAlarm[A-Za-z]+\.[0-9]+$/)) {
        name = substr(oid, RSTART)
        sub(/\..*/, "", name)
        v[column[name]] = clean(value)
        have = 1
    }
}
END {
    if (!have) exit 0
    severity = cleared ? 1 : number(v[@SEVERITY@])
    if (severity < 1 || severity > 3) severity = 3
    word = severity == 3 ? "CRITICAL" : severity == 2 ? "WARNING" : "OK"
    line = word " alarm type " v[@KIND@] " " v[@NAME@] ": " v[@TEXT@]
    print host ": " line | "logger -t dcachemon-trap -p daemon." (severity > 1 ? "warning" : "notice")
    printf("[%d] PROCESS_SERVICE_CHECK_RESULT;%s;%s;%d;%s\n", now, host, service, severity - 1, line)
}
')
[ -z "$pipe" ] || [ -z "$result" ] || dd of="$pipe" obs=4096 oflag=append,nonblock conv=notrunc,nocreat status=none <<END
$result
END
'''


def snmptrapd(model):
    below = model.table("alarms").entry.split(".")[-4:]
    names = " ".join(f'column["{m.object}"] = {m.arc};' for m in model.varbinds)
    arcs = {m.name: str(m.arc) for m in model.varbinds}
    text = HANDLER.replace("@NOTE@", HASH_NOTE).replace("@NAMES@", names)
    text = text.replace("@BELOW@", r"\.".join(below)).replace("@ARC@", str(len(below) + 1))
    for key, name in (("SEVERITY", "severity"), ("KIND", "type"), ("NAME", "resource"), ("TEXT", "text")):
        text = text.replace(f"@{key}@", arcs[name])
    yield "snmptrapd/dcachemon-trap", text
    yield "snmptrapd/snmptrapd.conf", HASH_NOTE + f"""\
# Lines for snmptrapd.conf. The community is what the hosts' trap sinks say.
authCommunity log,execute,net public
traphandle .{model.raised} /usr/share/dcachemon/snmptrapd/dcachemon-trap
traphandle .{model.cleared} /usr/share/dcachemon/snmptrapd/dcachemon-trap
# Or for snmptt: traphandle default /usr/sbin/snmptt
"""


def event(name, oid, category, severity, match, arcs, text, extra=""):
    return f"""EVENT {name} .{oid} "{category}" {severity}
FORMAT {text}
{match}SDESC
{extra}
Variables: sequence, severity, kind, resource row, resource name, value, threshold, text, time.
The resource name and the kind tell which alarm a clear ends.
EDESC

"""


def snmptt(model):
    place = {m.name: i + 1 for i, m in enumerate(model.varbinds)}
    body = f"${place['text']} (alarm type ${place['type']}, {{}}value ${place['value']})"
    raised = body.format(f"level ${place['threshold']}, ")
    text = HASH_NOTE + "# snmptt_conf_files in snmptt.ini names this file.\n\n"
    for number, word, severity in ((3, "critical", "Critical"), (2, "warning", "Warning")):
        match = f"MATCH MODE=and\nMATCH ${place['severity']}: (^({number}|{word}.*)$)\n"
        text += event("dcmAlarmRaised", model.raised, "Dentry cache", severity, match, place, raised,
                      f"An alarm of the dentry cache was raised to {word}.")
    text += event("dcmAlarmCleared", model.cleared, "Dentry cache", "Normal", "", place,
                  "over: " + body.format(""), "An alarm of the dentry cache is over.")
    yield "snmptt/dcachemon.conf", text


def files(model):
    yield from snmptrapd(model)
    yield from snmptt(model)
