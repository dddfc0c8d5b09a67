/* AVX2: vectors of 256 bits. simd.h describes the operations. */
#include <immintrin.h>

typedef __m256i vec;

#define LANES32 8
#define LANES64 4
#define WORDS 8

/* The products of the words in the even lanes, and of those in the odd lanes. */
typedef struct {
    vec even, odd;
} products;

INLINE vec splat(uint32_t word) { return _mm256_set1_epi32((int32_t)word); }

INLINE vec counting_from(uint32_t first) {
    return _mm256_add_epi32(splat(first), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

INLINE vec xor (vec a, vec b) { return _mm256_xor_si256(a, b); }

    INLINE vec xor3(vec a, vec b, vec c) {
    return xor(a, xor(b, c));
}

/* Moves the odd lanes to the even ones. */
INLINE vec odd(vec words) { return _mm256_srli_epi64(words, 32); }

INLINE products product(vec a, vec b) {
    return (products){_mm256_mul_epu32(a, b), _mm256_mul_epu32(odd(a), odd(b))};
}

/* One shuffle takes a word of each product. In each half of 128 bits, lanes a b c d become a c b d.
 */
#define SHUFFLE(p, lanes)                                                                          \
    _mm256_castps_si256(                                                                           \
        _mm256_shuffle_ps(_mm256_castsi256_ps((p).even), _mm256_castsi256_ps((p).odd), lanes))

INLINE vec high(products p) { return SHUFFLE(p, 0xDD); }

INLINE vec low(products p) { return SHUFFLE(p, 0x88); }

INLINE vec low_in_order(vec a, vec b, products p) {
    (void)p;
    return _mm256_mullo_epi32(a, b);
}

/* x^2 + y^2 of the signed words in the even lanes. */
INLINE vec norm(vec x, vec y) {
    return _mm256_add_epi64(_mm256_mul_epi32(x, x), _mm256_mul_epi32(y, y));
}

/* Counts the norms of 2^62 and more. A norm is at most 2^63, so adding 2^62 carries every miss into
 * the top bit, and a norm of 2^63 counts once. */
INLINE uint32_t large(vec even, vec odd) {
    vec carried = _mm256_add_epi32(high((products){even, odd}), splat(1u << 30));
    return ones((uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(carried)));
}

INLINE uint32_t misses(vec x, vec y) { return large(norm(x, y), norm(odd(x), odd(y))); }

INLINE uint32_t misses_in_pairs(vec a, vec b) { return large(norm(a, odd(a)), norm(b, odd(b))); }

INLINE vec load32(const uint32_t *words) { return _mm256_loadu_si256((const vec *)words); }

INLINE vec add32(vec a, vec b) { return _mm256_add_epi32(a, b); }

INLINE vec load64(const uint64_t *numbers) { return _mm256_loadu_si256((const vec *)numbers); }

INLINE void store64(uint64_t *numbers, vec a) { _mm256_storeu_si256((vec *)numbers, a); }

INLINE vec add64(vec a, vec b) { return _mm256_add_epi64(a, b); }

#define shift_left(a, bits) _mm256_slli_epi64(a, bits)

INLINE vec rotate_left(vec a, int bits) {
    return _mm256_or_si256(_mm256_slli_epi64(a, bits), _mm256_srli_epi64(a, 64 - bits));
}

typedef __m256 floats;

INLINE floats splat_float(float number) { return _mm256_set1_ps(number); }

INLINE floats beyond_circle(vec x, vec y) {
    floats fx = _mm256_cvtepi32_ps(x), fy = _mm256_cvtepi32_ps(y);
    return _mm256_fmadd_ps(fx, fx, _mm256_fmsub_ps(fy, fy, splat_float(0x1p62f)));
}

INLINE uint32_t negative(floats a) { return ones((uint32_t)_mm256_movemask_ps(a)); }

INLINE floats smaller(floats a, floats b) {
    return _mm256_min_ps(a, _mm256_andnot_ps(splat_float(-0.0f), b));
}

INLINE int any_within(floats a, float limit) {
    return _mm256_movemask_ps(_mm256_cmp_ps(a, splat_float(limit), _CMP_LE_OQ)) != 0;
}
