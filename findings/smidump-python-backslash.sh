#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# smidump 0.4.8 (libsmi, Debian 12), and ruby-snmp 1.3.2, which reads its output. RFC 2578 has no escapes in texts: a backslash
# is a character like others, and smilint finds nothing wrong with one. smidump(1): the format python is made of
# Python dictionaries. Seen: the texts of a module are copied between quotes as they are, so that "\xNN" in a description
# is a broken escape: Python refuses the whole output, and SNMP::MIB.import_module of Ruby the whole module. A
# backslash that happens to be an escape is taken for what that stands for.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
packages smitools=0.4.8+dfsg2-16 libsmi2ldbl=0.4.8+dfsg2-16 ruby-snmp=1.3.2-1 erlang-snmp=1:25.2.3+dfsg-1+deb12u4
module() { # DESCRIPTION
    cat >"$dir/TEST-MIB" <<MIB
TEST-MIB DEFINITIONS ::= BEGIN
IMPORTS MODULE-IDENTITY, enterprises FROM SNMPv2-SMI;
testMIB MODULE-IDENTITY
    LAST-UPDATED "202611280000Z"
    ORGANIZATION "test"
    CONTACT-INFO "test"
    DESCRIPTION "$1"
    REVISION "202611280000Z"
    DESCRIPTION "First."
    ::= { enterprises 8072 9999 9999 1 }
testObjects OBJECT IDENTIFIER ::= { testMIB 1 }
END
MIB
}
SMIPATH=$(echo "$dir"/root/usr/lib/erlang/lib/snmp-*/mibs) # SNMPv2-SMI
export SMIPATH PATH=$PATH:$dir/root/usr/bin RUBYLIB=$dir/root/usr/lib/ruby/vendor_ruby
LD_LIBRARY_PATH=$(echo "$dir"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH
in_python() { smidump -k -f python "$dir/TEST-MIB" | python3 -c 'import sys; exec(sys.stdin.read()); print(MIB["TEST-MIB"]["description"])' 2>&1 | tail -n 1; }
in_ruby() { ruby -W0 -rsnmp -e "puts SNMP::MIB.import_module('$dir/TEST-MIB', '$dir')" 2>&1 | grep -o 'invalid hex escape\|TEST-MIB$' | tail -n 1; }

module 'Other bytes appear as (xNN).'
plain_python=$(in_python) plain_ruby=$(in_ruby)
saw "without a backslash: Python has \"$plain_python\", Ruby imports $plain_ruby"
module 'Other bytes appear as \xNN.'
python=$(in_python) ruby=$(in_ruby)
saw "with one: Python says \"$python\", Ruby \"$ruby\""
module 'A path of \temp.'
temp=$(in_python)
saw "another: $(printf '%q' "$temp")"
expect "without a backslash both read it" [ "$plain_python $plain_ruby" = 'Other bytes appear as (xNN). TEST-MIB' ]
expect "smilint has nothing to say" [ -z "$(smilint -l 4 "$dir/TEST-MIB" 2>&1)" ]
expect "neither reads a text with \xNN" [ "$ruby" = 'invalid hex escape' -a -z "${python##*unicode error*}" ]
expect "\t becomes a tab" [ "$temp" = $'A path of \temp.' ]
