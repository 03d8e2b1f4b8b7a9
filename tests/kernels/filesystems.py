#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What dcachemon reclaim does to each filesystem, against what a bare reconfigure does to it.

Usage: filesystems.py BUILD MODULES [NAME...], as root in a machine of its own: MODULES has
lib/modules of the running kernel. NAMEs select cases, "-NAME" leaves one out. Prints TAP.

A case is a fresh filesystem with options that are no defaults and missing names in it. First the
control: fspick(2) and a reconfigure that sets nothing but, where it is read-only, "ro". That shows
which options this kernel forgets, and whether it writes out modified data by itself. Then, on a new
mount, reclaim. Whatever the control lost, reclaim must not: it keeps the options, or refuses and
frees nothing. The options are the superblock's in mountinfo and mode and owner of the root; of
read-only ones the image, too, byte for byte, beside that of a mount without any reconfigure.
"""
import ctypes
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import servers

BUILD, MODULES, NAMED = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
RELEASE = os.uname().release
KERNEL = tuple(int(n) for n in RELEASE.split("-")[0].split(".")[:2])
WORK = Path(os.environ.get("TMPDIR", "/tmp")) / "filesystems"
MOUNT, IMAGE, STATE, SOURCE = WORK / "m", WORK / "image", WORK / "state", WORK / "source"
NAMES = 300
FSPICK, FSCONFIG = 433, 431
SET_FLAG, CMD_RECONFIGURE = 0, 7
SAFE, FORCE, REFUSE = "safe", "force", "refuse"
libc = ctypes.CDLL(None, use_errno=True)


def since(first, then, before=SAFE):
    """What is expected from kernel @first on, and of older ones."""
    return then if KERNEL >= first else before


class Case:
    """One filesystem.

    @make: how its image of @mib is made; None: it has none. @mounts: a program that mounts it in
    place of mount(8). @server: starts what serves it, see servers.py. @on_device: its image must be
    a block device when it is made, since older tmpfs has no O_DIRECT.
    """

    def __init__(self, fstype, options, expect, make=None, mib=16, source=None, name=None, module=None, force_fails=False,
                 mounts=None, server=None, on_device=False):
        self.fstype, self.options, self.expect = fstype, options, expect
        self.make, self.mib, self.source = make, mib, source or "none"
        self.name, self.module = name or fstype, module or fstype
        self.force_fails = force_fails  # with --force: the filesystem answers an error
        self.mounts, self.server, self.on_device = mounts, server, on_device

    @property
    def read_only(self):
        return "ro" in self.options.split(",")


SRC, SERVED = str(SOURCE), WORK / "served"
IMAGES = Path(__file__).with_name("images.py")
CASES = [
    Case("ext4", "errors=continue,commit=17,nodelalloc,grpid,lazytime,nodiratime", SAFE, "mkfs.ext4 -q -F"),
    Case("ext4", "ro,errors=continue,commit=17", FORCE, "mkfs.ext4 -q -F", name="ext4 ro"),
    Case("ext4", "data=journal,dirsync,sync", SAFE, "mkfs.ext4 -q -F", name="ext4 dirsync"),
    Case("ext2", "nouid32,grpid,resgid=5", SAFE, "mkfs.ext2 -q -F", module="ext4"),
    Case("ext3", "data=writeback,commit=17", SAFE, "mkfs.ext3 -q -F", module="ext4"),
    Case("xfs", "logbsize=128k,allocsize=1m,largeio,swalloc,discard,wsync", SAFE, "mkfs.xfs -q -f", 300),
    Case("xfs", "inode32", SAFE, "mkfs.xfs -q -f", 300, name="xfs inode32"),
    Case("xfs", "ro,norecovery", FORCE, "mkfs.xfs -q -f", 300, name="xfs ro"),
    Case("btrfs", "noacl,notreelog,metadata_ratio=4,compress=lzo", SAFE, "mkfs.btrfs -q -f", 120),
    Case("f2fs", "background_gc=off,active_logs=2,fsync_mode=strict", REFUSE, "mkfs.f2fs -q -f", 64),
    Case("vfat", "uid=5,gid=7,fmask=0137,dmask=0027,codepage=850,iocharset=ascii,shortname=winnt,quiet,flush,errors=continue", SAFE, "mkfs.vfat"),
    Case("vfat", "ro,uid=5", SAFE, "mkfs.vfat", name="vfat ro"),
    Case("msdos", "uid=5,gid=7,umask=027", SAFE, "mkfs.vfat"),
    Case("exfat", "uid=5,gid=7,fmask=0137,dmask=0027,errors=continue", since((6, 13), REFUSE), "mkfs.exfat"),
    Case("udf", "uid=5,gid=7,umask=007,mode=0600,dmode=0700", SAFE, "mkudffs --media-type=hd", 32),
    Case("iso9660", "ro,uid=5,gid=7,mode=0440,dmode=0550,nojoliet,check=strict", SAFE, f"genisoimage -quiet -o {IMAGE} {SRC}", 0, module="isofs"),
    Case("squashfs", since((6, 1), "ro,errors=panic", "ro"), SAFE, f"mksquashfs {SRC} {IMAGE} -quiet -noappend -comp gzip", 0),
    Case("erofs", "ro,noacl,nouser_xattr", REFUSE, f"mkfs.erofs {IMAGE} {SRC}", 0),
    Case("jfs", "uid=5,gid=7,umask=027,errors=continue,iocharset=utf8", SAFE, "mkfs.jfs -q", 32),
    Case("nilfs2", "nobarrier,order=strict,errors=continue", since((6, 2), REFUSE), "mkfs.nilfs2 -q -f", 160),
    Case("hfs", "uid=5,gid=7,file_umask=0137,dir_umask=0027,quiet", SAFE, "hformat -l x", 8),
    Case("minix", "", SAFE, "mkfs.minix"),
    Case("bfs", "", SAFE, "mkfs.bfs", 4),
    Case("reiserfs", "notail,commit=17", SAFE, "mkfs.reiserfs -q -f -f", 64),
    Case("gfs2", "lockproto=lock_nolock,data=writeback,commit=17", FORCE, "mkfs.gfs2 -q -O -p lock_nolock -j 1 -J 8", 160),
    Case("ntfs3", "uid=5,gid=7,umask=027", REFUSE, "mkfs.ntfs -q -F -f", 32),
    Case("ntfs", "uid=5,gid=7,fmask=0137,dmask=0027,errors=continue,case_sensitive", since((7, 2), SAFE, FORCE), "mkfs.ntfs -q -F -f", 32),
    Case("hfsplus", "uid=5,gid=7,umask=027,nodecompose,nobarrier,creator=abcd,type=efgh", SAFE, f"{IMAGES} hfsplus"),
    Case("affs", "setuid=5,setgid=7,mode=0640,protect,verbose,mufs,prefix=/x,volume=v", REFUSE, f"{IMAGES} affs"),
    Case("ufs", "ro,ufstype=44bsd,onerror=lock", SAFE, f"makefs -t ffs -s 1m -o version=1 {IMAGE} {SRC}", 0),
    Case("ocfs2", "heartbeat=none,errors=continue,data=writeback,commit=17,localalloc=4", FORCE, "mkfs.ocfs2 -q -M local --fs-features=local", 160, on_device=True, force_fails=True),
    Case("fuseblk", "uid=5,gid=7,umask=027,big_writes", FORCE, "mkfs.ntfs -q -F -f", 32, module="fuse", mounts="ntfs-3g"),
    Case("fuse", "uid=5,gid=7,umask=027,max_read=65536", FORCE, "mkfs.ntfs -q -F -f", 32, mounts="ntfs-3g"),
    # What tests/kernels/vm shares for this.
    Case("9p", "trans=virtio,version=9p2000.L,cache=loose,msize=65536,dfltuid=5,dfltgid=7,noxattr", FORCE, source="share9p", module="9p"),
    Case("virtiofs", "", FORCE, source="sharefs"),
    Case("nfs4", "addr=127.0.0.1,clientaddr=127.0.0.1,vers=4.2,soft,timeo=100,retrans=3,acregmin=7,acregmax=8,rsize=65536,lookupcache=all,nosharecache",
         FORCE, source="127.0.0.1:/", module="nfsv4", server=servers.nfs),
    Case("nfs", f"addr=127.0.0.1,vers=3,mountaddr=127.0.0.1,mountport={servers.MOUNTD},mountproto=tcp,proto=tcp,nolock,hard,actimeo=7,nosharecache",
         FORCE, source=f"127.0.0.1:{SERVED}/nfs/export", module="nfsv3", server=servers.nfs),
    Case("cifs", "ip=127.0.0.1,username=root,password=pw,vers=3.1.1,uid=5,gid=7,file_mode=0640,dir_mode=0750,cache=none,noperm",
         since((5, 11), REFUSE, FORCE), source="//127.0.0.1/s", server=servers.smb),
    Case("overlay", f"lowerdir={SRC},upperdir={WORK}/up,workdir={WORK}/work,redirect_dir=on,index=on,xino=on", SAFE),
    Case("overlay", f"ro,lowerdir={SRC}:{WORK}/up", SAFE, name="overlay without upper"),
    Case("tmpfs", "size=33m,nr_inodes=5000,mode=1700,uid=5,gid=7,dirsync", SAFE),
    Case("ramfs", "mode=1700", SAFE),
    Case("proc", "hidepid=2,gid=7", SAFE),
    Case("sysfs", "", SAFE),
    Case("hugetlbfs", "size=64M,mode=1700,uid=5,gid=7", SAFE),
    Case("mqueue", "", SAFE),
    Case("bpf", "mode=1700", SAFE),
    Case("binfmt_misc", "", SAFE),
    Case("securityfs", "", SAFE),
    Case("configfs", "", SAFE),
    Case("pstore", "kmsg_bytes=4096", SAFE),
    Case("cgroup2", "nsdelegate", REFUSE),
    Case("cgroup", "none,name=x,clone_children", REFUSE, name="cgroup (version 1)"),
    Case("devpts", "newinstance,gid=5,mode=620,ptmxmode=666,max=77", REFUSE),
    Case("debugfs", "uid=5,gid=7,mode=0750", REFUSE),
    Case("tracefs", "uid=5,gid=7,mode=0750", REFUSE),
]


run = servers.run


# ---- TAP ----

count = failed = 0
serving = {}  # folder of a server: why it does not run


def tell(good, text, *details):
    global count, failed
    count += 1
    failed += not good
    print(f"{'' if good else 'not '}ok {count} - {text}", flush=True)
    if not good:
        for line in details:
            print(f"# {line}", flush=True)
    return good


def skip(text, why):
    global count
    count += 1
    print(f"ok {count} - {text} # SKIP {' '.join(why.split())}", flush=True)


# ---- a filesystem ----


def known(case):
    names = {line.split()[-1] for line in open("/proc/filesystems")}
    if case.fstype not in names:
        run("modprobe", case.module)
        names = {line.split()[-1] for line in open("/proc/filesystems")}
    return case.fstype in names


def serve(case):
    """Starts its server, unless that runs. The reason why not, or None."""
    if not case.server:
        return None
    folder = SERVED / case.server.__name__
    if folder not in serving:
        folder.mkdir()
        serving[folder] = case.server(folder)
    return serving[folder]


def loop_device():
    return run("losetup", "--find", "--show", IMAGE).stdout.strip()


def make(case):
    """The reason why not, or None."""
    if not case.make:
        return None
    IMAGE.unlink(missing_ok=True)
    words = case.make.split()
    if not shutil.which(words[0]):
        return f"no {words[0]}"
    if case.mib:
        with open(IMAGE, "wb") as f:
            f.truncate(case.mib << 20)
        words.append(loop_device() if case.on_device else str(IMAGE))
    done = run(*words)
    if case.on_device:
        run("losetup", "--detach", words[-1])
    return None if done.returncode == 0 else f"{words[0]}: {(done.stderr or done.stdout).strip()[-120:]}"


def mount_by_program(case):
    """A block device's with its device, so that it is that of a fuseblk."""
    if case.fstype != "fuseblk":
        return run(case.mounts, "-o", case.options, IMAGE, MOUNT)
    device = loop_device()
    done = run(case.mounts, "-o", case.options, device, MOUNT)
    run("losetup", "--detach", device)  # once it is unmounted
    return done


def mount(case):
    if case.mounts:
        return mount_by_program(case)
    options = ",".join(o for o in (case.options, "loop" if case.make else "") if o)
    return run("mount", "-i", "-t", case.fstype, *(["-o", options] if options else []), IMAGE if case.make else case.source, MOUNT)


def unmount():
    for _ in range(50):
        done = run("umount", "-i", MOUNT)
        if done.returncode == 0:
            return
    sys.exit(f"umount: {done.stderr}")


def options():
    """The superblock's, as mountinfo has them, and mode and owner of its root."""
    for line in open("/proc/self/mountinfo", errors="surrogateescape"):
        fields = line.split()
        if fields[4] == str(MOUNT):
            superblock = line.rstrip("\n").partition(" - ")[2]
    st = os.stat(MOUNT)
    return superblock, f"{st.st_mode:o} {st.st_uid}:{st.st_gid}"


def unused():
    return int(open("/proc/sys/fs/dentry-state").read().split()[1])


def plant(case):
    """Missing names, as far as the filesystem keeps them."""
    for i in range(NAMES):
        try:
            os.stat(MOUNT / f"missing{i}")
        except OSError:
            pass


def written():
    """The parts of the image that are no holes, as (offset, bytes)."""
    with open(IMAGE, "rb") as f:
        end = 0
        while True:
            try:
                begin = os.lseek(f.fileno(), end, os.SEEK_DATA)
            except OSError:
                return
            end = os.lseek(f.fileno(), begin, os.SEEK_HOLE)
            yield begin, os.pread(f.fileno(), end - begin, begin)


def pages():
    """What the image holds: {offset: page}. Pages of zeros count as holes."""
    zeros, found = bytes(4096), {}
    for begin, data in written():
        for i in range(0, len(data), len(zeros)):
            page = data[i : i + len(zeros)]
            if page != zeros:
                found[begin + i] = page
    return found


def has(marker):
    return any(marker in data for _, data in written())


def reconfigure(read_only):
    """errno of a reconfigure without options."""
    fd = libc.syscall(FSPICK, -100, str(MOUNT).encode(), 7)
    if fd < 0:
        return ctypes.get_errno()
    try:
        if read_only and libc.syscall(FSCONFIG, fd, SET_FLAG, b"ro", None, 0):
            return ctypes.get_errno()
        return ctypes.get_errno() if libc.syscall(FSCONFIG, fd, CMD_RECONFIGURE, None, None, 0) else 0
    finally:
        os.close(fd)


def control(case):
    """(options that changed, error, whether it wrote out modified data; None: not tried)"""
    mount(case)
    before = options()
    wrote = None
    data = os.urandom(32768)  # nothing to compress
    marker = data[8192:8256]
    if case.make and not case.read_only:
        try:
            with open(MOUNT / "marker", "wb") as f:
                f.write(data)
            # What is there already says nothing.
            wrote = None if has(marker) else False
        except OSError:
            pass
    error = reconfigure(case.read_only)
    if wrote is False:
        wrote = has(marker)
    after = options()
    unmount()
    return (before, after) if before != after else None, error, wrote


def reclaim(*arguments):
    done = run(BUILD / "bin/dcachemon", "reclaim", "-c", STATE / "conf", "--yes", "--json", *arguments, MOUNT)
    try:
        return done.returncode, json.loads(done.stdout)["reclaims"][0], done.stderr
    except (json.JSONDecodeError, IndexError):
        return done.returncode, {"error": done.stderr, "mountinfo_unchanged": None}, done.stderr


def check_kept(case, before, status, result, text):
    """Whatever it did, it changed nothing, and says so."""
    after = options()
    tell(after == before and status != 3, f"{case.name}: {text}, nothing has changed", f"before {before}", f"after  {after}", f"status {status}, {result}")


def check_reclaim(case, changed):
    mount(case)
    plant(case)
    before, there = options(), unused()
    status, result, _ = reclaim()
    said = str(result["error"])
    seen = SAFE if status == 0 else FORCE if "--force does it anyway" in said else REFUSE
    tell(seen == case.expect, f"{case.name}: {case.expect}", f"seen as {seen}: {said}", f"a bare reconfigure changes {changed}")
    check_kept(case, before, status, result, "reclaimed" if seen == SAFE else "refused")
    if seen == SAFE:
        left = result["unused_after"]
        tell(left is None or left < 20, f"{case.name}: its unused entries are gone", str(result))
    else:
        tell(there - unused() < NAMES // 2, f"{case.name}: nothing was freed", f"unused {there}, then {unused()}")
    if seen == FORCE:
        plant(case)
        status, result, _ = reclaim("--force")
        tell(status == (1 if case.force_fails else 0), f"{case.name}: --force", f"status {status}, {result}")
        check_kept(case, before, status, result, "by force")
    unmount()


def check_image(case):
    """A read-only image is not written: no more than by mount and umount alone."""
    first = pages()
    mount(case)
    unmount()
    if pages() != first:
        skip(f"{case.name}: its image", "mount and umount write to it by themselves")
        return
    mount(case)
    plant(case)
    reclaim("--force")
    unmount()
    tell(pages() == first, f"{case.name}: its image is the same, byte for byte")


def check(case):
    if not known(case):
        skip(case.name, "not in this kernel")
        return
    why = serve(case) or make(case)
    if not why:
        done = mount(case)
        if done.returncode == 0:
            unmount()
        else:  # the kernel's own words, where it has some
            why = f"{done.stderr.strip()[:60]}; {run('dmesg').stdout.strip().rpartition(chr(10))[2]}"
    if why:
        skip(case.name, why)
        return
    changed, error, wrote = control(case)
    print(f"# {case.name}: a bare reconfigure: {os.strerror(error) if error else 'ok'}, writes out {wrote}, changes {changed}", flush=True)
    if wrote:
        known_to = run(BUILD / "tests/lib/reclaim_table", case.fstype, RELEASE).stdout.split()
        tell("syncs" in known_to, f"{case.name}: known to write out modified data", str(known_to))
    why = make(case)
    check_reclaim(case, changed)
    if case.make and case.read_only:
        check_image(case)


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    for folder in (MOUNT, STATE, SOURCE, SERVED, WORK / "up", WORK / "work"):
        folder.mkdir(parents=True)
    (SOURCE / "file").write_text("x")
    # The kernel itself asks for character sets.
    Path("/lib/modules").mkdir(exist_ok=True)
    Path("/lib/modules", RELEASE).symlink_to(Path(MODULES, "lib/modules", RELEASE))
    (STATE / "conf").write_text(f"[state]\nfolder = {STATE}\n")
    run("mount", "-t", "tmpfs", "-o", "size=75%", "images", WORK / "up")  # overlay cannot be its own upper
    for folder in ("up", "work"):
        (WORK / "up" / folder).mkdir()
    named = [n for n in NAMED if n[0] != "-"]
    for case in CASES:
        if "-" + case.name in NAMED or (named and case.name not in named):
            continue
        case.options = case.options.replace(f"upperdir={WORK}/up,workdir={WORK}/work", f"upperdir={WORK}/up/up,workdir={WORK}/up/work")
        begin = time.monotonic()
        check(case)
        print(f"# {case.name}: {time.monotonic() - begin:.1f} s", flush=True)
    servers.stop()
    run("umount", WORK / "up")
    print(f"1..{count}", flush=True)
    return failed != 0


sys.exit(main())
