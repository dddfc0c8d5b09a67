//! Counts the primes among the numbers [first, first + count).

fn is_prime(number: u64) -> bool {
    if number < 4 {
        return number > 1;
    }
    if number.is_multiple_of(2) || number.is_multiple_of(3) {
        return false;
    }
    // Every other prime is one below or above a multiple of 6. The quotient cannot overflow, as a square
    // could.
    let mut divisor = 5;
    while divisor <= number / divisor {
        if number.is_multiple_of(divisor) || number.is_multiple_of(divisor + 2) {
            return false;
        }
        divisor += 6;
    }
    true
}

/// A problem without random numbers needs no seed.
// SAFETY: the name is that of no other function in this library.
#[unsafe(no_mangle)]
pub extern "C" fn count_primes(_seed: u64, first: u64, count: u64) -> u64 {
    (0..count).map(|index| u64::from(is_prime(first + index))).sum()
}
