//! The kernels and drivers by number.

use crate::failure::{Failure, Out, answer, out};
use crate::generator::{c_name, libpi_generator};
use crate::status::{LIBPI_ERROR_INDEX, libpi_status};
use libpi::{Catalog, Driver, Kernel, remember};
use std::ffi::{CString, c_char};
use std::sync::OnceLock;

/// Describes kernel number `index` (from 0) of the catalog: its generator, its full name, and in
/// `missing` the reason why it cannot run here, or NULL if it can. Returns LIBPI_ERROR_INDEX past
/// the last kernel. The strings live as long as the process.
///
/// # Safety
/// `generator`, `name` and `missing` must be NULL or point to writable memory.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libpi_kernel_at(
    index: u32,
    generator: *mut libpi_generator,
    name: *mut *const c_char,
    missing: *mut *const c_char,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller keeps this function's Safety rules.
        let generator = unsafe { out(generator, "generator") }?;
        // SAFETY: the caller keeps this function's Safety rules.
        let (name, missing) = unsafe { (out(name, "name")?, out(missing, "missing")?) };
        let row = at(&Names::here().kernels, index, "kernels")?;
        generator.write(row.generator);
        row.write(name, missing);
        Ok(())
    })
}

/// Describes driver number `index` (from 0) of the catalog: its name, and in `missing` the reason
/// why it cannot run here, or NULL if it can. Returns LIBPI_ERROR_INDEX past the last driver. The
/// strings live as long as the process.
///
/// # Safety
/// `name` and `missing` must be NULL or point to writable memory.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn libpi_driver_at(
    index: u32,
    name: *mut *const c_char,
    missing: *mut *const c_char,
) -> libpi_status {
    answer(|| {
        // SAFETY: the caller keeps this function's Safety rules.
        let (name, missing) = unsafe { (out(name, "name")?, out(missing, "missing")?) };
        at(&Names::here().drivers, index, "drivers")?.write(name, missing);
        Ok(())
    })
}

/// A kernel or driver of the catalog, as C strings that live as long as the process.
struct Row {
    generator: libpi_generator,
    name: CString,
    missing: Option<CString>,
}

impl Row {
    fn new(generator: libpi_generator, name: &str, missing: Option<&str>) -> Self {
        let string = |text: &str| CString::new(text).unwrap_or_default();
        Self { generator, name: string(name), missing: missing.map(string) }
    }

    fn write(&self, name: Out<*const c_char>, missing: Out<*const c_char>) {
        name.write(self.name.as_ptr());
        missing.write(self.missing.as_ref().map_or(std::ptr::null(), |reason| reason.as_ptr()));
    }
}

/// The catalog, as C strings.
struct Names {
    kernels: Vec<Row>,
    drivers: Vec<Row>,
}

impl Names {
    fn here() -> &'static Self {
        static NAMES: OnceLock<Names> = OnceLock::new();
        remember(&NAMES, || {
            let catalog = Catalog::here();
            let kernel = |k: &Kernel| Row::new(c_name(k.generator()), &k.full_name(), k.missing());
            let driver = |d: &Driver| Row::new(0, d.name(), d.missing());
            Self {
                kernels: catalog.kernels.iter().map(kernel).collect(),
                drivers: catalog.drivers.iter().map(driver).collect(),
            }
        })
    }
}

fn at<'a>(rows: &'a [Row], index: u32, what: &str) -> Result<&'a Row, Failure> {
    rows.get(index as usize).ok_or_else(|| {
        let count = rows.len();
        Failure::new(
            LIBPI_ERROR_INDEX,
            format!("there are {count} {what}, numbered from 0: index {index} is past the last"),
        )
    })
}
