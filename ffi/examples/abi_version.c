/* A program that loads libpi with dlopen must check the ABI version before it calls anything else.
 * A program that is linked to libpi need not: it asks the loader for libpi.so.1, whose name carries
 * the number.
 *
 *     cc abi_version.c -ldl -o abi_version */
#include <dlfcn.h>
#include <inttypes.h>
#include <libpi.h>
#include <stdio.h>

int main(void) {
    uint32_t (*abi_version)(void) = NULL;
    void *library = dlopen("libpi.so", RTLD_NOW);
    if (library != NULL) {
        /* The form that POSIX recommends: ISO C has no conversion from object to function pointers.
         */
        *(void **)&abi_version = dlsym(library, "libpi_abi_version");
    }
    if (abi_version == NULL) {
        fprintf(stderr, "cannot load libpi: %s\n", dlerror());
        return 1;
    }
    if (abi_version() != LIBPI_ABI_VERSION) {
        fprintf(stderr,
                "libpi.so has ABI %" PRIu32 ", this program was compiled for %d: compile it with "
                "the libpi.h of that library\n",
                abi_version(), LIBPI_ABI_VERSION);
        return 1;
    }
    printf("ABI %" PRIu32 ", as compiled for\n", abi_version());
    return 0;
}
