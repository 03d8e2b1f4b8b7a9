<?php
/*
 * SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 * Generated from the metric table by packaging/generate/generate.py: do not edit.
 * For LibreNMS/Snmptrap/Handlers/; in config/snmptraps.php:
 *   'DCACHEMON-MIB::dcmAlarmRaised' => \LibreNMS\Snmptrap\Handlers\DcachemonAlarm::class,
 *   'DCACHEMON-MIB::dcmAlarmCleared' => \LibreNMS\Snmptrap\Handlers\DcachemonAlarm::class,
 */

namespace LibreNMS\Snmptrap\Handlers;

use App\Models\Device;
use LibreNMS\Enum\Severity;
use LibreNMS\Interfaces\SnmptrapHandler;
use LibreNMS\Snmptrap\Trap;

class DcachemonAlarm implements SnmptrapHandler
{
    public function handle(Device $device, Trap $trap)
    {
        $text = $trap->getOidData($trap->findOid('DCACHEMON-MIB::dcmAlarmText'));
        $kind = $trap->getOidData($trap->findOid('DCACHEMON-MIB::dcmAlarmKind'));
        $level = $trap->getOidData($trap->findOid('DCACHEMON-MIB::dcmAlarmSeverity'));
        $cleared = $trap->getTrapOid() === 'DCACHEMON-MIB::dcmAlarmCleared';
        $severity = $cleared ? Severity::Ok
            : (in_array($level, ['critical', '3'], true) ? Severity::Error : Severity::Warning);

        $trap->log("Dentry cache, $kind: $text", $severity, 'dcachemon');
    }
}
