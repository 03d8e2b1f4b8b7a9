#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Writes the files of packaging/ that repeat the metric table. Usage: generate.py MODEL.json FOLDER
MODEL.json is what build/tests/lib/dump_model prints; "make generate" does both."""
import importlib
import sys
from pathlib import Path

from model import Model

TARGETS = ("snmp_exporter", "prometheus", "traps", "nagios", "telegraf", "opennms", "librenms", "zabbix", "cacti",
           "grafana")


def main():
    model, folder = Model(sys.argv[1]), Path(sys.argv[2])
    for target in TARGETS:
        for name, text in importlib.import_module(target).files(model):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            if text.startswith("#!"):
                path.chmod(0o755)


main()
