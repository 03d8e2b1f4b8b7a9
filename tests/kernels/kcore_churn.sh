#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Passes without BPF beside creation and deletion, in a test machine (tests/kernels/vm): nothing keeps what
# /proc/kcore is read from. Names come and go on ext4 for dcm.seconds (600), all the time; others stay. What is
# said of those that stay must be right, and nothing may be said that cannot be: kcore_churn.py has the rules.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/kernels/plant_known.sh"
argument() { tr ' ' '\n' </proc/cmdline | sed -n "s/^dcm\.$1=//p"; }
build=$(argument build) seconds=$(argument seconds)
seconds=${seconds:-600} names=20000 namespaces=100 out=/tmp/churn
mkdir $out
uname -r | sed 's/^/# /'
plant_known "$build" $names $namespaces

churn() { # FOLDER: until it is killed, or until the machine is long done
    timeout $((seconds + 300)) python3 - "$1" <<'P'
import itertools, os, sys
folder = sys.argv[1]
os.mkdir(folder)
for i in itertools.count():
    name = f"{folder}/come{i % 3000}"
    os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
    os.rename(name, name + "-go")
    os.unlink(name + "-go")
    if i % 100 == 0:
        with open(folder + "/../" + os.path.basename(folder) + ".made", "w") as file:
            file.write(str(i))
P
}
churn /mnt/disk/first &
first=$!
churn /mnt/disk/second &
second=$!
end=$((SECONDS + seconds)) round=0
while [ $SECONDS -lt $end ]; do
    round=$((round + 1))
    cat /proc/sys/fs/dentry-state >$out/$round.before
    timeout 120 "$build/tests/lib/walk_dump" --kcore --passes 10 >$out/$round.walk 2>&1 </dev/null
    echo $? >$out/$round.status
    cat /proc/sys/fs/dentry-state >$out/$round.after
done
kill $first $second
wait $first $second
dmesg >$out/log
echo "# made and removed: $(cat /mnt/disk/first.made) and $(cat /mnt/disk/second.made)"
python3 "$top/tests/kernels/kcore_churn.py" $out $names $namespaces
