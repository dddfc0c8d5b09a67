//! Numbers as text, for people.

use libpi::cpus::CpuMask;
use std::fmt::Display;

/// Parses a count: `1000000`, `1_000_000`, `1e6`, `2.5e9`, `10M`, `2^24`.
pub fn parse_count(text: &str) -> Result<u64, String> {
    let value = if let Some((base, exponent)) = text.split_once('^') {
        power(base, exponent)
    } else {
        decimal(text)
    };
    match value {
        Some(Number::Whole(count)) => Ok(count),
        Some(Number::TooLarge) => Err(format!("it may be at most {} = 2^64 - 1", u64::MAX)),
        Some(Number::Fraction) => Err("it must be a whole number".to_owned()),
        None => {
            Err("it must be a whole number of 0 or more, such as 1000000, 1e6, 10M or 2^24"
                .to_owned())
        }
    }
}

/// Parses a seed: decimal or, after `0x`, hexadecimal.
pub fn parse_seed(text: &str) -> Result<u64, String> {
    let digits = text.replace('_', "");
    let (digits, radix) = match digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        Some(hexadecimal) => (hexadecimal, 16),
        None => (&*digits, 10),
    };
    // `from_str_radix` accepts a sign, but a seed has none.
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err(
            "it must be a whole number of 0 or more, decimal or hexadecimal after 0x".to_owned()
        );
    }
    u64::from_str_radix(digits, radix)
        .map_err(|_| format!("it may be at most {} = 2^64 - 1", u64::MAX))
}

enum Number {
    Whole(u64),
    Fraction,
    TooLarge,
}

fn power(base: &str, exponent: &str) -> Option<Number> {
    let (base, exponent) =
        (digits(base)?.parse::<u64>().ok()?, digits(exponent)?.parse::<u32>().ok()?);
    Some(base.checked_pow(exponent).map_or(Number::TooLarge, Number::Whole))
}

/// Parses decimal digits with an optional point, then an optional suffix or exponent of ten.
fn decimal(text: &str) -> Option<Number> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, digits(exponent.strip_prefix('+').unwrap_or(exponent))?.parse::<u32>().ok()?)
        }
        None => match text.char_indices().last()? {
            (at, 'k' | 'K') => (&text[..at], 3),
            (at, 'M') => (&text[..at], 6),
            (at, 'G') => (&text[..at], 9),
            (at, 'T') => (&text[..at], 12),
            _ => (text, 0),
        },
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = digits(whole)?;
    let fraction = if fraction.is_empty() { String::new() } else { digits(fraction)? };
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > exponent as usize {
        return Some(Number::Fraction);
    }
    let significant = format!("{whole}{fraction}");
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some(Number::Whole(0));
    }
    let zeros = exponent as usize - fraction.len();
    // 2^64 has 20 digits, so longer numbers are too large.
    if significant.len() + zeros > 20 {
        return Some(Number::TooLarge);
    }
    let written = format!("{significant}{}", "0".repeat(zeros));
    Some(written.parse().map_or(Number::TooLarge, Number::Whole))
}

/// The digits of a text without underscores. Returns none if there is anything else.
fn digits(text: &str) -> Option<String> {
    let digits = text.replace('_', "");
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// A rate with three digits and a suitable unit: `1.73 G/s`.
pub fn rate(per_second: f64) -> String {
    let per_second = rounded(per_second, 3);
    let (scale, unit) = match per_second {
        r if r >= 1e12 => (1e12, "T/s"),
        r if r >= 1e9 => (1e9, "G/s"),
        r if r >= 1e6 => (1e6, "M/s"),
        r if r >= 1e3 => (1e3, "k/s"),
        _ => (1.0, "/s"),
    };
    let value = per_second / scale;
    let places = match value {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    format!("{} {unit}", fixed(value, places))
}

/// Parses a share: `5%` or `0.5%`.
pub fn parse_share(text: &str) -> Result<f64, String> {
    let percent = text.strip_suffix('%').and_then(|number| number.parse::<f64>().ok());
    percent
        .filter(|percent| percent.is_finite() && *percent >= 0.0)
        .map(|percent| percent / 100.0)
        .ok_or_else(|| "it must be a percentage of 0 or more, such as 5% or 0.5%".to_owned())
}

/// A time with three digits and a suitable unit: `0.577 ns`.
pub fn time(seconds: f64) -> String {
    let seconds = rounded(seconds, 3);
    let (scale, unit) = match seconds.abs() {
        s if s >= 1.0 => (1.0, "s"),
        s if s >= 1e-3 => (1e-3, "ms"),
        s if s >= 1e-6 => (1e-6, "µs"),
        _ => (1e-9, "ns"),
    };
    format!("{} {unit}", digits3(seconds / scale))
}

/// A ratio or another number near 1. It has one digit more than [`time`], because readers look for small
/// differences of ratios.
pub fn ratio(value: f64) -> String {
    // Larger values of a size would be rounded up to the next size.
    match value.abs() {
        v if v >= 1e6 => format!("{value:.2e}"),
        v if v >= 99.95 => format!("{value:.0}"),
        v if v >= 9.9995 => format!("{value:.1}"),
        _ => fixed(value, 3),
    }
}

/// Whether a factor is read for its small difference from 1.
pub fn is_near_one(value: f64) -> bool {
    (0.95..1.05).contains(&value)
}

/// A factor with three digits: `1.96`, `12.3`. A small difference from 1 gets one digit more.
pub fn factor(value: f64) -> String {
    if is_near_one(value) || value >= 9.995 { ratio(value) } else { format!("{value:.2}") }
}

/// A share in percent, with two or three digits: `0.61%`, `97.4%`.
pub fn share(value: f64) -> String {
    // The digits of larger shares do not matter.
    if value.abs() >= 1e4 {
        return format!("{:.1e}%", 100.0 * value);
    }
    let places = if value.abs() < 0.01 { 2 } else { 1 };
    format!("{}%", fixed(100.0 * value, places))
}

/// A count as text: a large power of two as `2^20`, any other count in full.
pub fn size(count: u64) -> String {
    match count {
        count if count >= 1024 && count.is_power_of_two() => format!("2^{}", count.ilog2()),
        count => count.to_string(),
    }
}

/// A number of things: `1 rank`, `2 ranks`, `2 processes`, `2 indices`.
pub fn counted<N: Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    let (stem, ending) = match noun.strip_suffix("ex") {
        _ if number == N::from(1) => (noun, ""),
        Some(stem) => (stem, "ices"),
        None if noun.ends_with('s') => (noun, "es"),
        None => (noun, "s"),
    };
    format!("{number} {stem}{ending}")
}

/// CPUs by their numbers: `CPU 0`, `CPUs 0-3`.
pub fn listed(cpus: &CpuMask) -> String {
    let noun = if cpus.count() == 1 { "CPU" } else { "CPUs" };
    format!("{noun} {cpus}")
}

/// A number rounded to so many digits. The unit is chosen afterwards, so that 999.7 ns becomes 1.00 µs.
fn rounded(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits - 1).parse().unwrap_or(value)
}

/// A number with so many decimal places. If it rounds to zero, it is `0`, without places or a sign.
fn fixed(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let vanished = text.chars().all(|digit| "-0.".contains(digit));
    if vanished { "0".to_owned() } else { text }
}

/// Three digits of a number below 1000.
fn digits3(value: f64) -> String {
    let places = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    fixed(value, places)
}

/// A duration as text, in one unit.
pub fn duration(seconds: f64) -> String {
    match seconds {
        ..10.0 => time(seconds),
        ..120.0 => format!("{seconds:.0} seconds"),
        ..7200.0 => format!("{:.0} minutes", seconds / 60.0),
        _ => format!("{:.0} hours", seconds / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_parsed() {
        for (text, count) in [
            ("0", 0),
            ("1000000", 1_000_000),
            ("1_000_000", 1_000_000),
            ("1e6", 1_000_000),
            ("1E+6", 1_000_000),
            ("2.5e9", 2_500_000_000),
            ("1.50e1", 15),
            ("10M", 10_000_000),
            ("1.5k", 1500),
            ("2G", 2_000_000_000),
            ("1T", 1_000_000_000_000),
            ("2^24", 1 << 24),
            ("2^0", 1),
            ("10^19", 10_000_000_000_000_000_000),
            ("0e99", 0),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(parse_count(text), Ok(count), "{text}");
        }
    }

    #[test]
    fn bad_counts_are_errors() {
        for (text, why) in [
            ("-1", "0 or more"),
            ("+1", "0 or more"),
            ("1.5", "whole"),
            ("1.25e1", "whole"),
            ("1e-3", "0 or more"),
            ("1e30", "at most"),
            ("18446744073709551616", "at most"),
            ("2^64", "at most"),
            ("1e99999999", "at most"),
            ("2^-1", "0 or more"),
            ("", "0 or more"),
            ("e6", "0 or more"),
            ("M", "0 or more"),
            ("ten", "0 or more"),
            ("1 000", "0 or more"),
            ("1e6é", "0 or more"),
        ] {
            let error = parse_count(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn seeds() {
        assert_eq!(parse_seed("42"), Ok(42));
        assert_eq!(parse_seed("0xffff_ffff_ffff_ffff"), Ok(u64::MAX));
        for text in ["", "0x", "-1", "+1", "1e3", "0xg", "18446744073709551616"] {
            assert!(parse_seed(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shares_are_percentages() {
        assert_eq!(parse_share("5%"), Ok(0.05));
        assert_eq!(parse_share("0%"), Ok(0.0));
        for text in ["5", "", "%", "-1%", "inf%", "NaN%", "five%"] {
            assert!(parse_share(text).unwrap_err().contains("such as 5%"), "{text}");
        }
        assert_eq!(share(0.00612), "0.61%");
        assert_eq!(share(0.0123), "1.2%");
        assert_eq!(share(0.98), "98.0%");
        assert_eq!((&*share(9999.0), &*share(1.5e25)), ("999900.0%", "1.5e27%"));
        assert_eq!(share(-0.00001), "0%");
        assert_eq!([share(0.0), share(-0.0)], ["0%", "0%"]);
        assert_eq!(share(-0.002), "-0.20%");
    }

    #[test]
    fn times_ratios_and_sizes_as_people_read_them() {
        assert_eq!(time(0.577e-9), "0.577 ns");
        assert_eq!(time(12.34e-6), "12.3 µs");
        assert_eq!(time(1.0), "1.00 s");
        assert_eq!(time(0.1234), "123 ms");
        assert_eq!(time(999.7e-9), "1.00 µs");
        for nothing in [0.0, -0.0, 1e-13, -1e-13] {
            assert_eq!(time(nothing), "0 ns");
        }
        assert_eq!([ratio(0.0), ratio(-0.0004), ratio(9.9996)], ["0", "0", "10.0"]);
        assert_eq!([counted(1_u64, "rank"), counted(0_u32, "process")], ["1 rank", "0 processes"]);
        assert_eq!([counted(1_u64, "index"), counted(2_u64, "index")], ["1 index", "2 indices"]);
        let cpus = |numbers: &[usize]| listed(&numbers.iter().copied().collect());
        assert_eq!([cpus(&[7]), cpus(&[0, 1, 4])], ["CPU 7", "CPUs 0-1,4"]);
        assert_eq!(ratio(1.0026), "1.003");
        assert_eq!(ratio(12.34), "12.3");
        assert_eq!(ratio(412.6), "413");
        assert_eq!((&*ratio(999_999.0), &*ratio(1.5e25)), ("999999", "1.50e25"));
        assert_eq!(size(1 << 20), "2^20");
        assert_eq!(size(16), "16");
        assert_eq!(size(1_000_000), "1000000");
    }

    #[test]
    fn rates_have_three_digits() {
        assert_eq!(rate(1_734_000_000.0), "1.73 G/s");
        assert_eq!(rate(17_340_000.0), "17.3 M/s");
        assert_eq!(rate(173_400.0), "173 k/s");
        assert_eq!(rate(0.0), "0 /s");
        assert_eq!(rate(999_600_000.0), "1.00 G/s");
        assert_eq!(rate(9_996_000.0), "10.0 M/s");
    }

    #[test]
    fn durations_have_one_unit() {
        for (seconds, text) in [
            (9.5, "9.50 s"),
            (58.2, "58 seconds"),
            (150.0, "2 minutes"),
            (7199.0, "120 minutes"),
            (9000.0, "2 hours"),
        ] {
            assert_eq!(duration(seconds), text);
        }
    }
}
