# The commands that people type. Only `make setup` installs packages; the others use what is there.
#
#   make setup bench    install what is missing, build, measure and rank every language and driver,
#                       and write the page target/bench.html
#   make setup test     install what is missing, run the tests
#   make setup crossings-python        install what is missing, build what Python needs to call the
#                       other languages; then `pi bench ffi` measures that too
#   make callers        build the callers of further languages, those that are installed; then `pi
#                       bench guests` measures what their calls into libpi cost
#   make setup-ladder   install what is missing for every rung of the ladder of Python, and the
#                       package libpi; then `pi lesson` measures and explains them
#   make ladder         build the ways in which rungs of the ladder call C, C++, Cython, Fortran and
#                       Rust; make setup-ladder does that too
#   make setup-languages    install the compilers of the further languages that bench/gallery has, and
#                       build their kernels and clients; then `pi bench polyglot` measures them
#   make languages      build the kernels and clients of bench/gallery whose compilers are there
#   make setup-peers    install the well-known libraries that `pi bench peers` measures beside libpi
#                       (Random123, oneMKL), and build the programs that call them
#   make peers          build these programs for the libraries that are there
#   make build          build the command and the libraries: target/release/pi
#   make runners        build the plain programs in C and Fortran that some suites measure
#   make install PREFIX=/some/place    install (DESTDIR and LIBDIR too); make uninstall undoes it
#   make build && sudo make install    install into /usr/local, as root without cargo
#   make wheel          build the Python package: target/wheels/libpi-*.whl (make sdist: its source)
#   make build MPI=mpich               build with MPICH (or openmpi) into target/mpich; MPI= works
#                                      with every target
#   make build LIBPI_ALSO=clang-19,flang-19    compile the plain kernels again by these compilers, as
#                       c-clang and fortran-flang; without it, by those that are installed
#   make test-all       run the tests, then again with both MPIs, Slurm, other compilers and
#                       emulators of AVX-512 and AArch64, and test libpi under valgrind, CMake, fpm,
#                       cffi and f2py (the last three from PyPI)
#   make fuzz           call the C interface with arbitrary arguments, for FUZZ_SECONDS=600
#   make mutants        tests of the tests: changes what decides, one place at a time (takes hours)
#   make doc            build the documentation of the libraries
#   make clean          remove what was built

# The scripts get the values of these variables in their environment, exactly as they were typed: no
# value becomes part of a command's text, and make expands no $ in it.
NAMES = CARGO CC FC LIBPI_ALSO MPI PREFIX DESTDIR LIBDIR PROFILE CARGO_TARGET_DIR FUZZ_SECONDS
$(foreach name,$(NAMES),$(if $(filter-out undefined default,$(origin $(name))),\
    $(eval override export $(name) := $$(value $(name)))))

# The second compilers are those that are installed, if the user names none. Cargo by itself takes
# none. `LIBPI_ALSO=` names none too. If CC or FC is such a compiler, a second one would be the same.
ifeq ($(origin LIBPI_ALSO),undefined)
export LIBPI_ALSO := $(shell sh tools/also.sh $(if $(findstring clang,$(CC)),,clang) \
    $(if $(findstring flang,$(FC)),,flang))
endif

# MPI=NAME chooses between several installed MPIs. A program works with one MPI only, so each MPI
# has its own target folder.
ifneq ($(filter-out openmpi mpich,$(MPI)),)
$(error MPI must be openmpi or mpich, not '$(MPI)')
endif
ifneq ($(MPI),)
export MPICC = mpicc.$(MPI)
export MPIEXEC = mpiexec.$(MPI)
export LIBPI_MPI = $(MPI)
override export CARGO_TARGET_DIR := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)/$(MPI)
endif

# Cargo may be a path with blanks, or have a wrapper before it.
RUN_CARGO = sh tools/cargo.sh

# Tests skip the parts that were not built. This makes a missing part an error instead.
TEST_ENVIRONMENT = LIBPI_REQUIRE=fortran,openmp,mpi RUST_BACKTRACE=0

.DEFAULT_GOAL = build
.PHONY: setup setup-ladder setup-languages setup-peers ladder languages peers build bench runners crossings-python callers wheel sdist test test-rust test-python test-all test-mpi fuzz mutants install uninstall bindings doc clean

setup:
	@sh tools/setup.sh
	@sh tools/python.sh

setup-ladder: setup
	@sh tools/python.sh --ladder
	sh tools/wheel.sh --install
	sh tools/ladder.sh

setup-languages: setup
	@sh tools/setup.sh --languages
	@sh tools/python.sh --languages
	@sh tools/node.sh
	sh tools/languages.sh

setup-peers: setup
	@sh tools/setup.sh --peers
	@sh tools/python.sh --peers
	sh tools/peers.sh

ladder:
	sh tools/ladder.sh

languages:
	sh tools/languages.sh

peers:
	sh tools/peers.sh

build:
	@sh tools/setup.sh --check
	sh tools/build.sh

bench: build
	sh tools/runners.sh
	sh tools/bench.sh

runners:
	sh tools/runners.sh

crossings-python:
	sh tools/crossings.sh

callers:
	sh tools/callers.sh

test: test-rust test-python

test-rust:
	@sh tools/setup.sh --check
	$(RUN_CARGO) fmt --all --check
	$(TEST_ENVIRONMENT) $(RUN_CARGO) clippy --workspace --all-targets --features pi/mpi -- -D warnings
	$(TEST_ENVIRONMENT) $(RUN_CARGO) test --workspace
	sh bench/crossings/python/test.sh
	sh tests/callers.sh c++
	sh bench/peers/test.sh
	@# Tests the core at the lower levels too; the run above used the best level of this CPU.
	@if [ "$$(uname -m)" = x86_64 ]; then for level in x86-64 x86-64-v3; do \
	    echo "LIBPI_LEVEL=$$level cargo test --package libpi"; \
	    LIBPI_LEVEL=$$level $(TEST_ENVIRONMENT) $(RUN_CARGO) test --package libpi --tests || exit 1; \
	done; fi
	$(TEST_ENVIRONMENT) $(RUN_CARGO) test --package pi --features mpi --test ranks
	$(TEST_ENVIRONMENT) $(RUN_CARGO) test --package libpi --features bindgen --test bindings
	RUSTDOCFLAGS="-D warnings" $(RUN_CARGO) doc --workspace --no-deps

test-python:
	sh python/test.sh

test-all: test
	sh python/test.sh --all
	$(MAKE) setup-peers
	PEERS_REQUIRE=all sh bench/peers/test.sh
	@sh tools/setup.sh --check-all
	$(TEST_ENVIRONMENT) $(RUN_CARGO) test --package libpi-ffi -- --ignored
	$(RUN_CARGO) test --package libpi --test package --test known_answers -- --ignored
	$(TEST_ENVIRONMENT) $(RUN_CARGO) test --package pi --test command -- --ignored killed
	$(MAKE) test-mpi MPI=openmpi
	$(MAKE) test-mpi MPI=mpich
	sh tests/callers.sh
	sh tests/gallery.sh
	sh tests/slurm.sh
	sh tests/compilers.sh
	sh tests/avx512.sh
	sh tests/aarch64.sh
	$(RUN_CARGO) test --package pi --test command -- --ignored new:: check_kernel::
	PI_TEST_BROWSER=required $(RUN_CARGO) test --package pi --test command browser

# The tests that depend on the MPI.
test-mpi:
	$(TEST_ENVIRONMENT) $(RUN_CARGO) test --package libpi-ffi --test mpi
	$(TEST_ENVIRONMENT) $(RUN_CARGO) test --package pi --features mpi --test ranks -- --include-ignored

fuzz:
	@sh tools/setup.sh --check-all
	sh ffi/fuzz/fuzz.sh

# The Python package.
wheel:
	sh tools/wheel.sh

sdist:
	sh tools/wheel.sh sdist

# .cargo/mutants.toml says what is changed. Each change must make a test fail.
mutants:
	@command -v cargo-mutants >/dev/null || \
	    { echo "to install: cargo install cargo-mutants --locked" >&2; exit 1; }
	$(RUN_CARGO) mutants --workspace --output "$${CARGO_TARGET_DIR:-target}"

# Installs what is built: `make build && sudo make install` needs no cargo as root. It builds only
# if nothing is built or the sources have changed.
install:
	@sh tools/install.sh install

uninstall:
	@sh tools/install.sh uninstall

# Regenerates the committed files that are generated: rust/kernels.rs from c/kernels.h and the table
# of kernels, and ffi/libpi.h from ffi/src.
bindings:
	UPDATE_BINDINGS=1 $(RUN_CARGO) test --package libpi --features bindgen --test bindings
	UPDATE_BINDINGS=1 $(RUN_CARGO) test --package libpi-ffi --test header

doc:
	RUSTDOCFLAGS="-D warnings" $(RUN_CARGO) doc --workspace --no-deps

clean:
	$(RUN_CARGO) clean
