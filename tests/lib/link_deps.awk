# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# From what "ld -t -t" prints to a rule of make: "program" depends on those of "objects" that were taken
# from archives in "folder" (tests/tests.mk). GNU ld writes (ARCHIVE)MEMBER, gold and lld ARCHIVE(MEMBER).
BEGIN {
    count = split(objects, object, " ")
    for (i = 1; i <= count; i++) {
        name = object[i]
        sub(".*/", "", name)
        paths[name] = paths[name] " " object[i]
    }
    printf "%s: $(call taken,", program
}
index($0, folder) && split($0, part, /[()]+/) > 1 {
    member = part[2] ~ /\.a$/ ? part[3] : part[2]
    printf "%s", member in paths ? paths[member] : " " member # an archive of before: it is linked again
}
END { print ")" }
