/* What a peer in C, C++ or Fortran says about itself. peer.c answers the requests of the runner
 * protocol, bench/PROTOCOL.md, for all of them.
 */
#ifndef PEER_H
#define PEER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Counts the hits among the samples [first, first + count). */
typedef uint64_t peer_count(uint64_t seed, uint64_t first, uint64_t count);

/* Counts a range by so many threads. Each thread counts one part. */
typedef uint64_t peer_driver(peer_count *count_part, uint64_t seed, uint64_t first, uint64_t count,
                             int threads);

struct peer_kernel {
    const char *name;
    peer_count *count;
};

/* Answers the request on stdin. Besides `driver`, each peer has the driver `serial`. An exact peer
 * counts the hits of the generator philox. The kernels end with one that has no name. Returns the
 * exit code. */
int peer_answer(int exact, const char *version, const struct peer_kernel *kernels,
                const char *driver_name, peer_driver *driver);

/* Where part `part` of `parts` begins. It ends where the next part begins. */
uint64_t peer_part(uint64_t first, uint64_t count, int part, int parts);

/* A seed for the random numbers of the samples from `first` on. Other seeds, and other threads, get
 * other numbers. */
uint64_t peer_seed(uint64_t seed, uint64_t first);

/* Ends the program with a message, because the library failed. */
void peer_fail(const char *why);

/* A driver in C: peer_openmp.c. */
peer_driver peer_openmp;

#ifdef __cplusplus
}
#endif

#endif
