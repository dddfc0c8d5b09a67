# cython: language_level=3, cdivision=True
# The sampler in Cython. prange makes OpenMP run its loop in parallel.
#
# Build: cython $SRC/sampler_cython.pyx -o sampler_cython.c &&
#     cc -O3 ${LEVEL:+-march=$LEVEL} -fopenmp -fPIC -shared -I$INCLUDE sampler_cython.c
#     -o sampler_cython.so
from cython.parallel cimport prange
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t


cdef inline void philox(uint64_t seed, uint64_t block, uint32_t *word) noexcept nogil:
    """Philox4x32-10 (Salmon and others, SC11) turns the number of a block into four words."""
    cdef uint32_t c0 = <uint32_t>block, c1 = <uint32_t>(block >> 32), c2 = 0, c3 = 0
    cdef uint32_t k0 = <uint32_t>seed, k1 = <uint32_t>(seed >> 32)
    cdef uint64_t p0, p1
    cdef int turn
    for turn in range(10):
        p0 = <uint64_t>0xD2511F53u * c0
        p1 = <uint64_t>0xCD9E8D57u * c2
        c0 = <uint32_t>(p1 >> 32) ^ c1 ^ k0
        c1 = <uint32_t>p1
        c2 = <uint32_t>(p0 >> 32) ^ c3 ^ k1
        c3 = <uint32_t>p0
        k0 += 0x9E3779B9u
        k1 += 0xBB67AE85u
    word[0], word[1], word[2], word[3] = c0, c1, c2, c3


cdef inline bint inside(uint32_t word_x, uint32_t word_y) noexcept nogil:
    """Whether the point of two words, read with a sign, lies in the circle of radius 2^31."""
    cdef int64_t x = <int32_t>word_x, y = <int32_t>word_y
    return <uint64_t>(x * x) + <uint64_t>(y * y) < <uint64_t>1 << 62


cdef uint64_t hit(uint64_t seed, uint64_t sample) noexcept nogil:
    """Whether a sample is inside. A block makes the samples 2 * block and 2 * block + 1."""
    cdef uint32_t word[4]
    philox(seed, sample // 2, word)
    return inside(word[0], word[1]) if sample % 2 == 0 else inside(word[2], word[3])


cdef uint64_t both_hits(uint64_t seed, uint64_t block) noexcept nogil:
    """How many samples of a block are inside."""
    cdef uint32_t word[4]
    philox(seed, block, word)
    return inside(word[0], word[1]) + inside(word[2], word[3])


def hits(uint64_t seed, uint64_t first, uint64_t count, int threads):
    """Counts the samples from `first` on that lie inside the circle, on `threads` threads."""
    if count == 0:
        return 0
    cdef uint64_t block, hits = 0, last = first + (count - 1)
    for block in prange(first // 2, last // 2 + 1, nogil=True, num_threads=threads):
        hits += both_hits(seed, block)
    # The first and the last block may reach beyond the range by a sample.
    if first % 2 == 1:
        hits -= hit(seed, first - 1)
    if last % 2 == 0:
        hits -= hit(seed, last + 1)
    return hits
