!! libpi for Fortran: one Monte Carlo pi sampler in Rust, C and Fortran. Compile this file with the
!! compiler of your program, because no other compiler can read the module file. It includes the
!! other files libpi_*.f90 of its folder. Link with -lpi:
!!
!!     gfortran libpi.f90 program.f90 -lpi
!!
!! The module is standard Fortran 2018. The kinds of its integers and reals are explicit or those of
!! the caller's default integer: options such as -fdefault-integer-8 and -fdefault-real-8 are fine,
!! if they are given for this file and for the program.
!!
!! Conventions
!!
!! Numbers. libpi counts in unsigned 64-bit integers, which Fortran lacks. This module passes seeds,
!! indices of samples and the sums of libpi_drive as integer(int64) with the same bits (two's
!! complement). Numbers up to huge(0_int64) = 2^63 - 1 stay as they are; a number from 2^63 to
!! 2^64 - 1 appears as that number minus 2^64. So the seed -1_int64 means 2^64 - 1, and a negative
!! index means the index plus 2^64. The format Z16 prints the bits; bge, bgt, ble and blt compare
!! them as unsigned numbers. How many there are of something (samples, hits, parts, threads) is
!! never negative: a negative number is an error, because it is what an integer overflow leaves.
!!
!! All arguments are scalars. The parts of a range and the entries of the catalog are numbered from
!! 0, as in C and in libpi's messages.
!!
!! Errors. Each subroutine ends with the optional arguments `stat` and `errmsg`, as `allocate` has
!! them. stat becomes LIBPI_OK (0) or one of LIBPI_ERROR_*. After an error, errmsg says which value
!! broke which rule, and what to do; it is cut or padded with blanks to its length, and 256
!! characters are usually enough. Without stat, an error is an `error stop` with that message. A
!! success does not change errmsg. An error does not change any other argument: this is why results
!! are intent(inout). They need no value before the call. LIBPI_STOPPED is no error: without stat,
!! the program goes on.
!!
!! Threads. Every procedure may be called from any thread at any time. The default number of threads
!! is one for each usable CPU, unless LIBPI_NUM_THREADS, OMP_NUM_THREADS or RAYON_NUM_THREADS asks
!! for another number. A variable with an empty value counts as not set.
!!
!! Fork. A forked child may call libpi again.
!!
!! libpi.h, the same interface for C, explains more.
include 'libpi_types.f90'
include 'libpi_c.f90'
include 'libpi_errors.f90'

module libpi
   use, intrinsic :: iso_c_binding, only: c_funloc, c_int32_t, c_null_char, c_ptr
   use, intrinsic :: iso_fortran_env, only: int64, real64
   use libpi_c
   use libpi_errors
   use libpi_types
   implicit none
   private
   public :: libpi_hits, libpi_hits_with, libpi_hits_progress, libpi_progress
   public :: libpi_drive, libpi_kernel, libpi_drive_context, libpi_context_kernel
   public :: libpi_last_kernel_error, libpi_threads, libpi_threads_rule, libpi_set_threads
   public :: libpi_split, libpi_estimate, libpi_interval, libpi_kernel_at, libpi_driver_at
   public :: libpi_status_text, libpi_version, libpi_abi_version
   public :: LIBPI_MODULE_VERSION, LIBPI_VERSION_MAJOR, LIBPI_VERSION_MINOR, LIBPI_VERSION_PATCH
   public :: LIBPI_MODULE_ABI_VERSION
   public :: LIBPI_OK, LIBPI_ERROR_NULL, LIBPI_ERROR_GENERATOR, LIBPI_ERROR_NAME
   public :: LIBPI_ERROR_MISSING, LIBPI_ERROR_SEED, LIBPI_ERROR_RANGE, LIBPI_ERROR_THREADS
   public :: LIBPI_ERROR_SPAWN, LIBPI_ERROR_HITS, LIBPI_ERROR_NO_SAMPLES, LIBPI_ERROR_PART
   public :: LIBPI_ERROR_INDEX, LIBPI_ERROR_VARIABLE, LIBPI_ERROR_PANIC
   public :: LIBPI_ERROR_KERNEL, LIBPI_ERROR_BLOCK, LIBPI_STOPPED
   public :: LIBPI_PHILOX, LIBPI_NPB, LIBPI_XOSHIRO, LIBPI_TEXTBOOK

contains

   ! All procedures are recursive: with gfortran, only this makes it safe to call them from several
   ! threads.

   recursive subroutine libpi_hits(generator, seed, first, count, hits, threads, stat, errmsg)
      !! Counts the hits among the samples [first, first + count) of a generator, with the best
      !! kernel for this CPU. The result depends only on generator, seed, first and count, except
      !! for LIBPI_TEXTBOOK. No thread outlives the call.
      integer, intent(in) :: generator         !! LIBPI_PHILOX, _NPB, _XOSHIRO or _TEXTBOOK.
      integer(int64), intent(in) :: seed       !! Unsigned; NPB: odd and below 2^46.
      integer(int64), intent(in) :: first      !! Index of the first sample, unsigned, from 0.
      integer(int64), intent(in) :: count      !! Number of samples; first + count <= 2^64.
      integer(int64), intent(inout) :: hits    !! Hits, unsigned, 0 to count.
      integer, intent(in), optional :: threads !! 1 to 1024; 0 or absent: the default.
      integer, intent(out), optional :: stat   !! LIBPI_ERROR_GENERATOR, _SEED, _RANGE, _THREADS,
                                               !! _SPAWN, _VARIABLE, _PANIC or LIBPI_OK.
      character(*), intent(inout), optional :: errmsg

      if (refused(mistake_in(generator=generator, count=count, threads=threads), &
                  stat, errmsg)) return
      call finish(c_hits(narrow(generator), seed, first, count, narrow(threads), hits), &
                  stat, errmsg)
   end subroutine libpi_hits

   recursive subroutine libpi_hits_with(kernel, driver, generator, seed, first, count, hits, &
                                        threads, stat, errmsg)
      !! Does the same as libpi_hits with a kernel and a driver that the caller chooses by name.
      !! libpi_kernel_at, libpi_driver_at and the command `pi list` show the names. The drivers
      !! rayon, openmp-c and openmp-fortran keep their threads after the call.
      character(*), intent(in) :: kernel       !! Such as "auto", "fortran" or "rust@x86-64-v3";
                                               !! trailing blanks are ignored.
      character(*), intent(in) :: driver       !! Such as "auto", "serial" or "openmp-c"; trailing
                                               !! blanks are ignored.
      integer, intent(in) :: generator         !! LIBPI_PHILOX, _NPB, _XOSHIRO or _TEXTBOOK.
      integer(int64), intent(in) :: seed       !! Unsigned; NPB: odd and below 2^46.
      integer(int64), intent(in) :: first      !! Index of the first sample, unsigned, from 0.
      integer(int64), intent(in) :: count      !! Number of samples; first + count <= 2^64.
      integer(int64), intent(inout) :: hits    !! Hits, unsigned, 0 to count.
      integer, intent(in), optional :: threads !! 1 to 1024; 0 or absent: the default.
      integer, intent(out), optional :: stat   !! As for libpi_hits; also _NAME and _MISSING.
      character(*), intent(inout), optional :: errmsg

      if (refused(mistake_in(generator=generator, count=count, threads=threads), &
                  stat, errmsg)) return
      call finish(c_hits_with(trim(kernel)//c_null_char, trim(driver)//c_null_char, &
                              narrow(generator), seed, first, count, narrow(threads), &
                              hits), stat, errmsg)
   end subroutine libpi_hits_with

   recursive subroutine libpi_hits_progress(kernel, driver, generator, seed, first, count, &
                                            callback, user_data, hits, done, threads, stat, errmsg)
      !! Does the same as libpi_hits_with in spans of about a quarter of a second, and calls the
      !! callback after each, so that a program can show the progress of a long call and end it. If
      !! the callback returns a number other than 0 before all samples are done, the call ends with
      !! LIBPI_STOPPED: hits are those among the first `done` samples, and a later call from
      !! first + done on counts the rest. The hits are exact, except for LIBPI_TEXTBOOK.
      character(*), intent(in) :: kernel       !! This and the next: as for libpi_hits_with.
      character(*), intent(in) :: driver
      integer, intent(in) :: generator         !! LIBPI_PHILOX, _NPB, _XOSHIRO or _TEXTBOOK.
      integer(int64), intent(in) :: seed       !! Unsigned; NPB: odd and below 2^46.
      integer(int64), intent(in) :: first      !! Index of the first sample, unsigned, from 0.
      integer(int64), intent(in) :: count      !! Number of samples; first + count <= 2^64.
      procedure(libpi_progress) :: callback    !! A module procedure or external procedure.
      type(c_ptr), intent(in) :: user_data     !! Passed to the callback; may be c_null_ptr.
      integer(int64), intent(inout) :: hits    !! Hits among the samples that are done.
      integer(int64), intent(inout) :: done    !! Number of samples that are done.
      integer, intent(in), optional :: threads !! 1 to 1024; 0 or absent: the default.
      integer, intent(out), optional :: stat   !! As for libpi_hits_with; also LIBPI_STOPPED.
      character(*), intent(inout), optional :: errmsg

      if (refused(mistake_in(generator=generator, count=count, threads=threads), &
                  stat, errmsg)) return
      call finish(c_hits_progress(trim(kernel)//c_null_char, trim(driver)//c_null_char, &
                                  narrow(generator), seed, first, count, narrow(threads), &
                                  c_funloc(callback), user_data, hits, done), stat, errmsg)
   end subroutine libpi_hits_progress

   recursive subroutine libpi_drive(driver, kernel, seed, first, count, hits, threads, stat, errmsg)
      !! Runs the caller's own kernel under a driver of libpi. hits becomes the sum of what the
      !! kernel returns, modulo 2^64. The driver splits the range into one part for each thread, as
      !! libpi_split does. It does not call the kernel for an empty part. libpi cuts a range of more
      !! than 2^62 indices into consecutive pieces of at most 2^62, and the driver splits one piece
      !! after the other.
      character(*), intent(in) :: driver       !! Such as "auto", "rayon" or "openmp-fortran";
                                               !! trailing blanks are ignored.
      procedure(libpi_kernel) :: kernel        !! A module procedure or external procedure.
      integer(int64), intent(in) :: seed       !! libpi does not read it: it may carry an address.
      integer(int64), intent(in) :: first      !! The first index, unsigned, from 0.
      integer(int64), intent(in) :: count      !! Number of indices; first + count <= 2^64.
      integer(int64), intent(inout) :: hits    !! The sum, unsigned.
      integer, intent(in), optional :: threads !! 1 to 1024; 0 or absent: the default.
      integer, intent(out), optional :: stat   !! LIBPI_ERROR_NAME, _MISSING, _RANGE, _THREADS,
                                               !! _SPAWN, _VARIABLE, _PANIC or LIBPI_OK.
      character(*), intent(inout), optional :: errmsg

      if (refused(mistake_in(count=count, threads=threads), stat, errmsg)) return
      call finish(c_drive(trim(driver)//c_null_char, c_funloc(kernel), seed, first, count, &
                          narrow(threads), hits), stat, errmsg)
   end subroutine libpi_drive

   recursive subroutine libpi_drive_context(driver, kernel, context, first, count, hits, block, &
                                            threads, stat, errmsg)
      !! Runs the caller's own kernel, which can fail, under a driver of libpi. hits becomes the sum
      !! of the hits, modulo 2^64. No block is split between threads, and each call of the kernel
      !! counts one block, or up to 16 blocks if block is absent or 0. When the kernel fails, libpi
      !! starts no further call of it, waits for the calls that run, and reports
      !! LIBPI_ERROR_KERNEL; libpi_last_kernel_error() then returns the kernel's error number.
      character(*), intent(in) :: driver       !! Such as "auto", "rayon" or "openmp-fortran";
                                               !! trailing blanks are ignored.
      procedure(libpi_context_kernel) :: kernel     !! A module procedure or external procedure.
      type(c_ptr), intent(in) :: context       !! Passed to the kernel on every thread, such as
                                               !! c_loc(data); may be c_null_ptr.
      integer(int64), intent(in) :: first      !! The first index, unsigned, from 0.
      integer(int64), intent(in) :: count      !! Number of indices; first + count <= 2^64.
      integer(int64), intent(inout) :: hits    !! The sum, unsigned.
      integer(int64), intent(in), optional :: block !! Indices in a block; 0 or absent: 65536. Small
                                               !! for costly indices, such as 1.
      integer, intent(in), optional :: threads !! 1 to 1024; 0 or absent: the default.
      integer, intent(out), optional :: stat   !! As for libpi_drive; also LIBPI_ERROR_BLOCK and
                                               !! LIBPI_ERROR_KERNEL.
      character(*), intent(inout), optional :: errmsg
      integer(int64) :: length

      if (refused(mistake_in(count=count, block=block, threads=threads), stat, errmsg)) return
      length = 0
      if (present(block)) length = block
      call finish(c_drive_context(trim(driver)//c_null_char, c_funloc(kernel), context, first, &
                                  count, length, narrow(threads), hits), stat, errmsg)
   end subroutine libpi_drive_context

   recursive function libpi_last_kernel_error() result(error)
      !! Returns the error number that the kernel returned in this thread's last call, if that call
      !! gave LIBPI_ERROR_KERNEL; otherwise 0.
      integer :: error

      error = int(c_last_kernel_error())
   end function libpi_last_kernel_error

   recursive function libpi_threads() result(threads)
      !! Returns the default number of threads now, 1 to 1024. Returns 0 if LIBPI_NUM_THREADS has an
      !! invalid value; libpi_set_threads(0) then gives the message.
      integer :: threads

      threads = int(c_threads())
   end function libpi_threads

   recursive function libpi_threads_rule() result(rule)
      !! Returns which rule decides the default number of threads, if the system is asked now:
      !! "libpi_set_threads", the name of an environment variable, or that of a limit such as
      !! "affinity mask".
      character(:), allocatable :: rule

      rule = text(c_threads_rule())
   end function libpi_threads_rule

   recursive subroutine libpi_set_threads(threads, stat, errmsg)
      !! Sets the default number of threads for all threads of the process. It goes before the
      !! environment variables. With 0, libpi forgets it and asks the system again.
      integer, intent(in) :: threads         !! 0 to 1024.
      integer, intent(out), optional :: stat !! LIBPI_ERROR_THREADS, _VARIABLE or LIBPI_OK.
      character(*), intent(inout), optional :: errmsg

      if (refused(mistake_in(threads=threads), stat, errmsg)) return
      call finish(c_set_threads(narrow(threads)), stat, errmsg)
   end subroutine libpi_set_threads

   recursive subroutine libpi_split(first, count, parts, part, part_first, part_count, stat, errmsg)
      !! Computes one part of a range, for callers that distribute a range themselves. A part
      !! consists of whole blocks of 65536 samples, counted from index 0 and clipped to the range. A
      !! part may be empty.
      integer(int64), intent(in) :: first         !! Index of the first sample, unsigned, from 0.
      integer(int64), intent(in) :: count         !! Number of samples; first + count <= 2^64.
      integer(int64), intent(in) :: parts         !! Number of parts, unsigned, at least 1.
      integer(int64), intent(in) :: part          !! From 0 to parts - 1, like MPI ranks;
                                                  !! for coarray images this_image() - 1.
      integer(int64), intent(inout) :: part_first !! Index of the part's first sample, unsigned.
      integer(int64), intent(inout) :: part_count !! Number of the part's samples, unsigned.
      integer, intent(out), optional :: stat      !! LIBPI_ERROR_RANGE, _PART or LIBPI_OK.
      character(*), intent(inout), optional :: errmsg

      if (refused(mistake_in(count=count, parts=parts, part=part), stat, errmsg)) return
      call finish(c_split(first, count, parts, part, part_first, part_count), stat, errmsg)
   end subroutine libpi_split

   recursive subroutine libpi_estimate(hits, count, pi, standard_error, stat, errmsg)
      !! Computes the estimate of pi from `hits` hits among `count` samples, and its standard error.
      integer(int64), intent(in) :: hits            !! Unsigned, 0 to count.
      integer(int64), intent(in) :: count           !! Unsigned, at least 1.
      real(real64), intent(inout) :: pi             !! 4 hits/count, from 0 to 4.
      real(real64), intent(inout) :: standard_error !! The standard error of pi.
      integer, intent(out), optional :: stat        !! LIBPI_ERROR_HITS, _NO_SAMPLES or LIBPI_OK.
      character(*), intent(inout), optional :: errmsg

      if (refused(mistake_in(hits=hits, count=count), stat, errmsg)) return
      call finish(c_estimate(hits, count, pi, standard_error), stat, errmsg)
   end subroutine libpi_estimate

   recursive subroutine libpi_interval(hits, count, lower, upper, stat, errmsg)
      !! Computes Wilson's 95% confidence interval for pi from `hits` hits among `count` samples.
      integer(int64), intent(in) :: hits     !! Unsigned, 0 to count.
      integer(int64), intent(in) :: count    !! Unsigned, at least 1.
      real(real64), intent(inout) :: lower   !! Lower end of the interval.
      real(real64), intent(inout) :: upper   !! Upper end of the interval.
      integer, intent(out), optional :: stat !! LIBPI_ERROR_HITS, _NO_SAMPLES or LIBPI_OK.
      character(*), intent(inout), optional :: errmsg

      if (refused(mistake_in(hits=hits, count=count), stat, errmsg)) return
      call finish(c_interval(hits, count, lower, upper), stat, errmsg)
   end subroutine libpi_interval

   recursive subroutine libpi_kernel_at(index, generator, name, missing, stat, errmsg)
      !! Describes one kernel of the catalog. To see all kernels, increase index from 0 until stat
      !! is not LIBPI_OK.
      integer, intent(in) :: index                          !! From 0, as in C.
      integer, intent(inout) :: generator                   !! LIBPI_PHILOX, LIBPI_NPB, ...
      character(:), allocatable, intent(inout) :: name      !! Such as "rust@x86-64-v3".
      character(:), allocatable, intent(inout) :: missing   !! Why it cannot run; '' if it can.
      integer, intent(out), optional :: stat                !! LIBPI_ERROR_INDEX or LIBPI_OK.
      character(*), intent(inout), optional :: errmsg
      integer(c_int32_t) :: status, number_of_generator
      type(c_ptr) :: c_name, c_missing

      if (refused(mistake_in(index=index), stat, errmsg)) return
      status = c_kernel_at(narrow(index), number_of_generator, c_name, c_missing)
      call finish(status, stat, errmsg)
      if (status /= LIBPI_OK) return
      generator = int(number_of_generator)
      name = text(c_name)
      missing = text(c_missing)
   end subroutine libpi_kernel_at

   recursive subroutine libpi_driver_at(index, name, missing, stat, errmsg)
      !! Describes one driver of the catalog. To see all drivers, increase index from 0 until stat
      !! is not LIBPI_OK.
      integer, intent(in) :: index                          !! From 0, as in C.
      character(:), allocatable, intent(inout) :: name      !! Such as "openmp-fortran".
      character(:), allocatable, intent(inout) :: missing   !! Why it cannot run; '' if it can.
      integer, intent(out), optional :: stat                !! LIBPI_ERROR_INDEX or LIBPI_OK.
      character(*), intent(inout), optional :: errmsg
      integer(c_int32_t) :: status
      type(c_ptr) :: c_name, c_missing

      if (refused(mistake_in(index=index), stat, errmsg)) return
      status = c_driver_at(narrow(index), c_name, c_missing)
      call finish(status, stat, errmsg)
      if (status /= LIBPI_OK) return
      name = text(c_name)
      missing = text(c_missing)
   end subroutine libpi_driver_at

   recursive function libpi_status_text(status) result(meaning)
      !! Returns what a status means, such as "first + count exceeds 2^64". Every number has a text.
      integer, intent(in) :: status
      character(:), allocatable :: meaning

      meaning = text(c_status_text(narrow(status)))
   end function libpi_status_text

   recursive function libpi_version() result(version)
      !! Returns the version of the loaded library, such as "0.1.0".
      character(:), allocatable :: version

      version = text(c_version())
   end function libpi_version

   recursive function libpi_abi_version() result(version)
      !! Returns the ABI version of the loaded library. If it differs from
      !! LIBPI_MODULE_ABI_VERSION, the program must not call any other procedure.
      integer :: version

      version = int(c_abi_version())
   end function libpi_abi_version
end module libpi
