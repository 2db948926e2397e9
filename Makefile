# SPDX-License-Identifier: Apache-2.0
# Everything here needs Swift 6.3 and, on first use, apt-get for what is missing.

SWIFT ?= swift
PREFIX ?= /usr/local
RELEASE = $(SWIFT) build -c release --product ckptfs
PACKAGES = librocksdb-dev libfuse3-dev libsqlite3-dev fuse3 pkg-config rocksdb-tools rsync \
	shellcheck strace attr

# For how long each fuzzer runs.
FUZZ_SECONDS ?= 120
FUZZ = .build/fuzz

.PHONY: help setup build release demo test lint mutants fuzz install clean

help: ## Tells what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | expand -t 12

setup: ## Installs the Debian packages that are missing
	@missing=; for package in $(PACKAGES); do \
	  dpkg-query -W -f '$${Status}' "$$package" 2>/dev/null | grep -q 'ok installed' || \
	    missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  echo "installing$$missing"; \
	  $$sudo apt-get update -q && \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -q --no-install-recommends $$missing; \
	fi

build: setup ## Builds for debugging
	$(SWIFT) build

release: setup ## Builds the ckptfs that is installed
	$(RELEASE)
	@! grep -q CKPTFS_STEPS "$$($(RELEASE) --show-bin-path)/ckptfs" || \
	  { echo "the release build has failpoints in it" >&2; exit 1; }

demo: release ## Shows the main job on a database made for it, or, read-only, on yours: make demo DB=/path
	PATH="$$($(RELEASE) --show-bin-path):$$PATH" mount-scripts/demo $(if $(DB),"$(DB)")

test: setup lint ## Builds and runs every test, mounted ones included
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest

lint: setup ## Checks formatting and scripts
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests \
	  Benchmarks/Package.swift Benchmarks/Sources Fuzzing
	shellcheck mount-scripts/* .ci/run

mutants: setup ## Leaves out one sync, pin, transaction or outbox step at a time: each must be noticed
	$(SWIFT) build --build-tests
	"$$($(SWIFT) build --show-bin-path)/CrashRunner" mutants

# SwiftPM's own option alone instruments nothing together with another sanitizer's: the last one
# wins. It is there for what it does to the entry point.
fuzz: setup ## Feeds the reader of Flink's metadata with what libFuzzer finds, under the address sanitizer
	CKPTFS_FUZZ=1 $(SWIFT) build -c release --scratch-path $(FUZZ) --product MetadataFuzzer \
	  --sanitize fuzzer -Xswiftc -sanitize=fuzzer,address
	mkdir -p $(FUZZ)/corpus
	find Tests/FlinkCheckpointsTests/Fixtures -name _metadata -size -16k | while read -r file; do \
	  cp "$$file" "$(FUZZ)/corpus/$$(sha256sum <"$$file" | cut -c 1-40)"; \
	done
	$(FUZZ)/release/MetadataFuzzer -max_total_time=$(FUZZ_SECONDS) -max_len=16384 -timeout=5 \
	  -rss_limit_mb=1024 $(FUZZ)/corpus Fuzzing/Corpus

install: release ## Installs ckptfs and the helpers of mount(8); DESTDIR and PREFIX are honoured
	install -D -m 755 "$$($(RELEASE) --show-bin-path)/ckptfs" "$(DESTDIR)$(PREFIX)/bin/ckptfs"
	install -D -m 755 mount-scripts/mount.ckptfs "$(DESTDIR)/sbin/mount.ckptfs"
	install -D -m 755 mount-scripts/umount.ckptfs "$(DESTDIR)/sbin/umount.ckptfs"
	ln -sf umount.ckptfs "$(DESTDIR)/sbin/umount.fuse.ckptfs"

clean: ## Removes what was built
	$(SWIFT) package clean
