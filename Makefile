# Every target brings up what it needs by itself and is quick the second time.
#   make demo    install, then show real crashes resolved     make check   formatters, linters, types, layers
#   make test    install all test tools, then run the tests    make bench   measure beside the peers
#   make fuzz    fuzz the parsers (FUZZ_SECONDS each)          make soak    damage every report in 10,000 ways
#   make clean   remove what was built

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.PHONY: demo test check bench fuzz soak clean core-test

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .make
FUZZ_SECONDS ?= 60
# setuptools warns of every editable installation: nothing that a newcomer could act on.
PIP := PYTHONWARNINGS=ignore $(BIN)/python -m pip --quiet --disable-pip-version-check

CORE_SOURCES := $(shell find core -name target -prune -o \( -name '*.rs' -o -name 'Cargo.*' \) -print 2>/dev/null)
# Debian packages that tests and benchmarks use: servers, compilers, oracles.
DEBIAN_TEST := redis-server git g++ g++-multilib gdb binutils llvm llvm-19 ruby ruby-dev
DEBIAN_BENCH := llvm-19 binutils g++ git

demo: $(STAMPS)/runtime
	@SYMBOLICATOR=$(BIN)/symbolicator bash tests/demo.sh

test: $(STAMPS)/dev $(STAMPS)/debian $(STAMPS)/packages core-test
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

core-test: $(STAMPS)/dev
	@if command -v cargo >/dev/null; then cd core && cargo test --locked --quiet; \
	else echo "No Rust toolchain: the tests of the core are left out."; fi

check: $(STAMPS)/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if command -v cargo >/dev/null; then cd core && cargo fmt --check && \
	  cargo clippy --locked --quiet --all-targets -- -D warnings; \
	else echo "No Rust toolchain: the core is not checked."; fi

bench: $(STAMPS)/bench-tools
	$(BIN)/python -m tests.benchmarks

soak: $(STAMPS)/dev
	SYMBOLICATOR_MUTATIONS=10000 $(BIN)/python -m pytest tests/test_mutations.py

# Real files to start from; the index targets find their own way from nothing.
SEEDS_source_map := ../../fixtures/js-webpack/dist ../../fixtures/hermes-rn/dist
SEEDS_script := ../../fixtures/js-webpack/dist ../../fixtures/js-esbuild/dist
SEEDS_demangle := ../../fixtures/demangling/names
SEEDS_portable_pdb := ../../fixtures/dotnet-portable/bin
SEEDS_text_maps := ../../fixtures/jit-node/bin ../../fixtures/kernel-symbols/bin
SEEDS_proguard := ../../fixtures/java-r8 ../../fixtures/java-proguard
SEEDS_companions := corpus/companions-pairs
SEEDS_unwind := ../../fixtures/native-unwind/bin ../../fixtures/native-containers/bin
CONTAINERS := ../../fixtures/native-containers/bin
SEEDS_container_elf := ../../fixtures/native-cpp/bin ../../fixtures/native-asan/bin ../../fixtures/native-matrix/bin
APPLE := ../../fixtures/native-apple
SEEDS_container_macho := $(CONTAINERS)/macho $(APPLE)/bin
SEEDS_container_dyld := $(APPLE)/seeds
SEEDS_container_pe := $(CONTAINERS)/pe-x86_64 $(CONTAINERS)/mingw
SEEDS_container_pdb := $(CONTAINERS)/pe-x86_64 ../../fixtures/native-sources/bin
SEEDS_container_wasm := $(CONTAINERS)/wasm
SEEDS_container_breakpad := $(CONTAINERS)/breakpad
SEEDS_minidump := $(addprefix ../../fixtures/minidump-,linux macos android windows-arm64)
# Small inputs say much where the target makes up the rest.
FUZZ_LEN ?= 200000
fuzz-dwarf fuzz-partial: FUZZ_LEN := 4096

FUZZ_TARGETS := source_map source_index scopes script function_index proguard symcache demangle itanium dwarf partial \
  companions portable_pdb go_pclntab text_maps minidump unwind \
  $(addprefix container_,elf macho universal dyld pe pdb wasm breakpad)

fuzz: $(STAMPS)/cargo-fuzz $(addprefix fuzz-,$(FUZZ_TARGETS))

fuzz-companions: core/fuzz/corpus/companions-pairs

core/fuzz/corpus/companions-pairs: fixtures/native-matrix/seeds.py fixtures/native-matrix/truth.json
	$(PYTHON) $< $@

fuzz-%:
	cd core/fuzz && mkdir -p corpus/$* && RUSTC_BOOTSTRAP=1 cargo fuzz run $* corpus/$* $(SEEDS_$*) -- \
	  -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=4096 -timeout=20 -max_len=$(FUZZ_LEN)

clean:
	rm -rf $(VENV) $(STAMPS) build dist *.egg-info symbolicator/_core*.so core/target core/fuzz/target

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; name it with: make PYTHON=/path/to/python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade pip

$(STAMPS)/runtime: pyproject.toml $(CORE_SOURCES) | $(VENV)/bin/python
	@mkdir -p $(STAMPS)
	@echo "Installing symbolicator into $(VENV) …"
	$(PIP) install --editable .
	@touch $@

$(STAMPS)/dev: $(STAMPS)/runtime
	$(PIP) install --editable '.[dev]'
	@touch $@

$(STAMPS)/bench-tools: $(STAMPS)/dev tests/benchmarks/package.json
	$(PIP) install --editable '.[dev,bench]'
	@bash tests/debian.sh $(DEBIAN_BENCH)
	@if command -v npm >/dev/null; then cd tests/benchmarks && npm install --no-audit --no-fund --silent; \
	else echo "No npm: the JavaScript peers are left out."; fi
	@touch $@

$(STAMPS)/debian: tests/debian.sh
	@bash tests/debian.sh $(DEBIAN_TEST)
	@touch $@

$(STAMPS)/packages: tests/packages/package.json
	@mkdir -p $(STAMPS)
	@if command -v npm >/dev/null; then cd tests/packages && npm install --no-audit --no-fund --no-package-lock --silent; \
	else echo "No npm: tests that read published packages are left out."; fi
	@touch $@

$(STAMPS)/cargo-fuzz:
	@mkdir -p $(STAMPS)
	@command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	@touch $@
