/* Calls the hit test of a C kernel for the points in the arguments (for npb: the states), which are
 * x y x y ... Prints 1 for a hit and 0 for a miss. SOURCE is the kernel's source file; it is
 * included because its functions are static. */
#include SOURCE

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t hits(int64_t x, int64_t y) {
#if defined PHILOX
    return 1 - miss((uint32_t)x, (uint32_t)y);
#elif defined XOSHIRO
    return 1 - miss((uint64_t)y << 32 | (uint32_t)x);
#else
    return (uint64_t)hit((uint64_t)x << 18, (uint64_t)y << 18);
#endif
}

int main(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i += 2) {
        printf("%" PRIu64 "\n", hits(strtoll(argv[i], NULL, 10), strtoll(argv[i + 1], NULL, 10)));
    }
    return 0;
}
