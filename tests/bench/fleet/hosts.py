# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The hosts of tests/bench/fleet.sh: an snmpd and a dcachemon-snmp in each namespace, and what /proc says of them."""
import os
import signal
import subprocess
import time
from pathlib import Path

MONITORING = "10.77.0.1"
TICKS = os.sysconf("SC_CLK_TCK")


def wait_for(seconds, condition, what, pause=0.05):
    """Looks again until it is true; a time-out is an error."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(pause)


def ticks(pids):
    """Processor time of processes so far, user and system, in seconds."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory_kib(pid):
    """Proportional and private memory."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split()[:2]
        found[name] = int(value)
    return found["Pss:"], found["Private_Clean:"] + found["Private_Dirty:"]


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Processes:
    """What is started here ends here, by its pid."""

    def __init__(self):
        self.started = []

    def start(self, command, log, namespace=None, env=None, stdin=subprocess.DEVNULL):
        """The pid is that of the command: all before it replace themselves."""
        enter = ["nsenter", f"--net=/run/netns/{namespace}"] if namespace else []
        with open(log, "ab") as file:
            process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *enter, *map(str, command)], stdin=stdin,
                                       stdout=file, stderr=file, env={**os.environ, **(env or {})})
        self.started.append(process)
        return process

    def end(self, process, seconds=3):
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.started.remove(process)

    def end_all(self):
        for process in self.started:
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + 2  # fleet.sh does not wait much longer for this process
        for process in self.started:
            try:
                process.wait(max(0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
        for process in self.started:
            process.wait()
        self.started.clear()


class Host:
    """One simulated host. Its number is that of its address; the monitoring has number 1."""

    def __init__(self, number, args):
        self.number, self.build = number, args.build
        self.address = f"10.77.{number >> 8}.{number & 255}"
        self.namespace = f"{args.namespace}-{number}"
        self.folder = Path(args.folder) / str(number)
        self.bpf = number - 2 < args.bpf
        self.snmpd = self.daemon = None
        self.agent = 0
        for name in "conf", "persistent", "state":
            (self.folder / name).mkdir(parents=True)

    def write_snmpd(self, sink="trap2sink"):
        (self.folder / "snmpd.conf").write_text(
            "agentaddress udp:161\nrocommunity public default .1\nmaster agentx\n"
            f"agentXSocket {self.folder}/agentx\nagentXPerms 0770 0755\n{sink} {MONITORING} public\n")

    def write_daemon(self, *lines):
        """Everything at its default but where things are, and the lines given."""
        new = self.folder / "dcachemon.conf.new"
        new.write_text("\n".join([
            "[sampling]", f"socket = {self.folder}/snapshot.sock", f"bpf = {'yes' if self.bpf else 'no'}",
            "[snmp]", f"agentx_socket = {self.folder}/agentx", "[state]", f"folder = {self.folder}/state", *lines]) + "\n")
        new.rename(self.folder / "dcachemon.conf")

    def start_snmpd(self, processes):
        """As Debian's unit starts it, its interface tables included."""
        self.write_snmpd()
        self.snmpd = processes.start(
            ["/usr/sbin/snmpd", "-f", "-LOw", "-C", "-c", self.folder / "snmpd.conf", "-I", "-smux,mteTrigger,mteTriggerConf"],
            self.folder / "snmpd.log", self.namespace,
            {"SNMPCONFPATH": str(self.folder / "conf"), "SNMP_PERSISTENT_DIR": str(self.folder / "persistent")})

    def start_daemon(self, processes):
        self.write_daemon()
        self.daemon = processes.start([self.build / "bin/dcachemon-snmp", "-f", "-c", self.folder / "dcachemon.conf"],
                                      self.folder / "daemon.log", self.namespace)

    def reread(self):
        """How often its configuration was read again so far."""
        return (self.folder / "daemon.log").read_text(errors="replace").count("configuration read again")

    def daemon_pids(self):
        return [self.daemon.pid, *children(self.daemon.pid)]


def configure(hosts, *lines):
    """The same lines for every host; ends when all have read them."""
    wanted = {host: host.reread() + 1 for host in hosts}
    for host in hosts:
        host.write_daemon(*lines)
        host.daemon.send_signal(signal.SIGHUP)
    wait_for(30, lambda: all(host.reread() >= count for host, count in wanted.items()), "the configuration is read again")
