// Made by `make bindings` from c/kernels.h and the table of kernels: do not edit.

pub type libpi_kernel_function = ::core::option::Option<
    unsafe extern "C" fn(seed: u64, first: u64, count: u64) -> u64,
>;
pub type libpi_kernel = libpi_kernel_function;
unsafe extern "C" {
    pub fn libpi_openmp_c(
        kernel: libpi_kernel,
        seed: u64,
        first: u64,
        count: u64,
        threads: i32,
    ) -> u64;
    pub fn libpi_openmp_fortran(
        kernel: libpi_kernel,
        seed: u64,
        first: u64,
        count: u64,
        threads: i32,
    ) -> u64;
    pub fn libpi_k_philox_c_simd_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_c_simd_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_c_simd_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_c_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_c_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_c_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_fortran_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_fortran_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_fortran_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_c_gcc_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_c_gcc_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_c_gcc_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_c_clang_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_c_clang_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_c_clang_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_fortran_gfortran_base(
        seed: u64,
        first: u64,
        count: u64,
    ) -> u64;
    pub fn libpi_k_philox_fortran_gfortran_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_fortran_gfortran_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_fortran_flang_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_fortran_flang_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_philox_fortran_flang_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_c_simd_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_c_simd_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_c_simd_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_c_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_c_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_c_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_fortran_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_fortran_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_fortran_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_c_gcc_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_c_gcc_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_c_gcc_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_c_clang_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_c_clang_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_c_clang_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_fortran_gfortran_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_fortran_gfortran_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_fortran_gfortran_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_fortran_flang_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_fortran_flang_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_npb_fortran_flang_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_c_simd_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_c_simd_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_c_simd_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_c_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_c_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_c_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_fortran_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_fortran_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_fortran_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_c_gcc_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_c_gcc_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_c_gcc_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_c_clang_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_c_clang_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_c_clang_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_fortran_gfortran_base(
        seed: u64,
        first: u64,
        count: u64,
    ) -> u64;
    pub fn libpi_k_xoshiro_fortran_gfortran_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_fortran_gfortran_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_fortran_flang_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_fortran_flang_v3(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_xoshiro_fortran_flang_v4(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_textbook_c_textbook_base(seed: u64, first: u64, count: u64) -> u64;
    pub fn libpi_k_textbook_fortran_textbook_base(
        seed: u64,
        first: u64,
        count: u64,
    ) -> u64;
}
