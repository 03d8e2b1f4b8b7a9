# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# dcachemon: "make" builds into $(O), "make help" lists the targets.

O            ?= build
V            ?= 0
WITH_BPF     ?= 1
WITH_SNMP    ?= 1
WITH_COLLECTD ?= 1
WITH_SECCOMP ?= 1
SANITIZE     ?=
WERROR       ?= 0
ROOT_OID     ?= 1.3.6.1.4.1.8072.9999.9999.1806
PREFIX       ?= /usr
SYSCONFDIR   ?= /etc
DESTDIR      ?=
# Another architecture, by its prefix: CROSS=aarch64-linux-gnu. Its libraries come from Debian's multiarch
# packages; $(RUN) runs what was built, for the example that "make install" makes.
CROSS        ?=
ifneq ($(CROSS),)
CC           := $(CROSS)-gcc
AR           := $(CROSS)-ar
PKG_CONFIG   := $(CROSS)-pkg-config
RUN          ?= qemu-$(firstword $(subst -, ,$(CROSS)))
endif
PKG_CONFIG   ?= pkg-config
CLANG        ?= clang
LLVM_STRIP   ?= llvm-strip
BPFTOOL      ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool) bpftool)
MULTIARCH    := $(shell $(CC) -print-multiarch 2>/dev/null)
LIBDIR       ?= $(PREFIX)/lib$(if $(MULTIARCH),/$(MULTIARCH))
VERSION      := 0.1.0

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
endif

WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wvla -Wformat-truncation=2 \
	-Wstrict-prototypes -Wpointer-arith
CPPFLAGS += -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. -I$(O)/gen -DDCM_VERSION='"$(VERSION)"' \
	-DDCM_ROOT_OID='"$(ROOT_OID)"' -DDCM_SYSCONFDIR='"$(SYSCONFDIR)"' \
	-DDCM_MULTIARCH='"$(MULTIARCH)"'
CFLAGS   ?= -O2 -g
# Addresses of the kernel are words of 64 bits in every part.
ifeq ($(shell echo __SIZEOF_POINTER__ | $(CC) $(CFLAGS) -E -P - 2>/dev/null),4)
$(error dcachemon is for 64-bit Linux, and "$(CC) $(CFLAGS)" builds for 32 bits)
endif
ALL_CFLAGS = -std=gnu11 $(WARNINGS) -fPIC -fvisibility=hidden $(CFLAGS)
ifneq ($(WERROR),0)
ALL_CFLAGS += -Werror
endif
ifneq ($(SANITIZE),)
ALL_CFLAGS += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=undefined
LDFLAGS  += -fsanitize=$(SANITIZE)
endif

# pkg-config is asked once for each set of packages, when its answer is first needed.
empty  :=
answer  = answer.$(subst $(empty) $(empty),+,$(1))
pc      = $(if $(filter undefined,$(origin $(answer))),$(eval \
	$(answer) := $(shell $(PKG_CONFIG) $(1) 2>/dev/null)))$($(answer))
pc_cflags = $(call pc,--cflags $(1))
pc_libs   = $(call pc,--libs $(1))

# ---- the core ----
# A room is a folder; two levels of them below common/.
COMMON_SRC := $(filter-out %.bpf.c,$(wildcard common/*/*.c common/*/*/*.c))
WALK_SRC   := $(filter-out %_none.c,$(wildcard common/kernel/walk/*.c))
WHO_SRC    := $(addprefix common/kernel/who/,lock_places.c lock_results.c lock_watch.c who_load.c who_watch.c)
COMMON_PC  := mount inih libmnl json-c
COMMON_LIBS = $(call pc_libs,$(COMMON_PC)) -lpthread -lm
ifeq ($(WITH_BPF),1)
COMMON_SRC := $(filter-out %_none.c,$(COMMON_SRC))
COMMON_PC  += libbpf
else
COMMON_SRC := $(filter-out $(WALK_SRC) $(WHO_SRC),$(COMMON_SRC))
endif
CPPFLAGS   += -DDCM_WITH_BPF=$(WITH_BPF) $(call pc_cflags,$(COMMON_PC))
COMMON_OBJ := $(COMMON_SRC:%.c=$(O)/obj/%.o)
LIBCOMMON  := $(O)/lib/libdcachemon.a

# ---- front ends ----
# What both speak to snmpd with; the "none" part stands for all of it without libnetsnmp.
ifeq ($(WITH_SNMP),1)
CLIENT_SRC := $(filter-out %_none.c,$(wildcard snmp-client/*.c))
CLI_SNMP   := -lnetsnmp
else
CLIENT_SRC := $(filter-out %/cache_timeout.c %/netsnmp_start.c,$(wildcard snmp-client/*.c))
endif
CLIENT_OBJ := $(CLIENT_SRC:%.c=$(O)/obj/%.o)
CLI_OBJ  := $(patsubst %.c,$(O)/obj/%.o,$(wildcard cli/*.c cli/*/*.c)) $(CLIENT_OBJ)
CLI_PC   := smartcols libcap-ng ncursesw
CLI_LIBS = $(CLI_SNMP) $(call pc_libs,$(CLI_PC))
# What the subagent and snmpd's module answer with.
TABLES_OBJ := $(patsubst %.c,$(O)/obj/%.o,$(wildcard snmp-tables/*.c))
SNMP_PC  := libcap-ng
ifeq ($(WITH_SECCOMP),1)
SNMP_PC  += libseccomp
SNMP_SRC := $(filter-out %/sandbox_none.c,$(wildcard snmp-subagent/*.c snmp-subagent/*/*.c))
else
SNMP_SRC := $(filter-out %/sandbox.c,$(wildcard snmp-subagent/*.c snmp-subagent/*/*.c))
endif
SNMP_OBJ := $(SNMP_SRC:%.c=$(O)/obj/%.o) $(TABLES_OBJ) $(CLIENT_OBJ)
SNMP_LIBS = -lnetsnmpagent -lnetsnmp $(call pc_libs,$(SNMP_PC))
MODULE_OBJ := $(patsubst %.c,$(O)/obj/%.o,$(wildcard snmpd-module/*.c)) $(TABLES_OBJ)
COLLECTD_SRC := $(wildcard collectd-plugin/*.c)
ifneq ($(WITH_BPF),1)
COLLECTD_SRC := $(filter-out %/libbpf_lazy.c,$(COLLECTD_SRC))
endif
COLLECTD_OBJ := $(COLLECTD_SRC:%.c=$(O)/obj/%.o)
cli_no_main  = $(filter-out %/main.o,$(CLI_OBJ))
snmp_no_main = $(filter-out %/main.o,$(SNMP_OBJ))

BUILD := $(LIBCOMMON) $(O)/bin/dcachemon
ifeq ($(WITH_SNMP),1)
BUILD += $(O)/bin/dcachemon-snmp $(O)/lib/snmpd/dcachemon.so
endif
ifeq ($(WITH_COLLECTD),1)
BUILD += $(if $(wildcard collectd-plugin/*.c),$(O)/lib/collectd/dcachemon.so)
endif

all: $(BUILD)

# ---- BPF: object -> skeleton, before what includes one ----
# Of the machine that it is built for; a compiler without a multiarch name is a native one.
CPU      := $(or $(firstword $(subst -, ,$(MULTIARCH))),$(shell uname -m))
BPF_ARCH := $(shell echo $(CPU) | sed -E 's/x86_64|i.86/x86/; s/aarch64/arm64/; s/p(ower)?pc64(le)?/powerpc/; s/s390x/s390/; s/riscv64/riscv/')
BPF_SRC  := $(wildcard common/kernel/*/bpf/*.bpf.c)
BPF_SKEL := $(patsubst %.bpf.c,$(O)/gen/%.skel.h,$(notdir $(BPF_SRC)))
vpath %.bpf.c $(sort $(dir $(BPF_SRC)))

$(O)/gen/%.bpf.o: %.bpf.c $(wildcard common/kernel/*/bpf/*.h) Makefile
	$(say) BPF $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -target bpf -O2 -g -Wall -Wextra -Wno-unused-parameter -Werror -mcpu=v3 -D__TARGET_ARCH_$(BPF_ARCH) \
		$(if $(MULTIARCH),-idirafter /usr/include/$(MULTIARCH)) -I. -c $< -o $@
	$(Q)$(LLVM_STRIP) -g $@

$(O)/gen/%.skel.h: $(O)/gen/%.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name $* > $@

ifeq ($(WITH_BPF),1)
$(patsubst %.c,$(O)/obj/%.o,$(WALK_SRC) $(WHO_SRC)): $(BPF_SKEL)
endif

# The built-in hints: one C string literal per line of the file.
$(O)/gen/hints_data.h: packaging/hints.conf
	$(say) GEN $@
	$(Q)mkdir -p $(@D)
	$(Q)(echo 'static const char dcm_hints_data[] ='; \
		sed 's/[\\"]/\\&/g; s/.*/	"&\\n"/' $<; echo '	;') > $@
$(O)/obj/common/model/hints/hints.o: $(O)/gen/hints_data.h

$(O)/obj/%.o: %.c Makefile
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(EXTRA_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(CLI_OBJ): EXTRA_CPPFLAGS = $(call pc_cflags,$(CLI_PC))
$(COLLECTD_OBJ): EXTRA_CPPFLAGS = -DHAVE_CONFIG_H -isystem /usr/include/collectd \
	-isystem /usr/include/collectd/core -Wno-unused-parameter
# A plugin that needs a missing library ends collectd: libbpf is loaded on first use
# (collectd-plugin/libbpf_lazy.c), inih is linked in where its archive is there.
COLLECTD_LIBS = $(filter-out -lbpf -linih,$(COMMON_LIBS)) \
	$(if $(filter /%,$(shell $(CC) -print-file-name=libinih.a)),-l:libinih.a,-linih)

$(LIBCOMMON): $(COMMON_OBJ)
	$(say) AR $@
	$(Q)mkdir -p $(@D) && rm -f $@ && $(AR) rcs $@ $^

$(O)/bin/dcachemon: $(CLI_OBJ) $(LIBCOMMON)
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(CLI_LIBS) $(COMMON_LIBS)

$(O)/bin/dcachemon-snmp: $(SNMP_OBJ) $(LIBCOMMON)
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(SNMP_LIBS) $(COMMON_LIBS)

$(O)/lib/snmpd/dcachemon.so: $(MODULE_OBJ) $(LIBCOMMON)
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -shared -Wl,--exclude-libs,ALL,--as-needed -o $@ $^ \
		-lnetsnmpagent -lnetsnmp -lm

$(O)/lib/collectd/dcachemon.so: $(COLLECTD_OBJ) $(LIBCOMMON)
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -shared -Wl,--exclude-libs,ALL,--as-needed -o $@ $^ $(COLLECTD_LIBS)

include tests/tests.mk
include tests/trust.mk
include packaging/install.mk

.PHONY: all clean help
clean:
	rm -rf $(O)

help:
	@sed -n 's/^## *//p' $(MAKEFILE_LIST)
## make              build into $(O) (V=1, O=DIR, WITH_BPF=0, WITH_SNMP=0, WITH_COLLECTD=0,
##                   WITH_SECCOMP=0, SANITIZE=, CROSS=aarch64-linux-gnu)
## make clean        remove $(O)

.DELETE_ON_ERROR:
.SECONDARY:
-include $(shell find $(O)/obj -name '*.d' 2>/dev/null)
