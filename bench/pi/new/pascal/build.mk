FPC ?= fpc
OTHERS = kernel.o

libkernel.so: kernel.pas
	$(call needs,$(FPC),install fp-compiler)
	$(FPC) -O4 -Cg $(TARGET) kernel.pas -o$@
