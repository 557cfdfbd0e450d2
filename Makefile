# SPDX-License-Identifier: GPL-2.0-only
# ktap: the front end, the tests and the door to everything else.  `make help` lists the targets.
# Every object goes below build/; there is no configure step: pkg-config finds what is needed.

ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif

B ?= build
PREFIX ?= /usr/local
AR ?= ar
PKG_CONFIG ?= pkg-config

CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wmissing-prototypes -Wno-unused-parameter
ifneq ($(WERROR),)
WARN += -Werror
endif
# The empty value lets a file say `#define _GNU_SOURCE` itself.
ALL_CPPFLAGS = -D_GNU_SOURCE= -D_FILE_OFFSET_BITS=64 $(CPPFLAGS)
ALL_CFLAGS = -std=gnu11 $(CFLAGS) $(WARN) -MMD -MP

# --- dependencies -------------------------------------------------------------------------------

have = $(shell $(PKG_CONFIG) --exists $(1) 2>/dev/null && echo yes)

TEP_CFLAGS := $(shell $(PKG_CONFIG) --cflags libtraceevent 2>/dev/null)
TEP_LIBS := $(shell $(PKG_CONFIG) --libs libtraceevent 2>/dev/null)

ifneq ($(NO_LIBELF),)
ALL_CPPFLAGS += -DNO_LIBELF
else
ELF_CFLAGS := $(shell $(PKG_CONFIG) --cflags libelf 2>/dev/null)
ELF_LIBS := $(shell $(PKG_CONFIG) --libs libelf 2>/dev/null)
endif

ifeq ($(call have,libperf),yes)
PERF_CFLAGS := $(shell $(PKG_CONFIG) --cflags libperf)
PERF_LIBS := $(shell $(PKG_CONFIG) --libs libperf)
else
# One for every B: unpacking the kernel's tools takes longer than building them.
LIBPERF := build/libperf/stamp
PERF_CFLAGS := -isystem build/libperf/include
PERF_LIBS := build/libperf/lib/libperf.a build/libperf/lib/libapi.a
endif

LIBS = $(PERF_LIBS) $(TEP_LIBS) $(ELF_LIBS) -lpthread $(LDLIBS)

# --- sources ------------------------------------------------------------------------------------

sources = $(sort $(wildcard $(1)))
core-src := $(call sources,vm-module/core/*.c)
user-src := $(call sources,vm-module/user/*.c)
parser-src := $(call sources,parser/*.c)
plugin-src := $(call sources,plugins/*.c)
front-src := $(call sources,perf-ktap/*.c perf-ktap/*/*.c)
unit-src := $(call sources,tests/unit/test-*.c)
fuzz-src := $(call sources,tests/fuzz/fuzz-*.c)
all-src := $(core-src) $(user-src) $(parser-src) $(plugin-src) $(front-src)

inc-core := -Ivm-module/include -Ivm-module/core -Ivm-module/user
inc-parser := -Ivm-module/include -Iparser
inc-plugins := -Ivm-module/include -Iplugins
inc-front := -Ivm-module/include -Iperf-ktap -I. $(PERF_CFLAGS) $(TEP_CFLAGS) $(ELF_CFLAGS)
inc-tests := -Itests/lib $(inc-core) $(inc-parser) $(inc-front)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
ifeq ($(V),)
say = @printf '  %-7s %s\n' $(1) $(2);
else
say =
endif

all: $(B)/perf-ktap

# One set of objects and archives for each way of compiling: $(1) folder, $(2) flags, $(3) compiler.
# An archive depends on the list of sources too: a deleted file must leave it.
define variant
$(1)/obj/vm-module/%.o: INC = $(inc-core)
$(1)/obj/parser/%.o: INC = $(inc-parser)
$(1)/obj/plugins/%.o: INC = $(inc-plugins)
$(1)/obj/perf-ktap/%.o: INC = $(inc-front)
$(1)/obj/tests/%.o: INC = $(inc-tests)

$(1)/obj/%.o: %.c $(B)/flags | dependencies $(LIBPERF)
	@mkdir -p $$(@D)
	$$(call say,CC,$$@) $(3) $$(INC) $$(ALL_CPPFLAGS) $$(ALL_CFLAGS) $(2) -c -o $$@ $$<

$(1)/libktapvm.a: $(patsubst %.c,$(1)/obj/%.o,$(core-src) $(user-src)) $(B)/sources
$(1)/parser.a: $(patsubst %.c,$(1)/obj/%.o,$(parser-src)) $(B)/sources
$(1)/plugins.a: $(patsubst %.c,$(1)/obj/%.o,$(plugin-src)) $(B)/sources
$(1)/front.a: $(patsubst %.c,$(1)/obj/%.o,$(filter-out perf-ktap/main.c,$(front-src))) $(B)/sources
$(1)/libktapvm.a $(1)/parser.a $(1)/plugins.a $(1)/front.a:
	@mkdir -p $$(@D)
	$$(call say,AR,$$@) rm -f $$@ && $(AR) rcs $$@ $$(filter %.o,$$^)

-include $(patsubst %.c,$(1)/obj/%.d,$(all-src) $(unit-src) $(fuzz-src))
endef

SAN := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_CC ?= clang
FUZZ := $(SAN) -fsanitize=fuzzer-no-link
$(eval $(call variant,$(B),,$$(CC)))
$(eval $(call variant,$(B)/asan,$(SAN) -DKTAP_TEST,$$(CC)))
$(eval $(call variant,$(B)/fuzz,$(FUZZ) -DKTAP_TEST,$$(FUZZ_CC)))

archives = $(addprefix $(1)/,front.a plugins.a parser.a libktapvm.a)

# The front end takes whole folders, so that a table entry in a file of its own is never left out.
$(B)/perf-ktap: $(patsubst %.c,$(B)/obj/%.o,$(front-src) $(plugin-src)) $(B)/parser.a \
		$(B)/libktapvm.a
	$(call say,LD,$@) $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)

$(B)/asan/perf-ktap: $(patsubst %.c,$(B)/asan/obj/%.o,$(front-src) $(plugin-src)) \
		$(B)/asan/parser.a $(B)/asan/libktapvm.a
	$(call say,LD,$@) $(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) \
		$(LIBS)

# Unit tests always run under the sanitizers.
units := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(unit-src))
$(units): $(B)/tests/unit/%: $(B)/asan/obj/tests/unit/%.o $(call archives,$(B)/asan)
	@mkdir -p $(@D)
	$(call say,LD,$@) $(CC) $(CFLAGS) $(SAN) $(LDFLAGS) -o $@ $< \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group -Wl,--as-needed $(LIBS)

fuzzers := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(fuzz-src))
$(fuzzers): $(B)/fuzz/%: $(B)/fuzz/obj/tests/fuzz/%.o $(call archives,$(B)/fuzz)
	$(call say,LD,$@) $(FUZZ_CC) $(CFLAGS) $(FUZZ) -fsanitize=fuzzer $(LDFLAGS) -o $@ $< \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group -Wl,--as-needed $(LIBS)

.SECONDARY:

# Written only when their text changes: new flags recompile, a removed file relinks.
.PHONY: FORCE
FORCE:
$(B)/flags $(B)/sources: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(if $(filter %/flags,$@),$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(inc-front),$(all-src))' \
		| cmp -s - $@ || printf '%s\n' \
		'$(if $(filter %/flags,$@),$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(inc-front),$(all-src))' > $@

.PHONY: dependencies
dependencies:
	@$(PKG_CONFIG) --exists libtraceevent 2>/dev/null || { echo >&2 "libtraceevent is missing:" \
		"apt-get install pkg-config libtraceevent-dev"; exit 1; }
	@$(if $(NO_LIBELF),true,$(PKG_CONFIG) --exists libelf 2>/dev/null) || { echo >&2 \
		"libelf is missing: apt-get install libelf-dev (or make NO_LIBELF=1)"; exit 1; }

build/libperf/stamp:
	$(call say,LIBPERF,$(@D)) CC='$(CC)' sh perf-ktap/libperf.sh $(@D)

# --- the module ---------------------------------------------------------------------------------

.PHONY: module load unload
module:
	@$(MAKE) --no-print-directory -C vm-module B=$(abspath $(B))

unload load:
	@sh tests/load.sh $@ $(B)

# --- tests --------------------------------------------------------------------------------------

TEST_ENV = KTAP_TOP=$(CURDIR) KTAP_BUILD=$(abspath $(B)) KTAP=$(abspath $(B))/perf-ktap
FUZZ_SECS ?= 30

.PHONY: setup units check check-user demo vm bench fuzz
setup:
	@bash tests/setup.sh all

units: $(units)

# setup first, and then a make of its own: what it installs changes what this file finds.
check: setup
	@$(MAKE) --no-print-directory all units
	@$(MAKE) --no-print-directory -C vm-module B=$(abspath $(B)) for-guest
	@$(TEST_ENV) bash tests/run.sh $(T)

check-user:
	@bash tests/setup.sh build
	@$(MAKE) --no-print-directory all units
	@$(TEST_ENV) KTAP_NO_GUEST=1 bash tests/run.sh $(T)

demo:
	@bash tests/setup.sh build
	@$(MAKE) --no-print-directory all
	@$(TEST_ENV) bash tests/demo.sh

vm:
	@bash tests/setup.sh all
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory -C vm-module B=$(abspath $(B)) for-guest
	@$(TEST_ENV) bash tests/vm/run --shell

bench: all
	@$(TEST_ENV) sh -c 'for t in tests/bench/*.sh; do [ ! -e "$$t" ] || bash "$$t" || exit; done'

fuzz: $(fuzzers)
	@$(TEST_ENV) FUZZ_SECS=$(FUZZ_SECS) sh tests/fuzz.sh $(fuzzers)

.PHONY: format format-check lint size
format format-check lint size:
	@bash tests/style.sh $@

# --- install ------------------------------------------------------------------------------------

dest = $(DESTDIR)$(PREFIX)
.PHONY: install uninstall clean help
install: all
	install -D -m 755 $(B)/perf-ktap $(dest)/bin/perf-ktap
	for f in $(wildcard Documentation/*.1 Documentation/*.7); do \
		install -D -m 644 $$f $(dest)/share/man/man$${f##*.}/$${f##*/} || exit; done
	for f in $(wildcard plugins/lib/*.kp); do \
		install -D -m 644 $$f $(dest)/lib/ktap/$${f##*/} || exit; done
	for f in $(wildcard samples/*.kp samples/*/*.kp); do \
		install -D -m 755 $$f $(dest)/share/ktap/$$f || exit; done

uninstall:
	rm -f $(dest)/bin/perf-ktap
	rm -rf $(dest)/lib/ktap $(dest)/share/ktap
	for f in $(notdir $(wildcard Documentation/*.1 Documentation/*.7)); do \
		rm -f $(dest)/share/man/man$${f##*.}/$$f; done

# The guest's images take minutes to make and hold nothing of ours: `make clean` leaves them.
clean:
	@[ ! -d $(B) ] || find $(B) -mindepth 1 -maxdepth 1 ! -name vm ! -name libperf -exec rm -rf {} +

help:
	@echo 'all            build/perf-ktap (CC=, WERROR=1, NO_LIBELF=1, V=1)'
	@echo 'module         build/module/RELEASE/ktapvm.ko (KDIR=)'
	@echo 'load unload    insert or remove the module on this machine'
	@echo 'install        DESTDIR= PREFIX=/usr/local; uninstall takes it back'
	@echo 'demo           set up, build, trace this machine'
	@echo 'check          every test (T=FILTER); check-user leaves out the virtual machine'
	@echo 'vm             a shell in a virtual machine with the module loaded'
	@echo 'bench fuzz     speed; fuzzers (FUZZ_SECS=30 each)'
	@echo 'format format-check lint size    the source text'
	@echo 'setup          install with apt what the above need'
