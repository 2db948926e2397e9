# SPDX-License-Identifier: Apache-2.0
# Everything here needs Swift 6.3 and, on first use, apt-get for what is missing.

SWIFT ?= swift
PREFIX ?= /usr/local
# Without Swift's libraries: what is installed needs no Swift, and survives a new one.
RELEASE = $(SWIFT) build -c release --static-swift-stdlib
BUILT = "$$($(RELEASE) --show-bin-path)"
MADE = .build/packaging
# What Swift itself needs of a bare Debian, what is built against, what the demo and the tests use.
PACKAGES = g++ libcurl4 libncurses6 libxml2 ca-certificates \
	libfuse3-dev librocksdb-dev libsqlite3-dev pkg-config \
	attr e2fsprogs fuse3 git python3 rocksdb-tools rsync shellcheck strace xfsprogs

SCRIPTS = mount-scripts/* Packaging/install Packaging/make-deb Packaging/check-* \
	Packaging/man/make-manual Packaging/debian/p* Tests/Mutants/run Tests/Conformance/stress .ci/run
# For how long each fuzzer runs.
FUZZ_SECONDS ?= 120
FUZZ_LIMITS = -max_total_time=$(FUZZ_SECONDS) -timeout=5 -rss_limit_mb=1024
FUZZ = .build/fuzz
# For how long each stressor of `make stress` runs.
STRESS_SECONDS ?= 10
# With failpoints and optimised: a third of the time.
FAULTS = .build/faults
# The tests of what many threads share that need no mount; more of them take hours under the thread sanitizer.
SHARED = LocalBlobStoreTests|DirectoryHoldTests|OpenDirectoryTests|KnownUntilChangeTests|RecentlyMadeTests|InodeTests|LookupTests|PublicationTests|RepairTests|RestoreTests|ScrubTests
RACES = .build/races
# For how long `make soak` runs, and the first seed.
SOAK_SECONDS ?= 7200
SOAK_SEED ?= 1000

.PHONY: help setup build release demo test lint mutants patches soak faults stress fuzz races man install uninstall deb check-deb clean

help: ## Tells what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 12

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
	$(RELEASE) --product ckptfs
	@! grep -q CKPTFS_STEPS $(BUILT)/ckptfs || \
	  { echo "the release build has failpoints in it" >&2; exit 1; }

demo: release ## Shows the main job on a database made for it, or, read-only, on yours: make demo DB=/path
	PATH=$(BUILT):"$$PATH" mount-scripts/demo $(if $(DB),"$(DB)")

test: setup lint ## Builds and runs every test, mounted ones included
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest

lint: setup ## Checks formatting and scripts
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests \
	  Benchmarks/Package.swift Benchmarks/Sources Fuzzing
	shellcheck $(SCRIPTS)
	Tests/Mutants/run --check
	@! command -v mandoc >/dev/null || mandoc -Tlint -Wwarning Packaging/man/mount.ckptfs.8

mutants: setup ## Leaves out one step or check at a time: each must be noticed
	$(SWIFT) build --build-tests
	"$$($(SWIFT) build --show-bin-path)/CrashRunner" mutants
	Tests/Mutants/run

patches: setup ## Of the mutants only those that are patches of the sources, in Tests/Mutants
	$(SWIFT) build --build-tests
	Tests/Mutants/run

soak: setup ## Holds stores and mounts to the model for SOAK_SECONDS, from SOAK_SEED on, until something fails
	$(SWIFT) build --build-tests
	"$$($(SWIFT) build --show-bin-path)/CrashRunner" soak $(SOAK_SECONDS) $(SOAK_SEED)

faults: setup ## Lets each call that a command makes on files fail in turn, in each way; takes hours
	for product in CFaultLayer CrashActor ckptfs CrashRunner; do \
	  $(SWIFT) build -c release -Xswiftc -DDEBUG --scratch-path $(FAULTS) --product $$product || exit; \
	done
	$(FAULTS)/release/CrashRunner faults $(COMMANDS)

stress: setup ## Runs those stressors of stress-ng that can be read-only on a mount, STRESS_SECONDS each
	$(SWIFT) build --product ckptfs
	PATH="$$($(SWIFT) build --show-bin-path):$$PATH" Tests/Conformance/stress $(STRESS_SECONDS)

# SwiftPM's own option alone instruments nothing together with another sanitizer's: the last one
# wins. It is there for what it does to the entry point.
fuzz: setup ## Feeds the readers of outside bytes with what libFuzzer finds, under the address sanitizer
	for fuzzer in MetadataFuzzer LogFuzzer ManifestFuzzer RecordFuzzer; do \
	  CKPTFS_FUZZ=1 $(SWIFT) build -c release --scratch-path $(FUZZ) --product $$fuzzer \
	    --sanitize fuzzer -Xswiftc -sanitize=fuzzer,address || exit; \
	done
	mkdir -p $(FUZZ)/corpus $(FUZZ)/logs $(FUZZ)/manifests $(FUZZ)/records
	find Tests/FlinkCheckpointsTests/Fixtures -name _metadata -size -16k | while read -r file; do \
	  cp "$$file" "$(FUZZ)/corpus/$$(sha256sum <"$$file" | cut -c 1-40)"; \
	done
	find Tests/RocksDBTests/Fixtures -name 'MANIFEST-*' -size -16k | while read -r file; do \
	  cp "$$file" "$(FUZZ)/manifests/$$(sha256sum <"$$file" | cut -c 1-40)"; \
	done
	$(FUZZ)/release/MetadataFuzzer -max_len=16384 $(FUZZ_LIMITS) $(FUZZ)/corpus Fuzzing/Corpus
	$(FUZZ)/release/LogFuzzer -max_len=100000 $(FUZZ_LIMITS) $(FUZZ)/logs Fuzzing/LogCorpus
	$(FUZZ)/release/ManifestFuzzer -max_len=16384 $(FUZZ_LIMITS) $(FUZZ)/manifests \
	  Fuzzing/ManifestCorpus
	$(FUZZ)/release/RecordFuzzer -max_len=16384 $(FUZZ_LIMITS) $(FUZZ)/records Fuzzing/RecordCorpus

races: setup ## Runs the tests of what threads share under the thread sanitizer
	$(SWIFT) build --build-tests --sanitize thread --scratch-path $(RACES)
	clang -shared -fPIC -O1 -Wall -Werror Tests/ThreadSanitizer/mutex.c -o $(RACES)/mutex.so
	LD_PRELOAD="$(CURDIR)/$(RACES)/mutex.so" \
	TSAN_OPTIONS="suppressions=$(CURDIR)/Tests/ThreadSanitizer/suppressions" \
	  $(SWIFT) test --skip-build --disable-xctest --sanitize thread --scratch-path $(RACES) --filter '$(SHARED)'

man: release ## Makes ckptfs(1) and completions for shells, in .build/packaging
	$(RELEASE) --product generate-manual
	mkdir -p $(MADE)
	Packaging/man/make-manual $(BUILT)/generate-manual $(BUILT)/ckptfs \
	  "$$(git log -1 --format=%cs 2>/dev/null || date +%F)" >$(MADE)/ckptfs.1
	set -e; for shell in bash zsh fish; do \
	  $(BUILT)/ckptfs --generate-completion-script $$shell | sed '1{/^#!/d}' >$(MADE)/ckptfs.$$shell; \
	done

install: man ## Installs all that belongs to ckptfs; DESTDIR and PREFIX are honoured
	BUILT=$(BUILT) MADE=$(MADE) DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" Packaging/install

uninstall: ## Takes away what install has installed, with the same DESTDIR and PREFIX
	DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" Packaging/install --remove

deb: man ## Makes a Debian package in .build/packaging
	BUILT=$(BUILT) MADE=$(MADE) Packaging/make-deb $(MADE)

check-deb: deb ## Installs the package in a fresh Debian, mounts with it, and purges it; for root
	Packaging/check-deb $(MADE)/ckptfs_*.deb

clean: ## Removes what was built
	$(SWIFT) package clean
