/* A program that loads libpi while it runs asks for the ABI before anything else. One that is
 * linked to libpi need not: the number is in the name libpi.so.1 that it asks the loader for.
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
        /* As POSIX has it, since ISO C casts no pointer to an object into one to a function. */
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
