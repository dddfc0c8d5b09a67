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

/// Points on and near the circle, and 1 for a hit or 0 for a miss.
#[cfg(test)]
pub(crate) const POINTS: [(i32, i32, u64); 10] = [
    (0, 0, 1),
    (i32::MAX, 0, 1),
    (i32::MIN, 0, 0),
    (i32::MIN, i32::MIN, 0),
    (2147483524, 729778, 1),
    (2146048718, 78491518, 1),
    (2147139758, 38430171, 1),
    (2147483647, 65536, 0),
    (2145017887, 102879944, 0),
    (2147479552, 4194302, 0),
];

/// The points and their mirror images.
#[cfg(test)]
pub(crate) fn points() -> impl Iterator<Item = (i32, i32, u64)> {
    POINTS.into_iter().flat_map(|(x, y, hit)| {
        let images = [(x, y), (y, x), (x, y.wrapping_neg()), (x.wrapping_neg(), y)];
        images.map(|(x, y)| (x, y, hit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_and_near_the_circle() {
        for (x, y, hit) in points() {
            let word = |c: i32| 0xDEAD_BEEF_0000_0000 | u64::from(c.cast_unsigned());
            assert_eq!(1 - is_miss::<false>(word(x), word(y)), hit, "{x} {y}");
            assert_eq!(1 - is_miss::<true>(word(x), word(y)), hit, "{x} {y}");
        }
    }
}
