!! libpi_mpi for Fortran: libpi over the ranks of an MPI communicator. The communicator is a
!! type(MPI_Comm) of mpi_f08, or an integer as in mpi and mpif.h. Compile this file with the
!! compiler of your MPI, and link the libraries libpi_mpi and libpi:
!!
!!     mpifort libpi.f90 libpi_mpi.f90 program.f90 -lpi_mpi -lpi
!!
!! Conventions, in addition to those of libpi.f90
!!
!! Collective. Every rank of the communicator must make the call. generator, seed, first, count and
!! block must be the same on all ranks. Each rank chooses its own kernel, driver and number of
!! threads, and whether it calls from C or from Fortran. All ranks get the same count.
!!
!! Errors. If one rank fails, or if the ranks disagree, all ranks get the same stat and errmsg. hits
!! stays as it was, and the communicator can be used again. If no rank passes stat, all ranks stop
!! with the message. A negative number of samples or threads is an error, as in libpi.
!!
!! Kinds. The communicators of mpif.h and of the module mpi are integers of the kind c_int. A
!! program with other default integers that includes mpif.h passes int(comm, c_int).
!!
!! libpi_mpi.h, the same interface for C, explains more.
module libpi_mpi
   use, intrinsic :: iso_c_binding, only: c_char, c_funloc, c_funptr, c_int, c_int32_t, c_int64_t, &
      c_null_char, c_ptr
   use, intrinsic :: iso_fortran_env, only: int64
   use libpi_errors
   use libpi_types
   use mpi_f08, only: MPI_Comm
   implicit none
   private
   public :: libpi_mpi_hits, libpi_mpi_hits_with, libpi_mpi_hits_progress
   public :: libpi_mpi_drive_context, libpi_mpi_last_kernel_error

   integer, parameter, public :: LIBPI_MPI_ERROR_STATE = 101
   !! MPI is not initialised yet, or already finalised.
   integer, parameter, public :: LIBPI_MPI_ERROR_COMMUNICATOR = 102
   !! The communicator is MPI_COMM_NULL or an inter-communicator.
   integer, parameter, public :: LIBPI_MPI_ERROR_DISAGREE = 103
   !! The ranks called different procedures, or passed different values of generator, seed, first,
   !! count or block.
   integer, parameter, public :: LIBPI_MPI_ERROR_CALL = 104
   !! An MPI function failed.
   integer, parameter, public :: LIBPI_MPI_ERROR_LIBRARY = 105
   !! The program uses another MPI than the one that libpi_mpi was compiled for.

   interface libpi_mpi_hits
      !! Counts the hits among the samples [first, first + count) of a generator. Each rank counts
      !! the part that libpi_split gives it, with the best kernel for its CPU. Every rank gets the
      !! total. It depends only on generator, seed, first and count; with LIBPI_TEXTBOOK it also
      !! depends on the kernels and on how the range is split.
      module procedure hits_f08, hits_integer
   end interface libpi_mpi_hits

   interface libpi_mpi_hits_with
      !! Does the same as libpi_mpi_hits with a kernel and a driver chosen by name, as in
      !! libpi_hits_with. The ranks may choose different ones: the total stays the same, except with
      !! LIBPI_TEXTBOOK.
      module procedure hits_with_f08, hits_with_integer
   end interface libpi_mpi_hits_with

   interface libpi_mpi_drive_context
      !! Runs the caller's own kernels, which can fail, over the ranks. Each rank runs its kernel
      !! with its own context, as libpi_drive_context does, over its part of the range. If the
      !! kernel of a rank fails, all ranks get LIBPI_ERROR_KERNEL, and libpi_mpi_last_kernel_error()
      !! returns the same error number on all of them: the one of the first rank that failed. The
      !! kernels must not call MPI, unless MPI was initialised with MPI_THREAD_MULTIPLE.
      module procedure drive_context_f08, drive_context_integer
   end interface libpi_mpi_drive_context

   interface libpi_mpi_hits_progress
      !! Does the same as libpi_mpi_hits_with in spans of about a quarter of a second, and calls the
      !! callback of each rank after each span, as libpi_hits_progress does, with the number of
      !! samples that are done on all ranks together. If the callback of any rank returns a number
      !! other than 0 before all samples are done, all ranks stop after this span and get
      !! LIBPI_STOPPED, with the exact hits among the first `done` samples. The callbacks may call
      !! MPI, if they do so on all ranks.
      module procedure hits_progress_f08, hits_progress_integer
   end interface libpi_mpi_hits_progress

   interface
      function c_hits_with(comm, kernel, driver, generator, seed, first, count, threads, hits) &
         result(status) bind(C, name='libpi_mpi_hits_with_fint')
         import :: c_char, c_int, c_int32_t, c_int64_t
         integer(c_int), value :: comm  ! MPI_Fint; ranks.c checks its size
         character(kind=c_char), intent(in) :: kernel(*), driver(*)
         integer(c_int32_t), value :: generator, threads
         integer(c_int64_t), value :: seed, first, count
         integer(c_int64_t), intent(inout) :: hits
         integer(c_int32_t) :: status
      end function c_hits_with

      function c_drive_context(comm, driver, kernel, context, first, count, block, threads, hits) &
         result(status) bind(C, name='libpi_mpi_drive_context_fint')
         import :: c_char, c_funptr, c_int, c_int32_t, c_int64_t, c_ptr
         integer(c_int), value :: comm
         character(kind=c_char), intent(in) :: driver(*)
         type(c_funptr), value :: kernel
         type(c_ptr), value :: context
         integer(c_int64_t), value :: first, count, block
         integer(c_int32_t), value :: threads
         integer(c_int64_t), intent(inout) :: hits
         integer(c_int32_t) :: status
      end function c_drive_context

      function c_hits_progress(comm, kernel, driver, generator, seed, first, count, threads, &
                               callback, user_data, hits, done) result(status) &
         bind(C, name='libpi_mpi_hits_progress_fint')
         import :: c_char, c_funptr, c_int, c_int32_t, c_int64_t, c_ptr
         integer(c_int), value :: comm
         character(kind=c_char), intent(in) :: kernel(*), driver(*)
         integer(c_int32_t), value :: generator, threads
         integer(c_int64_t), value :: seed, first, count
         type(c_funptr), value :: callback
         type(c_ptr), value :: user_data
         integer(c_int64_t), intent(inout) :: hits, done
         integer(c_int32_t) :: status
      end function c_hits_progress

      function c_refuse(comm, status, reason) result(shared) bind(C, name='libpi_mpi_refuse_fint')
         import :: c_char, c_int, c_int32_t
         integer(c_int), value :: comm
         integer(c_int32_t), value :: status
         character(kind=c_char), intent(in) :: reason(*)
         integer(c_int32_t) :: shared
      end function c_refuse

      function c_last_error() result(message) bind(C, name='libpi_mpi_last_error')
         import :: c_ptr
         type(c_ptr) :: message
      end function c_last_error

      function c_last_kernel_error() result(error) bind(C, name='libpi_mpi_last_kernel_error')
         import :: c_int32_t
         integer(c_int32_t) :: error
      end function c_last_kernel_error
   end interface

contains

   recursive subroutine hits_f08(comm, generator, seed, first, count, hits, threads, stat, errmsg)
      type(MPI_Comm), intent(in) :: comm       !! An intra-communicator.
      integer, intent(in) :: generator         !! LIBPI_PHILOX, _NPB, _XOSHIRO or _TEXTBOOK.
      integer(int64), intent(in) :: seed       !! Unsigned; NPB: odd and below 2^46.
      integer(int64), intent(in) :: first      !! Index of the first sample, unsigned, from 0.
      integer(int64), intent(in) :: count      !! Number of samples; first + count <= 2^64.
      integer(int64), intent(inout) :: hits    !! Hits on all ranks, 0 to count.
      integer, intent(in), optional :: threads !! Of this rank: 1 to 1024; 0 or absent: libpi's
                                               !! default.
      integer, intent(out), optional :: stat   !! As for libpi_hits; also LIBPI_MPI_ERROR_*.
      character(*), intent(inout), optional :: errmsg

      call hits_with_integer(comm%MPI_VAL, 'auto', 'auto', generator, seed, first, count, hits, &
                             threads, stat, errmsg)
   end subroutine hits_f08

   recursive subroutine hits_integer(comm, generator, seed, first, count, hits, threads, stat, &
                                     errmsg)
      integer(c_int), intent(in) :: comm       !! An intra-communicator.
      integer, intent(in) :: generator         !! This and all that follow: as in hits_f08.
      integer(int64), intent(in) :: seed, first, count
      integer(int64), intent(inout) :: hits
      integer, intent(in), optional :: threads
      integer, intent(out), optional :: stat
      character(*), intent(inout), optional :: errmsg

      call hits_with_integer(comm, 'auto', 'auto', generator, seed, first, count, hits, threads, &
                             stat, errmsg)
   end subroutine hits_integer

   recursive subroutine hits_with_f08(comm, kernel, driver, generator, seed, first, count, hits, &
                                      threads, stat, errmsg)
      type(MPI_Comm), intent(in) :: comm       !! An intra-communicator.
      character(*), intent(in) :: kernel       !! Of this rank, such as "auto", "fortran" or
                                               !! "rust@x86-64-v3"; trailing blanks are ignored.
      character(*), intent(in) :: driver       !! Of this rank, such as "auto", "serial" or
                                               !! "openmp-c"; trailing blanks are ignored.
      integer, intent(in) :: generator         !! This and all that follow: as in hits_f08.
      integer(int64), intent(in) :: seed, first, count
      integer(int64), intent(inout) :: hits
      integer, intent(in), optional :: threads
      integer, intent(out), optional :: stat   !! As for libpi_hits_with; also LIBPI_MPI_ERROR_*.
      character(*), intent(inout), optional :: errmsg

      call hits_with_integer(comm%MPI_VAL, kernel, driver, generator, seed, first, count, hits, &
                             threads, stat, errmsg)
   end subroutine hits_with_f08

   recursive subroutine hits_with_integer(comm, kernel, driver, generator, seed, first, count, &
                                          hits, threads, stat, errmsg)
      integer(c_int), intent(in) :: comm       !! An intra-communicator.
      character(*), intent(in) :: kernel       !! This and all that follow: as in hits_with_f08.
      character(*), intent(in) :: driver
      integer, intent(in) :: generator
      integer(int64), intent(in) :: seed, first, count
      integer(int64), intent(inout) :: hits
      integer, intent(in), optional :: threads
      integer, intent(out), optional :: stat
      character(*), intent(inout), optional :: errmsg
      type(mistake) :: wrong
      integer(c_int32_t) :: status

      wrong = mistake_in(generator=generator, count=count, threads=threads)
      if (wrong%status /= LIBPI_OK) then
         status = refuse(comm, wrong)
      else
         status = c_hits_with(comm, trim(kernel)//c_null_char, trim(driver)//c_null_char, &
                              narrow(generator), seed, first, count, narrow(threads), hits)
      end if
      call finish(status, stat, errmsg, c_last_error)
   end subroutine hits_with_integer

   recursive subroutine drive_context_f08(comm, driver, kernel, context, first, count, hits, &
                                          block, threads, stat, errmsg)
      type(MPI_Comm), intent(in) :: comm       !! An intra-communicator.
      character(*), intent(in) :: driver       !! Of this rank, such as "auto", "serial" or
                                               !! "openmp-c"; trailing blanks are ignored.
      procedure(libpi_context_kernel) :: kernel !! Of this rank.
      type(c_ptr), intent(in) :: context       !! Of this rank, passed to its kernel.
      integer(int64), intent(in) :: first      !! The first index, unsigned, from 0.
      integer(int64), intent(in) :: count      !! Number of indices; first + count <= 2^64.
      integer(int64), intent(inout) :: hits    !! The sum over all ranks, unsigned.
      integer(int64), intent(in), optional :: block !! Indices in a block; 0 or absent: 65536.
      integer, intent(in), optional :: threads !! Of this rank: 1 to 1024; 0 or absent: libpi's
                                               !! default.
      integer, intent(out), optional :: stat   !! As for libpi_drive_context; also
                                               !! LIBPI_MPI_ERROR_*.
      character(*), intent(inout), optional :: errmsg

      call drive_context_integer(comm%MPI_VAL, driver, kernel, context, first, count, hits, block, &
                                 threads, stat, errmsg)
   end subroutine drive_context_f08

   recursive subroutine drive_context_integer(comm, driver, kernel, context, first, count, hits, &
                                              block, threads, stat, errmsg)
      integer(c_int), intent(in) :: comm       !! An intra-communicator.
      character(*), intent(in) :: driver       !! This and all that follow: as in drive_context_f08.
      procedure(libpi_context_kernel) :: kernel
      type(c_ptr), intent(in) :: context
      integer(int64), intent(in) :: first, count
      integer(int64), intent(inout) :: hits
      integer(int64), intent(in), optional :: block
      integer, intent(in), optional :: threads
      integer, intent(out), optional :: stat
      character(*), intent(inout), optional :: errmsg
      type(mistake) :: wrong
      integer(int64) :: length
      integer(c_int32_t) :: status

      length = 0
      if (present(block)) length = block
      wrong = mistake_in(count=count, block=block, threads=threads)
      if (wrong%status /= LIBPI_OK) then
         status = refuse(comm, wrong)
      else
         status = c_drive_context(comm, trim(driver)//c_null_char, c_funloc(kernel), context, &
                                  first, count, length, narrow(threads), hits)
      end if
      call finish(status, stat, errmsg, c_last_error)
   end subroutine drive_context_integer

   recursive subroutine hits_progress_f08(comm, kernel, driver, generator, seed, first, count, &
                                          callback, user_data, hits, done, threads, stat, errmsg)
      type(MPI_Comm), intent(in) :: comm       !! An intra-communicator.
      character(*), intent(in) :: kernel       !! This and the next: as in hits_with_f08.
      character(*), intent(in) :: driver
      integer, intent(in) :: generator         !! This and the next three: as in hits_f08.
      integer(int64), intent(in) :: seed, first, count
      procedure(libpi_progress) :: callback    !! Of this rank.
      type(c_ptr), intent(in) :: user_data     !! Of this rank, passed to its callback.
      integer(int64), intent(inout) :: hits    !! Hits on all ranks among the samples that are done.
      integer(int64), intent(inout) :: done    !! Number of samples that are done.
      integer, intent(in), optional :: threads !! Of this rank: 1 to 1024; 0 or absent: libpi's
                                               !! default.
      integer, intent(out), optional :: stat   !! As for libpi_hits_progress; also
                                               !! LIBPI_MPI_ERROR_*.
      character(*), intent(inout), optional :: errmsg

      call hits_progress_integer(comm%MPI_VAL, kernel, driver, generator, seed, first, count, &
                                 callback, user_data, hits, done, threads, stat, errmsg)
   end subroutine hits_progress_f08

   recursive subroutine hits_progress_integer(comm, kernel, driver, generator, seed, first, count, &
                                              callback, user_data, hits, done, threads, stat, &
                                              errmsg)
      integer(c_int), intent(in) :: comm       !! An intra-communicator.
      character(*), intent(in) :: kernel       !! This and all that follow: as in hits_progress_f08.
      character(*), intent(in) :: driver
      integer, intent(in) :: generator
      integer(int64), intent(in) :: seed, first, count
      procedure(libpi_progress) :: callback
      type(c_ptr), intent(in) :: user_data
      integer(int64), intent(inout) :: hits, done
      integer, intent(in), optional :: threads
      integer, intent(out), optional :: stat
      character(*), intent(inout), optional :: errmsg
      type(mistake) :: wrong
      integer(c_int32_t) :: status

      wrong = mistake_in(generator=generator, count=count, threads=threads)
      if (wrong%status /= LIBPI_OK) then
         status = refuse(comm, wrong)
      else
         status = c_hits_progress(comm, trim(kernel)//c_null_char, trim(driver)//c_null_char, &
                                  narrow(generator), seed, first, count, narrow(threads), &
                                  c_funloc(callback), user_data, hits, done)
      end if
      call finish(status, stat, errmsg, c_last_error)
   end subroutine hits_progress_integer

   recursive function libpi_mpi_last_kernel_error() result(error)
      !! Returns the error number that the kernel returned on the rank that failed, if this thread's
      !! last call gave LIBPI_ERROR_KERNEL; otherwise 0.
      integer :: error

      error = int(c_last_kernel_error())
   end function libpi_mpi_last_kernel_error

   ! Tells all ranks of a mistake in this rank's arguments. The others do not wait for its count.
   recursive function refuse(comm, wrong) result(status)
      integer(c_int), intent(in) :: comm
      type(mistake), intent(in) :: wrong
      integer(c_int32_t) :: status

      status = c_refuse(comm, wrong%status, wrong%message//c_null_char)
   end function refuse
end module libpi_mpi
