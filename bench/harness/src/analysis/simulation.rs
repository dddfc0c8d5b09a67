//! Checks the promises of intervals and verdicts on simulated sessions. This command prints the numbers
//! in METHODOLOGY.md:
//! `cargo test -p pi-harness --lib simulation -- --nocapture --test-threads=1`.

use crate::analysis::laws::{Fit, Law};
use crate::analysis::order::{PROCESSES_FOR_LEVEL, quartile};
use crate::analysis::stats::{Interval, Times, Verdict};
use fastrand::Rng;
use std::f64::consts::TAU;

const SESSIONS: usize = 2000;

/// How much slower the slower cell is, which the sessions must find.
const SLOWER: f64 = 1.2;

/// How the times of the same work vary on a machine. Each machine has a little noise besides.
#[derive(Debug, Clone, Copy)]
enum Machine {
    /// The time varies only by the noise.
    Unimodal,
    /// This share of the processes takes a tenth longer.
    Bimodal(f64),
    /// The machine becomes warm: the last process takes a tenth longer than the first.
    Warming,
    /// The machine is slower by turns, by up to a tenth.
    Swinging,
    /// Other programs make this share of the processes 1.2 to 2 times slower.
    Disturbed(f64),
}

const MACHINES: [Machine; 6] = [
    Machine::Unimodal,
    Machine::Bimodal(0.5),
    Machine::Bimodal(0.9),
    Machine::Warming,
    Machine::Swinging,
    Machine::Disturbed(0.25),
];

impl Machine {
    /// The factor by which a process is slower. `part` is the elapsed part of the session, 0 to 1.
    fn factor(self, rng: &mut Rng, part: f64) -> f64 {
        let noise = (0.02 * normal(rng)).exp();
        noise
            * match self {
                Self::Unimodal => 1.0,
                Self::Bimodal(share) if rng.f64() < share => 1.1,
                Self::Disturbed(share) if rng.f64() < share => 1.2 + 0.8 * rng.f64(),
                Self::Bimodal(_) | Self::Disturbed(_) => 1.0,
                Self::Warming => 1.0 + 0.1 * part,
                Self::Swinging => 1.05 + 0.05 * (TAU * 3.0 * part).sin(),
            }
    }

    /// The times of a session in rounds, each in random order. `cells` are the times of the cells
    /// without noise.
    fn session<const N: usize>(self, rng: &mut Rng, count: usize, cells: [f64; N]) -> [Times; N] {
        let mut processes = [(); N].map(|()| Vec::new());
        let mut order: Vec<usize> = (0..N).collect();
        for round in 0..count {
            rng.shuffle(&mut order);
            for (place, &cell) in order.iter().enumerate() {
                let part = (round * N + place) as f64 / (count * N) as f64;
                processes[cell].push(cells[cell] * self.factor(rng, part));
            }
        }
        processes.map(|processes| Times::of(processes.chunks(1)).unwrap())
    }

    /// The true lower quartile, from very many processes.
    fn quartile(self, rng: &mut Rng) -> f64 {
        const ALL: usize = 200_000;
        let [all] = self.session(rng, ALL, [1.0]);
        assert_eq!(quartile(ALL), ALL / 4);
        all.value()
    }
}

/// A normally distributed random number (Box and Muller).
fn normal(rng: &mut Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (TAU * rng.f64()).cos()
}

/// What the sessions saw, as shares of their number.
#[derive(Debug, Default)]
struct Seen {
    /// The interval of a cell holds the true lower quartile.
    covered: f64,
    /// The interval of a ratio holds the true ratio.
    ratio_covered: f64,
    /// A cell differs from an equal cell.
    false_alarms: f64,
    /// The slower cell is found.
    found: f64,
    /// The slower cell is beyond a limit of 5%.
    beyond: f64,
}

fn simulate(machine: Machine, count: usize, truth: f64) -> Seen {
    let mut rng = Rng::with_seed(1);
    let mut seen = Seen::default();
    let share = |is: bool| f64::from(u8::from(is)) / SESSIONS as f64;
    let holds = |interval: Option<Interval>, value: f64| {
        let Interval { low, high, .. } = interval.unwrap();
        low <= value && value <= high
    };
    for _ in 0..SESSIONS {
        let [one, same, slower] = machine.session(&mut rng, count, [1.0, 1.0, SLOWER]);
        let ratio = slower.ratio(&one);
        seen.covered += share(holds(one.estimate().interval, truth));
        seen.ratio_covered += share(holds(ratio.interval, SLOWER));
        seen.false_alarms += share(Verdict::of(same.ratio(&one), None).differs());
        seen.found += share(Verdict::of(ratio, None) == Verdict::Slower);
        seen.beyond += share(ratio.interval.unwrap().low > 1.05);
    }
    seen
}

/// How far a share of the sessions may be from its probability: three standard deviations.
fn chance(probability: f64) -> f64 {
    3.0 * (probability * (1.0 - probability) / SESSIONS as f64).sqrt()
}

#[test]
fn intervals_and_verdicts_keep_what_they_promise() {
    for machine in MACHINES {
        let truth = machine.quartile(&mut Rng::with_seed(2));
        for count in [5, 9, 12, 15, 20] {
            let seen = simulate(machine, count, truth);
            println!("{count:3} {machine:?} {seen:.3?}");
            let [cell, other] = [1, 2].map(|seed| {
                let [times] = machine.session(&mut Rng::with_seed(seed), count, [1.0]);
                times
            });
            let level = cell.estimate().interval.unwrap().level;
            let of_ratio = cell.ratio(&other).interval.unwrap().level;
            assert!(seen.covered > level - chance(level), "{machine:?} {count}: {seen:?}, {level}");
            assert!(
                seen.ratio_covered > of_ratio - chance(of_ratio),
                "{machine:?} {count}: {seen:?}"
            );
            assert!(
                seen.false_alarms < 1.0 - of_ratio + chance(of_ratio),
                "{machine:?} {count}: {seen:?}"
            );
            if count >= PROCESSES_FOR_LEVEL as usize {
                assert!(level >= 0.95 && of_ratio >= 0.95);
                assert!(seen.found >= 0.95 && seen.beyond >= 0.95, "{machine:?} {count}: {seen:?}");
            }
        }
    }
}

/// This is not promised: if only one of two equal cells is disturbed, or noisy, they are told apart a
/// little more often.
#[test]
fn cells_that_are_not_disturbed_alike_are_told_apart_a_little_too_often() {
    let count = PROCESSES_FOR_LEVEL as usize;
    let mut rng = Rng::with_seed(2);
    let mut alarms = [0; 2];
    let noisy = Machine::Unimodal.quartile(&mut rng);
    for _ in 0..SESSIONS {
        let [quiet] = Machine::Unimodal.session(&mut rng, count, [1.0]);
        let [disturbed] = Machine::Disturbed(0.25).session(&mut rng, count, [1.0]);
        let exact = Times::of(vec![noisy; count].chunks(1)).unwrap();
        for (alarm, other) in alarms.iter_mut().zip([&disturbed, &exact]) {
            *alarm += usize::from(Verdict::of(other.ratio(&quiet), None).differs());
        }
    }
    let alarms = alarms.map(|alarms| alarms as f64 / SESSIONS as f64);
    println!("one disturbed {:.3}, one without noise {:.3}", alarms[0], alarms[1]);
    assert!(alarms[0] < 0.07 && alarms[1] < 0.21, "{alarms:?}");
}

#[test]
fn intervals_of_fits_hold_the_serial_fraction() {
    const FITS: usize = 100;
    let mut rng = Rng::with_seed(3);
    let processors = [1, 2, 4, 8];
    for machine in [Machine::Unimodal, Machine::Disturbed(0.25)] {
        let mut covered = 0;
        for _ in 0..FITS {
            let times = processors.map(|p| 0.1 + 0.9 / f64::from(p));
            let cells = machine.session(&mut rng, PROCESSES_FOR_LEVEL as usize, times);
            let points: Vec<(u32, &Times)> = processors.into_iter().zip(&cells).collect();
            let serial = Fit::new(Law::Amdahl, &points).unwrap().serial.interval.unwrap();
            covered += usize::from(serial.low <= 0.1 && 0.1 <= serial.high);
        }
        println!("fit on {machine:?} {:.3}", covered as f64 / FITS as f64);
        assert!(covered * 100 >= FITS * 90, "{covered} of {FITS}");
    }
}
