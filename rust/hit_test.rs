//! The integer hit test of `philox` and `xoshiro`.

/// Whether the base level of this architecture has no signed product of vectors: SSE2 has only the
/// unsigned one.
pub(crate) const ONLY_UNSIGNED: bool =
    cfg!(all(target_arch = "x86_64", not(target_feature = "sse4.1")));

/// Returns 0 if a point of `philox` or `xoshiro` falls inside the circle, else 1. The low 32 bits
/// of x and y are signed coordinates, and the point is a hit iff x² + y² < 2^62 in integers. The
/// sum is at most 2^63, so adding 2^62 carries every miss into the top bit. `UNSIGNED` makes the
/// squares unsigned products.
#[inline(always)]
pub(crate) fn is_miss<const UNSIGNED: bool>(x: u64, y: u64) -> u64 {
    (square::<UNSIGNED>(x) + square::<UNSIGNED>(y) + (1 << 62)) >> 63
}

/// The square of the low 32 bits as a signed number, which is also the square of its magnitude.
#[inline(always)]
fn square<const UNSIGNED: bool>(word: u64) -> u64 {
    let value = word as u32 as i32;
    if UNSIGNED {
        let sign = (value >> 31) as u32;
        let magnitude = u64::from((value as u32 ^ sign).wrapping_sub(sign));
        magnitude * magnitude
    } else {
        let value = i64::from(value);
        (value * value) as u64
    }
}

#[cfg(test)]
#[path = "../tests/checks/points.rs"]
pub(crate) mod points;

#[cfg(test)]
mod tests {
    use super::points::points;
    use super::*;

    #[test]
    fn points_on_and_near_the_circle() {
        for (x, y, hit) in points() {
            let word = |c: i32| 0xDEAD_BEEF_0000_0000 | u64::from(c.cast_unsigned());
            assert_eq!(1 - is_miss::<false>(word(x), word(y)), u64::from(hit), "{x} {y}");
            assert_eq!(1 - is_miss::<true>(word(x), word(y)), u64::from(hit), "{x} {y}");
        }
    }
}
