/* AVX-512: vectors of 512 bits. simd.h describes the operations. */
#include <immintrin.h>

typedef __m512i vec;

#define LANES32 16
#define LANES64 8

/* philox keeps each word in a 64-bit lane, whose upper half may hold anything: multiplications
 * ignore it. So no word moves to another lane, and a product is the vector of its low words. */
#define WORDS 8

typedef vec products;

INLINE vec splat(uint32_t word) { return _mm512_set1_epi32((int32_t)word); }

INLINE vec counting_from(uint32_t first) {
    return _mm512_add_epi32(splat(first), _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7));
}

INLINE vec xor (vec a, vec b) { return _mm512_xor_si512(a, b); }

    INLINE vec xor3(vec a, vec b, vec c) {
    return _mm512_ternarylogic_epi64(a, b, c, 0x96); /* the truth table of a ^ b ^ c */
}

INLINE products product(vec a, vec b) { return _mm512_mul_epu32(a, b); }

INLINE vec high(products p) { return _mm512_srli_epi64(p, 32); }

INLINE vec low(products p) { return p; }

INLINE vec low_in_order(vec a, vec b, products p) {
    (void)a, (void)b;
    return p;
}

/* A norm is outside of the circle if one of its top two bits is set. */
INLINE uint32_t misses(vec x, vec y) {
    vec norm = _mm512_add_epi64(_mm512_mul_epi32(x, x), _mm512_mul_epi32(y, y));
    return ones(_mm512_test_epi64_mask(norm, _mm512_set1_epi64((int64_t)(UINT64_C(3) << 62))));
}

INLINE uint32_t misses_in_pairs(vec a, vec b) { return misses(a, high(a)) + misses(b, high(b)); }

INLINE vec load32(const uint32_t *words) { return _mm512_loadu_si512(words); }

INLINE vec add32(vec a, vec b) { return _mm512_add_epi32(a, b); }

INLINE vec load64(const uint64_t *numbers) { return _mm512_loadu_si512(numbers); }

INLINE void store64(uint64_t *numbers, vec a) { _mm512_storeu_si512(numbers, a); }

INLINE vec add64(vec a, vec b) { return _mm512_add_epi64(a, b); }

#define shift_left(a, bits) _mm512_slli_epi64(a, bits)

#define rotate_left(a, bits) _mm512_rol_epi64(a, bits)

typedef __m512 floats;

INLINE floats splat_float(float number) { return _mm512_set1_ps(number); }

INLINE floats beyond_circle(vec x, vec y) {
    floats fx = _mm512_cvtepi32_ps(x), fy = _mm512_cvtepi32_ps(y);
    return _mm512_fmadd_ps(fx, fx, _mm512_fmsub_ps(fy, fy, splat_float(0x1p62f)));
}

INLINE uint32_t negative(floats a) { return ones(_mm512_movepi32_mask(_mm512_castps_si512(a))); }

INLINE floats smaller(floats a, floats b) { return _mm512_min_ps(a, _mm512_abs_ps(b)); }

INLINE int any_within(floats a, float limit) {
    return _mm512_cmp_ps_mask(a, splat_float(limit), _CMP_LE_OQ) != 0;
}
