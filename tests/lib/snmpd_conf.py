# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What dcachemon reads in snmpd's configuration, held against what that snmpd did. Prints TAP.

Usage: snmpd_conf.py DUMP-PROGRAM FOLDER. /etc/snmp and /var/lib/snmp are empty and ours to fill.
Each file of an arrangement names a receiver of notifications of its own, and an AgentX socket of its own:
the receivers that get something are the files that were read, the socket that is there comes from the last one.
"""
import os
import socket
import subprocess
import sys
import time

dump, top = sys.argv[1:]
FIRST_PORT = 17000
C, S = "/etc/snmp/snmpd.conf", "/etc/snmp/snmpd.local.conf"

# name, {file: further lines}, environment, options, cwd. "T/" is the folder of the test, "." another working folder.
ARRANGEMENTS = [
    ("one file", {C: ""}, {}, []),
    ("snmpd.local.conf counts, and last", {C: "", S: ""}, {}, []),
    ("the persistent folder counts, and last", {C: "", "/var/lib/snmp/snmpd.conf": ""}, {}, []),
    ("backups in the persistent folder", {C: "", "/var/lib/snmp/snmpd.0.conf": "", "/var/lib/snmp/snmpd.1.conf": "",
                                          "/var/lib/snmp/snmpd.3.conf": ""}, {}, []),
    ("persistentDir", {"/etc/snmp/snmp.conf": "[snmp] persistentDir T/kept\n[snmpd]\n", C: "",
                       "T/kept/snmpd.conf": "", "/var/lib/snmp/snmpd.conf": ""}, {}, []),
    ("SNMP_PERSISTENT_DIR in place of it", {C: "", "/var/lib/snmp/snmpd.conf": ""}, {"SNMP_PERSISTENT_DIR": "T/kept"}, []),
    ("$HOME/.snmp", {C: "", "T/.snmp/snmpd.conf": ""}, {"HOME": "T"}, []),
    ("SNMPCONFPATH in place of all folders",
     {C: "", "T/a/snmpd.conf": "", "T/b/snmpd.local.conf": "", "/var/lib/snmp/snmpd.conf": ""},
     {"SNMPCONFPATH": "T/a:T/nowhere:T/b"}, []),
    ("-c beside them", {C: "", "T/x.conf": "", "T/y.conf": ""}, {}, ["-c", "T/x.conf,T/y.conf"]),
    ("-C: -c alone", {C: "", S: "", "T/x.conf": ""}, {}, ["-C", "-c", "T/x.conf"]),
    ("-C alone", {C: ""}, {}, ["-C"]),
    ("two -c: the last one", {"T/x.conf": "", "T/y.conf": ""}, {}, ["-Cc", "T/x.conf", "-cT/y.conf"]),
    ("-x beside a file", {C: ""}, {}, ["-x", "T/option.sock"]),
    ("-x alone", {}, {}, ["-x", "T/option.sock"]),
    ("--WORD=REST comes last", {C: ""}, {}, ["--agentXSocket=T/option.sock"]),
    ("includeDir, only *.conf", {C: "includeDir T/d\n", "T/d/a.conf": "", "T/d/b.conf.bak": "", "T/d/.c.conf": ""}, {}, []),
    ("includeFile beside the file", {C: "includeFile more.conf\n", "/etc/snmp/more.conf": "", "T/more.conf": ""}, {}, []),
    ("a capital letter is no include", {C: "IncludeFile T/x.conf\nIncludeDir T/d\n", "T/x.conf": "", "T/d/a.conf": ""}, {}, []),
    ("other letters may be capital", {C: "includefile T/x.conf\niNCLUDEDIR T/d\n", "T/x.conf": "", "T/d/a.conf": ""}, {}, []),
    ("includeSearch", {C: "includeSearch more\n", "/etc/snmp/more.conf": "", "/etc/snmp/more.local.conf": ""}, {}, []),
    ("a file includes itself", {C: "includeFile x.conf\n", "/etc/snmp/x.conf": "[snmp]\nincludeFile x.conf\n"}, {}, []),
    ("a section of another type", {C: "", S: "[snmp]\n"}, {}, []),
    ("a section in snmp.conf", {C: "", "/etc/snmp/snmp.conf": "[snmpd]\n"}, {}, []),
    ("master by a number", {C: "master 1\n"}, {}, []),
    ("master in capitals is none", {C: "master AgentX\n"}, {}, []),
]


def place(text):
    return text.replace("T/", top + "/") if text != "T" else top


def write(path, lines):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(lines)


def clean():
    subprocess.run(["sh", "-c", f"rm -rf /etc/snmp/* /var/lib/snmp/* {top}/* {top}/.snmp"], check=True)


def receivers(count):
    made = []
    for i in range(count):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", FIRST_PORT + i))
        s.setblocking(False)
        made.append(s)
    return made


def got_something(s):
    try:
        return bool(s.recv(4096))
    except BlockingIOError:
        return False


def wait_for(log, process):
    """snmpd has read its configuration and listens."""
    for _ in range(500):
        if "NET-SNMP version" in open(log, errors="replace").read():
            return
        assert process.poll() is None, open(log, errors="replace").read()[-500:]
        time.sleep(0.02)
    raise AssertionError("snmpd does not start")


def arrange(files):
    master = any("master" in lines for lines in files.values())
    for i, (path, lines) in enumerate(files.items()):
        own = f"trap2sink 127.0.0.1:{FIRST_PORT + i} public\nagentXSocket {top}/{i}.sock\n"
        if not master:
            own += "master agentx\n"
        # An include comes after, a section before what is the file's own.
        write(place(path), place(lines) + own if lines.startswith("[") and "include" not in lines else own + place(lines))


def read_by_us(pid):
    told = subprocess.run([dump, str(pid)], check=True, capture_output=True, text=True).stdout
    return dict(line.partition(" ")[::2] for line in told.splitlines())


def run(files, environment, options):
    clean()
    arrange(files)
    before = read_by_us(0)
    listening = receivers(len(files))
    env = {"MIBS": "", "PATH": os.environ["PATH"], "HOME": top + "/no-home"}
    env.update({k: ":".join(place(p) for p in v.split(":")) for k, v in environment.items()})
    log = top + "/log"
    argv = ["/usr/sbin/snmpd", "-f", "-Lo", *map(place, options), "udp:127.0.0.1:16161"]
    with open(log, "w") as out:
        process = subprocess.Popen(argv, env=env, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd="/")
    try:
        wait_for(log, process)
        # snmpd has written the persistent folder anew by now.
        kept = not environment and not options and any("lib/snmp" in path or "kept" in path for path in files)
        told = read_by_us(process.pid)
        told.update({k: v for k, v in before.items() if kept and k != "addresses"})
        sockets = sorted(n for n in os.listdir(top) if n.endswith(".sock"))
    finally:
        process.terminate()  # a last notification to each receiver
        process.wait(10)
    got = [FIRST_PORT + i for i, s in enumerate(listening) if got_something(s)]
    for s in listening:
        s.close()
    return told, got, sockets


def check(files, environment, options):
    told, got, sockets = run(files, environment, options)
    if "/var/agentx/master" != told["agentx"]:
        want = [os.path.basename(told["agentx"])] if told["agentx"] else []
        assert sockets == want, f"AgentX: snmpd has {sockets}, dcachemon says {told}"
    assert int(told["sinks"]) == len(got), f"receivers: snmpd knows {got}, dcachemon says {told}"
    assert not got or int(told["sink"].split(":")[1]) in got, (got, told)
    assert told["addresses"].startswith("udp:127.0.0.1:16161"), told


failed = 0
for number, (name, *arrangement) in enumerate(ARRANGEMENTS, 1):
    try:
        check(*arrangement)
        print(f"ok {number} - {name}", flush=True)
    except AssertionError as error:
        failed += 1
        print(f"# {error}\nnot ok {number} - {name}", flush=True)
print(f"1..{len(ARRANGEMENTS)}")
sys.exit(failed > 0)
