/* What Python calls in C: the callee, and the philox kernel of the base level.
 *
 * Build: cc -std=c11 -O3 -fPIC -shared -I$SRC/../../../c -DLIBPI_SYMBOL=libpi_philox_c
 *     $SRC/../c/callee.c $SRC/../../../c/philox.c -o libcallees_c.so
 */
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

uint64_t libpi_callee_c(uint64_t seed, uint64_t first, uint64_t count);
uint64_t libpi_philox_c(uint64_t seed, uint64_t first, uint64_t count);

#ifdef __cplusplus
}
#endif
