#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# check_snmp of monitoring-plugins 2.3.3 (Debian 12). "check_snmp --help": -M "Multiplies current value, 0 < n < 1 works as
# divider", -f is a "C-style format string for float values (see option -M)", and -s returns OK "if STRING is an exact
# match". Seen: -f has an effect on an INTEGER alone: a Gauge32 is multiplied, and shown as a whole number, while levels are
# compared with its fraction ("*5*" is a warning above 5.1). A number that comes as text is not multiplied at all.
# -s matches a text only with double quotes around it, as snmpget prints it without a MIB.
. "$(dirname "$0")/lib.sh"
packages monitoring-plugins-standard=2.3.3-5+deb12u2 \
    snmpd=5.9.3+dfsg-2+deb12u1 libsnmp40=5.9.3+dfsg-2+deb12u1 snmp=5.9.3+dfsg-2+deb12u1
gauge=.1.3.6.1.4.1.8072.9999.9999.1.0 integer=.1.3.6.1.2.1.1.7.0 text=.1.3.6.1.2.1.1.4.0
printf '#!/bin/sh\nprintf "%%s\\ngauge\\n52\\n" "$2"\n' >"$dir/gauge"
chmod 755 "$dir/gauge"
printf 'rocommunity public 127.0.0.1\nsysServices 52\nsysContact 52.0\npass %s %s/gauge\n' "${gauge%.0}" "$dir" >/etc/snmp/snmpd.conf
snmpd udp:127.0.0.1:161
# check_snmp runs /usr/bin/snmpget
mount -t overlay -o "lowerdir=$dir/root/usr/bin:/usr/bin" none /usr/bin || exit 77

check() { # OPTION...: its state and what it shows
    local out
    out=$(env MIBS= LD_LIBRARY_PATH="$(dirname "$(find "$dir/root" -name 'libnetsnmp.so.*' | head -n 1)")" \
        "$dir/root/usr/lib/nagios/plugins/check_snmp" -H 127.0.0.1 -P 2c -C public "$@")
    echo "${out%% |*}"
}
float=(-M 0.1 -f %.2f -w 5.1)
by_integer=$(check -o "$integer" "${float[@]}") by_gauge=$(check -o "$gauge" "${float[@]}") by_text=$(check -o "$text" "${float[@]}")
plain=$(check -o "$text" -s 52.0) quoted=$(check -o "$text" -s '"52.0"')
saw "0.1 times 52, with -f %.2f: integer $by_integer; gauge $by_gauge; text 52.0 $by_text"
saw "-s 52.0: $plain; -s '\"52.0\"': $quoted"
snmpd_end
expect "an INTEGER has the format" [ "$by_integer" = 'SNMP WARNING - *5.20*' ]
expect "a Gauge32 has not, but is compared with its fraction" [ "$by_gauge" = 'SNMP WARNING - *5*' ]
expect "a text is not multiplied" [ "$by_text" = 'SNMP WARNING - *52*' ]
expect "-s takes a text in double quotes alone" [ "$plain / $quoted" = 'SNMP CRITICAL - *"52.0"* / SNMP OK - "52.0"' ]
