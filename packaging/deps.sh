#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Installs, or names, every package that dcachemon needs.
# Usage: deps.sh [build|test|all|packaging|monitoring|graphite|zabbix] [--list]: "all" is build and test;
# packaging is for deb, rpm and their tests; monitoring, graphite and zabbix for tests with such systems.
# DNF names, where known, for Fedora and RHEL-like systems stand in the second column.
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
libjson-c-dev       json-c-devel
libcap-ng-dev       libcap-ng-devel
libseccomp-dev      libseccomp-devel
libinih-dev         inih-devel
libmnl-dev          libmnl-devel
libsnmp-dev         net-snmp-devel
collectd-dev        -
uthash-dev          uthash-devel
'
test='
libcmocka-dev       libcmocka-devel
e2fsprogs           e2fsprogs
snmpd               net-snmp
snmp                net-snmp-utils
snmptrapd           net-snmp
collectd-core       collectd
libprotobuf-c1      -
libmicrohttpd12     -
smitools            libsmi
erlang-snmp         -
clang-format        clang-tools-extra
iproute2            iproute
util-linux          util-linux
procps              procps-ng
strace              strace
faketime            libfaketime
valgrind            valgrind
python3             python3
mandoc              mandoc
shellcheck          ShellCheck
sudo                sudo
qemu-system-x86     qemu-system-x86-core
qemu-system-common  virtiofsd
busybox-static      busybox
cpio                cpio
kmod                kmod
xz-utils            xz
libclang-rt-14-dev  compiler-rt
clang-tidy          clang-tools-extra
cppcheck            cppcheck
lcov                lcov
'
packaging='
debhelper           -
dpkg-dev            -
fakeroot            -
lintian             -
debootstrap         -
systemd             systemd
rpm                 rpm-build
'
monitoring='
prometheus               -
prometheus-snmp-exporter -
snmptt                   -
icinga2-bin              -
monitoring-plugins-standard nagios-plugins-snmp
python3-yaml             python3-pyyaml
php-cli                  php-cli
libxml2-utils            libxml2
'
graphite='
graphite-carbon     python3-carbon
graphite-web        graphite-web
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

what=all list=0
for arg in "$@"; do
    case $arg in
    build | test | all | packaging | monitoring | graphite | zabbix) what=$arg ;;
    --list) list=1 ;;
    *) echo "usage: deps.sh [build|test|all|packaging|monitoring|graphite|zabbix] [--list]" >&2; exit 2 ;;
    esac
done

names() { # COLUMN
    case $what in
    build) printf '%s' "$build" ;;
    test) printf '%s' "$test" ;;
    all) printf '%s%s' "$build" "$test" ;;
    packaging) printf '%s' "$packaging" ;;
    monitoring) printf '%s' "$monitoring" ;;
    graphite) printf '%s' "$graphite" ;;
    zabbix) printf '%s' "$zabbix" ;;
    esac | awk -v c="$1" 'NF && $c != "-" { print $c }' | sort -u
}

if [ "$list" = 1 ]; then
    names 1
elif command -v dpkg-query >/dev/null; then
    missing=
    for p in $(names 1); do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing="$missing $p"
    done
    [ -n "$missing" ] || exit 0
    if [ "$(id -u)" != 0 ]; then
        echo "missing packages, install as root:$missing" >&2
        exit 0
    fi
    export DEBIAN_FRONTEND=noninteractive
    # Services that packages would start are not wanted on the build machine.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    # shellcheck disable=SC2086
    apt-get install -y -q --no-install-recommends $missing || {
        apt-get update -q && apt-get install -y -q --no-install-recommends $missing
    }
elif command -v dnf >/dev/null; then
    # shellcheck disable=SC2046
    dnf install -y $(names 2)
else
    # shellcheck disable=SC2046
    echo "neither apt-get nor dnf here; needed:" $(names 1) >&2
fi
