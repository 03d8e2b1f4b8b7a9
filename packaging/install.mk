# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
## make deps         install every Debian package that build and tests need (root)
## make deps-packaging  install what "make deb", "make rpm" and their tests need (root)
## make deps-filesystems install what makes the filesystems of check-filesystems (root)
## make deps-monitoring install the monitoring systems that are tried when they are there (root)
## make deps-graphite  install carbon and graphite-web, which a test of the collectd plugin uses (root)
## make deps-containers  install docker, podman, containerd, LXC and systemd-nspawn, for check-containers (root)
## make deps-zabbix    install a Zabbix server, for check-zabbix (root)
## make deps-cacti     install Cacti, its two pollers and a database, for check-cacti (root)
## make install      install under $(DESTDIR)$(PREFIX)
## make deb, make rpm   build packages into $(O)/deb, $(O)/rpm
## make generate     write the files of monitoring systems, docs/metrics.md and tables of the docs, anew
##                   from the tables of metrics and alarm types
## make check-packages  packages, unit and monitoring systems, tried for real (root)
## make check-debian the README's two commands on fresh Debians, SUITE="bookworm trixie" (root, network)
## make check-endian  unit tests of what reads and writes bytes, on s390x under qemu-user (root, network)
## make check-containers  containers and pods of docker, podman, containerd, LXC, systemd-nspawn: names, and failing ones (root)
## make image        a container image of the sampler for docker, podman and ctr (root, network)
## make check-image  that image in real podman and docker: a sampler, a reader, collectd, snmpd on the host (root)
## make check-zabbix the template for Zabbix 6.0 in a real, private server (root, about 4 minutes)
## make check-cacti  the template for Cacti 1.2 in a real, private one (root, about 2 minutes; PICTURE=FILE draws a graph)
## make check-monitoring  other subagents, SNMPv3 and SNMPv1 alone, and managers that key rows, for real (root)
## make run          its packages, build, and a tour on a private snmpd that leaves nothing behind (root)
.PHONY: check-endian deps deps-run deps-packaging deps-filesystems deps-monitoring deps-graphite deps-zabbix deps-cacti deps-containers deps-drgn deps-image image check-image install install-snmp install-collectd deb rpm check-packages packages-root check-debian check-monitoring check-zabbix check-cacti generate run
deps:
	$(Q)packaging/deps.sh

deps-run deps-packaging deps-filesystems deps-monitoring deps-graphite deps-zabbix deps-cacti deps-containers deps-drgn deps-image:
	$(Q)packaging/deps.sh $(@:deps-%=%)

run: deps-run
	$(Q)$(MAKE) --no-print-directory all $(O)/tests/lib/plant
	$(Q)packaging/run-demo.sh $(O)

SYSTEMD_UNITDIR  ?= $(PREFIX)/lib/systemd/system
COLLECTD_PLUGINDIR ?= $(PREFIX)/lib/collectd
SNMPD_DLMODDIR   ?= $(LIBDIR)/snmp/dlmod
SHARE    = $(DESTDIR)$(PREFIX)/share
EXAMPLES = $(SHARE)/doc/dcachemon/examples
# A directory of packaging/ that is not named here has files for a monitoring system.
MONITORING := $(filter-out completion container debian generate git-hooks rpm snmpd systemd sysusers tmpfiles, \
	$(notdir $(patsubst %/,%,$(wildcard packaging/*/))))

# $(call put,MODE,FOLDER,FILE...)
put = install -d $(2) && install -m $(1) $(3) $(2)

install: all $(if $(filter 1,$(WITH_SNMP)),install-snmp) $(if $(filter 1,$(WITH_COLLECTD)),install-collectd)
	$(call put,755,$(DESTDIR)$(PREFIX)/bin,$(O)/bin/dcachemon)
	$(call put,644,$(SHARE)/bash-completion/completions,packaging/completion/dcachemon)
	$(call put,644,$(SHARE)/man/man1,$(wildcard docs/man/*.1))
	$(call put,644,$(SHARE)/man/man5,$(filter-out %dcachemon-collectd.5,$(wildcard docs/man/*.5)))
	$(if $(wildcard docs/man/*.7),$(call put,644,$(SHARE)/man/man7,$(wildcard docs/man/*.7)))
	$(call put,644,$(SHARE)/snmp/mibs,mibs/DCACHEMON-MIB.txt)
	$(call put,644,$(SHARE)/doc/dcachemon,README.md $(wildcard docs/*.md))
	$(call put,644,$(EXAMPLES)/snmpd,$(wildcard packaging/snmpd/*))
	$(call put,644,$(EXAMPLES)/systemd,$(filter-out %/dcachemon-snmp.service,$(wildcard packaging/systemd/*)) \
		packaging/tmpfiles/dcachemon-textfile.conf)
	$(call put,644,$(EXAMPLES)/container,$(filter-out %.sh,$(wildcard packaging/container/*)))
	$(call put,644,$(EXAMPLES),packaging/hints.conf)
	$(RUN) $(O)/bin/dcachemon default-config >$(EXAMPLES)/dcachemon.conf
	chmod 644 $(EXAMPLES)/dcachemon.conf
	install -d $(SHARE)/dcachemon
	for name in $(MONITORING); do \
		install -d $(SHARE)/dcachemon/$$name && cp -R packaging/$$name/. $(SHARE)/dcachemon/$$name || exit; \
	done

install-snmp: all
	$(call put,755,$(DESTDIR)$(PREFIX)/sbin,$(O)/bin/dcachemon-snmp)
	$(call put,644,$(DESTDIR)$(SNMPD_DLMODDIR),$(O)/lib/snmpd/dcachemon.so)
	$(call put,644,$(SHARE)/man/man8,docs/man/dcachemon-snmp.8)
	install -d $(DESTDIR)$(SYSTEMD_UNITDIR)
	sed 's|/usr/sbin/|$(PREFIX)/sbin/|' packaging/systemd/dcachemon-snmp.service \
		>$(DESTDIR)$(SYSTEMD_UNITDIR)/dcachemon-snmp.service
	chmod 644 $(DESTDIR)$(SYSTEMD_UNITDIR)/dcachemon-snmp.service
	$(call put,644,$(DESTDIR)$(PREFIX)/lib/sysusers.d,packaging/sysusers/dcachemon-snmp.conf)
	$(call put,644,$(DESTDIR)$(PREFIX)/lib/tmpfiles.d,packaging/tmpfiles/dcachemon-snmp.conf)

install-collectd: all
	$(call put,644,$(DESTDIR)$(COLLECTD_PLUGINDIR),$(O)/lib/collectd/dcachemon.so)
	$(if $(wildcard docs/man/dcachemon-collectd.5),$(call put,644,$(SHARE)/man/man5,docs/man/dcachemon-collectd.5))

deb rpm:
	$(Q)packaging/build-$@.sh $(O) $(VERSION)

# The Debian that the packages are tried in is made beside the build.
check-packages: deps deps-packaging deps-monitoring
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)$(MAKE) --no-print-directory -j2 deb packages-root
	$(Q)tests/run --build $(O) --jobs 1 packages

check-debian: deps-packaging
	$(Q)for suite in $(or $(SUITE),bookworm trixie); do \
		tests/packages/check_debian.sh $$suite $(O) $(CHECK) || exit; \
	done

check-endian: deps-packaging
	$(Q)tests/packages/check_endian.sh $(O)

image: deps deps-packaging deps-image
	$(Q)$(MAKE) --no-print-directory deb
	$(Q)packaging/container/build-image.sh $(O) $(VERSION)

check-image: image deps-containers
	$(Q)packaging/container/build-image.sh $(O) $(VERSION) collectd
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)tests/run --build $(O) --jobs 1 containers/test_image.sh

check-containers: deps deps-containers
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)tests/run --build $(O) --jobs 1 containers

check-zabbix: deps deps-zabbix
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)tests/run --build $(O) --jobs 1 zabbix

check-cacti: deps deps-cacti
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)PICTURE=$(abspath $(PICTURE)) tests/run --build $(O) --jobs 1 cacti

check-monitoring: deps deps-monitoring
	$(Q)$(MAKE) --no-print-directory tests
	$(Q)tests/run --build $(O) --jobs 1 monitoring

packages-root:
	$(Q)tests/packages/newcomer_root.sh $(O)/packages-root

generate: $(O)/tests/lib/dump_model $(O)/tests/lib/dump_metrics $(if $(filter 1,$(WITH_COLLECTD)),$(O)/tests/lib/dump_collectd)
	$(Q)$(O)/tests/lib/dump_model >$(O)/model.json
	$(Q)PYTHONDONTWRITEBYTECODE=1 packaging/generate/generate.py $(O)/model.json packaging
	$(Q)PYTHONDONTWRITEBYTECODE=1 packaging/generate/docs.py $(O)/model.json docs
	$(Q)$(O)/tests/lib/dump_metrics docs >docs/metrics.md
ifeq ($(WITH_COLLECTD),1)
	$(Q)$(O)/tests/lib/dump_collectd | packaging/generate/grafana.py packaging/grafana
endif
