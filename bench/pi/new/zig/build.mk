ZIG ?= @TOOL@
OTHERS = libkernel.so.o

libkernel.so: kernel.zig
	$(call needs,$(ZIG),install Zig or run pip install ziglang and make ZIG='python3 -m ziglang')
	$(ZIG) build-lib -dynamic -O ReleaseFast $(TARGET) kernel.zig -femit-bin=$@
