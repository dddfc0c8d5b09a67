# The commands people type. `make setup` alone installs; the others use what is there.
#
#   make setup bench    install what is missing, build, measure and rank every language and driver,
#                       and make a page of it: target/bench.html
#   make setup test     install what is missing, run the tests
#   make build          build the command: target/release/pi
#   make install PREFIX=/some/place    (and DESTDIR, LIBDIR); make uninstall removes it again
#   make build MPI=mpich               with that MPI (or openmpi), into target/mpich; so for all targets
#   make test-all       the tests, then with both MPIs, Slurm, other compilers and an AVX-512 emulator,
#                       and libpi under valgrind, CMake, fpm and cffi (the last two from PyPI)
#   make fuzz           arbitrary calls of the C interface, for FUZZ_SECONDS=600
#   make doc            the documentation of the libraries
#   make clean          remove what was built

CARGO ?= cargo

# The MPI, where several are installed; each has a target folder of its own, since a program fits one.
ifneq ($(MPI),)
export MPICC = mpicc.$(MPI)
export MPIEXEC = mpiexec.$(MPI)
export LIBPI_MPI = $(MPI)
export CARGO_TARGET_DIR = $(CURDIR)/target/$(MPI)
endif
TARGET = $(or $(CARGO_TARGET_DIR),target)

# The command knows the ranks of MPI jobs where there is an MPI to build it with.
FEATURES = $(if $(shell command -v $(or $(MPICC),mpicc)),--features pi/mpi)

# Without these parts the tests would pass by leaving things out.
TEST_ENVIRONMENT = LIBPI_REQUIRE=fortran,openmp,mpi RUST_BACKTRACE=0

.DEFAULT_GOAL = build
.PHONY: setup build bench runners test test-all test-mpi fuzz install uninstall bindings doc clean

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

# The plain programs of bench/runners: one file each, linked to nothing of libpi, and built as one
# would build them. (make's own default for FC is f77.)
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
	@# The core as on lesser CPUs; the run above took the best level of this one.
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
	PI_TEST_BROWSER=required $(CARGO) test --package pi --test report browser

# What depends on the MPI.
test-mpi:
	$(TEST_ENVIRONMENT) $(CARGO) test --package libpi-ffi --test mpi
	$(TEST_ENVIRONMENT) $(CARGO) test --package pi --features mpi --test ranks

fuzz:
	@sh tools/setup.sh --check-all
	sh ffi/fuzz/fuzz.sh $(FUZZ_SECONDS)

# Copied by plain rules: tools/install.sh says what goes where.
PREFIX ?= /usr/local
INSTALL = CARGO="$(CARGO)" PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" LIBDIR="$(LIBDIR)" \
	PROFILE="$(PROFILE)" MPI="$(MPI)" FEATURES="$(FEATURES)" sh tools/install.sh

install: build
	$(INSTALL) build
	$(INSTALL) install

uninstall:
	$(INSTALL) uninstall

# What is committed but generated, made anew after a change: rust/kernels.rs from c/kernels.h
# and the table of kernels, and
# ffi/libpi.h from ffi/src.
bindings:
	UPDATE_BINDINGS=1 $(CARGO) test --package libpi --features bindgen --test bindings
	UPDATE_BINDINGS=1 $(CARGO) test --package libpi-ffi --test header

doc:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

clean:
	$(CARGO) clean
