# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Walks columns with the gem "snmp", over and over: rows_snmp.rb ADDRESS PORT COLUMN...
# Prints what rows_pysnmp.py prints. A cell that the gem finds missing is null.
require 'json'
require 'snmp'

address, port, *columns = ARGV
columns.map! { |column| column.delete_prefix('.') }
$stdout.sync = true

def text(value)
  value.to_s.b.force_encoding('ISO-8859-1').encode('UTF-8') if value.is_a?(String)
end

def cells(row)
  [row[0].name.last] + row.map { |cell| text(cell.value) }
end

SNMP::Manager.open(host: address, port: port.to_i, community: 'public', version: :SNMPv2c, timeout: 3, retries: 0) do |manager|
  loop do
    walk = { begin: Time.now.to_f, error: nil, rows: [] }
    begin
      manager.walk(columns) { |row| walk[:rows] << cells(row.to_a) }
    rescue StandardError => e
      walk[:error] = e.to_s
    end
    walk[:end] = Time.now.to_f
    puts walk.to_json
    sleep 0.3
  end
end
