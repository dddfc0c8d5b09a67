libkernel.so: kernel.c
	$(call needs,$(CC),install gcc)
	$(CC) -std=c11 -O3 -ffp-contract=off -Wall -Wextra $(TARGET) -shared -fPIC kernel.c -o $@
