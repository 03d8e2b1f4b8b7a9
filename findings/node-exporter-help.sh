#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# prometheus-node-exporter 1.5.0 (Debian 12), textfile collector. Its metric node_textfile_scrape_error is "1 if there was an error
# opening or reading a file, 0 otherwise". Seen: where two files have samples of one metric and differ in its HELP text, or in its
# TYPE, those of the second file are left out of the answer. node_textfile_scrape_error stays 0,
# node_scrape_collector_success 1 and the answer 200; the log tells, and from the next scrape on
# promhttp_metric_handler_errors_total{cause="gathering"}. Two versions of a program that write a file each are such a case.
. "$(dirname "$0")/lib.sh"
command -v curl >/dev/null || { echo "no curl here"; exit 77; }
packages prometheus-node-exporter=1.5.0-1+b6
mkdir "$dir/text"
"$dir/root/usr/bin/prometheus-node-exporter" --web.listen-address=127.0.0.1:9100 --collector.disable-defaults \
    --collector.textfile --collector.textfile.directory="$dir/text" >"$dir/log" 2>&1 </dev/null &
exporter=$!
file() { # NAME HELP TYPE: a sample of its own of one metric
    printf '# HELP entries %s\n# TYPE entries %s\nentries{file="%s"} 5\n' "$2" "$3" "$1" >"$dir/text/$1.prom"
}
scrape() { curl -s -f http://127.0.0.1:9100/metrics >"$dir/metrics"; }
value() { awk -v name="$1" '$1 == name { print $2 }' "$dir/metrics"; }
seen() { # the files with a sample, and what is told about errors
    scrape
    echo "$(grep -o '^entries{file="[a-z]*"' "$dir/metrics" | cut -d'"' -f2 | tr '\n' ' ')error $(value node_textfile_scrape_error)," \
        "success $(value 'node_scrape_collector_success{collector="textfile"}')"
}
within scrape || { cat "$dir/log"; exit 77; }
file a 'Entries.' gauge
file b 'Entries.' gauge
same=$(seen)
file b 'Entries of a table.' gauge
help=$(seen)
file b 'Entries.' counter
type=$(seen)
saw "one HELP: $same; two: $help; two TYPEs: $type"
saw "log: $(grep -o 'has help.*' "$dir/log" | head -n 1)"
scrape
errors=$(value 'promhttp_metric_handler_errors_total{cause="gathering"}')
kill "$exporter" && wait "$exporter" 2>/dev/null
expect "with the same HELP and TYPE both are there" [ "$same" = 'a b error 0, success 1' ]
expect "with another HELP the second is left out without an error" [ "$help" = 'a error 0, success 1' ]
expect "with another TYPE as well" [ "$type" = 'a error 0, success 1' ]
expect "a counter tells of each such scrape" [ "$errors" = 2 ]
