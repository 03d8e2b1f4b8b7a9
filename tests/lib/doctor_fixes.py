# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Applies each fix that doctor prints to the state in which it is offered. Prints TAP.

Usage: doctor_fixes.py TOP BUILD FOLDER, in mount and network namespaces of its own, where /etc is a copy and /var empty.
A fix is "[in FILE: LINE; then: ]COMMAND; COMMAND". Lines are appended, commands run as they are printed;
"systemctl" starts and ends the processes of this test, "sudo dcachemon doctor" runs doctor as root. One
fix may uncover the next: after four the check has to be ok.
"""
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

top, build, folder = sys.argv[1:]
CONF, SNMPD = folder + "/dcachemon.conf", "/etc/snmp/snmpd.conf"
STOCK = open(SNMPD).read()
PERMS = "agentXPerms 0660 0755 root agentx\n"
ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "MIBS": "", "HOME": "/root"}
running, seen = {}, []


class State:
    """What is so outside the files: who asks, and how snmpd is started."""
    def __init__(self, root=True, snmp=None):
        self.root, self.snmp = root, snmp


# ---- processes ----
def wait_for(what, seconds=15):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def end(unit):
    process = running.pop(unit, None)
    if process:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def start(unit, *options):
    if unit in running:
        return
    log = f"{folder}/{unit}.log"
    argv = {"snmpd": ["/usr/sbin/snmpd", "-f", "-Lo", *options],
            "dcachemon-snmp": [build + "/bin/dcachemon-snmp", "-f", "-c", CONF]}[unit]
    with open(log, "w") as out:
        running[unit] = subprocess.Popen(argv, env=ENV, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd="/")
    if unit == "snmpd":
        wait_for(lambda: "NET-SNMP version" in open(log, errors="replace").read())
    else:
        path = re.search(r"socket = (\S+)", open(CONF).read()).group(1)
        wait_for(lambda: os.path.exists(path))


def systemctl(words):
    verb, units = words[0], words[1:]
    if verb == "kill":
        running[units[-1]].kill()
        running.pop(units[-1]).wait()
    elif verb == "reload":
        running[units[0]].send_signal(signal.SIGHUP)
        wait_for(lambda: "Reconfiguring daemon" in open(f"{folder}/{units[0]}.log", errors="replace").read())
    elif verb in ("start", "restart"):
        options = ["-I", "-ifTable"] if "-ifTable" in units else []
        for unit in units:
            unit = unit.rstrip(",")
            if unit not in ("snmpd", "dcachemon-snmp"):
                break
            if verb == "restart" and unit == "dcachemon-snmp" and unit not in running:
                continue  # not part of this state
            if verb == "restart":
                end(unit)
            start(unit, *options)
    else:
        raise AssertionError("systemctl " + " ".join(words))


# ---- doctor, and what it says ----
def doctor(check, state):
    argv = [build + "/bin/dcachemon", "doctor", "--json", "-c", CONF]
    if state.snmp:
        argv += ["--snmp", state.snmp]
    if not state.root:
        argv = ["setpriv", "--reuid", "visitor", "--regid", "visitor", "--init-groups", *argv]
    out = subprocess.run(argv, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/").stdout
    return next(c for c in json.loads(out)["checks"] if c["name"] == check)


def append(name, line):
    line = line.replace("HOST COMMUNITY", "127.0.0.1:17000 public")
    if name == "dcachemon.conf":
        name, line = CONF, line.replace("] ", "]\n", 1)
        key = line.split("\n")[1].split(" = ")[0]
        text = re.sub(rf"(?m)^{key} = .*\n", "", open(CONF).read())
        open(CONF, "w").write(text)
    with open(name, "a") as f:
        f.write(line + "\n")


def command(line, state):
    words = line.split()
    if line.startswith("sudo dcachemon doctor") or line.startswith("look as root"):
        state.root = True
    elif words[0] == "systemctl":
        systemctl(words[1:])
    elif line == "apt-get install snmpd":
        open(SNMPD, "w").write(STOCK)
    elif line == "dcachemon test-trap":
        pass  # an advice to try it, with a daemon
    else:
        subprocess.run(["sh", "-c", line.removeprefix("sudo ")], check=True, env=ENV, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE)


def apply(fix, state):
    seen.append(fix)
    match = re.fullmatch(r"in (\S+): (.*?)(?:; then: (.*))?", fix)
    if match:
        append(match.group(1), match.group(2))
        fix = match.group(3)
    for line in re.split("; (?:else: )?", fix or ""):
        if line:
            command(line.split(", if it is stopped")[0] if line.startswith("kill") else line, state)
        if line.startswith("kill"):
            return  # what follows "else" is for another state


# ---- states ----
def conf(extra="", address="udp:127.0.0.1:1", bpf="no", group="dcachemon"):
    with open(CONF, "w") as f:
        f.write(f"[sampling]\nbpf = {bpf}\nsocket = /var/run/dcachemon.sock\nsocket_group = {group}\n"
                f"[if_mib]\nmute_address = {address}\n{extra}")
    os.chmod(CONF, 0o644)


def snmpd(lines, *options):
    with open(SNMPD, "w") as f:
        f.write("agentaddress udp:127.0.0.1:161\nrocommunity public\n" + lines)
    start("snmpd", *options)


def old_folder(lines):
    """AgentX was served before there was agentXPerms: the folder is 0700."""
    snmpd("master agentx\n")
    end("snmpd")
    assert os.stat("/var/agentx").st_mode & 0o777 == 0o700
    snmpd("master agentx\n" + lines)


def member(group):
    subprocess.run(["groupadd", "-f", group], check=True, env=ENV)
    subprocess.run(["usermod", "-aG", group, "dcachemon"], check=True, env=ENV)


def unapplied():
    member("agentx")
    snmpd("master agentx\nagentXPerms 0600 0755\n")
    with open(SNMPD, "a") as f:
        f.write(PERMS)


def gone():
    snmpd("master agentx\n")
    end("snmpd")


def stopped():
    conf(address="udp:127.0.0.1:161")
    snmpd("")
    running["snmpd"].send_signal(signal.SIGSTOP)


def spinning():
    conf(address="udp:127.0.0.1:161")
    open(SNMPD, "w").write("agentaddress udp:127.0.0.1:161\nrocommunity public\n")
    running["snmpd"] = subprocess.Popen(["python3", "-c", """import socket
open('/proc/self/comm', 'w').write('snmpd')
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', 161))
while True: pass"""])
    wait_for(lambda: "0100007F:00A1" in open("/proc/net/udp").read())


def elsewhere():
    conf(address="udp:127.0.0.1:162")
    snmpd("")


def secret():
    snmpd("trap2sink 127.0.0.1 public\n")
    os.chmod(SNMPD, 0o600)


def module(running_daemon):
    snmpd("")
    end("snmpd")
    with open(SNMPD, "a") as f:
        f.write("dlmod dcachemon\ndcachemonSocket /var/run/dcachemon.sock\n")
    if running_daemon:
        start("dcachemon-snmp")
        start("snmpd")


def view():
    open(SNMPD, "w").write("agentaddress udp:127.0.0.1:161\nmaster agentx\nview systemonly included .1.3.6.1.2.1.1\n"
                           "rocommunity public default -V systemonly\n")
    start("snmpd")


def no_proc():
    while os.path.ismount("/proc"):
        subprocess.run(["umount", "-l", "/proc"], check=True)


def processes_only():
    subprocess.run(["mount", "-t", "proc", "-o", "subset=pid", "proc", "/proc"], check=True)


def cover(name):
    with open(f"{folder}/covered", "w") as f:
        f.write("MemTotal: 65536 kB\nMemFree: 1024 kB\n")
    subprocess.run(["mount", "--bind", f"{folder}/covered", name], check=True)


ROOT, VISITOR = {}, {"root": False}
STATES = [
    ("agentx_socket", "AgentX is not served", lambda: snmpd(""), ROOT),
    ("agentx_socket", "AgentX is served elsewhere", lambda: snmpd("master agentx\nagentXSocket /var/run/x\n"), ROOT),
    ("agentx_socket", "elsewhere, and not served", lambda: snmpd("agentXSocket /var/run/x\n"), ROOT),
    ("agentx_socket", "AgentX over TCP alone", lambda: snmpd("master agentx\nagentXSocket tcp:127.0.0.1:705\n"), ROOT),
    ("agentx_socket", "snmpd has ended", gone, ROOT),
    ("agentx_socket", "a visitor may not open it", lambda: old_folder(""), VISITOR),
    ("agentx_user", "a folder of 0700, no agentXPerms", lambda: old_folder(""), ROOT),
    ("agentx_user", "a folder of 0700, agentXPerms came later", lambda: (member("agentx"), old_folder(PERMS)), ROOT),
    ("agentx_user", "the same, the user is no member", lambda: old_folder(PERMS), ROOT),
    ("agentx_user", "the user is no member", lambda: (subprocess.run(["groupadd", "agentx"], check=True),
                                                     snmpd("master agentx\n" + PERMS)), ROOT),
    ("agentx_user", "agentXPerms names no group of this host", lambda: snmpd("master agentx\n" + PERMS), ROOT),
    ("agentx_user", "agentXPerms without a restart", unapplied, ROOT),
    ("agentx_user", "agentXPerms lets no group in", lambda: snmpd("master agentx\nagentXPerms 0600 0700\n"), ROOT),
    ("agentx_user", "no socket", lambda: snmpd(""), ROOT),
    ("agentx_user", "a visitor may not look", lambda: (member("agentx"), snmpd("master agentx\nagentXPerms 0660 0750 root agentx\n"),
                                                    shutil.chown("/var/agentx", group="agentx")), VISITOR),
    ("trap_sink", "no receiver", lambda: snmpd(""), ROOT),
    ("trap_sink", "a visitor may not read it", secret, VISITOR),
    ("trap_sink", "no configuration", lambda: (snmpd(""), os.remove(SNMPD)), ROOT),
    ("snapshot_socket", "no daemon", lambda: None, ROOT),
    ("snapshot_socket", "a visitor is no member", lambda: start("dcachemon-snmp"), VISITOR),
    ("snapshot_socket", "nor is there a group", lambda: (conf(group=""), start("dcachemon-snmp")), VISITOR),
    ("snmpd_module", "no daemon", lambda: module(False), ROOT),
    ("snmpd_module", "snmpd's user is no member", lambda: module(True), ROOT),
    ("snmp_view", "neither daemon nor view", view, {"snmp": "-v2c -c public 127.0.0.1"}),
    ("snmpd_load", "snmpd is stopped", stopped, ROOT),
    ("snmpd_load", "a visitor sees it stopped", stopped, VISITOR),
    ("snmpd_load", "snmpd listens elsewhere", elsewhere, ROOT),
    ("snmpd_load", "snmpd is wedged", spinning, ROOT),
    ("capabilities", "a visitor has none", lambda: None, VISITOR),
    ("slabinfo", "a visitor may not read it", lambda: None, VISITOR),
    ("bpf", "switched off", lambda: None, ROOT),
    ("dentry_state", "no /proc", no_proc, ROOT),
    ("vmstat", "no /proc", no_proc, ROOT),
    ("slabinfo", "/proc shows processes alone", processes_only, ROOT),
    ("psi", "/proc shows processes alone", processes_only, ROOT),
    ("meminfo", "a container's own", lambda: cover("/proc/meminfo"), ROOT),
    ("slabinfo", "a file over it", lambda: cover("/proc/slabinfo"), ROOT),
]

# Fixes that take another kernel, host or build; each with its reason.
NOT_HERE = {
    r"boot (with|a kernel)": "another boot",
    r"share the host's PID": "another container",
    r"where BPF cannot be had": "another kernel",
    r"sudo dcachemon doctor$": "",
    r"if the lines above are ok, a seccomp": "the filter of a container's runtime",
    r"see the lines above": "another build",
    r"report this line": "not a state to make",
    r"see the credentials": "says which option of doctor is wrong",
    r"apt-get install (snmp,|erlang)": "needs the distribution's packages",
    r"change the root": "names two places, of which one is right",
    r"see snmpd_wedge in": "a chain of hundreds of thousands; tests/snmp/test_takeover_scale.sh",
    r"dcachemon snmpd mute": "the same",
    r"systemctl status snmpd; at": "the state of snmpd_load \"wedged\", by another way",
    r"systemctl start snmpd$": "absent is ok for doctor, the words are of \"snmpd status\"",
    r"on that host": "another host",
    r"sudo sysctl vm\.vfs_cache_pressure": "a setting of the whole host; tests/cli/test_doctor_parts.c",
    r"mount -t debugfs": "a kernel with CONFIG_SHRINKER_DEBUG",
    r"in %s: agentaddress|in snmpd.conf: agentaddress": "an snmpd without UDP, or of which no socket can be seen",
}


def clean():
    for unit in list(running):
        end(unit)
    if not os.path.exists("/proc/self"):
        subprocess.run(["mount", "-t", "proc", "proc", "/proc"], check=True)
    subprocess.run("rm -rf /var/agentx /var/run/* /etc/snmp/snmpd.conf.d/*", shell=True, check=True)
    for name in "passwd", "group", "gshadow", "shadow":
        shutil.copy(f"{folder}/{name}", f"/etc/{name}")
    conf()
    open(SNMPD, "w").write("rocommunity public\n")
    os.chmod(SNMPD, 0o644)


def settled(check, state, fixes):
    """What doctor says once daemons have noticed the fixes: none of those is offered once more."""
    end = time.monotonic() + 20
    while True:
        result = doctor(check, state)
        if result["state"] == "ok" or result["fix"] not in fixes or time.monotonic() > end:
            return result
        time.sleep(0.2)


def cure(check, prepare, how):
    clean()
    prepare()
    state = State(**how)
    fixes = []
    for _ in range(5):
        result = settled(check, state, fixes)
        if result["state"] == "ok":
            assert fixes, "nothing was wrong"
            return fixes
        assert result["fix"], result
        assert result["fix"] not in fixes, (result, fixes)
        fixes.append(result["fix"])
        apply(result["fix"], state)
    raise AssertionError((result, fixes))


def literals():
    """Every format that ends up as a fix: of doctor_fix() in the checks, and those of the verdicts."""
    texts = []
    for path in glob.glob(top + "/cli/commands/doctor*.c"):
        source = open(path).read()
        source = source.replace("AGENTX_GROUP", '"agentx"').replace("DAEMON_USER", '"dcachemon"').replace("SNMPD_USER", '"Debian-snmp"')
        for call in re.findall(r"doctor_fix\(ret,(.*?)\);", source, re.S):
            runs = re.findall(r'"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*', call)
            texts += ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', run)) for run in runs]
        for run in re.findall(r"check_readable\(doctor(.*?)\);", source, re.S):
            texts += ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', part)) for part in run.split(",")[3:4]]
    source = open(top + "/cli/commands/snmpd_verdict.c").read()
    texts += ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', run)) for run in re.findall(r"\[SNMPD_\w+\] = ([^\]]*?),\n", source.split("snmpd_verdict_fix(")[-1])]
    texts += ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', run)) for run in
              re.findall(r"dcm_reason_set\(ret, 0,(.*?)\);", source.split("static void fix_silent")[1].split("void snmpd_verdict_fix")[0], re.S)]
    return sorted({t for t in texts if len(t) > 4 and t != "; chmod o+x "})


def as_regex(text):
    return ".*".join(re.escape(part) for part in re.split(r"%[.\d]*[sd]", text.replace('\\"', '"').replace("%%", "%")))


for account in "dcachemon", "Debian-snmp", "visitor":
    subprocess.run(["useradd", "-U", "-M", account], env=ENV, stderr=subprocess.DEVNULL)
for account in "passwd", "group", "gshadow", "shadow":
    shutil.copy(f"/etc/{account}", f"{folder}/{account}")
failed = number = 0
for number, (name, text, prepare, how) in enumerate(STATES, 1):
    try:
        fixes = cure(name, prepare, how)
        print("\n".join([f"ok {number} - {name}: {text}"] + ["#   " + fix for fix in fixes]), flush=True)
    except (AssertionError, subprocess.CalledProcessError, KeyError) as error:
        failed += 1
        print(f"# {error!r}\nnot ok {number} - {name}: {text}", flush=True)
clean()
left = [t for t in literals() if not any(re.fullmatch(as_regex(t), s) for s in seen) and not any(re.match(p, t) for p in NOT_HERE)]
number += 1
print(*(f"# never offered here: {t}\n" for t in left), sep="", end="")
print(f"{'not ' if left else ''}ok {number} - every fix was applied, or has its reason\n1..{number}")
for unit in list(running):
    end(unit)
sys.exit(failed > 0 or bool(left))
