# karun: build, try, test, install. `make help` lists the targets.
PREFIX  ?= /usr/local
BUILD   ?= build
CC      ?= cc
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

PACKAGES := lua5.4 libuv libwebsockets libcurl libcjson sqlite3 libmpg123 libutf8proc libcrypto yaml-0.1
CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes
KR_FLAGS  = -std=c11 -D_GNU_SOURCE -DKR_VERSION='"$(VERSION)"' -MMD -MP -Isrc $(WARNINGS) $(CFLAGS)
PKG_FLAGS = $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS  = $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)

SRC := $(wildcard src/*.c)
OBJ := $(SRC:src/%.c=$(BUILD)/obj/%.o)

.PHONY: all help demo test lint asan ctest ctests setup install uninstall clean
.DEFAULT_GOAL := all

all: $(BUILD)/bin/karun ## build karun into build/bin/karun

$(BUILD)/bin/karun: $(OBJ)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(OBJ) $(PKG_LIBS) -lm -ldl -lpthread

$(BUILD)/obj/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(KR_FLAGS) $(PKG_FLAGS) -c -o $@ $<

# ---- C tests: each tests/c/*_test.c with all objects but main's ----
C_TESTS := $(patsubst tests/c/%.c,$(BUILD)/ctest/%,$(wildcard tests/c/*_test.c))

$(BUILD)/ctest/%: tests/c/%.c $(filter-out $(BUILD)/obj/main.o,$(OBJ))
	@mkdir -p $(@D)
	@echo "  CTEST $*"
	@$(CC) $(KR_FLAGS) $(PKG_FLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka -lm -ldl -lpthread

ctest: $(C_TESTS) ## run the C tests
	@for test in $(C_TESTS); do $$test || exit 1; done

# Everything once more under build/asan with the sanitizers, and the C tests with it.
asan: ## the C tests under AddressSanitizer and UBSan
	@$(MAKE) BUILD=build/asan CFLAGS="-O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined" ctest

# A fresh machine has no compiler yet: what is missing is installed before the build is looked at.
demo: setup ## the main job on the bundled demo site, in real Chromium
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) scripts/demo

test: setup ## all tests
	@$(MAKE) --no-print-directory all ctests
	@BUILD=$(BUILD) scripts/test

ctests: $(C_TESTS)

lint: ## warnings are errors; luacheck where it is installed
	@$(MAKE) --no-print-directory BUILD=build/lint CFLAGS="-O2 -Werror" all
	@if command -v luacheck >/dev/null; then luacheck -q lua examples tests; fi
	@$(BUILD)/bin/karun check lua examples

SHARE = $(DESTDIR)$(PREFIX)/share
install: all ## install under PREFIX (DESTDIR too)
	@install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/karun $(SHARE)/man/man1 $(SHARE)/doc/karun \
	  $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	@install -m 755 $(BUILD)/bin/karun $(DESTDIR)$(PREFIX)/bin/karun
	@rm -rf $(SHARE)/karun/lua && cp -R lua $(SHARE)/karun/lua && cp -R docs/api $(SHARE)/karun/
	@install -m 644 LICENSE README.md $(SHARE)/doc/karun/
	@$(DESTDIR)$(PREFIX)/bin/karun man > $(SHARE)/man/man1/karun.1
	@$(DESTDIR)$(PREFIX)/bin/karun completion bash > $(SHARE)/bash-completion/completions/karun
	@$(DESTDIR)$(PREFIX)/bin/karun completion zsh > $(SHARE)/zsh/site-functions/_karun
	@$(DESTDIR)$(PREFIX)/bin/karun completion fish > $(SHARE)/fish/vendor_completions.d/karun.fish
	@echo "  INSTALL  $(DESTDIR)$(PREFIX)/bin/karun"

uninstall: ## remove what install put there
	@rm -rf $(DESTDIR)$(PREFIX)/bin/karun $(SHARE)/karun $(SHARE)/doc/karun $(SHARE)/man/man1/karun.1 \
	  $(SHARE)/bash-completion/completions/karun $(SHARE)/zsh/site-functions/_karun $(SHARE)/fish/vendor_completions.d/karun.fish

setup: ## install what is missing (apt), or say what it is
	@scripts/setup

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

clean: ## remove what was built
	@rm -rf $(BUILD)

-include $(OBJ:.o=.d)
