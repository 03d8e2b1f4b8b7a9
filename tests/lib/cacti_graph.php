<?php
// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// A graph as Cacti's graph_image.php draws it, to stdout: cacti_graph.php SITE GRAPH BEGIN END
[$script, $site, $graph, $begin, $end] = $_SERVER['argv'];
chdir($site);
require $site . '/include/cli_check.php';
require_once $config['base_path'] . '/lib/rrd.php';
$none = [];
print rrdtool_function_graph($graph, null, ['graph_start' => $begin, 'graph_end' => $end, 'graph_width' => 600,
    'graph_height' => 160, 'image_format' => 'png', 'disable_cache' => true], '', $none, 0);
