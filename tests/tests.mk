# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Every tests/unit/test_*.c links the core and cmocka; tests/snmp/test_*.c the subagent's objects
# too, tests/cli/test_*.c those of the command line. Shell tests print TAP themselves.
TEST_LIBS = $(call pc_libs,cmocka) $(COMMON_LIBS)
UNIT_TESTS := $(patsubst tests/%.c,$(O)/tests/%,$(wildcard tests/unit/test_*.c))
CLI_TESTS  := $(patsubst tests/%.c,$(O)/tests/%,$(wildcard tests/cli/test_*.c))
ifeq ($(WITH_SNMP),1)
SNMP_TESTS := $(patsubst tests/%.c,$(O)/tests/%,$(wildcard tests/snmp/test_*.c))
endif
TEST_TOOLS := $(patsubst tests/%.c,$(O)/tests/%,$(wildcard tests/lib/*.c tests/bench/*.c))
ifneq ($(WITH_SNMP),1)
TEST_TOOLS := $(filter-out %/snmp_agent %/if_mib_dump %/sandbox_try %/table_container,$(TEST_TOOLS))
endif
ifeq ($(WITH_COLLECTD),1)
COLLECTD_TESTS := $(patsubst tests/%.c,$(O)/tests/%,$(wildcard tests/collectd/test_*.c))
endif
ifneq ($(WITH_COLLECTD),1)
TEST_TOOLS := $(filter-out %/dump_collectd,$(TEST_TOOLS))
endif
TESTS := $(UNIT_TESTS) $(CLI_TESTS) $(SNMP_TESTS) $(COLLECTD_TESTS)

# The front ends without their main, so that a test takes what it needs.
LIBCLI := $(O)/lib/cli.a
LIBSUBAGENT := $(O)/lib/subagent.a
$(LIBCLI): $(cli_no_main)
$(LIBSUBAGENT): $(snmp_no_main)
$(LIBCLI) $(LIBSUBAGENT):
	$(say) AR $@
	$(Q)mkdir -p $(@D) && rm -f $@ && $(AR) rcs $@ $^

# $(call link,LIBRARIES): links objects with the archives that are built before. The linker says what
# it took from those: only when one of these objects changes the program is linked again.
ARCHIVED := $(sort $(COMMON_OBJ) $(cli_no_main) $(snmp_no_main))
# $(call taken,OBJECTS): as prerequisites. One that has no source any more is a reason to link.
taken = $(filter $(ARCHIVED),$(1)) $(if $(filter-out $(ARCHIVED),$(1)),link-again)
.PHONY: link-again
define link
	$(say) LD $@
	$(Q)mkdir -p $(@D) $(O)/obj/$(patsubst $(O)/%,%,$(@D))
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -Wl,-t,-t -o $@ $(filter-out link-again $(ARCHIVED),$^) $| $(1) >$@.trace
	$(Q)awk -v program=$@ -v folder=$(O)/lib/ -v objects='$(ARCHIVED)' -f tests/lib/link_deps.awk $@.trace \
		>$(O)/obj/$(patsubst $(O)/%,%,$@).link.d && rm $@.trace
endef

$(O)/tests/unit/%: $(O)/obj/tests/unit/%.o | $(LIBCOMMON)
	$(call link,$(TEST_LIBS))

# The walkers of each flavour on the same made-up kernels.
ifeq ($(WITH_BPF),1)
$(filter $(O)/tests/unit/test_walk_worlds_%,$(UNIT_TESTS)): $(patsubst %.c,$(O)/obj/%.o,$(wildcard tests/unit/worlds/*.c))
endif

$(O)/tests/cli/%: $(O)/obj/tests/cli/%.o | $(LIBCLI) $(LIBCOMMON)
	$(call link,$(CLI_LIBS) $(TEST_LIBS))

$(O)/tests/snmp/%: $(O)/obj/tests/snmp/%.o | $(LIBSUBAGENT) $(LIBCOMMON)
	$(call link,$(SNMP_LIBS) $(TEST_LIBS))

# cmocka, and what a test puts in place of a function, give parameters that it may leave alone. cmocka
# 2 deprecates assert_in_range, the only name that 1 has for it.
TEST_WARNINGS := -Wno-unused-parameter -Wno-deprecated-declarations
$(O)/obj/tests/%.o: EXTRA_CPPFLAGS = $(TEST_WARNINGS)

# The plugin's objects in a mock daemon; test_adapter holds the collector up.
MOCK_HOST := $(O)/obj/tests/collectd/mock_host.o
$(patsubst %.c,$(O)/obj/%.o,$(wildcard tests/collectd/*.c)): EXTRA_CPPFLAGS = -DHAVE_CONFIG_H \
	-isystem /usr/include/collectd -isystem /usr/include/collectd/core $(TEST_WARNINGS)
$(O)/tests/collectd/test_adapter: MOCK_LDFLAGS = -Wl,--wrap=dcm_collector_run
$(O)/tests/collectd/%: $(O)/obj/tests/collectd/%.o $(MOCK_HOST) $(COLLECTD_OBJ) | $(LIBCOMMON)
	$(call link,$(MOCK_LDFLAGS) $(call pc_libs,cmocka) $(COLLECTD_LIBS))

# Helper programs of the shell tests and benchmarks.
$(O)/tests/lib/%: $(O)/obj/tests/lib/%.o | $(LIBCOMMON)
	$(call link,$(COMMON_LIBS))
$(O)/tests/lib/snmp_agent $(O)/tests/lib/if_mib_dump $(O)/tests/lib/sandbox_try: $(O)/tests/lib/%: $(O)/obj/tests/lib/%.o | $(LIBSUBAGENT) $(LIBCOMMON)
	$(call link,$(SNMP_LIBS) $(COMMON_LIBS))
$(O)/tests/lib/dump_collectd: $(O)/obj/tests/lib/dump_collectd.o \
		$(addprefix $(O)/obj/collectd-plugin/,values.o series_select.o plugin_options.o) | $(LIBCOMMON)
	$(call link,$(COMMON_LIBS))
$(O)/tests/bench/%: $(O)/obj/tests/bench/%.o | $(LIBCOMMON)
	$(call link,$(SNMP_LIBS) $(COMMON_LIBS))

## make tests        build the test programs
## make check        deps, build, and every test; ends with "N passed, N failed, N skipped"
## make check-long   what "make check" leaves out: more rounds, another kernel (root)
## make check-machines  reclaim, "who --locks" and passes without BPF beside churn, in virtual machines
##                   with 6.1 and 6.12, and other hash tables as on a large host (root, half an hour)
## make test T=unit/test_budget  builds what that test (or group, or several) needs, runs it, shows all
## make soak-collectd  the plugin in collectd beside 20 stock plugins, SOAK_SECONDS=600 (root)
## make check-unit   the tests that need no root and no server
## make check-format clang-format, smilint
## make bench-snmpd  stock snmpd beside one with its interface tables taken over (LONG=1: a wedged one)
## make bench        what dcachemon costs, beside what it is compared with (root, about 7 minutes;
##                   OTHER=build-old: its pass beside another build's)
## make bench-host   what others on the host feel of it (root, about 2 minutes)
## make bench-kcore  a pass without BPF, over ENTRIES=200000 of made-up memory beside bare reads of it
##                   (OTHER=build-old: another build's as well)
## make bench-scale  as many missing names as memory allows, or ENTRIES=16000000 (root; 1 to 30 minutes)
## make bench-forecast  how long the kernel takes, beside what was forecast (root, MILLIONS="1 16"; 2 minutes)
## make bench-fleet  AGENTS=200 hosts on this machine, polled and alarmed (root; 10 minutes, AGENTS=20: 1)
## make check-faults tests/FAULTS.md in its long form (root, about 30 minutes)
## make soak         the daemon beside churn, SOAK=20m; fails on a slope (root)
.PHONY: soak-collectd soak tests test test-needs check check-long check-machines check-unit check-format check-faults bench bench-host bench-forecast bench-fleet bench-kcore bench-scale
tests: all $(TESTS) $(TEST_TOOLS)

GROUPS_CHECKED := unit cli snmp collectd system faults
# A newcomer gives no -j.
parallel = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

check: deps
	$(Q)$(MAKE) $(parallel) --no-print-directory tests
	$(Q)tests/run --build $(O) $(GROUPS_CHECKED)

check-long: deps
	$(Q)$(MAKE) $(parallel) --no-print-directory tests
	$(Q)tests/run --build $(O) --long $(GROUPS_CHECKED)

check-machines: deps
	$(Q)$(MAKE) $(parallel) --no-print-directory tests
	$(Q)tests/run --build $(O) --long machines

test:
	$(Q)$(MAKE) $(parallel) --no-print-directory test-needs NEEDS="$$(tests/run --targets $(or $(T),$(error no T=)))"
	$(Q)tests/run --build $(O) $(T)
test-needs: $(filter $(BUILD) $(TESTS) $(TEST_TOOLS),$(addprefix $(O)/,$(NEEDS)))
	@:

check-unit:
	$(Q)$(MAKE) --no-print-directory test T='unit cli'

check-faults: tests
	$(Q)FAULTS=long tests/run --build $(O) faults

check-format:
	$(Q)tests/check-format

bench: tests
	$(Q)OTHER=$(OTHER) tests/bench/run $(O)

bench-snmpd: tests
	$(Q)tests/bench/snmpd.sh $(O) 300 0 1000 3000 $(if $(LONG),5000 11000)

soak-collectd: tests
	$(Q)tests/bench/soak_collectd.sh $(O) $(or $(SOAK_SECONDS),600)

soak: tests
	$(Q)tests/soak/run $(O) $(or $(SOAK),20m)

bench-host: tests
	$(Q)tests/bench/host $(O)

bench-kcore: tests
	$(Q)OTHER=$(OTHER) tests/bench/kcore.sh $(O) $(ENTRIES)

# Nobody else plants or frees dentries meanwhile.
bench-scale: tests
	$(Q)flock /run/lock/dcachemon-host.lock tests/bench/scale.sh $(O) $(ENTRIES)

bench-forecast: tests
	$(Q)flock /run/lock/dcachemon-host.lock tests/bench/forecast $(O) $(MILLIONS)

bench-fleet: deps deps-monitoring
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)tests/bench/fleet.sh $(O) $(or $(AGENTS),200)
