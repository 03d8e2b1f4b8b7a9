#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Installs, or names, every package that dcachemon needs.
# Usage: deps.sh [build|run|test|all|packaging|filesystems|monitoring|graphite|pictures|zabbix|cacti|containers|drgn|image]
# [--list]: "run" is build and what the tour of "make run" needs, "all" is run and test; packaging is for deb, rpm and
# their tests; filesystems, monitoring, graphite, zabbix, cacti, containers and drgn for tests with such, pictures for
# those of the docs, image for "make image".
# Where Debian's releases differ in a name, "NEW|OLD" takes the first that apt knows; one that is installed does.
# containerd.io, of Docker's own packages, brings a runc and would be removed for Debian's.
# DNF names, where known, for Fedora and RHEL-like systems are in the second column.
set -eu

build='
gcc                 gcc
make                make
pkg-config          pkgconf-pkg-config
libc6-dev           glibc-devel
clang               clang
llvm                llvm
bpftool             bpftool
libbpf-dev          libbpf-devel
libmount-dev        libmount-devel
libsmartcols-dev    libsmartcols-devel
libncurses-dev      ncurses-devel
libjson-c-dev       json-c-devel
libcap-ng-dev       libcap-ng-devel
libseccomp-dev      libseccomp-devel
libinih-dev         inih-devel
libmnl-dev          libmnl-devel
libsnmp-dev         net-snmp-devel
collectd-dev        -
uthash-dev          uthash-devel
'
# erlang-snmp: the modules that DCACHEMON-MIB imports.
run='
snmpd               net-snmp
snmp                net-snmp-utils
snmptrapd           net-snmp
erlang-snmp         -
util-linux          util-linux
'
test='
libcmocka-dev       libcmocka-devel
e2fsprogs           e2fsprogs
btrfs-progs         -
dosfstools          dosfstools
erofs-utils         erofs-utils
exfatprogs          exfatprogs
genisoimage         genisoimage
squashfs-tools      squashfs-tools
udftools            udftools
xfsprogs            xfsprogs
collectd-core       collectd
libgcrypt20         -
libprotobuf-c1      -
libmicrohttpd12t64|libmicrohttpd12 -
smitools            libsmi
bsdextrautils       util-linux
clang-format        clang-tools-extra
iproute2            iproute
procps              procps-ng
runc|containerd.io  runc
strace              strace
faketime            libfaketime
valgrind            valgrind
python3             python3
python3-prometheus-client python3-prometheus_client
mandoc              mandoc
shellcheck          ShellCheck
sudo                sudo
tmux                tmux
qemu-system-x86     qemu-system-x86-core
qemu-system-common  virtiofsd
busybox-static      busybox
cpio                cpio
kmod                kmod
xz-utils            xz
libclang-rt-dev|libclang-rt-14-dev compiler-rt
clang-tidy          clang-tools-extra
cppcheck            cppcheck
lcov                lcov
'
packaging='
build-essential     -
debhelper           -
dpkg-dev            -
fakeroot            -
lintian             -
debootstrap         -
systemd             systemd
rpm                 rpm-build
'
filesystems='
f2fs-tools          f2fs-tools
gfs2-utils          gfs2-utils
hfsutils            hfsutils
jfsutils            jfsutils
makefs              -
nfs-kernel-server   nfs-utils
nilfs-tools         nilfs-utils
ntfs-3g             ntfsprogs
ocfs2-tools         -
reiserfsprogs       -
samba               samba
'
monitoring='
prometheus               -
prometheus-node-exporter -
prometheus-snmp-exporter -
snmptt                   -
icinga2-bin              -
lldpd                    lldpd
frr                      frr
frr-snmp                 -
python3-pysnmp4          python3-pysnmp
ruby-snmp                -
libnet-snmp-perl         perl-Net-SNMP
monitoring-plugins-standard nagios-plugins-snmp
python3-yaml             python3-pyyaml
php-cli                  php-cli
libxml2-utils            libxml2
'
graphite='
graphite-carbon     python3-carbon
graphite-web        graphite-web
'
pictures='
chromium            chromium
'
# php-cgi: "php", which the front end depends on, brings Apache otherwise.
zabbix='
zabbix-server-pgsql -
zabbix-frontend-php -
postgresql          -
php-cli             -
php-cgi             -
php-pgsql           -
python3-yaml        -
'
# dbconfig-mysql: without it cacti-spine is not configured. No database is made: see unattended.
cacti='
cacti               -
cacti-spine         -
dbconfig-mysql      -
mariadb-client-core -
mariadb-server-core -
php-mysql           -
php-snmp            -
rrdtool             -
'

containers='
docker.io           moby-engine
podman              podman
containerd          containerd
runc                runc
uidmap              shadow-utils-subid
lxc                 lxc
systemd-container   systemd-container
containernetworking-plugins containernetworking-plugins
python3-grpcio      python3-grpcio
busybox-static      busybox
'
drgn='
python3-drgn        python3-drgn
'
# crun refuses cgroups of both versions side by side.
image='
buildah buildah
podman  podman
runc|containerd.io runc
'

what=all list=0
for arg in "$@"; do
    case $arg in
    build | run | test | all | packaging | filesystems | monitoring | graphite | pictures | zabbix | cacti | containers | drgn | image) what=$arg ;;
    --list) list=1 ;;
    *) echo "usage: deps.sh [build|run|test|all|packaging|filesystems|monitoring|graphite|pictures|zabbix|cacti|containers|drgn|image] [--list]" >&2; exit 2 ;;
    esac
done

names() { # COLUMN
    case $what in
    build) printf '%s' "$build" ;;
    run) printf '%s%s' "$build" "$run" ;;
    test) printf '%s' "$test" ;;
    all) printf '%s%s%s' "$build" "$run" "$test" ;;
    packaging) printf '%s' "$packaging" ;;
    filesystems) printf '%s' "$filesystems" ;;
    monitoring) printf '%s' "$monitoring" ;;
    graphite) printf '%s' "$graphite" ;;
    pictures) printf '%s' "$pictures" ;;
    zabbix) printf '%s' "$zabbix" ;;
    containers) printf '%s' "$containers" ;;
    cacti) printf '%s' "$cacti" ;;
    drgn) printf '%s' "$drgn" ;;
    image) printf '%s' "$image" ;;
    esac | awk -v c="$1" 'NF && $c != "-" { print $c }' | sort -u
}

installed() { dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }
# A name that others only provide has no candidate.
known() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep -q '^ *Candidate: [^(]'; }

# choose: sets missing, the packages to install, and unknown, the words of which apt knows no name.
choose() {
    missing='' unknown=''
    for word in $(names 1); do
        found=
        for name in $(printf '%s' "$word" | tr '|' ' '); do
            if installed "$name"; then
                found=-
                break
            elif [ -z "$found" ] && known "$name"; then
                found=$name
            fi
        done
        case $found in
        -) ;;
        '') unknown="$unknown $word" ;;
        *) missing="$missing $found" ;;
        esac
    done
}
# Answers to what packages would ask.
unattended() {
    export DEBIAN_FRONTEND=noninteractive
    [ "$what" != cacti ] || echo 'cacti cacti/dbconfig-install boolean false' | debconf-set-selections
}
# shellcheck disable=SC2086
install_missing() { apt-get install -y -q --no-install-recommends $missing; }

install_debian() {
    choose
    [ -n "$missing$unknown" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        echo "missing packages, install as root:$missing$unknown" >&2
        return 0
    fi
    unattended
    # Services that packages would start are not wanted on the build machine.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    if [ -n "$unknown" ]; then
        apt-get update -q
        choose
    fi
    # The rest still serves: the build says what it misses, a test is skipped with its reason.
    [ -z "$unknown" ] || echo "deps.sh: warning: apt knows no package of these names:$unknown" >&2
    [ -n "$missing" ] || return 0
    install_missing || { apt-get update -q && install_missing; }
}

if [ "$list" = 1 ]; then
    names 1
elif command -v dpkg-query >/dev/null; then
    install_debian
elif command -v dnf >/dev/null; then
    # shellcheck disable=SC2046
    dnf install -y $(names 2)
else
    # shellcheck disable=SC2046
    echo "neither apt-get nor dnf here; needed:" $(names 1) >&2
fi
