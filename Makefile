# karun: build, try, test, install. `make help` lists the targets.
PREFIX  ?= /usr/local
BUILD   ?= build
CC      ?= cc
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

PACKAGES := lua5.4 libuv libcjson libutf8proc nettle
# Rooms: what stands on a heavy library is a file of its own, loaded by `require` when a flow first uses
# it (src/lua_open.c). Each: its sources, its library.
ROOMS         := lws http store audio yaml
lws_SRC       := lws ws serve send head lua_ws lua_serve
lws_PACKAGE   := libwebsockets
http_SRC      := http lua_http
http_PACKAGE  := libcurl
store_SRC     := store lua_store
store_PACKAGE := sqlite3
audio_SRC     := audio mpeg lua_audio
audio_PACKAGE := libmpg123
yaml_SRC      := lua_yaml
yaml_PACKAGE  := yaml-0.1
# fat objects: the C tests link without LTO, which would cost seconds each
CFLAGS   ?= -O2 -g -flto=auto -ffat-lto-objects
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes
KR_FLAGS  = -std=c11 -fPIC -D_GNU_SOURCE -DKR_VERSION='"$(VERSION)"' -MMD -MP -Isrc $(WARNINGS) $(CFLAGS)
libs_of    = $(shell pkg-config --libs $(1) 2>/dev/null)
ALL_PACKAGES := $(PACKAGES) $(foreach room,$(ROOMS),$($(room)_PACKAGE))
PKG_FLAGS := $(shell pkg-config --cflags $(ALL_PACKAGES) 2>/dev/null)

SRC := $(wildcard src/*.c)
OBJ := $(SRC:src/%.c=$(BUILD)/obj/%.o)
room_obj  = $(filter $($(1)_SRC:%=$(BUILD)/obj/%.o),$(OBJ))
ROOMS    := $(foreach room,$(ROOMS),$(if $(call room_obj,$(room)),$(room)))
ROOM_OBJ := $(foreach room,$(ROOMS),$(call room_obj,$(room)))
ROOM_SO  := $(ROOMS:%=$(BUILD)/lib/karun/%.so)

.PHONY: all help demo test bench lint asan ctest ctests setup install uninstall clean
.DEFAULT_GOAL := all

LUA      ?= lua5.4
COMPILED := $(BUILD)/lib/karun/lua.stamp

all: $(BUILD)/bin/karun $(ROOM_SO) $(COMPILED) ## build karun into build/bin/karun

# -rdynamic: the rooms call what the program holds
$(BUILD)/bin/karun: $(filter-out $(ROOM_OBJ),$(OBJ))
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -rdynamic -o $@ $^ $(call libs_of,$(PACKAGES)) -lm -ldl -lpthread

# Without a Lua to compile with, the library is read as text: slower, not different.
$(COMPILED): scripts/compile.lua $(shell find lua/karun -name '*.lua')
	@mkdir -p $(@D)
	@echo "  LUA   $(BUILD)/lib/karun/lua"
	@if command -v $(LUA) >/dev/null; then $(LUA) scripts/compile.lua $(CURDIR)/lua/karun $(BUILD)/lib/karun/lua/karun; fi
	@touch $@

define ROOM
$(BUILD)/lib/karun/$(1).so: $(call room_obj,$(1))
	@mkdir -p $$(@D)
	@echo "  LINK  $$@"
	@$$(CC) $$(CFLAGS) $$(LDFLAGS) -shared -o $$@ $$^ $$(call libs_of,$($(1)_PACKAGE))
endef
$(foreach room,$(ROOMS),$(eval $(call ROOM,$(room))))

$(BUILD)/obj/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(KR_FLAGS) $(PKG_FLAGS) -c -o $@ $<

# ---- C tests: each tests/c/*_test.c with all objects but main's ----
C_TESTS := $(patsubst tests/c/%.c,$(BUILD)/ctest/%,$(wildcard tests/c/*_test.c))

$(BUILD)/ctest/%: tests/c/%.c $(filter-out $(BUILD)/obj/main.o,$(OBJ))
	@mkdir -p $(@D)
	@echo "  CTEST $*"
	@$(CC) $(KR_FLAGS) $(PKG_FLAGS) $(LDFLAGS) -fno-lto -o $@ $^ $(call libs_of,$(ALL_PACKAGES)) -lcmocka -lm -ldl -lpthread

ctest: $(C_TESTS) ## run the C tests
	@for test in $(C_TESTS); do $$test || exit 1; done

# The whole suite once more with a program built under build/asan; FILES="tests/unit" for a part.
ASAN := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
asan: ## the suite under AddressSanitizer and UBSan
	@$(MAKE) --no-print-directory BUILD=build/asan CFLAGS="$(ASAN)" all ctests
	@BUILD=build/asan scripts/test $(FILES)

# A fresh machine has no compiler yet: what is missing is installed before the build is looked at.
demo: setup ## the main job on the bundled demo site, in real Chromium
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) scripts/demo

test: setup ## all tests
	@$(MAKE) --no-print-directory all ctests
	@BUILD=$(BUILD) scripts/test

bench: all ## karun against the raw protocol and three peers, twelve minutes; writes docs/performance.md
	@BUILD=$(BUILD) tests/bench/run

ctests: $(C_TESTS)

lint: ## warnings are errors; luacheck where it is installed
	@$(MAKE) --no-print-directory BUILD=build/lint CFLAGS="-O2 -Werror" all
	@if command -v luacheck >/dev/null; then luacheck -q lua examples tests; fi
	@$(BUILD)/bin/karun check lua examples

SHARE = $(DESTDIR)$(PREFIX)/share
install: all ## install under PREFIX (DESTDIR too)
	@install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/karun $(SHARE)/karun $(SHARE)/man/man1 $(SHARE)/doc/karun \
	  $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	@install -s -m 755 $(BUILD)/bin/karun $(DESTDIR)$(PREFIX)/bin/karun
	@install -s -m 644 $(ROOM_SO) $(DESTDIR)$(PREFIX)/lib/karun/
	@rm -rf $(SHARE)/karun/lua && cp -R lua $(SHARE)/karun/lua && cp -R docs/api $(SHARE)/karun/
	@if command -v $(LUA) >/dev/null; then \
	  $(LUA) scripts/compile.lua $(SHARE)/karun/lua/karun $(DESTDIR)$(PREFIX)/lib/karun/lua/karun $(PREFIX)/share/karun/lua/karun; fi
	@install -m 644 LICENSE README.md $(SHARE)/doc/karun/
	@rm -rf $(SHARE)/doc/karun/docs && mkdir $(SHARE)/doc/karun/docs && cp -R docs/*.md docs/reference docs/pictures $(SHARE)/doc/karun/docs/
	@$(DESTDIR)$(PREFIX)/bin/karun man > $(SHARE)/man/man1/karun.1
	@$(DESTDIR)$(PREFIX)/bin/karun completion bash > $(SHARE)/bash-completion/completions/karun
	@$(DESTDIR)$(PREFIX)/bin/karun completion zsh > $(SHARE)/zsh/site-functions/_karun
	@$(DESTDIR)$(PREFIX)/bin/karun completion fish > $(SHARE)/fish/vendor_completions.d/karun.fish
	@echo "  INSTALL  $(DESTDIR)$(PREFIX)/bin/karun"

uninstall: ## remove what install put there
	@rm -rf $(DESTDIR)$(PREFIX)/bin/karun $(DESTDIR)$(PREFIX)/lib/karun $(SHARE)/karun $(SHARE)/doc/karun $(SHARE)/man/man1/karun.1 \
	  $(SHARE)/bash-completion/completions/karun $(SHARE)/zsh/site-functions/_karun $(SHARE)/fish/vendor_completions.d/karun.fish

setup: ## install what is missing (apt), or say what it is
	@scripts/setup

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

clean: ## remove what was built
	@rm -rf $(BUILD)

-include $(OBJ:.o=.d)
