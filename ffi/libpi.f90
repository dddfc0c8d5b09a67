!! libpi for Fortran: one Monte Carlo pi sampler in Rust, C and Fortran. Compile this file with the
!! compiler of your program (module files fit one compiler only), and link with -lpi:
!!
!!     gfortran libpi.f90 program.f90 -lpi
!!
!! Conventions
!!
!! Numbers. libpi counts in unsigned 64-bit integers, which Fortran lacks. They are given and read
!! as integer(int64) of the same bits (two's complement): up to huge(0_int64) = 2^63 - 1 as
!! themselves, from 2^63 to 2^64 - 1 as the number less 2^64. -1_int64 is 2^64 - 1; an answer below
!! 0 stands for itself plus 2^64. The format Z16 shows the bits, and bge, bgt, ble and blt compare
!! them. All arguments are scalars. What libpi numbers, the parts of a range and the entries of
!! the catalog, counts from 0, as in C and in its messages.
!!
!! Errors. Each subroutine ends in `stat` and `errmsg`, optional, as in `allocate`. With stat, it
!! is LIBPI_OK (0) or one of LIBPI_ERROR_*, and after an error errmsg says which value broke which
!! rule and what to do, cut or padded with blanks to its length; 256 characters are enough as a
!! rule. Without stat an error is an `error stop` with that message. On success errmsg is left as
!! it is. After an error all other arguments are left as they are, so answers are intent(inout);
!! they need no value before the call.
!!
!! Threads. Every procedure may be called from any thread at any time.
!!
!! Fork. rayon and OpenMP keep threads: after using them do not fork and call them in the child.
!!
!! libpi.h, the same interface for C, says more.
module libpi
   use, intrinsic :: iso_c_binding, only: c_associated, c_char, c_double, c_f_pointer, c_funloc, &
      c_funptr, c_int32_t, c_int64_t, c_null_char, c_ptr, c_size_t
   use, intrinsic :: iso_fortran_env, only: int64, real64
   implicit none
   private
   public :: libpi_hits, libpi_hits_with, libpi_kernel, libpi_drive, libpi_split
   public :: libpi_estimate, libpi_interval, libpi_kernel_at, libpi_driver_at
   public :: libpi_version, libpi_abi_version

   ! The version this module belongs to. As Fortran does not tell case apart, libpi.h's
   ! LIBPI_VERSION and LIBPI_ABI_VERSION would be the functions; here they have MODULE in them.
   character(*), parameter, public :: LIBPI_MODULE_VERSION = "0.1.0"
   integer, parameter, public :: LIBPI_VERSION_MAJOR = 0
   integer, parameter, public :: LIBPI_VERSION_MINOR = 1
   integer, parameter, public :: LIBPI_VERSION_PATCH = 0
   integer, parameter, public :: LIBPI_MODULE_ABI_VERSION = 1
   !! What libpi_abi_version() answers when the library that is loaded fits this module.

   integer, parameter, public :: LIBPI_OK = 0
   !! Done; the answers are written.
   integer, parameter, public :: LIBPI_ERROR_NULL = 1
   !! A pointer is NULL; this module passes none.
   integer, parameter, public :: LIBPI_ERROR_GENERATOR = 2
   !! The generator is none of LIBPI_PHILOX, LIBPI_NPB, LIBPI_XOSHIRO, LIBPI_TEXTBOOK.
   integer, parameter, public :: LIBPI_ERROR_NAME = 3
   !! No kernel, level or driver of that name.
   integer, parameter, public :: LIBPI_ERROR_MISSING = 4
   !! The kernel or driver exists, but not in this build or on this CPU.
   integer, parameter, public :: LIBPI_ERROR_SEED = 5
   !! The seed does not suit the generator.
   integer, parameter, public :: LIBPI_ERROR_RANGE = 6
   !! first + count exceeds 2^64.
   integer, parameter, public :: LIBPI_ERROR_THREADS = 7
   !! The number of threads is not 0 (all usable CPUs) or 1 to 1024.
   integer, parameter, public :: LIBPI_ERROR_SPAWN = 8
   !! The operating system gave no more threads.
   integer, parameter, public :: LIBPI_ERROR_HITS = 9
   !! More hits than samples.
   integer, parameter, public :: LIBPI_ERROR_NO_SAMPLES = 10
   !! No samples, so no estimate.
   integer, parameter, public :: LIBPI_ERROR_PART = 11
   !! The part is not below the number of parts.
   integer, parameter, public :: LIBPI_ERROR_INDEX = 12
   !! The index is past the end of a list.
   integer, parameter, public :: LIBPI_ERROR_VARIABLE = 13
   !! The environment variable LIBPI_NUM_THREADS or LIBPI_LEVEL has no sensible value.
   integer, parameter, public :: LIBPI_ERROR_PANIC = 14
   !! A bug in libpi: please report the message.

   integer, parameter, public :: LIBPI_PHILOX = 1
   !! Philox4x32-10, counter-based. Any seed; 42 is usual.
   integer, parameter, public :: LIBPI_NPB = 2
   !! The generator of NAS Parallel Benchmarks EP. Seeds are odd and below 2^46; 271828183 is usual.
   integer, parameter, public :: LIBPI_XOSHIRO = 3
   !! xoshiro256++ in blocks of 65536 samples. Any seed; 42 is usual.
   integer, parameter, public :: LIBPI_TEXTBOOK = 4
   !! Each language's own generator, a statistical baseline: the count depends on the kernel and on
   !! how the range is split. Any seed.

   abstract interface
      function libpi_kernel(seed, first, count) result(hits) bind(C)
         !! A kernel of one's own for libpi_drive: the number of hits among the samples
         !! [first, first + count). It is called from several threads at once: it must change
         !! nothing that is shared or saved, and neither stop nor call libpi_drive. Declare it
         !! recursive: else gfortran may make its large arrays static, and -fcheck=recursion takes
         !! two calls at once for a recursion. c_int64_t of iso_c_binding is the kind int64.
         import :: c_int64_t
         integer(c_int64_t), value :: seed   !! As given to libpi_drive; may carry an address.
         integer(c_int64_t), value :: first  !! Index of the first sample, unsigned.
         integer(c_int64_t), value :: count  !! Number of samples, 1 to 2^62.
         integer(c_int64_t) :: hits          !! Added up modulo 2^64.
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

   ! All are recursive, which is what makes them safe to call from several threads with gfortran.

   recursive subroutine libpi_hits(generator, seed, first, count, hits, threads, stat, errmsg)
      !! Counts the hits among the samples [first, first + count) of a generator, with the best
      !! kernel on this CPU. The count depends on generator, seed, first and count alone. No thread
      !! outlives the call.
      integer, intent(in) :: generator         !! LIBPI_PHILOX, _NPB, _XOSHIRO or _TEXTBOOK.
      integer(int64), intent(in) :: seed       !! Unsigned; NPB: odd and below 2^46.
      integer(int64), intent(in) :: first      !! Index of the first sample, unsigned, from 0.
      integer(int64), intent(in) :: count      !! Number of samples; first + count <= 2^64.
      integer(int64), intent(inout) :: hits    !! Hits, unsigned, 0 to count.
      integer, intent(in), optional :: threads !! 1 to 1024, or 0 for the usable CPUs; 0 if absent.
      integer, intent(out), optional :: stat   !! LIBPI_ERROR_GENERATOR, _SEED, _RANGE, _THREADS,
                                               !! _SPAWN, _VARIABLE, _PANIC or LIBPI_OK.
      character(*), intent(inout), optional :: errmsg

      call finish(c_hits(int(generator, c_int32_t), seed, first, count, number(threads), hits), &
                  stat, errmsg)
   end subroutine libpi_hits

   recursive subroutine libpi_hits_with(kernel, driver, generator, seed, first, count, hits, &
                                        threads, stat, errmsg)
      !! libpi_hits with a kernel and a driver chosen by the names that `pi list`,
      !! libpi_kernel_at and libpi_driver_at give. The driver "rayon" keeps its threads.
      character(*), intent(in) :: kernel       !! As "auto", "fortran" or "rust@x86-64-v3"; blanks
                                               !! at the end do not count.
      character(*), intent(in) :: driver       !! As "auto", "serial" or "openmp-c", likewise.
      integer, intent(in) :: generator         !! LIBPI_PHILOX, _NPB, _XOSHIRO or _TEXTBOOK.
      integer(int64), intent(in) :: seed       !! Unsigned; NPB: odd and below 2^46.
      integer(int64), intent(in) :: first      !! Index of the first sample, unsigned, from 0.
      integer(int64), intent(in) :: count      !! Number of samples; first + count <= 2^64.
      integer(int64), intent(inout) :: hits    !! Hits, unsigned, 0 to count.
      integer, intent(in), optional :: threads !! 1 to 1024, or 0 for the usable CPUs; 0 if absent.
      integer, intent(out), optional :: stat   !! As of libpi_hits, and LIBPI_ERROR_NAME, _MISSING.
      character(*), intent(inout), optional :: errmsg

      call finish(c_hits_with(trim(kernel)//c_null_char, trim(driver)//c_null_char, &
                              int(generator, c_int32_t), seed, first, count, number(threads), &
                              hits), stat, errmsg)
   end subroutine libpi_hits_with

   recursive subroutine libpi_drive(driver, kernel, seed, first, count, hits, threads, stat, errmsg)
      !! Runs the caller's own kernel under a driver of libpi and adds up what it returns, modulo
      !! 2^64. The range is split into one part a thread, whole blocks of 65536 indices counted from
      !! 0, as libpi_split does; a kernel is not called for an empty part, and a part of 2^62
      !! indices or more comes in several calls.
      character(*), intent(in) :: driver       !! As "auto", "rayon" or "openmp-fortran"; blanks at
                                               !! the end do not count.
      procedure(libpi_kernel) :: kernel        !! A module procedure or external procedure.
      integer(int64), intent(in) :: seed       !! Passed on unread, so it may carry an address.
      integer(int64), intent(in) :: first      !! The first index, unsigned, from 0.
      integer(int64), intent(in) :: count      !! Number of indices; first + count <= 2^64.
      integer(int64), intent(inout) :: hits    !! The sum, unsigned.
      integer, intent(in), optional :: threads !! 1 to 1024, or 0 for the usable CPUs; 0 if absent.
      integer, intent(out), optional :: stat   !! LIBPI_ERROR_NAME, _MISSING, _RANGE, _THREADS,
                                               !! _SPAWN, _VARIABLE, _PANIC or LIBPI_OK.
      character(*), intent(inout), optional :: errmsg

      call finish(c_drive(trim(driver)//c_null_char, c_funloc(kernel), seed, first, count, &
                          number(threads), hits), stat, errmsg)
   end subroutine libpi_drive

   recursive subroutine libpi_split(first, count, parts, part, part_first, part_count, stat, errmsg)
      !! One part of a range, for those who distribute it themselves: whole blocks of 65536 samples
      !! counted from index 0, clipped to the range. A part may be empty.
      integer(int64), intent(in) :: first         !! Index of the first sample, unsigned, from 0.
      integer(int64), intent(in) :: count         !! Number of samples; first + count <= 2^64.
      integer(int64), intent(in) :: parts         !! Number of parts, unsigned, at least 1.
      integer(int64), intent(in) :: part          !! From 0, as in C and as MPI ranks, to parts - 1;
                                                  !! of this_image() it is this_image() - 1.
      integer(int64), intent(inout) :: part_first !! Index of the part's first sample, unsigned.
      integer(int64), intent(inout) :: part_count !! Number of its samples, unsigned.
      integer, intent(out), optional :: stat      !! LIBPI_ERROR_RANGE, _PART or LIBPI_OK.
      character(*), intent(inout), optional :: errmsg

      call finish(c_split(first, count, parts, part, part_first, part_count), stat, errmsg)
   end subroutine libpi_split

   recursive subroutine libpi_estimate(hits, count, pi, standard_error, stat, errmsg)
      !! The estimate of pi from `hits` of `count` samples, and its standard error.
      integer(int64), intent(in) :: hits            !! Unsigned, 0 to count.
      integer(int64), intent(in) :: count           !! Unsigned, at least 1.
      real(real64), intent(inout) :: pi             !! 4 hits/count: 0 to 4.
      real(real64), intent(inout) :: standard_error !! Of pi.
      integer, intent(out), optional :: stat        !! LIBPI_ERROR_HITS, _NO_SAMPLES or LIBPI_OK.
      character(*), intent(inout), optional :: errmsg

      call finish(c_estimate(hits, count, pi, standard_error), stat, errmsg)
   end subroutine libpi_estimate

   recursive subroutine libpi_interval(hits, count, lower, upper, stat, errmsg)
      !! Wilson's interval for pi at 95%, from `hits` of `count` samples.
      integer(int64), intent(in) :: hits     !! Unsigned, 0 to count.
      integer(int64), intent(in) :: count    !! Unsigned, at least 1.
      real(real64), intent(inout) :: lower   !! Lower end.
      real(real64), intent(inout) :: upper   !! Upper end.
      integer, intent(out), optional :: stat !! LIBPI_ERROR_HITS, _NO_SAMPLES or LIBPI_OK.
      character(*), intent(inout), optional :: errmsg

      call finish(c_interval(hits, count, lower, upper), stat, errmsg)
   end subroutine libpi_interval

   recursive subroutine libpi_kernel_at(index, generator, name, missing, stat, errmsg)
      !! One kernel of the catalog. To see all, count up until stat is not LIBPI_OK.
      integer, intent(in) :: index                          !! From 0, as in C.
      integer, intent(inout) :: generator                   !! LIBPI_PHILOX and so on.
      character(:), allocatable, intent(inout) :: name      !! As "rust@x86-64-v3".
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
      !! One driver of the catalog. To see all, count up until stat is not LIBPI_OK.
      integer, intent(in) :: index                          !! From 0, as in C.
      character(:), allocatable, intent(inout) :: name      !! As "openmp-fortran".
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
      !! The version of the library that is loaded, such as "0.1.0".
      character(:), allocatable :: version

      version = text(c_version())
   end function libpi_version

   recursive function libpi_abi_version() result(version)
      !! The ABI version of the library that is loaded. A program that finds another number than
      !! LIBPI_MODULE_ABI_VERSION must not call anything else.
      integer :: version

      version = int(c_abi_version())
   end function libpi_abi_version

   ! Hands a status to the caller, or stops. To be called at once: the message lasts until the
   ! thread's next call of libpi.
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

   ! The number of threads asked for; 0 leaves it to libpi.
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
