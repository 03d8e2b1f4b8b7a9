#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# libjson-c 0.18 (Debian 13). json_tokener.h: JSON_TOKENER_STRICT is to "be strict when parsing JSON input", and RFC 8259 has
# all of Unicode in strings. Seen: with that flag each string with a character beyond ASCII is refused as "invalid string
# sequence", and with JSON_TOKENER_VALIDATE_UTF8 beside it as "invalid utf-8 string"; without it the same text is read. Where
# char is signed, its bytes pass for control characters (json-c issue 875).
. "$(dirname "$0")/lib.sh"
packages libjson-c5=0.18+ds-1
command -v python3 >/dev/null || { echo "no python3"; exit 77; }

parsed() { # FLAGS: what becomes of a string of one letter beyond ASCII
    LD_LIBRARY_PATH="$(dirname "$(find "$dir/root" -name 'libjson-c.so.5' | head -n 1)")" python3 -c "
import ctypes
lib = ctypes.CDLL('libjson-c.so.5')
lib.json_tokener_new.restype = ctypes.c_void_p
lib.json_tokener_parse_ex.restype = ctypes.c_void_p
lib.json_tokener_error_desc.restype = ctypes.c_char_p
tokener = ctypes.c_void_p(lib.json_tokener_new())
lib.json_tokener_set_flags(tokener, $1)
text = '[\"\u00e4\"]'.encode()
lib.json_tokener_parse_ex(tokener, text, len(text) + 1)
print(lib.json_tokener_error_desc(lib.json_tokener_get_error(tokener)).decode())"
}
same() { [ "$1" = "$2" ]; }
strict=$(parsed 0x01) both=$(parsed 0x11) utf8=$(parsed 0x10)
saw "STRICT: $strict; STRICT and VALIDATE_UTF8: $both; VALIDATE_UTF8: $utf8"
expect "JSON_TOKENER_STRICT refuses a letter beyond ASCII" same "$strict" "invalid string sequence"
expect "beside JSON_TOKENER_VALIDATE_UTF8 it calls it invalid UTF-8" same "$both" "invalid utf-8 string"
expect "JSON_TOKENER_VALIDATE_UTF8 alone accepts it" same "$utf8" success
