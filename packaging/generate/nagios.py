# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Commands and services for Nagios and Icinga: check_snmp with numeric OIDs, and dcachemon check."""
from model import NOTE, title

HASH_NOTE = "".join(f"# {line}\n" for line in NOTE.split("\n"))


def checks(model):
    """(name, OID, warning, critical, label, what) in the units of the MIB"""
    active = model.table("alarm_status").metric("active")
    yield "alarms", active.oid + ".0", 0, 0, "alarms", "active alarms, whatever they are about"
    for a in model.polled_alarms: # the alarm has hold times, a poll has none
        name, m = a["name"], model.metric(a["scalar"])
        yield (name, m.oid + ".0", *(round(a[k] * m.scale) for k in ("warning", "critical")), name,
               m.help.rstrip("."))


def nagios(model):
    text = HASH_NOTE + r"""# Nagios: commands, and a service for each on the hosts of hostgroup dcachemon.
# $ARG1$ is the community. $USER1$ holds check_snmp (monitoring-plugins).

define command {
    command_name  check_dcachemon_snmp
    command_line  $USER1$/check_snmp -H $HOSTADDRESS$ -P 2c -C $ARG1$ -t 10 -o $ARG2$ -w $ARG3$ -c $ARG4$ -l $ARG5$
}

# On the host itself, through NRPE or ssh: all alarms in one line, with severities and hold times.
define command {
    command_name  check_dcachemon_nrpe
    command_line  $USER1$/check_nrpe -H $HOSTADDRESS$ -c check_dcachemon
}

# Passive: results come from snmptrapd/dcachemon-trap.
define service {
    name                    dcachemon-trap
    register                0
    active_checks_enabled   0
    passive_checks_enabled  1
    check_command           check_dcachemon_nrpe
    max_check_attempts      1
}
"""
    for name, oid, warning, critical, label, what in checks(model):
        text += f"""
# {what}
define service {{
    use                  generic-service
    hostgroup_name       dcachemon
    service_description  dentry cache {name}
    check_command        check_dcachemon_snmp!public!.{oid}!{warning}!{critical}!{label}
}}
"""
    return text


def nrpe():
    return HASH_NOTE + """# For nrpe.d on the hosts. The user nrpe must be in the group dcachemon.
command[check_dcachemon]=/usr/bin/dcachemon check
"""


def icinga(model):
    text = HASH_NOTE + r"""// Icinga 2: give a host vars.dcachemon = true, and vars.snmp_community where it is not "public".

object CheckCommand "dcachemon" {
  import "plugin-check-command"
  command = [ "/usr/bin/dcachemon", "check" ]
}

template Service "dcachemon-snmp" {
  check_command = "snmp"
  check_interval = 1m
  retry_interval = 15s
  vars.snmp_version = "2c"
  vars.snmp_community = host.vars.snmp_community
  assign_default = true
}
""".replace("  assign_default = true\n", "").replace("//", "#")
    for name, oid, warning, critical, label, what in checks(model):
        text += f"""
# {what}
apply Service "dentry-cache-{name.replace('_', '-')}" {{
  import "dcachemon-snmp"
  vars.snmp_oid = ".{oid}"
  vars.snmp_warn = "{warning}"
  vars.snmp_crit = "{critical}"
  vars.snmp_label = "{label}"
  assign where host.vars.dcachemon
}}
"""
    return text


def files(model):
    yield "nagios/dcachemon.cfg", nagios(model)
    yield "nagios/nrpe.cfg", nrpe()
    yield "icinga2/dcachemon.conf", icinga(model)
