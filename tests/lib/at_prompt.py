#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs a program on a terminal, and a shell command while it asks: at_prompt.py COMMAND PROGRAM...

At "[y/N]" the command runs, then the answer is y. Prints what the program printed; ends with its
status, or with 99 when the command failed.
"""
import os
import pty
import subprocess
import sys

pid, terminal = pty.fork()
if not pid:
    os.execvp(sys.argv[2], sys.argv[2:])
said = b""
failed = False
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:
        break
    if not data:
        break
    asked = b"[y/N]" in said
    said += data
    if b"[y/N]" in said and not asked:
        failed = subprocess.run(sys.argv[1], shell=True, check=False).returncode != 0
        os.write(terminal, b"y\n")
sys.stdout.write(said.decode(errors="replace").replace("\r", ""))
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.exit(99 if failed else status)
