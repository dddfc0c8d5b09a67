/* What the first release of version 1 of the ABI declares. Every later release of the same version
 * must still have it. Only a new version of the ABI changes this file. */
#include <stdint.h>
#define LIBPI_ABI_VERSION 1
typedef int32_t libpi_status;
typedef int32_t libpi_generator;
typedef uint64_t (*libpi_kernel)(uint64_t seed, uint64_t first, uint64_t count);
#define LIBPI_OK 0
#define LIBPI_ERROR_NULL 1
#define LIBPI_ERROR_GENERATOR 2
#define LIBPI_ERROR_NAME 3
#define LIBPI_ERROR_MISSING 4
#define LIBPI_ERROR_SEED 5
#define LIBPI_ERROR_RANGE 6
#define LIBPI_ERROR_THREADS 7
#define LIBPI_ERROR_SPAWN 8
#define LIBPI_ERROR_HITS 9
#define LIBPI_ERROR_NO_SAMPLES 10
#define LIBPI_ERROR_PART 11
#define LIBPI_ERROR_INDEX 12
#define LIBPI_ERROR_VARIABLE 13
#define LIBPI_ERROR_PANIC 14
#define LIBPI_PHILOX 1
#define LIBPI_NPB 2
#define LIBPI_XOSHIRO 3
#define LIBPI_TEXTBOOK 4
libpi_status libpi_hits(libpi_generator generator,
                        uint64_t seed,
                        uint64_t first,
                        uint64_t count,
                        int32_t threads,
                        uint64_t *hits);
libpi_status libpi_hits_with(const char *kernel,
                             const char *driver,
                             libpi_generator generator,
                             uint64_t seed,
                             uint64_t first,
                             uint64_t count,
                             int32_t threads,
                             uint64_t *hits);
libpi_status libpi_drive(const char *driver,
                         libpi_kernel kernel,
                         uint64_t seed,
                         uint64_t first,
                         uint64_t count,
                         int32_t threads,
                         uint64_t *hits);
libpi_status libpi_split(uint64_t first,
                         uint64_t count,
                         uint64_t parts,
                         uint64_t part,
                         uint64_t *part_first,
                         uint64_t *part_count);
libpi_status libpi_estimate(uint64_t hits, uint64_t count, double *pi, double *standard_error);
libpi_status libpi_interval(uint64_t hits, uint64_t count, double *lower, double *upper);
libpi_status libpi_kernel_at(uint32_t index,
                             libpi_generator *generator,
                             const char **name,
                             const char **missing);
libpi_status libpi_driver_at(uint32_t index, const char **name, const char **missing);
const char *libpi_last_error(void);
const char *libpi_version(void);
uint32_t libpi_abi_version(void);
