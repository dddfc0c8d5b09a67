/* NEON: vectors of 128 bits. simd.h describes the operations. All of them keep the order of lanes.
 */
#include <arm_neon.h>

typedef uint32x4_t vec;

#define LANES32 4
#define LANES64 2
#define WORDS 4

/* The products of the words in the lower lanes, and of those in the upper lanes. */
typedef struct {
    uint64x2_t lower, upper;
} products;

INLINE vec words(uint64x2_t numbers) { return vreinterpretq_u32_u64(numbers); }

INLINE uint64x2_t numbers(vec words) { return vreinterpretq_u64_u32(words); }

INLINE vec splat(uint32_t word) { return vdupq_n_u32(word); }

INLINE vec counting_from(uint32_t first) {
    static const uint32_t lanes[] = {0, 1, 2, 3};
    return vaddq_u32(splat(first), vld1q_u32(lanes));
}

INLINE vec xor (vec a, vec b) { return veorq_u32(a, b); }

    INLINE vec xor3(vec a, vec b, vec c) {
    return xor(a, xor(b, c));
}

INLINE products product(vec a, vec b) {
    return (products){vmull_u32(vget_low_u32(a), vget_low_u32(b)), vmull_high_u32(a, b)};
}

INLINE vec high(products p) { return vuzp2q_u32(words(p.lower), words(p.upper)); }

INLINE vec low(products p) { return vuzp1q_u32(words(p.lower), words(p.upper)); }

INLINE vec low_in_order(vec a, vec b, products p) {
    (void)a, (void)b;
    return low(p);
}

/* A norm is at most 2^63, so adding 2^62 carries every miss into the top bit, and a norm of 2^63
 * counts once. */
INLINE uint32_t misses(vec x, vec y) {
    int32x4_t sx = vreinterpretq_s32_u32(x), sy = vreinterpretq_s32_u32(y);
    int32x2_t low_x = vget_low_s32(sx), low_y = vget_low_s32(sy);
    uint64x2_t lower = vreinterpretq_u64_s64(vmlal_s32(vmull_s32(low_x, low_x), low_y, low_y));
    uint64x2_t upper = vreinterpretq_u64_s64(vmlal_high_s32(vmull_high_s32(sx, sx), sy, sy));
    vec carried = vaddq_u32(high((products){lower, upper}), splat(1u << 30));
    return vaddvq_u32(vshrq_n_u32(carried, 31));
}

INLINE uint32_t misses_in_pairs(vec a, vec b) { return misses(vuzp1q_u32(a, b), vuzp2q_u32(a, b)); }

INLINE vec load32(const uint32_t *words) { return vld1q_u32(words); }

INLINE vec add32(vec a, vec b) { return vaddq_u32(a, b); }

INLINE vec load64(const uint64_t *numbers) { return words(vld1q_u64(numbers)); }

INLINE void store64(uint64_t *to, vec a) { vst1q_u64(to, numbers(a)); }

INLINE vec add64(vec a, vec b) { return words(vaddq_u64(numbers(a), numbers(b))); }

#define shift_left(a, bits) words(vshlq_n_u64(numbers(a), bits))

/* vsri shifts to the right and keeps the top bits of its first operand. */
#define rotate_left(a, bits)                                                                       \
    words(vsriq_n_u64(vshlq_n_u64(numbers(a), bits), numbers(a), 64 - (bits)))

typedef float32x4_t floats;

INLINE floats splat_float(float number) { return vdupq_n_f32(number); }

INLINE floats beyond_circle(vec x, vec y) {
    floats fx = vcvtq_f32_s32(vreinterpretq_s32_u32(x));
    floats fy = vcvtq_f32_s32(vreinterpretq_s32_u32(y));
    return vfmaq_f32(vfmaq_f32(splat_float(-0x1p62f), fy, fy), fx, fx);
}

INLINE uint32_t negative(floats a) { return vaddvq_u32(vshrq_n_u32(vreinterpretq_u32_f32(a), 31)); }

INLINE floats smaller(floats a, floats b) { return vminq_f32(a, vabsq_f32(b)); }

INLINE int any_within(floats a, float limit) { return vminvq_f32(a) <= limit; }
