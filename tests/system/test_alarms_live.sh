#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 240
# needs: chains
# Alarms of a live chain of 1,500 network namespaces, over a crash, a reload and a clear.
. "$TOP/tests/lib/tap.sh"
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
dcachemon=$BUILD/bin/dcachemon

conf=$tmp/conf sock=$tmp/s.sock log=$tmp/log sampler='' plant=''
mkdir "$tmp/state"
: >"$tmp/empty"
write_conf() { # LINES...
    printf '%s\n' '[sampling]' "socket = $sock" 'budget_percent = 5' 'hash_interval = 3' \
        'lookups_interval = 1' '[state]' "folder = $tmp/state" '[alarm lookup_latency]' \
        'raise_after = 3' 'clear_after = 3' '[alarm chain_length]' 'raise_after = 3' \
        'clear_after = 3' "$@" >"$conf.new" && mv "$conf.new" "$conf"
}
start() {
    "$BUILD/bin/dcachemon-snmp" -f -c "$conf" -x "$tmp/agentx" >>"$log" 2>&1 </dev/null &
    sampler=$!
}
end() { [ -z "$1" ] || { kill -"$2" "$1" && wait "$1"; } 2>/dev/null; }
on_exit 'end "$plant" KILL; kill -CONT "$sampler" 2>/dev/null; end "$sampler" TERM'

# alarms PYTHON-EXPRESSION over a (alarms), e (events) and runs(SOURCE) of the daemon's snapshot
alarms() {
    "$dcachemon" show --cached --json --socket "$sock" -c "$tmp/empty" 2>/dev/null | python3 -c "
import json, os, sys
j = json.load(sys.stdin); a, e = j['alarms'], j['events']
runs = {s['name']: s['runs'] for s in j['sources']}.get
r = $1
print(r)
sys.exit(0 if r else 1)"
}
raised() { # TYPE RESOURCE
    alarms "any(x['type'] == '$1' and x['resource'] == '$2' for x in a)"
}
logged() { grep -qE -- "$1" "$log"; }

write_conf
start
# The kernel takes its time over the namespaces of tests before this one.
check "the host is calm" wait_for 90 alarms "j['hash'] and 0 < j['hash']['max_chain'] < 60"
check "a calm host has no alarm of chains" alarms "not any(x['type'] == 'chain_length' for x in a)"

# The alarm keeps the value that raised it: no pass sees some of them.
kill -STOP "$sampler"
mkfifo "$tmp/hold"
"$BUILD/tests/lib/plant" netns 1500 <"$tmp/hold" >"$tmp/plant" 2>&1 &
plant=$!
exec 5>"$tmp/hold"
check "1,500 namespaces stand" wait_for 60 grep -q ready "$tmp/plant"
kill -CONT "$sampler"
check "chain_length of ipv6 is raised" wait_for 40 raised chain_length /proc/sys/net/ipv6
check "chain_length of core is raised" wait_for 10 raised chain_length /proc/sys/net/core
check "lookup_latency is raised" wait_for 20 raised lookup_latency /proc/sys/net/ipv6
alarms "[(x['type'], x['value'], x['threshold'], x['severity']) for x in a]" | sed 's/^/# /'
check "values and levels are right" alarms "all(1500 <= x['value'] <= 1560 and \
    x['threshold'] == 1000 and x['severity'] == 'warning' and not x['test'] \
    for x in a if x['type'] == 'chain_length')"
check "every active alarm has its raise among the events" alarms \
    "all(any(y['sequence'] == x['sequence'] and y['index'] == x['index'] and \
    y['text'] == x['text'] for y in e) for x in a)"
check "one line in the log per transition" sh -c \
    "[ \$(grep -c 'alarm .* chain_length warning: hash chain of /proc/sys/net/' '$log') = 2 ]"
run 1 "check takes the daemon's word" "$dcachemon" check -c "$conf" --only chain_length
says "$tmp/out" '^DCACHEMON WARNING - 2 alarms: .* \| chain_length=15[0-9][0-9];1000;5000$'

# a crash: the same alarms, nothing is raised again
before=$(alarms "sorted((x['index'], x['sequence'], x['time']) for x in a if 'chain' in x['type'])")
# written at most once a second, by a coarser clock than that of the transitions
check "the state holds them" wait_for 20 alarms \
    "max(x['time'] for x in e) <= os.stat('$tmp/state/alarms').st_mtime + 0.1"
end "$sampler" KILL
start
check "the daemon is back" wait_for 20 alarms "j['hash'] and j['hash']['max_chain']"
check "it has looked long enough to raise them again" wait_for 40 alarms "runs('hash') >= 2 and runs('lookups') >= 6"
check "alarms survive a crash with index, sequence and time" test "$before" = \
    "$(alarms "sorted((x['index'], x['sequence'], x['time']) for x in a if 'chain' in x['type'])")"
check "nothing was raised again" sh -c \
    "[ \$(grep -c 'alarm .* chain_length warning: ' '$log') = 2 ]"

# a reload with mistakes keeps the old rules, a good one changes them
write_conf 'warning = 1' 'critical = lots'
kill -HUP "$sampler"
check "a wrong file is refused with line and key" wait_for 10 logged \
    ':1[0-9]: \[alarm chain_length\] critical: must be a number'
looked=$(alarms "runs('lookups')")
check "the daemon goes on" wait_for 20 alarms "runs('lookups') >= $looked + 2"
check "the old rules stay in force" alarms \
    "sum(x['type'] == 'chain_length' for x in a) == 2"
write_conf 'warning = 500' 'critical = 1200'
kill -HUP "$sampler"
check "new levels make the alarms critical" wait_for 20 alarms \
    "sum(x['type'] == 'chain_length' and x['severity'] == 'critical' for x in a) == 2"

check "each raise left a recording" sh -c "ls '$tmp'/state/recordings/recording-*.jsonl"
check "recordings are lines of JSON" python3 -c "
import glob, json
for f in glob.glob('$tmp/state/recordings/*.jsonl'):
    lines = [json.loads(l) for l in open(f).read().split('\n')[:-1]]
    assert lines[0]['schema_version'] == 1 and any('event' in l for l in lines), f
    assert any(l['sample']['dentries'] for l in lines if 'sample' in l), f
    # where this kernel shows hash tables, they are there from the beginning on
    times = [l['tables']['time'] for l in lines if 'tables' in l]
    states = [l['state']['tables'] for l in lines if 'state' in l]
    if states and any(r.get('load') for r in states[0]['tables']['rows']):
        assert times and times[0] <= states[0]['alarms']['rows'][0]['time'] + 0.1, (times, f)"

# One of them is still being written.
mkdir "$tmp/still" && cp -r "$tmp/state/recordings" "$tmp/still"
check "a state is that of the raise: it has the alarm and its chain" python3 -c "
import glob, json
states = [json.loads(l)['state']['tables'] for f in glob.glob('$tmp/still/recordings/*.jsonl')
          for l in open(f).read().split('\n') if l.startswith('{\"state\"') and l.endswith('}')]
with_chains = 0
for t in states:
    assert t['alarms']['rows'] and t['superblocks']['rows'] and t['totals']['rows'][0]['dentries'] > 0
    raised = [a['resource'] for a in t['alarms']['rows'] if a['type'] == 'chain_length']
    chains = [c['parent'] + '/' + c['name'] for c in t['chains']['rows']]
    assert set(raised) <= set(chains), (raised, chains)
    timed = [l['path'] for l in t['lookups']['rows'] if l['seconds'] > 0]
    assert {a['resource'] for a in t['alarms']['rows'] if a['type'] == 'lookup_latency'} <= set(timed), timed
    with_chains += bool(raised)
assert with_chains, states"
index=$(alarms "[x['index'] for x in a if x['type'] == 'chain_length'][0]")
run 0 "the story of that alarm" "$dcachemon" events --folder "$tmp/still/recordings" --json "$index"
cp "$tmp/out" "$tmp/story.json"
run 0 "as a page" "$dcachemon" events --folder "$tmp/still/recordings" --html "$index"
cp "$tmp/out" "$tmp/story.html"
run 0 "the page says what the JSON says" python3 "$TOP/tests/lib/check_story.py" "$tmp/story.html" "$tmp/story.json"

run 0 "test-trap" "$dcachemon" test-trap --socket "$sock"
says "$tmp/out" '^alarm [0-9]+ \(test\) was raised and cleared: events [0-9]+ and [0-9]+$'
check "the test alarm is raised and cleared" wait_for 10 alarms \
    "[(x['severity'], x['test']) for x in e if x['type'] == 'test'] == \
    [('warning', True), ('cleared', True)]"
check "and is not active" alarms "not any(x['test'] for x in a)"

exec 5>&-
end "$plant" TERM
plant=''
check "the end of the namespaces clears chain_length" wait_for 40 alarms \
    "not any(x['type'] == 'chain_length' for x in a)"
check "and lookup_latency" wait_for 20 alarms "not any(x['type'] == 'lookup_latency' for x in a)"
check "each raise has one clear, under its index" alarms "(lambda t: \
    sorted({x['index'] for x in t}) == sorted(x['index'] for x in t if x['severity'] == 'cleared') \
    )([x for x in e if x['type'] == 'chain_length'])"
end "$sampler" TERM
sampler=''
done_testing
