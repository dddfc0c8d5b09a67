//! Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11): the number of hits among the samples
//! [first, first + count). A block has two samples, so the range may begin or end inside a block.

/// The four words of a block: two samples, (w0, w1) and (w2, w3).
fn words(seed: u64, block: u64) -> [u32; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = [block as u32, (block >> 32) as u32, 0, 0];
    let [mut k0, mut k1] = [seed as u32, (seed >> 32) as u32];
    for _ in 0..10 {
        let (p0, p1) = (0xD2511F53 * u64::from(c0), 0xCD9E8D57 * u64::from(c2));
        (c0, c1) = ((p1 >> 32) as u32 ^ c1 ^ k0, p1 as u32);
        (c2, c3) = ((p0 >> 32) as u32 ^ c3 ^ k1, p0 as u32);
        k0 = k0.wrapping_add(0x9E3779B9);
        k1 = k1.wrapping_add(0xBB67AE85);
    }
    [c0, c1, c2, c3]
}

/// 1 if the point lies inside the circle, else 0. Words are read as signed numbers.
fn hit(x: u32, y: u32) -> u64 {
    let square = |word: u32| u64::from((word as i32).unsigned_abs()).pow(2);
    u64::from(square(x) + square(y) < 1 << 62)
}

#[unsafe(no_mangle)]
pub extern "C" fn philox(seed: u64, first: u64, count: u64) -> u64 {
    let odd = (first % 2).min(count);
    let (blocks, rest) = ((count - odd) / 2, (count - odd) % 2);
    let begin = first / 2 + odd;
    let mut hits = 0;
    if odd == 1 {
        let [_, _, w2, w3] = words(seed, first / 2);
        hits += hit(w2, w3);
    }
    for block in 0..blocks {
        let [w0, w1, w2, w3] = words(seed, begin + block);
        hits += hit(w0, w1) + hit(w2, w3);
    }
    if rest == 1 {
        let [w0, w1, _, _] = words(seed, begin + blocks);
        hits += hit(w0, w1);
    }
    hits
}
