# The commands of the README.  Each installs and builds what it needs.
SHELL := /bin/bash
BUILD := build
JOBS ?= $(shell nproc)
PACKAGES := build-essential cmake ninja-build ccache pkg-config python3 zstd clang-19 llvm-19-dev llvm-19-tools \
            libclang-rt-19-dev mlir-19-tools coinor-libcbc-dev libxxhash-dev libjansson-dev \
            libcmocka-dev libzstd-dev zlib1g-dev libopenmpi-dev openmpi-bin

.PHONY: all deps demo test test-python wheel roundtrip conformance conformance-sharded fuzz-graphs bench bench-iopddl test-asan test-tsan test-clang lint docs install clean gpu-bundle \
        gpu-check gpu-bench

all: deps
	@test -f $(BUILD)/build.ninja || cmake --preset release > /dev/null
	@cmake --build $(BUILD) -j $(JOBS)

# Installs the Debian packages that are missing; does nothing, and needs no rights, where none is.
deps:
	@missing=$$(for p in $(PACKAGES); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  as_root=; [ $$(id -u) = 0 ] || as_root=sudo; \
	  echo "installing: $$missing"; \
	  $$as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -y -qq --no-install-recommends $$missing; \
	fi

demo: all
	@bash examples/demo.sh

test: all
	@python3 test/run.py --build $(BUILD) --jobs $(JOBS)

# The Python package as build-wheel/alpa-*.whl, and its tests in a fresh virtual environment.
wheel: deps
	@python3 test/python_package.py --build build-wheel --wheel-only

test-python: deps
	@python3 test/python_package.py --build build-wheel

# The same tests under sanitizers, and the build with the other compiler.
test-asan: deps
	@cmake --preset asan-ubsan > /dev/null && cmake --build build-asan -j $(JOBS)
	@python3 test/run.py --build build-asan --jobs $(JOBS)

test-tsan: deps
	@cmake --preset tsan > /dev/null && cmake --build build-tsan -j $(JOBS)
	@python3 test/run.py --build build-tsan --jobs $(JOBS) --unit-only

test-clang: deps
	@cmake --preset clang > /dev/null && cmake --build build-clang -j $(JOBS)

# Reads and prints every program under the directory SUITE, in both forms, and compares.
SUITE ?= models
roundtrip: all
	@PATH="$(abspath $(BUILD))/bin:/usr/lib/llvm-19/bin:$$PATH" bash test/dialects/Inputs/roundtrip.sh \
	  $(BUILD)/roundtrip $$(find $(SUITE) -name '*.mlir' -o -name '*.mlir.zst')

# Runs self-checking programs by both backends: an archive or a folder of them.
CONFORMANCE ?= ../shared/conformance
conformance: all
	@python3 test/conformance/run.py --build $(BUILD) --jobs $(JOBS) $(CONFORMANCE)

# The same programs with their values sharded at random on four devices: in field arithmetic, and by their checks.
SEEDS ?= 3
conformance-sharded: all
	@python3 test/conformance/sharded.py --build $(BUILD) --jobs $(JOBS) --seeds=$(SEEDS) $(CONFORMANCE)

# Random programs: interpreter, machine code and sharded plans agree.  Those that fail are shrunk and kept in KEEP.
N ?= 1000
FIRST ?= 0
KEEP ?= $(BUILD)/graphs
fuzz-graphs: all
	@python3 test/fuzz/graphs.py --build $(BUILD) --jobs $(JOBS) --count $(N) --first $(FIRST) --keep $(KEEP)

bench: all
	@bash bench/run.sh

bench-iopddl: all
	@bash bench/iopddl.sh $(BUILD)

# For a machine with a GPU: the bundle is built here, and the other two run there from the repository and the bundle,
# without LLVM.
BUNDLE ?= $(BUILD)/gpu-bundle
gpu-bundle: all
	@python3 tools/gpu/make_bundle.py --build $(BUILD) -o $(BUNDLE) --jobs $(JOBS)

gpu-check:
	@python3 tools/gpu/check.py $(BUNDLE) --json gpu-check.json --sanitizer

gpu-bench:
	@python3 tools/gpu/bench.py $(BUNDLE) --json gpu-bench.json

docs: all
	@bash tools/generate_docs.sh $(BUILD) docs

install: all
	@cmake --install $(BUILD)

clean:
	@rm -rf build build-*
