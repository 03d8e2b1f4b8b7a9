#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# libinih 55 (Debian 12). ini.h: INI_MAX_LINE, 200, is the "Maximum line length for any line in INI file", and ini_parse()
# returns the "line number of first error". One expects a longer line to be an error, with its number. Seen: it is taken for
# several lines. The first gives a value that is cut. What is behind byte 199 is an error in the line below, which may not
# exist; or, if it has "=" or ":" in it, a key of its own, and then the result is 0, for success.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
packages libinih1=55-1
read_line() { # TEXT, Python: result of ini_parse_string(), and each key with the length of its value
    python3 -c "
import ctypes
Handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p)
seen = []
handler = Handler(lambda user, section, name, value: seen.append('%s:%d' % (name.decode(), len(value))) or 1)
lib = ctypes.CDLL('$(find "$dir/root" -name 'libinih.so.1' | head -n 1)')
print(lib.ini_parse_string(($1).encode(), handler, None), *seen)"
}
plain=$(read_line "'paths = ' + 'x' * 250") equals=$(read_line "'paths = ' + 'x' * 191 + 'other=' + 'x' * 50")
saw "a value of 250 bytes: $plain; one of 247 with \"other=\" in it: $equals"
expect "line 1 is cut, and the error in line 2" [ "$plain" = '2 paths:191' ]
expect "with \"=\" behind byte 199 it is two keys and no error" [ "$equals" = '0 paths:191 other:50' ]
