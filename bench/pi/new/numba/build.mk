PYTHON ?= @TOOL@
OTHERS = kernel.o

# Numba compiles the loop, LLVM writes an object, and the C compiler makes the library.
libkernel.so: kernel.py
	$(call needs,$(PYTHON),install Python)
	@$(PYTHON) -c "import numba" || { echo "there is no numba: pip install numba, or make PYTHON=…" >&2; exit 1; }
	$(PYTHON) kernel.py $(TARGET) kernel.o
	$(CC) -shared kernel.o -o $@
