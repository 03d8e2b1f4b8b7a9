#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Fails system calls of "dcachemon show --json" one place at a time, through strace.

Usage: inject.py DCACHEMON CALL ERROR PLACES CONF

The calls of an undisturbed run are counted, from where "dcachemon -V" has ended, so that the dynamic
loader is left alone; then the Nth one fails with ERROR, and in another run the
Nth and all later ones, for PLACES values of N all over that count (0: each N). A run must end with
0 and valid JSON in which every source that is not well, and every total that is missing, has its
reason; or with 1 and a message.
"""
import json
import re
import subprocess
import sys
import tempfile

STATES = {"ok", "off", "starting", "failed", "unsupported", "stuck"}
OF_SOURCE = {"dentries": "dentry_state", "unused": "dentry_state", "negative": "dentry_state",
             "slab_bytes": "memory"}


def run(command_line, call, inject):
    with tempfile.NamedTemporaryFile("r") as trace:
        command = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", trace.name, "-e", f"trace={call}"]
        command += ["-e", f"inject={call}:{inject}"] if inject else []
        done = subprocess.run(command + command_line, timeout=60, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        return done, trace.read()


def count_of(call, trace):
    return len(re.findall(rf"\b{call}\(", trace))


def judge(done, trace, well):
    """What is wrong with a run; "" when nothing."""
    out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    if "Sanitizer" in err or "runtime error" in err:
        return err
    if done.returncode == 1:
        # A write that fails cannot be told of.
        return "" if err.strip() or "write(" in trace else "ended with 1 without a message"
    if done.returncode != 0:
        return f"status {done.returncode}: {err}"
    try:
        seen = json.loads(out)
    except ValueError as e:
        return f"no JSON: {e}: {out[:200]}"
    sources = {s["name"]: s for s in seen["sources"]}
    for name, source in sources.items():
        if source["state"] not in STATES:
            return f"source {name} is {source['state']}"
        if source["state"] in ("failed", "unsupported", "stuck") and not source["reason"]:
            return f"source {name} is {source['state']} without a reason"
    for total, name in OF_SOURCE.items():
        if seen["totals"][total] is None and well["totals"][total] is not None and \
                not sources[name]["reason"]:
            return f"{total} is missing without a reason of {name}"
    if sources["hash"]["state"] == "ok" and not seen["hash"]["entries"]:
        return "a hash table without entries"
    return ""


def main():
    program, call, error, places, conf = sys.argv[1:6]
    show = [program, "show", "--json", "--fresh", "-c", conf]
    first = count_of(call, run([program, "-V"], call, None)[1]) + 1
    done, trace = run(show, call, None)
    well, count = json.loads(done.stdout), count_of(call, trace)
    step = 1 if places == "0" else max(1, (count - first) // int(places))
    runs, bad, states = 0, 0, {}
    for n in range(first, count + 1, step):
        for form in (f"{n}", f"{n}+"):
            done, trace = run(show, call, f"error={error}:when={form}")
            runs += 1
            states[done.returncode] = states.get(done.returncode, 0) + 1
            problem = judge(done, trace, well)
            if problem:
                bad += 1
                print(f"{call} {error} at {form} of {count}: {problem}")
    print(f"{call} {error}: {runs} runs over calls {first} to {count}, by status {dict(sorted(states.items()))}")
    return bad > 0 or not runs


if __name__ == "__main__":
    sys.exit(main())
