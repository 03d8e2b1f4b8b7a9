# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Servers of network filesystems on the loopback of a test machine.

A server is a function that gets a folder of its own, starts what it needs and returns why it could
not, or None. stop() ends the processes that were started.
"""
import shutil
import socket
import subprocess
import time
from pathlib import Path

started = []
# Ports of NFS's mountd and of the SMB server.
MOUNTD, SMB = 20048, 445


def run(*command, **more):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False, **more)


def without(*programs):
    """The first of @programs that is not installed."""
    return next((f"no {p}" for p in programs if not shutil.which(p)), None)


def start(log, *command):
    with open(log, "wb") as f:
        # smbd ends its whole process group.
        started.append(subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=f, stderr=f,
                                        start_new_session=True))
    return started[-1]


def listening(port, process, log, seconds=120):
    """None once somebody listens on @port; what @process wrote when it ends, or takes too long."""
    for _ in range(seconds * 10):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return None
        if process.poll() is not None:
            break
        time.sleep(0.1)
    return f"{process.args[0]}: {Path(log).read_text(errors='replace').strip()[-120:] or 'does not listen'}"


def stop():
    for process in reversed(started):
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    started.clear()
    if Path("/proc/fs/nfsd/threads").exists():
        run("rpc.nfsd", "0")


def nfs(folder):
    """The kernel's, of @folder/export: "/" to version 4, its path to version 3."""
    why = without("rpcbind", "rpc.nfsd", "rpc.mountd", "exportfs")
    if why:
        return why
    (folder / "export").mkdir()
    Path("/run/rpcbind").mkdir(exist_ok=True)
    why = listening(111, start(folder / "rpcbind", "rpcbind", "-f"), folder / "rpcbind")
    if why:
        return why
    if run("modprobe", "nfsd").returncode:
        return "no nfsd in this kernel"
    if not Path("/proc/fs/nfsd/threads").exists():
        run("mount", "-t", "nfsd", "nfsd", "/proc/fs/nfsd")
    for command in (
        ("exportfs", "-o", "rw,no_root_squash,no_subtree_check,insecure,fsid=0", f"127.0.0.1:{folder}/export"),
        ("rpc.nfsd", "--host", "127.0.0.1", "--no-udp", "2"),
    ):
        done = run(*command)
        if done.returncode:
            return f"{command[0]}: {done.stderr.strip()[-120:]}"
    log = folder / "mountd"
    return listening(MOUNTD, start(log, "rpc.mountd", "-F", "-p", MOUNTD), log)


def smb(folder):
    """Samba's, of @folder/export as "s", for user root with password "pw"."""
    why = without("smbd", "smbpasswd")
    if why:
        return why
    (folder / "export").mkdir()
    conf = folder / "smb.conf"
    kinds = ("private dir", "ncalrpc dir", "lock directory", "state directory", "cache directory", "pid directory")
    folders = "".join(f"{kind} = {folder}\n" for kind in kinds)
    conf.write_text(f"[global]\nserver role = standalone\n{folders}"
                    "passdb backend = tdbsam\ninterfaces = lo\nbind interfaces only = yes\nload printers = no\n"
                    f"disable spoolss = yes\nsmb ports = {SMB}\n[s]\npath = {folder}/export\nread only = no\n")
    done = run("smbpasswd", "-c", conf, "-s", "-a", "root", input="pw\npw\n")
    if done.returncode:
        return f"smbpasswd: {done.stderr.strip()[-120:]}"
    log = folder / "smbd"
    return listening(SMB, start(log, "smbd", "-F", "--no-process-group", "--debug-stdout", "-s", conf), log)
