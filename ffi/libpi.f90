!! libpi for Fortran: one Monte Carlo pi sampler in Rust, C and Fortran. Compile this file with the
!! compiler of your program, because no other compiler can read the module file. Link with -lpi:
!!
!!     gfortran libpi.f90 program.f90 -lpi
!!
!! Conventions
!!
!! Numbers. libpi counts in unsigned 64-bit integers, which Fortran lacks. This module passes them
!! as integer(int64) with the same bits (two's complement). Numbers up to huge(0_int64) = 2^63 - 1
!! stay as they are; a number from 2^63 to 2^64 - 1 appears as that number minus 2^64. So -1_int64
!! means 2^64 - 1, and a negative result means the result plus 2^64. The format Z16 prints the bits;
!! bge, bgt, ble and blt compare them as unsigned numbers. All arguments are scalars. The parts of a
!! range and the entries of the catalog are numbered from 0, as in C and in libpi's messages.
!!
!! Errors. Each subroutine ends with the optional arguments `stat` and `errmsg`, as `allocate` has
!! them. stat becomes LIBPI_OK (0) or one of LIBPI_ERROR_*. After an error, errmsg says which value
!! broke which rule, and what to do; it is cut or padded with blanks to its length, and 256
!! characters are usually enough. Without stat, an error is an `error stop` with that message. A
!! success does not change errmsg. An error does not change any other argument: this is why results
!! are intent(inout). They need no value before the call.
!!
!! Threads. Every procedure may be called from any thread at any time. The default number of threads
!! is one for each usable CPU, unless LIBPI_NUM_THREADS, OMP_NUM_THREADS or RAYON_NUM_THREADS asks
!! for another number.
!!
!! Fork. rayon and OpenMP keep their threads: a program that has used them must not fork and use
!! them again in the child.
!!
!! libpi.h, the same interface for C, explains more.
module libpi
   use, intrinsic :: iso_c_binding, only: c_associated, c_char, c_double, c_f_pointer, c_funloc, &
      c_funptr, c_int32_t, c_int64_t, c_null_char, c_ptr, c_size_t
   use, intrinsic :: iso_fortran_env, only: int64, real64
   implicit none
   private
   public :: libpi_hits, libpi_hits_with, libpi_kernel, libpi_drive, libpi_split
   public :: libpi_estimate, libpi_interval, libpi_kernel_at, libpi_driver_at
   public :: libpi_version, libpi_abi_version

   ! The version this module belongs to. Fortran ignores case, so the names LIBPI_VERSION and
   ! LIBPI_ABI_VERSION of libpi.h would clash with the functions; the names here contain MODULE.
   character(*), parameter, public :: LIBPI_MODULE_VERSION = "0.1.0"
   integer, parameter, public :: LIBPI_VERSION_MAJOR = 0
   integer, parameter, public :: LIBPI_VERSION_MINOR = 1
   integer, parameter, public :: LIBPI_VERSION_PATCH = 0
   integer, parameter, public :: LIBPI_MODULE_ABI_VERSION = 1
   !! What libpi_abi_version() returns if the loaded library fits this module.

   integer, parameter, public :: LIBPI_OK = 0
   !! Success: the results are written.
   integer, parameter, public :: LIBPI_ERROR_NULL = 1
   !! A pointer argument is NULL. This module never passes NULL.
   integer, parameter, public :: LIBPI_ERROR_GENERATOR = 2
   !! The generator is not LIBPI_PHILOX, LIBPI_NPB, LIBPI_XOSHIRO or LIBPI_TEXTBOOK.
   integer, parameter, public :: LIBPI_ERROR_NAME = 3
   !! There is no kernel, level or driver with this name.
   integer, parameter, public :: LIBPI_ERROR_MISSING = 4
   !! The kernel or driver exists, but this build or this CPU cannot run it.
   integer, parameter, public :: LIBPI_ERROR_SEED = 5
   !! The generator does not accept this seed.
   integer, parameter, public :: LIBPI_ERROR_RANGE = 6
   !! first + count exceeds 2^64.
   integer, parameter, public :: LIBPI_ERROR_THREADS = 7
   !! The number of threads is neither 0 (the default) nor 1 to 1024, or it is above 1 for the
   !! driver serial.
   integer, parameter, public :: LIBPI_ERROR_SPAWN = 8
   !! The operating system refused to start more threads.
   integer, parameter, public :: LIBPI_ERROR_HITS = 9
   !! There are more hits than samples.
   integer, parameter, public :: LIBPI_ERROR_NO_SAMPLES = 10
   !! There are no samples, so there is no estimate.
   integer, parameter, public :: LIBPI_ERROR_PART = 11
   !! The part number is not below the number of parts.
   integer, parameter, public :: LIBPI_ERROR_INDEX = 12
   !! The index is past the end of the list.
   integer, parameter, public :: LIBPI_ERROR_VARIABLE = 13
   !! The environment variable LIBPI_NUM_THREADS or LIBPI_LEVEL has an invalid value.
   integer, parameter, public :: LIBPI_ERROR_PANIC = 14
   !! libpi has a bug: please report the message.
   integer, parameter, public :: LIBPI_ERROR_KERNEL = 15
   !! The caller's kernel returned an error number.
   integer, parameter, public :: LIBPI_ERROR_BLOCK = 16
   !! The length of a block is neither 0 (65536 indices) nor 1 to 2^63 - 1.
   integer, parameter, public :: LIBPI_STOPPED = 17
   !! No error: the caller's progress procedure stopped the count.

   integer, parameter, public :: LIBPI_PHILOX = 1
   !! Philox4x32-10, a counter-based generator. Every seed is valid; 42 is the usual one.
   integer, parameter, public :: LIBPI_NPB = 2
   !! The generator of the NAS Parallel Benchmarks EP. A seed must be odd and below 2^46; 271828183
   !! is the usual one.
   integer, parameter, public :: LIBPI_XOSHIRO = 3
   !! xoshiro256++ in blocks of 65536 samples. Every seed is valid; 42 is the usual one.
   integer, parameter, public :: LIBPI_TEXTBOOK = 4
   !! Each language's own generator, as a statistical baseline. The count depends on the kernel and
   !! on how the range is split. Every seed is valid.

   abstract interface
      function libpi_kernel(seed, first, count) result(hits) bind(C)
         !! A caller's own kernel for libpi_drive: it returns the number of hits among the samples
         !! [first, first + count). libpi calls it from several threads at once, so it must not
         !! change shared or saved variables. It must not stop the program or call libpi_drive.
         !! Declare it recursive: otherwise gfortran may make its large arrays static, and
         !! -fcheck=recursion mistakes two simultaneous calls for a recursion. c_int64_t of
         !! iso_c_binding is the kind int64.
         import :: c_int64_t
         integer(c_int64_t), value :: seed   !! The seed of libpi_drive; may carry an address.
         integer(c_int64_t), value :: first  !! Index of the first sample, unsigned.
         integer(c_int64_t), value :: count  !! Number of samples, 1 to 2^62.
         integer(c_int64_t) :: hits          !! libpi adds these up modulo 2^64.
      end function libpi_kernel
   end interface

   interface
      function c_hits(generator, seed, first, count, threads, hits) result(status) &
         bind(C, name='libpi_hits')
         import :: c_int32_t, c_int64_t
         integer(c_int32_t), value :: generator, threads
         integer(c_int64_t), value :: seed, first, count
         integer(c_int64_t), intent(inout) :: hits
         integer(c_int32_t) :: status
      end function c_hits

      function c_hits_with(kernel, driver, generator, seed, first, count, threads, hits) &
         result(status) bind(C, name='libpi_hits_with')
         import :: c_char, c_int32_t, c_int64_t
         character(kind=c_char), intent(in) :: kernel(*), driver(*)
         integer(c_int32_t), value :: generator, threads
         integer(c_int64_t), value :: seed, first, count
         integer(c_int64_t), intent(inout) :: hits
         integer(c_int32_t) :: status
      end function c_hits_with

      function c_drive(driver, kernel, seed, first, count, threads, hits) result(status) &
         bind(C, name='libpi_drive')
         import :: c_char, c_funptr, c_int32_t, c_int64_t
         character(kind=c_char), intent(in) :: driver(*)
         type(c_funptr), value :: kernel
         integer(c_int64_t), value :: seed, first, count
         integer(c_int32_t), value :: threads
         integer(c_int64_t), intent(inout) :: hits
         integer(c_int32_t) :: status
      end function c_drive

      function c_split(first, count, parts, part, part_first, part_count) result(status) &
         bind(C, name='libpi_split')
         import :: c_int32_t, c_int64_t
         integer(c_int64_t), value :: first, count, parts, part
         integer(c_int64_t), intent(inout) :: part_first, part_count
         integer(c_int32_t) :: status
      end function c_split

      function c_estimate(hits, count, pi, standard_error) result(status) &
         bind(C, name='libpi_estimate')
         import :: c_double, c_int32_t, c_int64_t
         integer(c_int64_t), value :: hits, count
         real(c_double), intent(inout) :: pi, standard_error
         integer(c_int32_t) :: status
      end function c_estimate

      function c_interval(hits, count, lower, upper) result(status) bind(C, name='libpi_interval')
         import :: c_double, c_int32_t, c_int64_t
         integer(c_int64_t), value :: hits, count
         real(c_double), intent(inout) :: lower, upper
         integer(c_int32_t) :: status
      end function c_interval

      function c_kernel_at(index, generator, name, missing) result(status) &
         bind(C, name='libpi_kernel_at')
         import :: c_int32_t, c_ptr
         integer(c_int32_t), value :: index
         integer(c_int32_t), intent(inout) :: generator
         type(c_ptr), intent(inout) :: name, missing
         integer(c_int32_t) :: status
      end function c_kernel_at

      function c_driver_at(index, name, missing) result(status) bind(C, name='libpi_driver_at')
         import :: c_int32_t, c_ptr
         integer(c_int32_t), value :: index
         type(c_ptr), intent(inout) :: name, missing
         integer(c_int32_t) :: status
      end function c_driver_at

      function c_last_error() result(message) bind(C, name='libpi_last_error')
         import :: c_ptr
         type(c_ptr) :: message
      end function c_last_error

      function c_version() result(version) bind(C, name='libpi_version')
         import :: c_ptr
         type(c_ptr) :: version
      end function c_version

      function c_abi_version() result(version) bind(C, name='libpi_abi_version')
         import :: c_int32_t
         integer(c_int32_t) :: version
      end function c_abi_version

      function c_strlen(string) result(length) bind(C, name='strlen')
         import :: c_ptr, c_size_t
         type(c_ptr), value :: string
         integer(c_size_t) :: length
      end function c_strlen
   end interface

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

      call finish(c_hits(int(generator, c_int32_t), seed, first, count, number(threads), hits), &
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

      call finish(c_hits_with(trim(kernel)//c_null_char, trim(driver)//c_null_char, &
                              int(generator, c_int32_t), seed, first, count, number(threads), &
                              hits), stat, errmsg)
   end subroutine libpi_hits_with

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

      call finish(c_drive(trim(driver)//c_null_char, c_funloc(kernel), seed, first, count, &
                          number(threads), hits), stat, errmsg)
   end subroutine libpi_drive

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

      status = c_kernel_at(int(index, c_int32_t), number_of_generator, c_name, c_missing)
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

      status = c_driver_at(int(index, c_int32_t), c_name, c_missing)
      call finish(status, stat, errmsg)
      if (status /= LIBPI_OK) return
      name = text(c_name)
      missing = text(c_missing)
   end subroutine libpi_driver_at

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

   ! Passes a status to the caller, or stops the program. Call it right after the failed function:
   ! the message is valid until the thread's next call of libpi.
   recursive subroutine finish(status, stat, errmsg)
      integer(c_int32_t), intent(in) :: status
      integer, intent(out), optional :: stat
      character(*), intent(inout), optional :: errmsg
      character(:), allocatable :: message

      if (present(stat)) stat = int(status)
      if (status == LIBPI_OK) return
      message = text(c_last_error())
      if (.not. present(stat)) error stop message
      if (present(errmsg)) errmsg = message
   end subroutine finish

   ! The number of threads that the caller asked for; 0 stands for libpi's default.
   pure recursive function number(threads)
      integer, intent(in), optional :: threads
      integer(c_int32_t) :: number

      number = 0
      if (present(threads)) number = int(threads, c_int32_t)
   end function number

   ! A copy of a C string; '' for NULL.
   recursive function text(string) result(copy)
      type(c_ptr), intent(in) :: string
      character(:), allocatable :: copy
      character(kind=c_char), pointer :: characters(:)
      integer :: i

      copy = ''
      if (.not. c_associated(string)) return
      call c_f_pointer(string, characters, [c_strlen(string)])
      copy = repeat(' ', size(characters))
      do i = 1, size(characters)
         copy(i:i) = characters(i)
      end do
   end function text
end module libpi
