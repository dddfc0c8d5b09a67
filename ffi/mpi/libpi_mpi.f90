!! libpi_mpi for Fortran: libpi over the ranks of an MPI communicator. The communicator is a
!! type(MPI_Comm) of mpi_f08, or an integer as in mpi and mpif.h. Compile this file with the
!! compiler of your MPI, and link the libraries libpi_mpi and libpi:
!!
!!     mpifort libpi.f90 libpi_mpi.f90 program.f90 -lpi_mpi -lpi
!!
!! Conventions, in addition to those of libpi.f90
!!
!! Collective. Every rank of the communicator must make the call. generator, seed, first and count
!! must be the same on all ranks. Each rank chooses its own kernel, driver and number of threads,
!! and which of these procedures it calls, from C or from Fortran. All ranks get the same count.
!!
!! Errors. If one rank fails, or if the ranks disagree, all ranks get the same stat and errmsg. hits
!! stays as it was, and the communicator can be used again. If no rank passes stat, all ranks stop
!! with the message.
!!
!! libpi_mpi.h, the same interface for C, explains more.
module libpi_mpi
   use, intrinsic :: iso_c_binding, only: c_char, c_f_pointer, c_int, c_int32_t, c_int64_t, &
      c_null_char, c_ptr, c_size_t
   use, intrinsic :: iso_fortran_env, only: int64
   use mpi_f08, only: MPI_Comm
   implicit none
   private
   public :: libpi_mpi_hits, libpi_mpi_hits_with

   integer, parameter, public :: LIBPI_MPI_ERROR_STATE = 101
   !! MPI is not initialised yet, or already finalised.
   integer, parameter, public :: LIBPI_MPI_ERROR_COMMUNICATOR = 102
   !! The communicator is MPI_COMM_NULL or an inter-communicator.
   integer, parameter, public :: LIBPI_MPI_ERROR_DISAGREE = 103
   !! The ranks passed different values of generator, seed, first or count.
   integer, parameter, public :: LIBPI_MPI_ERROR_CALL = 104
   !! An MPI function failed.

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

   interface
      function c_hits_with(comm, kernel, driver, generator, seed, first, count, threads, hits) &
         result(status) bind(C, name='libpi_mpi_hits_with_fint')
         import :: c_char, c_int, c_int32_t, c_int64_t
         integer(c_int), value :: comm  ! MPI_Fint; libpi_mpi.c checks its size
         character(kind=c_char), intent(in) :: kernel(*), driver(*)
         integer(c_int32_t), value :: generator, threads
         integer(c_int64_t), value :: seed, first, count
         integer(c_int64_t), intent(inout) :: hits
         integer(c_int32_t) :: status
      end function c_hits_with

      function c_last_error() result(message) bind(C, name='libpi_mpi_last_error')
         import :: c_ptr
         type(c_ptr) :: message
      end function c_last_error

      function c_strlen(string) result(length) bind(C, name='strlen')
         import :: c_ptr, c_size_t
         type(c_ptr), value :: string
         integer(c_size_t) :: length
      end function c_strlen
   end interface

contains

   recursive subroutine hits_f08(comm, generator, seed, first, count, hits, threads, stat, errmsg)
      type(MPI_Comm), intent(in) :: comm       !! An intra-communicator.
      integer, intent(in) :: generator         !! LIBPI_PHILOX, _NPB, _XOSHIRO or _TEXTBOOK.
      integer(int64), intent(in) :: seed       !! Unsigned; NPB: odd and below 2^46.
      integer(int64), intent(in) :: first      !! Index of the first sample, unsigned, from 0.
      integer(int64), intent(in) :: count      !! Number of samples; first + count <= 2^64.
      integer(int64), intent(inout) :: hits    !! Total of all ranks, unsigned, 0 to count.
      integer, intent(in), optional :: threads !! Of this rank: 1 to 1024; 0 or absent: the default.
      integer, intent(out), optional :: stat   !! As for libpi_hits; also LIBPI_MPI_ERROR_*.
      character(*), intent(inout), optional :: errmsg

      call hits_with_integer(comm%MPI_VAL, 'auto', 'auto', generator, seed, first, count, hits, &
                             threads, stat, errmsg)
   end subroutine hits_f08

   recursive subroutine hits_integer(comm, generator, seed, first, count, hits, threads, stat, &
                                     errmsg)
      integer, intent(in) :: comm              !! An intra-communicator. All others: as in hits_f08.
      integer, intent(in) :: generator
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
      integer, intent(in) :: comm              !! An intra-communicator.
      character(*), intent(in) :: kernel       !! This and all that follow: as in hits_with_f08.
      character(*), intent(in) :: driver
      integer, intent(in) :: generator
      integer(int64), intent(in) :: seed, first, count
      integer(int64), intent(inout) :: hits
      integer, intent(in), optional :: threads
      integer, intent(out), optional :: stat
      character(*), intent(inout), optional :: errmsg
      integer(c_int32_t) :: status, number
      character(:), allocatable :: message

      number = 0
      if (present(threads)) number = int(threads, c_int32_t)
      status = c_hits_with(int(comm, c_int), trim(kernel)//c_null_char, &
                           trim(driver)//c_null_char, int(generator, c_int32_t), seed, first, &
                           count, number, hits)
      if (present(stat)) stat = int(status)
      if (status == 0) return
      message = last_error()
      if (.not. present(stat)) error stop message
      if (present(errmsg)) errmsg = message
   end subroutine hits_with_integer

   ! Returns a copy of the calling thread's message.
   recursive function last_error() result(message)
      character(:), allocatable :: message
      character(kind=c_char), pointer :: characters(:)
      type(c_ptr) :: string
      integer :: i

      string = c_last_error()
      call c_f_pointer(string, characters, [c_strlen(string)])
      message = repeat(' ', size(characters))
      do i = 1, size(characters)
         message(i:i) = characters(i)
      end do
   end function last_error
end module libpi_mpi
