!! What libpi.f90 takes from here and offers under the same names: the constants of libpi.h and the
!! interfaces of the procedures that a caller writes.
module libpi_types
   use, intrinsic :: iso_c_binding, only: c_int32_t, c_int64_t, c_ptr
   implicit none
   private
   public :: libpi_kernel, libpi_context_kernel, libpi_progress

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
   !! The caller's kernel returned an error number: libpi_last_kernel_error() returns it.
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

      function libpi_context_kernel(context, first, count, hits) result(error) bind(C)
         !! A caller's own kernel for libpi_drive_context, which can fail. For a success it sets
         !! hits and returns 0. For a failure it returns an error number of its own: any number but
         !! 0, also a negative one. What holds for libpi_kernel holds here too; c_f_pointer makes a
         !! pointer to the caller's data from the context.
         import :: c_int32_t, c_int64_t, c_ptr
         type(c_ptr), value :: context             !! The context of libpi_drive_context.
         integer(c_int64_t), value :: first        !! The first index, unsigned.
         integer(c_int64_t), value :: count        !! Number of indices, at least 1.
         integer(c_int64_t), intent(inout) :: hits !! 0 before the call. libpi adds these up modulo
                                                   !! 2^64.
         integer(c_int32_t) :: error               !! 0, or the kernel's error number.
      end function libpi_context_kernel

      function libpi_progress(user_data, done, count) result(stop) bind(C)
         !! A caller's procedure for libpi_hits_progress, which calls it on the thread of its own
         !! caller. It returns 0 to go on, and any other number to stop the count.
         import :: c_int32_t, c_int64_t, c_ptr
         type(c_ptr), value :: user_data    !! The user_data of libpi_hits_progress.
         integer(c_int64_t), value :: done  !! Number of samples that are counted.
         integer(c_int64_t), value :: count !! Number of all samples.
         integer(c_int32_t) :: stop         !! 0 to go on.
      end function libpi_progress
   end interface
end module libpi_types
