//! The integer hit test of `philox` and `xoshiro`.

/// Returns 0 if a point of `philox` or `xoshiro` falls inside the circle, else 1. The low 32 bits
/// of x and y are signed coordinates, and the point is a hit iff x² + y² < 2^62 in integers. The
/// sum is at most 2^63, so adding 2^62 carries every miss into the top bit.
#[inline(always)]
pub(crate) fn is_miss(x: u64, y: u64) -> u64 {
    let (x, y) = (i64::from(x as u32 as i32), i64::from(y as u32 as i32));
    ((x * x) as u64 + (y * y) as u64 + (1 << 62)) >> 63
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_and_near_the_circle() {
        let rows: [(i32, i32, u64); 10] = [
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
        for (x, y, hit) in rows {
            let garbage = 0xDEAD_BEEF_0000_0000;
            for (x, y) in [(x, y), (y, x), (x, y.wrapping_neg()), (x.wrapping_neg(), y)] {
                let word = |c: i32| garbage | u64::from(c as u32);
                assert_eq!(1 - is_miss(word(x), word(y)), hit, "{x} {y}");
            }
        }
    }
}
