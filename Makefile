# The commands that people type. Only `make setup` installs packages; the others use what is there.
#
#   make setup bench    install what is missing, build, measure and rank every language and driver,
#                       and write the page target/bench.html
#   make setup test     install what is missing, run the tests
#   make build          build the command: target/release/pi
#   make install PREFIX=/some/place    install (DESTDIR and LIBDIR too); make uninstall undoes it
#   make build MPI=mpich               build with MPICH (or openmpi) into target/mpich; MPI= works
#                                      with every target
#   make test-all       run the tests, then again with both MPIs, Slurm, other compilers and an
#                       AVX-512 emulator, and test libpi under valgrind, CMake, fpm and cffi (the
#                       last two from PyPI)
#   make fuzz           call the C interface with arbitrary arguments, for FUZZ_SECONDS=600
#   make mutants        tests of the tests: changes what decides, one place at a time (takes hours)
#   make doc            build the documentation of the libraries
#   make clean          remove what was built

CARGO ?= cargo

# MPI=NAME chooses between several installed MPIs. A program works with one MPI only, so each MPI
# has its own target folder.
ifneq ($(MPI),)
export MPICC = mpicc.$(MPI)
export MPIEXEC = mpiexec.$(MPI)
export LIBPI_MPI = $(MPI)
export CARGO_TARGET_DIR = $(CURDIR)/target/$(MPI)
endif
TARGET = $(or $(CARGO_TARGET_DIR),target)

# The command is built with MPI support if there is an MPI compiler.
FEATURES = $(if $(shell command -v $(or $(MPICC),mpicc)),--features pi/mpi)

# Tests skip the parts that were not built. This makes a missing part an error instead.
TEST_ENVIRONMENT = LIBPI_REQUIRE=fortran,openmp,mpi RUST_BACKTRACE=0

.DEFAULT_GOAL = build
.PHONY: setup build bench runners test test-all test-mpi fuzz mutants install uninstall bindings doc clean

setup:
	@sh tools/setup.sh

build:
	@sh tools/setup.sh --check
	@[ -n "$(FEATURES)" ] || if [ -z "$(MPI)" ]; then \
	    echo "there is no $(or $(MPICC),mpicc): pi is built without MPI" >&2; \
	else \
	    echo "MPI=$(MPI), but there is no $(MPICC): install that MPI, or choose another" >&2; exit 1; \
	fi
	$(CARGO) build --release $(FEATURES)

bench: build runners
	@rm -f $(TARGET)/bench.jsonl $(TARGET)/bench.html
	$(TARGET)/release/pi bench default -o $(TARGET)/bench.jsonl || status=$$?; \
	    $(TARGET)/release/pi report $(TARGET)/bench.jsonl -o $(TARGET)/bench.html && exit $$status

# The plain programs of bench/runners: each is one source file, does not link libpi, and is built
# with ordinary flags. (make's own default for FC is f77.)
RUNNERS = $(TARGET)/release/runners
PLAIN_FC = $(if $(filter default,$(origin FC)),gfortran,$(FC))
runners:
	@mkdir -p $(RUNNERS)
	$(CC) -std=c11 -O3 bench/runners/plain_philox.c -o $(RUNNERS)/plain-c
	if command -v $(PLAIN_FC) >/dev/null; then $(PLAIN_FC) -std=f2018 -O3 -fwrapv \
	    bench/runners/plain_philox.f90 -o $(RUNNERS)/plain-fortran; fi

test:
	@sh tools/setup.sh --check
	$(CARGO) fmt --all --check
	$(TEST_ENVIRONMENT) $(CARGO) clippy --workspace --all-targets --features pi/mpi -- -D warnings
	$(TEST_ENVIRONMENT) $(CARGO) test --workspace
	@# Tests the core at the lower levels too; the run above used the best level of this CPU.
	@if [ "$$(uname -m)" = x86_64 ]; then for level in x86-64 x86-64-v3; do \
	    echo "LIBPI_LEVEL=$$level $(CARGO) test --package libpi"; \
	    LIBPI_LEVEL=$$level $(TEST_ENVIRONMENT) $(CARGO) test --package libpi --tests || exit 1; \
	done; fi
	$(TEST_ENVIRONMENT) $(CARGO) test --package pi --features mpi --test ranks
	$(TEST_ENVIRONMENT) $(CARGO) test --package libpi --features bindgen --test bindings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

test-all: test
	@sh tools/setup.sh --check-all
	$(TEST_ENVIRONMENT) $(CARGO) test --package libpi-ffi -- --ignored
	$(MAKE) test-mpi MPI=openmpi
	$(MAKE) test-mpi MPI=mpich
	sh tests/slurm.sh
	sh tests/compilers.sh
	sh tests/avx512.sh
	PI_TEST_BROWSER=required $(CARGO) test --package pi --test command browser

# The tests that depend on the MPI.
test-mpi:
	$(TEST_ENVIRONMENT) $(CARGO) test --package libpi-ffi --test mpi
	$(TEST_ENVIRONMENT) $(CARGO) test --package pi --features mpi --test ranks

fuzz:
	@sh tools/setup.sh --check-all
	sh ffi/fuzz/fuzz.sh $(FUZZ_SECONDS)

# .cargo/mutants.toml says what is changed. Each change must make a test fail.
mutants:
	@command -v cargo-mutants >/dev/null || \
	    { echo "to install: $(CARGO) install cargo-mutants --locked" >&2; exit 1; }
	$(CARGO) mutants --workspace --output $(TARGET)

# tools/install.sh lists what is installed, and where.
PREFIX ?= /usr/local
INSTALL = CARGO="$(CARGO)" PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" LIBDIR="$(LIBDIR)" \
	PROFILE="$(PROFILE)" MPI="$(MPI)" FEATURES="$(FEATURES)" sh tools/install.sh

install: build
	$(INSTALL) build
	$(INSTALL) install

uninstall:
	$(INSTALL) uninstall

# Regenerates the committed files that are generated: rust/kernels.rs from c/kernels.h and the table
# of kernels, and ffi/libpi.h from ffi/src.
bindings:
	UPDATE_BINDINGS=1 $(CARGO) test --package libpi --features bindgen --test bindings
	UPDATE_BINDINGS=1 $(CARGO) test --package libpi-ffi --test header

doc:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

clean:
	$(CARGO) clean
