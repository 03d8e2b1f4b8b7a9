# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the interface tables should say of the network namespace that this runs in, out of "ip -j" and
/proc/sys/net: lines "OID = value" as "snmpwalk -On -Oe -Ox" prints them, sorted."""
import json
import subprocess


def ip(*words):
    return json.loads(subprocess.run(["ip", "-j", *words], check=True, capture_output=True).stdout or "[]")


def sysctl(*path):
    return int(open("/proc/sys/net/" + "/".join(path)).read())


IF, IFX, V4, V6 = ".1.3.6.1.2.1.2.2.1", ".1.3.6.1.2.1.31.1.1.1", ".1.3.6.1.2.1.4.28.1", ".1.3.6.1.2.1.4.30.1"
rows = []
links = ip("link")
rows.append(f".1.3.6.1.2.1.2.1.0 = INTEGER: {len(links)}")
for link in links:
    i, name, up = link["ifindex"], link["ifname"], "UP" in link["flags"]
    rows.append(f"{IF}.1.{i} = INTEGER: {i}")
    rows.append(f"{IF}.4.{i} = INTEGER: {link['mtu']}")
    rows.append(f"{IF}.7.{i} = INTEGER: {1 if up else 2}")
    rows.append(f"{IF}.8.{i} = INTEGER: {1 if up and 'NO-CARRIER' not in link['flags'] else 2}")
    rows.append(f'{IFX}.1.{i} = STRING: "{name}"')
for address in ip("-4", "addr"):
    if address.get("addr_info"):
        i, name = address["ifindex"], address["ifname"]
        rows.append(f"{V4}.4.{i} = Gauge32: {sysctl('ipv4/neigh', name, 'retrans_time_ms')}")
for address in ip("-6", "addr"):
    if address.get("addr_info"):
        i, name = address["ifindex"], address["ifname"]
        rows.append(f"{V6}.6.{i} = Gauge32: {sysctl('ipv6/neigh', name, 'base_reachable_time_ms')}")
        rows.append(f"{V6}.7.{i} = Gauge32: {sysctl('ipv6/neigh', name, 'retrans_time_ms')}")
        rows.append(f"{V6}.8.{i} = INTEGER: {1 if sysctl('ipv6/conf', name, 'forwarding') else 2}")
print("\n".join(sorted(rows)))
