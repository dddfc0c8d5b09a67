//! Points on and near the circle of the integer hit test. The unit tests of the core use them too.

/// Points on and near the circle, and whether they are hits with `philox` and `xoshiro`.
const POINTS: [(i32, i32, bool); 10] = [
    (0, 0, true),
    (i32::MAX, 0, true),
    (i32::MIN, 0, false),
    (i32::MIN, i32::MIN, false),
    (2147483524, 729778, true),
    (2146048718, 78491518, true),
    (2147139758, 38430171, true),
    (2147483647, 65536, false),
    (2145017887, 102879944, false),
    (2147479552, 4194302, false),
];

/// The points and their mirror images.
pub fn points() -> impl Iterator<Item = (i32, i32, bool)> {
    POINTS.into_iter().flat_map(|(x, y, hit)| {
        let images = [(x, y), (x.wrapping_neg(), y), (x, y.wrapping_neg())];
        images.into_iter().flat_map(move |(x, y)| [(x, y, hit), (y, x, hit)])
    })
}
