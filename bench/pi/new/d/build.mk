LDC ?= ldc2
OTHERS = *.o

libkernel.so: kernel.d
	$(call needs,$(LDC),install ldc)
	$(LDC) -O3 -betterC $(TARGET) -shared -relocation-model=pic kernel.d -of=$@
