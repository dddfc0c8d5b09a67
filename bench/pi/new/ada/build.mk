ADA ?= gnatgcc
OTHERS = kernel.o kernel.ali

# -gnatp leaves out the checks: a kernel must not raise an exception.
libkernel.so: kernel.adb kernel.ads
	$(call needs,$(ADA),install gnat)
	$(ADA) -c -O3 -gnatp $(TARGET) -fPIC kernel.adb
	$(ADA) -shared kernel.o -o $@
