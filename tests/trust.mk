# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What goes beyond "make check": other kernels, fuzzers, pictures.
.PHONY: check-kernels

## make check-kernels  the system test, small, in machines with other kernels (root, two hours; KERNELS=6.1-cloud: some minutes)
check-kernels: tests
	$(Q)tests/kernels/run $(O) $(KERNELS)

## make check-filesystems  what reclaim does to each filesystem, on other kernels (root, 30 minutes)
.PHONY: check-filesystems
check-filesystems: deps deps-filesystems
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)tests/kernels/each filesystems $(O) $(KERNELS)

## make check-reclaim  what reclaim leaves alone, and its steps, on other kernels (root, 20 minutes)
.PHONY: check-reclaim
check-reclaim: deps deps-filesystems
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)tests/kernels/each safety $(O) $(KERNELS)
	$(Q)tests/kernels/each steps $(O) $(KERNELS)

## make check-drgn     the walkers beside drgn with debug symbols, in the memory of a virtual machine
##                     (root; downloads 300 MB once, 5 minutes)
.PHONY: check-drgn
check-drgn: deps deps-drgn
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)tests/run --build $(O) --long machines/test_drgn_vm

## make check-threads  the plugin's tests under the thread sanitizer
.PHONY: check-threads
# One test gives up on a thread that is held up, on purpose.
TSAN := TSAN_OPTIONS=halt_on_error=1:exitcode=98:report_thread_leaks=0
check-threads:
	$(Q)$(MAKE) --no-print-directory O=$(O)-tsan SANITIZE=thread $(COLLECTD_TESTS:$(O)/%=$(O)-tsan/%)
	$(Q)for t in $(COLLECTD_TESTS:$(O)/%=$(O)-tsan/%); do $(TSAN) $$t || exit 1; done

# The library once more, with the compiler and the sanitizers of the fuzzer, in a folder of its own.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,$(O)/fuzz/bin/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_FLAGS   := CC=$(CLANG) WITH_BPF=0 SANITIZE=fuzzer-no-link,address,undefined \
	CFLAGS='-O1 -g -Wno-unused-parameter -Wno-unknown-warning-option -Wno-gnu-variable-sized-type-not-at-end'
.PHONY: fuzz fuzz-short fuzz-build

fuzz-build:
	$(Q)$(MAKE) --no-print-directory O=$(O)/fuzz $(FUZZ_FLAGS) $(FUZZ_TARGETS)

ifneq ($(findstring fuzzer,$(SANITIZE)),)
$(O)/bin/fuzz_who_file: $(O)/obj/tests/fuzz/fuzz_who_file.o $(LIBCLI)
$(O)/bin/fuzz_who_file: FUZZ_LIBS = $(CLI_LIBS)
$(O)/bin/fuzz_%: $(O)/obj/tests/fuzz/fuzz_%.o $(LIBCOMMON)
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer,address,undefined -o $@ $(filter %.o,$^) \
		$(filter-out $(LIBCOMMON),$(filter %.a,$^)) $(LIBCOMMON) $(FUZZ_LIBS) $(COMMON_LIBS)
endif

## make fuzz          every fuzz target for FUZZ_SECONDS (60); fuzz-short: 5 seconds each (clang)
fuzz: fuzz-build
	$(Q)tests/fuzz/run $(O)/fuzz $(FUZZ_SECONDS)
fuzz-short: fuzz-build
	$(Q)tests/fuzz/run $(O)/fuzz 5

## make lint          clang-tidy and cppcheck (LINT=quick: without path analysis)
.PHONY: lint
lint: $(BPF_SKEL) $(O)/gen/hints_data.h
	$(Q)LINT=$(LINT) tests/lint $(CPPFLAGS) $(call pc_cflags,$(CLI_PC)) -DHAVE_CONFIG_H \
		-isystem /usr/include/collectd -isystem /usr/include/collectd/core

## make pictures      incidents on the dashboards for Grafana: every panel is checked, docs/pictures drawn anew
##                    (root, about 5 minutes)
.PHONY: pictures deps-pictures
deps-pictures:
	$(Q)packaging/deps.sh pictures
pictures: deps deps-monitoring deps-graphite deps-pictures
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)PICTURES=docs/pictures tests/run --build $(O) pictures/test_incidents.sh

## make coverage      line coverage by all tests but collectd's (root, 15 minutes; lcov)
.PHONY: coverage
coverage:
	$(Q)$(MAKE) --no-print-directory O=$(O)-cov CFLAGS='-O0 -g --coverage -DDCM_COVERAGE -include tests/lib/coverage_exit.h' \
		LDFLAGS=--coverage WITH_COLLECTD=0 tests
	$(Q)tests/coverage $(O)-cov 85
