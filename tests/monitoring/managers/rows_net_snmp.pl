#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Reads columns with Net::SNMP, over and over: rows_net_snmp.pl ADDRESS PORT MAXMSGSIZE COLUMN...
# Prints what rows_pysnmp.py prints, from the hash of names that get_entries returns. With a MAXMSGSIZE of 0 the
# session has the default: then it tries once and prints the error.
use strict;
use warnings;
use JSON::PP;
use Net::SNMP;
use Time::HiRes qw(sleep time);

my ($address, $port, $size, @columns) = @ARGV;
my ($session, $problem) = Net::SNMP->session(
    -hostname => $address, -port => $port, -version => 'snmpv2c', -community => 'public', -timeout => 3, -retries => 0,
    -translate => 0, $size ? (-maxmsgsize => $size) : ());
die "$problem\n" unless $session;
$| = 1;

if (!$size) {
    print defined $session->get_entries(-columns => \@columns) ? "no error\n" : $session->error() . "\n";
    exit;
}
while (1) {
    my $begin = time;
    my $values = $session->get_entries(-columns => \@columns);
    my %rows;
    for my $name (keys %{$values // {}}) {
        for my $at (0 .. $#columns) {
            $rows{$1}[$at] = $values->{$name} if $name =~ /^\Q$columns[$at]\E\.(\d+)$/;
        }
    }
    my @rows = map { my $index = $_; [$index + 0, map { $rows{$index}[$_] } 0 .. $#columns] } sort { $a <=> $b } keys %rows;
    print encode_json({begin => $begin, end => time, error => $values ? undef : $session->error(), rows => \@rows}), "\n";
    sleep 0.3;
}
