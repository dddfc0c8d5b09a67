//! Benches every kernel on one thread, with the languages and levels side by side.

mod cells;

use criterion::{Criterion, criterion_group, criterion_main};
use libpi::Catalog;

libpi::save_cpu_mask!();

fn kernels(criterion: &mut Criterion) {
    let catalog = Catalog::here();
    let serial = catalog.driver("serial").expect("serial is always built");
    for kernel in catalog.kernels.iter().filter(|kernel| kernel.missing().is_none()) {
        cells::bench(criterion, kernel, serial, 1);
    }
}

criterion_group! { name = benches; config = cells::config(); targets = kernels }
criterion_main!(benches);
