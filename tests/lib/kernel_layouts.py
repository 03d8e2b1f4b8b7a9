# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Where old kernels keep the members of the structures that a walk of their memory reads.

The members and their order are those of include/linux/{dcache,fs,list_lru}.h and
include/net/net_namespace.h of the releases named in KERNELS, as x86-64 builds them with the options
that distributions set (SMP, SECURITY, QUOTA, FSNOTIFY, MEMCG_KMEM, KEYS, IMA; no lock debugging).
Offsets are not written down: layout() computes them by the rules of C, so that another order of
members gives another, equally possible kernel (stretch(), shuffle()).

A member is NAME:TYPE, with @N where it is aligned to N bytes.
"""
import re

TYPES = {  # (size, alignment)
    "u8": (1, 1), "u16": (2, 2), "u32": (4, 4), "u64": (8, 8), "ptr": (8, 8), "atomic": (4, 4),
    "spinlock": (4, 4), "hlist": (16, 8), "list": (16, 8), "rcu": (16, 8), "head": (8, 8),
    "qstr": (16, 8), "lockref": (8, 8), "time": (16, 8), "waitq": (24, 8), "uuid": (16, 1),
    "rwsem_3": (32, 8), "rwsem": (40, 8), "mutex_3": (40, 8), "mutex": (32, 8), "work": (32, 8),
    "dquot_3": (296, 8), "dquot": (312, 8), "shrinker_3": (48, 8), "shrinker": (64, 8),
    "writers_3": (176, 8), "writers_418": (416, 8), "writers_54": (368, 8), "writers": (320, 8),
    "work_rh": (64, 8), "lru": (32, 8), "one": (24, 8), "idr": (24, 8), "common": (24, 8),
    "ctl_3": (88, 8), "ctl": (96, 8),
}

DENTRY_FIRST = """d_flags:u32 d_seq:u32 d_hash:hlist d_parent:ptr d_name:qstr d_inode:ptr d_iname:c32
    d_lockref:lockref d_op:ptr d_sb:ptr d_time:u64 d_fsdata:ptr d_lru:list d_child:list d_subdirs:list"""

SUPER_FIRST = """s_list:list s_dev:u32 s_blocksize_bits:u8 s_blocksize:u64 s_maxbytes:u64 s_type:ptr s_op:ptr
    dq_op:ptr s_qcop:ptr s_export_op:ptr s_flags:u64"""
SUPER_LAST = """s_max_links:u32 s_mode:u32 s_vfs_rename_mutex:mutex s_subtype:ptr s_d_op:ptr
    cleancache_poolid:u32 s_shrink:shrinker s_remove_count:u64 s_fsnotify_inode_refs:u64
    s_readonly_remount:u32 s_wb_err:u32 s_dio_done_wq:ptr s_pins:head s_user_ns:ptr"""
SUPER_ENCRYPTED = SUPER_FIRST + """ s_iflags:u64 s_magic:u64 s_root:ptr s_umount:rwsem s_count:u32
    s_active:atomic s_security:ptr s_xattr:ptr s_cop:ptr s_master_keys:ptr s_vop:ptr s_roots:head
    s_mounts:list s_bdev:ptr s_bdi:ptr s_mtd:ptr s_instances:hlist s_quota_types:u32 s_dquot:dquot
    s_writers:{writers} s_fs_info:ptr s_time_gran:u32 s_time_min:u64 s_time_max:u64
    s_fsnotify_mask:u32 s_fsnotify_marks:ptr s_id:c32 s_uuid:uuid """ + SUPER_LAST + """
    s_dentry_lru:lru s_inode_lru:lru rcu:rcu destroy_work:work s_sync_lock:mutex s_stack_depth:u32
    s_inode_list_lock:spinlock@64 s_inodes:list s_inode_wblist_lock:spinlock s_inodes_wb:list"""

INODE_FIRST = """i_mode:u16 i_opflags:u16 i_uid:u32 i_gid:u32 i_flags:u32 i_acl:ptr i_default_acl:ptr i_op:ptr
    i_sb:ptr i_mapping:ptr i_security:ptr i_ino:u64 i_nlink:u32 i_rdev:u32 i_size:u64 i_atime:time
    i_mtime:time i_ctime:time i_lock:spinlock i_bytes:u16"""
INODE_418 = INODE_FIRST + """ {blkbits} i_blocks:u64 i_state:u64 i_rwsem:rwsem dirtied_when:u64
    dirtied_time_when:u64 i_hash:hlist i_io_list:list i_wb:ptr i_wb_frn_winner:u32
    i_wb_frn_avg_time:u16 i_wb_frn_history:u16 i_lru:list i_sb_list:list i_wb_list:list
    i_dentry:rcu i_version:u64 {sequence} i_count:atomic i_dio_count:atomic i_writecount:atomic
    i_readcount:atomic i_fop:ptr"""

NET_54 = """passive:u32 count:u32 rules_mod_lock:spinlock dev_unreg_count:u32 dev_base_seq:u32 ifindex:u32
    nsid_lock:spinlock fnhe_genid:u32 list:list exit_list:list cleanup_list:ptr key_domain:ptr
    user_ns:ptr ucounts:ptr netns_ids:idr ns:common dev_base_head:list proc_net:ptr
    proc_net_stat:ptr sysctls:ctl rtnl:ptr genl_sock:ptr uevent_sock:ptr dev_name_head:ptr
    dev_index_head:ptr {chain} hash_mix:u32 loopback_dev:ptr"""
# Of its members but these; what lies between is as large as in 5.10.
DEVICE = "name:c16 name_node:ptr ifalias:ptr rest_a:c1232 nd_net:ptr rest_b:c128"
NODE = "lock:spinlock lru:one memcg_lrus:ptr nr_items:u64 end:pad@64"
COMMON = "stashed:u64 ops:ptr inum:u32"
ONE = "list:list nr_items:u64"
TYPE = "name:ptr fs_flags:u32 rest:c44"
QSTR = "hash:u32 len:u32 name:ptr"
LOCKREF = "lock:u32 count:u32"


class Kernel:
    """What differs between kernels beside the order of members."""

    def __init__(self, structs, name_hash, table, types, external=16):
        self.structs = dict(structs, list_lru_one=ONE, file_system_type=TYPE, qstr=QSTR, lockref=LOCKREF,
                            ns_common=COMMON, net_device=DEVICE)
        self.name_hash = name_hash  # in name_hash.HASHES
        self.table = table  # how a bucket follows from the hash: see bucket()
        self.types = types  # bits of d_flags: directory, regular file, symbolic link
        self.external = external  # bytes in front of a name that is not inline

    def bucket(self, name_hash, parent, bits):
        """The bucket of a name: d_hash() in fs/dcache.c."""
        if self.table == "parent":  # until 3.14: the address of the parent is mixed in at look-up
            mixed = (name_hash + parent // 64) & 0xFFFFFFFF
            return (mixed + (mixed >> bits)) & (1 << bits) - 1
        return name_hash >> (32 - bits)

    def symbols(self, bits):
        """{name: value} of the variables that hold the table's size."""
        if self.table == "parent":
            return {"d_hash_shift": bits, "d_hash_mask": (1 << bits) - 1}
        if self.table == "shift":  # until 4.15: the number of bits, subtracted at look-up
            return {"d_hash_shift": bits}
        return {"d_hash_shift": 32 - bits}  # since 4.16 (854d3e63438d)


KERNELS = {
    # CentOS 7's last: 3.10.0-1160. The superblock has its list of unused dentries itself.
    "3.10": Kernel({
        "dentry": DENTRY_FIRST + " d_alias:hlist",
        "super_block": SUPER_FIRST + """ s_magic:u64 s_root:ptr s_umount:rwsem_3 s_count:u32 s_active:atomic
            s_security:ptr s_xattr:ptr s_inodes:list s_anon:head s_files:ptr s_mounts:list
            s_dentry_lru:list s_nr_dentry_unused:u64 s_inode_lru_lock:spinlock@64 s_inode_lru:list
            s_nr_inodes_unused:u64 s_bdev:ptr s_bdi:ptr s_mtd:ptr s_instances:hlist s_dquot:dquot_3
            s_writers:writers_3 s_id:c32 s_uuid:uuid s_fs_info:ptr s_max_links:u32 s_mode:u32
            s_time_gran:u32 s_vfs_rename_mutex:mutex_3 s_subtype:ptr s_options:ptr s_d_op:ptr
            cleancache_poolid:u32 s_shrink:shrinker_3 s_remove_count:u64 s_readonly_remount:u32
            s_dio_done_wq:ptr rcu:rcu s_pins:head s_inode_list_lock:spinlock s_sync_lock:mutex_3
            s_inode_wblist_lock:spinlock s_inodes_wb:list s_iflags:u64 s_user_ns:ptr
            s_fsnotify_inode_refs:u64""",
        "inode": INODE_FIRST + """ i_blkbits:u32 i_blocks:u64 i_state:u64 i_mutex:mutex_3 dirtied_when:u64
            i_hash:hlist i_io_list:list i_lru:list i_sb_list:list i_dentry:rcu i_version:u64
            i_count:atomic i_dio_count:atomic i_writecount:atomic i_fop:ptr""",
        "net": """passive:u32 count:u32 rules_mod_lock:spinlock list:list cleanup_list:list
            exit_list:list user_ns:ptr proc_inum:u32 proc_net:ptr proc_net_stat:ptr sysctls:ctl_3
            rtnl:ptr genl_sock:ptr dev_base_head:list dev_name_head:ptr dev_index_head:ptr
            dev_base_seq:u32 ifindex:u32 rules_ops:list loopback_dev:ptr""",
    }, "words_old", "parent", (0x1000000, 0x4000000, 0x3000000), external=0),
    # RHEL 8: 4.18.0-240.
    "4.18": Kernel({
        "dentry": DENTRY_FIRST + " d_alias:hlist",
        "super_block": SUPER_FIRST + """ s_iflags:u64 s_magic:u64 s_root:ptr s_umount:rwsem s_count:u32
            s_active:atomic s_security:ptr s_xattr:ptr s_roots:head s_mounts:list s_bdev:ptr s_bdi:ptr
            s_mtd:ptr s_instances:hlist s_quota_types:u32 s_dquot:dquot s_writers:writers_418 s_id:c32
            s_uuid:uuid s_fs_info:ptr s_max_links:u32 s_mode:u32 s_time_gran:u32
            s_vfs_rename_mutex:mutex s_subtype:ptr s_d_op:ptr cleancache_poolid:u32 s_shrink:shrinker
            s_remove_count:u64 s_fsnotify_inode_refs:u64 s_readonly_remount:u32 s_dio_done_wq:ptr
            s_pins:head s_user_ns:ptr s_dentry_lru:lru@64 s_inode_lru:lru rh_reserve_1:u64@64
            rh_reserve_2:u64 rh_reserve_3:u64 rcu:rcu destroy_work:work_rh s_sync_lock:mutex
            s_stack_depth:u32 s_inode_list_lock:spinlock@64 s_inodes:list
            s_inode_wblist_lock:spinlock s_inodes_wb:list s_time_min:u64 s_time_max:u64""",
        "inode": INODE_418.format(blkbits="i_blkbits:u32 i_write_hint:u32", sequence=""),
        "list_lru_node": NODE,
        "net": """passive:u32 count:u32 rules_mod_lock:spinlock cookie_gen:u64 list:list exit_list:list
            cleanup_list:ptr user_ns:ptr ucounts:ptr nsid_lock:spinlock netns_ids:idr ns:common
            proc_net:ptr proc_net_stat:ptr sysctls:ctl rtnl:ptr genl_sock:ptr dev_base_head:list
            dev_name_head:ptr dev_index_head:ptr dev_base_seq:u32 ifindex:u32 dev_unreg_count:u32
            rules_ops:list fib_notifier_ops:list loopback_dev:ptr""",
    }, "words", "shifted", (0x200000, 0x400000, 0x600000)),
    # Ubuntu 20.04.
    "5.4": Kernel({
        "dentry": DENTRY_FIRST + " d_alias:hlist",
        "super_block": SUPER_ENCRYPTED.format(writers="writers_54").replace("s_wb_err:u32 ", ""),
        "inode": INODE_418.format(blkbits="i_blkbits:u8 i_write_hint:u8", sequence="i_sequence:u64"),
        "list_lru_node": NODE,
        "net": NET_54.format(chain=""),
    }, "words", "shifted", (0x200000, 0x400000, 0x600000)),
    # Debian 11: equal to what its BTF says (bpftool btf dump file vmlinux).
    "5.10": Kernel({
        "dentry": DENTRY_FIRST + " d_alias:hlist",
        "super_block": SUPER_ENCRYPTED.format(writers="writers"),
        "inode": INODE_418.format(blkbits="i_blkbits:u8 i_write_hint:u8", sequence="i_sequence:u64"),
        "list_lru_node": NODE,
        "net": NET_54.format(chain="netdev_chain:ptr").replace("cleanup_list:ptr", "defer_free_list:ptr cleanup_list:ptr"),
    }, "words", "shifted", (0x200000, 0x400000, 0x600000)),
}


def members(text):
    """[(name, size, alignment)]."""
    found = []
    for word in text.split():
        name, kind, aligned = re.fullmatch(r"(\w+):(\w+)(?:@(\d+))?", word).groups()
        if kind == "pad":
            size, alignment = 0, 1
        elif re.fullmatch(r"c\d+", kind):
            size, alignment = int(kind[1:]), 1
        else:
            size, alignment = TYPES[kind]
        found.append((name, size, max(alignment, int(aligned or 1))))
    return found


def place(struct):
    """({member: offset}, size, {member: its own size}) by the rules of C."""
    at, offsets, most = 0, {}, 1
    for name, size, alignment in struct:
        at = -(-at // alignment) * alignment
        offsets[name] = at
        at += size
        most = max(most, alignment)
    return offsets, -(-at // most) * most, {name: size for name, size, _ in struct}


def layout(kernel):
    """{structure: place()} of KERNELS[kernel]."""
    return {name: place(members(text)) for name, text in KERNELS[kernel].structs.items()}


OPEN = ("dentry", "super_block", "inode", "list_lru_node", "net")


def other_length(struct, draw):
    """The same with inline names of another length: 24, 32 or 40 bytes."""
    return [(n, draw.choice((24, 32, 40)), 8) if n == "d_iname" else (n, s, a) for n, s, a in struct]


def stretch(kernel, draw):
    """The same of a kernel as another configuration or a distribution's patches make it: members in
    their order, but others between them."""
    found = {}
    for name, text in KERNELS[kernel].structs.items():
        struct = members(text)
        if name in OPEN:
            struct = other_length(struct, draw)
            for i in range(draw.randint(1, 4)):
                struct.insert(draw.randint(1, len(struct) - 1), (f"gap{i}", draw.choice((4, 8, 16)), 4))
        found[name] = place(struct)
    return found


def shuffle(kernel, draw):
    """The same of a kernel that nobody knows: members in an order drawn, with gaps between them.

    What every kernel keeps stays: s_list comes first, a lockref, a list, a name and a list_lru_one are
    as they are. Inline names get another length."""
    found = {}
    for name, text in KERNELS[kernel].structs.items():
        struct = members(text)
        if name in OPEN:
            first = [m for m in struct if m[0] == "s_list"]
            rest = other_length([m for m in struct if m[0] != "s_list" and m[1]], draw)
            rest += [(f"gap{i}", 8, draw.choice((4, 8))) for i in range(draw.randint(0, 3))]
            draw.shuffle(rest)
            struct = first + rest + [m for m in struct if not m[1]]
        found[name] = place(struct)
    return found
