//! `pi report`: a page that shows results, and how they came about.

mod document;
mod html;
mod markdown;
mod plots;

use crate::CheckFailed;
use crate::cli::Report;
use crate::compare::{self, Place, all_read, interval_text, marked};
use crate::measured::{Cell, Kind, Measured, floor_text};
use crate::number::{rate, ratio, share, size, time};
use crate::scaling::{self, Series};
use crate::stats::{COUNTS_TO_FIT, Times};
use anyhow::Context;
use document::{Document, Part, Picture, Table, number, words};
use flate2::{Compression, write::GzEncoder};
use plots::{Axes, Curve, Panel, Rung, Scale, Words};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;

/// Rungs of a ladder above which the picture shows the fastest only.
const RUNGS: usize = 60;

/// The share of the time that a crossing may cost, where a batch counts as large enough.
const NEGLIGIBLE: f64 = 0.01;

pub(crate) fn run(options: &Report, out: &mut impl Write) -> anyhow::Result<()> {
    let sessions: Vec<Measured> =
        options.results.iter().map(|path| Measured::read(path)).collect::<anyhow::Result<_>>()?;
    let chapters: Vec<(&Path, &Measured)> =
        options.results.iter().map(|path| &**path).zip(&sessions).collect();
    let document = document(&chapters)?;
    let markdown = options.output.extension().is_some_and(|ending| ending == "md");
    let page = if markdown { markdown::page(&document) } else { html::page(&document) };
    fs::write(&options.output, page).map_err(|error| {
        CheckFailed(format!("could not write {}: {error}", options.output.display()))
    })?;
    writeln!(out, "{}", options.output.display())?;
    all_read(&sessions.iter().collect::<Vec<_>>())
}

fn document(chapters: &[(&Path, &Measured)]) -> anyhow::Result<Document> {
    let suites: Vec<&str> = chapters.iter().map(|(_, m)| &*m.header.suite).collect();
    let mut parts = Vec::new();
    for (number, (path, measured)) in chapters.iter().enumerate() {
        chapter(&mut parts, number, path, measured)?;
    }
    method(&mut parts);
    Ok(Document { title: format!("libpi: suite {}", suites.join(", ")), parts })
}

fn chapter(
    parts: &mut Vec<Part>,
    chapter: usize,
    path: &Path,
    measured: &Measured,
) -> anyhow::Result<()> {
    let header = &measured.header;
    parts.push(Part::Chapter(format!("Suite {}", header.suite)));
    let question = header.question.split_whitespace().collect::<Vec<_>>().join(" ");
    if !question.is_empty() {
        parts.push(Part::Text(question));
    }
    parts.push(Part::Text(facts(measured)));
    let told = header.environment["warnings"].as_array().into_iter().flatten();
    let told = told.filter_map(Value::as_str).map(str::to_owned);
    let notes: Vec<String> = measured.remarks.iter().cloned().chain(told).collect();
    if !notes.is_empty() {
        parts.push(Part::Text("What to know before believing the numbers:".to_owned()));
        parts.push(Part::List(notes));
    }
    let mut pictures = Pictures { chapter, count: 0, parts };
    if header.picture == "matrix" {
        drivers(&mut pictures, measured)?;
    }
    if header.picture == "scaling" {
        scalings(&mut pictures, measured)?;
    }
    ladder(&mut pictures, measured)?;
    crossings(&mut pictures, measured)?;
    batches(&mut pictures, measured)?;
    without_times(parts, measured);

    parts.push(Part::Heading("Where and with what".to_owned()));
    let mut rows = Vec::new();
    flatten(&mut rows, String::new(), &header.environment);
    parts.push(Part::Table(Table {
        caption: format!("The environment of suite {}", header.suite),
        header: vec![words("what"), words("value")],
        rows,
    }));
    parts.push(Part::Text(format!(
        "Made on {} by this command; seed {} gives the same order of blocks again.",
        header.created, header.seed
    )));
    parts.push(Part::Code(header.command.join(" ")));
    let raw = fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&raw)?;
    parts.push(Part::File { name: format!("{name}.gz"), bytes: encoder.finish()? });
    Ok(())
}

/// The session in a sentence.
fn facts(measured: &Measured) -> String {
    let sum = |of: fn(&Times) -> usize| -> usize {
        measured.cells.iter().map(|cell| of(&cell.times)).sum()
    };
    let cpu = measured.header.environment.pointer("/machine/cpu").and_then(Value::as_str);
    format!(
        "{} cells, {} processes, {} runs; {}; measured {}{}.",
        measured.cells.len(),
        sum(Times::processes),
        sum(Times::runs),
        floor_text(measured.noise_floor),
        measured.header.created,
        cpu.map(|cpu| format!(" on {cpu}")).unwrap_or_default()
    )
}

/// Where pictures are added, each with an id of its own.
struct Pictures<'a> {
    chapter: usize,
    count: usize,
    parts: &'a mut Vec<Part>,
}

impl Pictures<'_> {
    fn add(
        &mut self,
        title: &str,
        description: &str,
        draw: impl FnOnce(&Words) -> anyhow::Result<String>,
    ) -> anyhow::Result<()> {
        let id = format!("picture-{}-{}", self.chapter, self.count);
        self.count += 1;
        let svg = draw(&Words { id: &id, title, description })?;
        self.parts.push(Part::Picture(Picture { caption: description.to_owned(), svg }));
        Ok(())
    }

    fn heading(&mut self, title: &str) {
        self.parts.push(Part::Heading(title.to_owned()));
    }

    fn text(&mut self, text: String) {
        self.parts.push(Part::Text(text));
    }
}

/// The colour of a language, and its name.
fn language(name: &str) -> (usize, &str) {
    match name {
        "Rust" => (0, name),
        "C" => (1, name),
        "Fortran" => (2, name),
        "Python" => (3, name),
        _ => (6, "other"),
    }
}

/// A rate on an axis: `2 G/s`.
fn short_rate(per_second: f64) -> String {
    let text = rate(per_second);
    let (number, unit) = text.split_once(' ').unwrap_or((&text, ""));
    let number = if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    };
    format!("{number} {unit}")
}

/// The ladder of speeds, and the ranking that it shows.
fn ladder(pictures: &mut Pictures, measured: &Measured) -> anyhow::Result<()> {
    let cells = measured.fastest_first(Kind::Sample);
    let places = compare::rank(&cells, measured.noise_floor);
    let (Some(best), Some(last)) = (places.first(), places.last()) else { return Ok(()) };
    pictures.heading("The ladder of speeds");
    let equals = places.iter().filter(|place| place.rank == 1).count() - 1;
    let tied = match equals {
        0 => String::new(),
        1 => ", with one more that does not differ from it".to_owned(),
        _ => format!(", with {equals} more that do not differ from it"),
    };
    pictures.text(format!(
        "The fastest is `{}` with {} samples{tied}. The slowest, `{}`, takes {} times as long.",
        best.cell.key,
        rate(1.0 / best.cell.times.median()),
        last.cell.key,
        ratio(last.to_best.value)
    ));
    let rung = |place: &Place| {
        let speed = place.cell.times.estimate().map(|time| 1.0 / time);
        Rung {
            label: marked(place.cell),
            hue: language(&place.cell.block.language).0,
            value: speed.value,
            interval: speed.interval,
            text: rate(speed.value),
        }
    };
    let rungs: Vec<Rung> = places.iter().take(RUNGS).map(rung).collect();
    let legend: BTreeSet<(usize, String)> = cells
        .iter()
        .take(RUNGS)
        .map(|cell| language(&cell.block.language))
        .map(|(hue, name)| (hue, name.to_owned()))
        .collect();
    let legend: Vec<_> = legend.into_iter().collect();
    let shown = match cells.len() {
        all if all > RUNGS => format!("The {RUNGS} fastest of {all} cells"),
        all => format!("{all} cells"),
    };
    pictures.add(
        "Ladder of speeds",
        &format!(
            "{shown}, the fastest above: samples a second, the median of processes with its 95% \
             interval (often narrower than its mark). All numbers are in the table."
        ),
        |words| plots::ladder(words, &rungs, &legend, short_rate),
    )?;
    pictures.parts.push(ranking(
        "Every cell, the fastest first; = marks a shared rank",
        Kind::Sample,
        &places,
    ));
    Ok(())
}

fn ranking(caption: &str, kind: Kind, places: &[Place]) -> Part {
    let rows = places.iter().enumerate().map(|(position, place)| {
        let times = &place.cell.times;
        let estimate = times.estimate();
        vec![
            place.rank_text(),
            marked(place.cell),
            rate(1.0 / estimate.value),
            time(estimate.value),
            interval_text(estimate.interval, time),
            ratio(place.to_best.value),
            if position == 0 {
                "best".to_owned()
            } else {
                interval_text(place.to_best.interval, ratio)
            },
            time(times.min()),
            share(times.mad() / estimate.value),
            format!("{} × {}", times.processes(), times.runs() / times.processes()),
        ]
    });
    let per = if kind == Kind::Crossing { "time per call" } else { "time per sample" };
    Part::Table(Table {
        caption: caption.to_owned(),
        header: vec![
            number("rank"),
            words("cell"),
            number("rate"),
            number(per),
            number("95% interval"),
            number("to the best"),
            number("95% interval"),
            number("shortest run"),
            number("MAD"),
            number("processes × runs"),
        ],
        rows: rows.collect(),
    })
}

/// Kernels against drivers, a matrix for each generator.
fn drivers(pictures: &mut Pictures, measured: &Measured) -> anyhow::Result<()> {
    let cells = measured.fastest_first(Kind::Sample);
    let mut generators: BTreeMap<&str, Vec<&Cell>> = BTreeMap::new();
    for &cell in &cells {
        generators.entry(&cell.block.generator).or_default().push(cell);
    }
    for (generator, cells) in generators {
        let column = |cell: &Cell| {
            let block = &cell.block;
            (block.ranks * block.threads, block.driver.clone(), block.ranks, block.threads)
        };
        let mut kernels: Vec<&str> = Vec::new();
        for cell in &cells {
            if !kernels.contains(&&*cell.block.kernel) {
                kernels.push(&cell.block.kernel);
            }
        }
        let columns: Vec<_> =
            BTreeSet::from_iter(cells.iter().map(|&cell| column(cell))).into_iter().collect();
        if kernels.len() < 2 || columns.len() < 2 {
            continue;
        }
        let at = |row: usize, number: usize| {
            cells.iter().find(|c| c.block.kernel == kernels[row] && column(c) == columns[number])
        };
        let best = cells[0].times.median();
        let rows: Vec<String> = kernels.iter().map(|&kernel| kernel.to_owned()).collect();
        let heads: Vec<String> = columns
            .iter()
            .map(|(_, driver, ranks, threads)| {
                format!("{}\n{ranks}x{threads}", driver.replacen('-', "-\n", 1))
            })
            .collect();
        pictures.heading(&format!("Kernels against drivers: {generator}"));
        let title = format!("Kernels against drivers, {generator}");
        let description = format!(
            "Samples a second of {generator}: kernels down, drivers across with ranks x threads; the \
             darker, the faster. Each number stands in the table of the ladder with its interval."
        );
        pictures.add(&title, &description, |words| {
            plots::matrix(words, &rows, &heads, |row, column| {
                at(row, column).map(|cell| {
                    let time = cell.times.median();
                    (rate(1.0 / time), best / time)
                })
            })
        })?;
    }
    Ok(())
}

/// Strong and weak scaling: curves, and a table of what follows from them.
fn scalings(pictures: &mut Pictures, measured: &Measured) -> anyhow::Result<()> {
    let all = scaling::series(measured);
    for weak in [false, true] {
        let series: Vec<&Series> = all.iter().filter(|series| series.weak == weak).collect();
        if series.is_empty() {
            continue;
        }
        let name = if weak { "Weak scaling" } else { "Strong scaling" };
        pictures.heading(name);
        pictures.text(if weak {
            "Each processor has the same work however many there are. A speed-up is the rate against \
             that of the fastest serial kernel."
                .to_owned()
        } else {
            "The same work on more processors. A speed-up is the time of the fastest serial kernel \
             divided by that of the cell, so that a slow kernel gains nothing by scaling well."
                .to_owned()
        });
        let counts: BTreeSet<u32> =
            series.iter().flat_map(|s| &s.points).map(|point| point.cell.processors()).collect();
        let across: Vec<(f64, String)> =
            counts.iter().map(|&count| (f64::from(count), count.to_string())).collect();
        let most = counts.last().copied().unwrap_or(1);
        let scale = if most > 16 { Scale::Log } else { Scale::Linear };
        let mut panels: Vec<Panel> = Vec::new();
        for one in &series {
            let panel = match panels.iter().position(|panel| panel.title == one.kernel) {
                Some(position) => position,
                None => {
                    panels.push(Panel { title: one.kernel.clone(), curves: Vec::new() });
                    panels.len() - 1
                }
            };
            let curves = &mut panels[panel].curves;
            curves.push(Curve {
                label: one.label.clone(),
                hue: curves.len(),
                points: one
                    .points
                    .iter()
                    .map(|point| (point.processors, point.speedup.value, point.speedup.interval))
                    .collect(),
                law: law_of(one, most),
                ring: None,
            });
        }
        let axes = Axes {
            scale: (scale, scale),
            names: ("processors (ranks × threads)", "speed-up over the fastest serial kernel"),
            across: &across,
            tick: &|value| format!("{value}"),
            ideal: true,
        };
        let description = format!(
            "{name}: speed-up over the number of processors, a panel for each kernel and a line for \
             each driver; the dashed line is the ideal. The numbers are in the table."
        );
        pictures.add(name, &description, |words| plots::curves(words, &panels, &axes))?;
        pictures.parts.push(scaling_table(name, &series));
        laws(pictures, &series);
    }
    Ok(())
}

/// The fitted law as a line of many points; of none without a law.
fn law_of(series: &Series, most: u32) -> Vec<(f64, f64)> {
    const STEPS: u32 = 64;
    (0..=STEPS)
        .filter_map(|step| {
            let processors = f64::from(most).powf(f64::from(step) / f64::from(STEPS));
            Some((processors, series.law(processors)?))
        })
        .collect()
}

fn scaling_table(name: &str, series: &[&Series]) -> Part {
    let rows = series.iter().flat_map(|one| &one.points).map(|point| {
        let efficiency = point.efficiency();
        let mut row = vec![
            point.cell.block.cell.clone(),
            format!("{}", point.processors),
            rate(1.0 / point.cell.times.median()),
            ratio(point.speedup.value),
            interval_text(point.speedup.interval, ratio),
            share(efficiency.value),
            interval_text(efficiency.interval, share),
        ];
        if !point.cell.block.weak {
            let fraction = point.serial_fraction();
            row.push(fraction.map_or("-".to_owned(), |e| share(e.value)));
            row.push(fraction.map_or("-".to_owned(), |e| interval_text(e.interval, share)));
        }
        row
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let mut header = vec![
        words("cell"),
        number("processors"),
        number("rate"),
        number("speed-up"),
        number("95% interval"),
        number("efficiency"),
        number("95% interval"),
    ];
    if rows.iter().any(|row| row.len() > header.len()) {
        header.extend([number("Karp–Flatt"), number("95% interval")]);
    }
    let fraction = if header.len() > 7 {
        "; Karp–Flatt is the serial fraction that would explain the speed-up"
    } else {
        ""
    };
    let caption = format!("{name}: efficiency is speed-up per processor{fraction}");
    Part::Table(Table { caption, header, rows })
}

/// What the laws of scaling say, or why they are not asked.
fn laws(pictures: &mut Pictures, series: &[&Series]) {
    let fits: Vec<String> = series
        .iter()
        .filter_map(|one| {
            let serial = one.fit?.serial;
            Some(format!(
                "`{}` under {}: serial fraction {} ({})",
                one.kernel,
                one.label,
                share(serial.value),
                interval_text(serial.interval, share)
            ))
        })
        .collect();
    let law = if series.iter().any(|one| one.weak) { "Gustafson's" } else { "Amdahl's" };
    if fits.len() < series.len() {
        pictures.text(format!(
            "{law} law is fitted to series of at least {COUNTS_TO_FIT} numbers of processors; {} of \
             {} here have fewer, and two or three points would agree with any law.",
            series.len() - fits.len(),
            series.len()
        ));
    }
    if !fits.is_empty() {
        pictures.text(format!(
            "{law} law, fitted to each series with its own time on one processor (lines; 95% \
             intervals in brackets):"
        ));
        pictures.parts.push(Part::List(fits));
    }
}

/// The ways of calling, the cheapest first.
const WAYS: [&str; 5] = ["floor", "direct", "pointer", "shared", "checked"];

fn way(cell: &Cell) -> usize {
    WAYS.iter().position(|&way| way == cell.block.driver).unwrap_or(WAYS.len())
}

/// `c-rust` as `C → Rust`.
fn pair(kernel: &str) -> String {
    let name = |language: &str| match language {
        "rust" => "Rust".to_owned(),
        "c" => "C".to_owned(),
        "fortran" => "Fortran".to_owned(),
        other => other.to_owned(),
    };
    match kernel.split_once('-') {
        Some((caller, callee)) => format!("{} → {}", name(caller), name(callee)),
        None => kernel.to_owned(),
    }
}

/// The loop of the same caller that calls nothing.
fn empty_loop<'a>(measured: &'a Measured, kernel: &str) -> Option<&'a Cell> {
    let caller = |kernel: &str| kernel.split('-').next().unwrap_or_default().to_owned();
    measured.cells.iter().find(|cell| {
        cell.kind() == Kind::Crossing
            && cell.block.driver == "floor"
            && caller(&cell.block.kernel) == caller(kernel)
    })
}

/// What a call costs, from each language into each, in each way.
fn crossings(pictures: &mut Pictures, measured: &Measured) -> anyhow::Result<()> {
    let mut cells: Vec<&Cell> =
        measured.cells.iter().filter(|cell| cell.kind() == Kind::Crossing).collect();
    if cells.is_empty() {
        return Ok(());
    }
    cells.sort_by_key(|cell| (&cell.block.kernel, way(cell)));
    let mut kernels: Vec<&str> = cells.iter().map(|cell| &*cell.block.kernel).collect();
    kernels.dedup();
    let ways = BTreeSet::from_iter(cells.iter().map(|cell| (way(cell), &*cell.block.driver)));
    let ways: Vec<&str> = ways.into_iter().map(|(_, way)| way).collect();
    let rows: Vec<String> = kernels.iter().map(|kernel| pair(kernel)).collect();
    let heads: Vec<String> = ways.iter().map(|&way| way.to_owned()).collect();
    let longest = cells.iter().map(|cell| cell.times.median()).fold(0.0, f64::max);
    pictures.heading("What a call costs");
    pictures.add(
        "Cost of a call across languages",
        "Time of a call, the loop around it included: from which language into which down, in which \
         way across. The floor is the same loop with the callee inlined. The darker, the longer.",
        |words| {
            plots::matrix(words, &rows, &heads, |row, column| {
                let wanted = |c: &&&Cell| c.block.kernel == kernels[row] && c.block.driver == ways[column];
                let median = cells.iter().find(wanted)?.times.median();
                Some((time(median), median / longest))
            })
        },
    )?;
    let rows = cells.iter().map(|cell| {
        let call = cell.times.estimate();
        let above =
            empty_loop(measured, &cell.block.kernel).filter(|_| cell.block.driver != "floor");
        vec![
            pair(&cell.block.kernel),
            cell.block.driver.clone(),
            time(call.value),
            interval_text(call.interval, time),
            above.map_or("-".to_owned(), |floor| time(call.value - floor.times.median())),
            time(cell.times.min()),
            share(cell.times.mad() / call.value),
        ]
    });
    pictures.parts.push(Part::Table(Table {
        caption: "Every crossing; the cost is the time above the caller's floor".to_owned(),
        header: vec![
            words("from → into"),
            words("way"),
            number("time per call"),
            number("95% interval"),
            number("cost of the call"),
            number("shortest run"),
            number("MAD"),
        ],
        rows: rows.collect(),
    }));
    Ok(())
}

/// Cells by the size of their batches.
type Sizes<'a> = Vec<(u64, &'a Cell)>;

/// Time per sample in batches of one way of crossing.
struct Batches<'a> {
    kernel: &'a str,
    way: &'a str,
    cells: Sizes<'a>,
    /// What a call costs, if that was measured.
    cost: Option<f64>,
}

impl Batches<'_> {
    /// The smallest batch from which on the call costs a negligible share of the time.
    fn enough(&self) -> Option<u64> {
        let cost = self.cost?;
        let small = |&&(batch, cell): &&(u64, &Cell)| {
            cost <= NEGLIGIBLE * batch as f64 * cell.times.median()
        };
        self.cells.iter().rev().take_while(small).last().map(|&(batch, _)| batch)
    }
}

/// From which batch on a crossing costs next to nothing.
fn batches(pictures: &mut Pictures, measured: &Measured) -> anyhow::Result<()> {
    let mut groups: BTreeMap<(&str, usize, &str), Sizes> = BTreeMap::new();
    for cell in measured.cells.iter().filter(|cell| cell.kind() == Kind::Batch) {
        let key = (&*cell.block.kernel, way(cell), &*cell.block.driver);
        groups.entry(key).or_default().push((cell.block.batch.unwrap_or(1), cell));
    }
    if groups.is_empty() {
        return Ok(());
    }
    let crossing = |kernel: &str, way: &str| {
        measured.cells.iter().find(|cell| {
            cell.kind() == Kind::Crossing && cell.block.kernel == kernel && cell.block.driver == way
        })
    };
    let series: Vec<Batches> = groups
        .into_iter()
        .map(|((kernel, _, way), mut cells)| {
            cells.sort_by_key(|&(batch, _)| batch);
            let call = crossing(kernel, way);
            let floor = empty_loop(measured, kernel);
            let cost =
                call.zip(floor).map(|(call, floor)| call.times.median() - floor.times.median());
            Batches { kernel, way, cells, cost }
        })
        .collect();
    let mut panels: Vec<Panel> = Vec::new();
    for one in &series {
        let title = pair(one.kernel);
        if panels.last().is_none_or(|panel| panel.title != title) {
            panels.push(Panel { title, curves: Vec::new() });
        }
        let point = |&(batch, cell): &(u64, &Cell)| {
            let time = cell.times.estimate().map(|seconds| seconds * 1e9);
            (batch as f64, time.value, time.interval)
        };
        panels.last_mut().expect("one was pushed").curves.push(Curve {
            label: one.way.to_owned(),
            hue: WAYS.iter().position(|&way| way == one.way).unwrap_or(WAYS.len()),
            points: one.cells.iter().map(point).collect(),
            law: Vec::new(),
            ring: one.enough().map(|batch| batch as f64),
        });
    }
    let sizes =
        BTreeSet::from_iter(series.iter().flat_map(|one| &one.cells).map(|&(batch, _)| batch));
    let across: Vec<(f64, String)> =
        sizes.iter().map(|&batch| (batch as f64, size(batch))).collect();
    let axes = Axes {
        scale: (Scale::Log, Scale::Log),
        names: ("samples in a call", "nanoseconds per sample"),
        across: &across,
        tick: &|value| format!("{value}"),
        ideal: false,
    };
    pictures.heading("From which batch on a call costs nothing");
    pictures.add(
        "Time per sample by the size of a batch",
        "Time per sample over the samples of a call, both in equal ratios: a panel for each pair of \
         languages, a line for each way of calling. A ring marks the batch from which on the call \
         costs less than 1% of the time. The numbers are in the table.",
        |words| plots::curves(words, &panels, &axes),
    )?;
    let rows = series.iter().map(|one| {
        let (least, most) = (one.cells.first(), one.cells.last());
        let end = |cell: Option<&(u64, &Cell)>| {
            cell.map_or("-".to_owned(), |(batch, cell)| {
                format!("{} ({})", time(cell.times.median()), size(*batch))
            })
        };
        vec![
            pair(one.kernel),
            one.way.to_owned(),
            end(least),
            end(most),
            one.cost.map_or("not measured".to_owned(), time),
            one.enough()
                .map_or(if one.cost.is_some() { "none of these" } else { "-" }.to_owned(), size),
        ]
    });
    pictures.parts.push(Part::Table(Table {
        caption:
            "The share of a call is its cost, from the table above, in the time of a whole batch; \
                  this is the smallest batch measured from which on it stays below 1%"
                .to_owned(),
        header: vec![
            words("from → into"),
            words("way"),
            number("per sample (smallest batch)"),
            number("per sample (largest batch)"),
            number("cost of a call"),
            number("below 1% from"),
        ],
        rows: rows.collect(),
    }));
    Ok(())
}

/// What went wrong, and what could not be measured here.
fn without_times(parts: &mut Vec<Part>, measured: &Measured) {
    let failures = measured.failures.iter().map(|failure| {
        let what =
            format!("error in process {}: {}", failure.process, compare::kind_text(failure.kind));
        vec![failure.key.to_string(), what, failure.message.clone()]
    });
    let skipped = measured
        .skipped
        .iter()
        .map(|skipped| vec![skipped.cell.clone(), "skipped".to_owned(), skipped.reason.clone()]);
    let rows: Vec<Vec<String>> = failures.chain(skipped).collect();
    if rows.is_empty() {
        return;
    }
    parts.push(Part::Heading("Without times".to_owned()));
    parts.push(Part::Table(Table {
        caption: "Errors and cells that were skipped: a wrong count is an error, never a time"
            .to_owned(),
        header: vec![words("cell"), words("what"), words("why")],
        rows,
    }));
}

/// An environment as rows of names and values.
fn flatten(rows: &mut Vec<Vec<String>>, name: String, value: &Value) {
    let under =
        |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name} · {key}") };
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                flatten(rows, under(&key.replace('_', " ")), value);
            }
        }
        Value::Array(entries) if entries.iter().any(Value::is_object) => {
            for (number, entry) in entries.iter().enumerate() {
                // What an entry is called, it is called here too.
                let called =
                    ["name", "language", "level"].iter().find_map(|key| entry[*key].as_str());
                flatten(rows, under(&called.map_or(number.to_string(), str::to_owned)), entry);
            }
        }
        Value::Array(entries) => {
            let texts: Vec<String> = entries.iter().map(scalar).collect();
            rows.push(vec![name, texts.join(", ")]);
        }
        other => rows.push(vec![name, scalar(other)]),
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

fn method(parts: &mut Vec<Part>) {
    parts.push(Part::Chapter("How it was measured".to_owned()));
    parts.push(Part::List(
        [
            "Each cell computes the same pure function; the count of hits of every run was held \
             against the known one, and a cell with a wrong count has no times.",
            "A block is a fresh process that warms up and times its runs by itself, with a monotonic \
             clock, around the call alone. Blocks of all cells were run in one random order.",
            "A process is one number, the median of its runs; a cell is the median of its \
             processes. Intervals are bootstrapped over processes (percentiles, 95%), not over the \
             runs within one.",
            "Of five processes, such an interval is their range.",
            "One cell was measured twice. What it differed from itself is the noise floor; two cells \
             differ if the whole interval of their ratio lies beyond it. Cells that do not differ \
             share a rank.",
            "Rates are made from median times. Nothing is averaged, and nothing is left out for being far \
             from the rest.",
        ]
        .map(str::to_owned)
        .into(),
    ));
}
