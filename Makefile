# The commands people type. `make setup` alone installs; the others use what is there.
#
#   make setup bench    install what is missing, build, measure and rank every language and driver
#   make setup test     install what is missing, run the tests
#   make build          build the command: target/release/pi
#   make install PREFIX=/some/place    (and DESTDIR, LIBDIR); make uninstall removes it again
#   make test-all       the tests, then the same with other compilers and under an AVX-512 emulator
#   make doc            the documentation of the libraries
#   make clean          remove what was built

CARGO ?= cargo

# Without these parts the tests would pass by leaving things out.
TEST_ENVIRONMENT = LIBPI_REQUIRE=fortran,openmp RUST_BACKTRACE=0

.DEFAULT_GOAL = build
.PHONY: setup build bench runners test test-all install uninstall bindings doc clean

setup:
	@sh tools/setup.sh

build:
	@sh tools/setup.sh --check
	$(CARGO) build --release

bench: build runners
	target/release/pi bench default -o target/bench.jsonl

# The plain programs of bench/runners: one file each, linked to nothing of libpi, and built as one
# would build them. (make's own default for FC is f77.)
RUNNERS = target/release/runners
PLAIN_FC = $(if $(filter default,$(origin FC)),gfortran,$(FC))
runners:
	@mkdir -p $(RUNNERS)
	$(CC) -std=c11 -O3 bench/runners/plain_philox.c -o $(RUNNERS)/plain-c
	if command -v $(PLAIN_FC) >/dev/null; then $(PLAIN_FC) -std=f2018 -O3 -fwrapv \
	    bench/runners/plain_philox.f90 -o $(RUNNERS)/plain-fortran; fi

test:
	@sh tools/setup.sh --check
	$(CARGO) fmt --all --check
	$(TEST_ENVIRONMENT) $(CARGO) clippy --workspace --all-targets -- -D warnings
	$(TEST_ENVIRONMENT) $(CARGO) test --workspace
	$(TEST_ENVIRONMENT) $(CARGO) test --package libpi --features bindgen --test bindings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

test-all: test
	@sh tools/setup.sh --check-all
	sh tests/compilers.sh
	sh tests/avx512.sh

# Copied by plain rules: tools/install.sh says what goes where.
PREFIX ?= /usr/local
INSTALL = CARGO="$(CARGO)" PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" LIBDIR="$(LIBDIR)" \
	PROFILE="$(PROFILE)" sh tools/install.sh

install: build
	$(INSTALL) build
	$(INSTALL) install

uninstall:
	$(INSTALL) uninstall

# What is committed but generated, made anew after a change: rust/kernels.rs from c/kernels.h, and
# ffi/libpi.h from ffi/src.
bindings:
	UPDATE_BINDINGS=1 $(CARGO) test --package libpi --features bindgen --test bindings
	UPDATE_BINDINGS=1 $(CARGO) test --package libpi-ffi --test header

doc:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

clean:
	$(CARGO) clean
