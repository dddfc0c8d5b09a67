! Checks the caller's own kernels, progress and negative numbers in libpi_mpi.f90. Every rank runs
! this program and checks its own results.
include 'checks.f90'

module callbacks
   use, intrinsic :: iso_c_binding, only: c_f_pointer, c_int32_t, c_int64_t, c_ptr
   implicit none
contains
   ! Adds up the indices plus 1. Fails at index 500 with the number in its context, unless it is 0.
   recursive function indices(context, first, count, hits) result(error) bind(C)
      type(c_ptr), value :: context
      integer(c_int64_t), value :: first, count
      integer(c_int64_t), intent(inout) :: hits
      integer(c_int32_t) :: error
      integer(c_int32_t), pointer :: given
      integer(c_int64_t) :: i

      call c_f_pointer(context, given)
      error = 0
      do i = first, first + (count - 1)
         if (i == 500) error = given
         hits = hits + i + 1
      end do
   end function indices

   ! Counts down in its own number, and stops the count when it is 0.
   recursive function count_down(user_data, done, count) result(stop) bind(C)
      type(c_ptr), value :: user_data
      integer(c_int64_t), value :: done, count
      integer(c_int32_t) :: stop
      integer(c_int32_t), pointer :: left

      call c_f_pointer(user_data, left)
      left = left - 1_c_int32_t
      stop = merge(-1_c_int32_t, 0_c_int32_t, left == 0 .and. done <= count)
   end function count_down
end module callbacks

program mpi_kernels
   use, intrinsic :: iso_c_binding, only: c_int, c_int32_t, c_loc
   use, intrinsic :: iso_fortran_env, only: int64
   use callbacks
   use checks
   use libpi
   use libpi_mpi
   use mpi_f08
   implicit none
   integer(int64), parameter :: zero = 0, one = 1, thousand = 1000, million = 1000000
   integer(int64), parameter :: long = ibset(zero, 50)
   integer(c_int) :: rank, ranks, provided
   integer :: stat
   integer(int64) :: hits, done
   character(256) :: message
   character(30) :: last_rank
   logical :: is_last

   call MPI_Init_thread(MPI_THREAD_FUNNELED, provided)
   call MPI_Comm_rank(MPI_COMM_WORLD, rank)
   call MPI_Comm_size(MPI_COMM_WORLD, ranks)
   is_last = rank == ranks - 1
   write (last_rank, '(2(a, i0), a)') 'on rank ', ranks - 1, ' of ', ranks, ': '
   message = untouched
   stat = -1
   call own_kernels()
   call progress()
   call overflows(-one)
   call overflows(-huge(zero))
   call overflows(ibset(zero, 63))
   call own_kernels()
   call MPI_Finalize()
   if (rank == 0) print '(a)', 'all as the module says'

contains

   subroutine own_kernels()
      integer(c_int32_t), target :: error
      integer(c_int32_t) :: i

      error = 0
      call libpi_mpi_drive_context(MPI_COMM_WORLD, 'auto', indices, c_loc(error), zero, thousand, &
                                   hits, 7_int64, 2)
      call check(hits == 500500, 'a sum over the ranks')
      call libpi_mpi_drive_context(MPI_COMM_WORLD%MPI_VAL, 'serial ', indices, c_loc(error), &
                                   -thousand, thousand, hits, stat=stat, errmsg=message)
      call check(hits == -499500 .and. stat == LIBPI_OK .and. message == untouched, &
                 'indices above huge()')
      do i = -3, 3
         if (i == 0) cycle
         ! The kernels of all ranks fail at an index of one rank.
         hits = 7
         error = i
         call libpi_mpi_drive_context(MPI_COMM_WORLD, 'auto', indices, c_loc(error), zero, &
                                      thousand, hits, one, 1, stat, message)
         call check(libpi_mpi_last_kernel_error() == i .and. hits == 7, 'the error number')
         call fails(stat, LIBPI_ERROR_KERNEL, message, 'on rank ')
         ! Only the kernel of the last rank fails, to which index 500 belongs.
         error = merge(i, 0_c_int32_t, is_last)
         call libpi_mpi_drive_context(MPI_COMM_WORLD, 'auto', indices, c_loc(error), &
                                      501_int64 - ranks, int(ranks, int64), hits, one, 1, stat, &
                                      message)
         call check(libpi_mpi_last_kernel_error() == i .and. hits == 7, 'the error number')
         call fails(stat, LIBPI_ERROR_KERNEL, message, trim(last_rank))
      end do
   end subroutine own_kernels

   ! The last rank stops a count; the hits so far are those of a single process.
   subroutine progress()
      integer(c_int32_t), target :: left
      integer(int64) :: alone

      left = 0
      call libpi_mpi_hits_progress(MPI_COMM_WORLD, 'auto', 'auto', LIBPI_PHILOX, 42_int64, zero, &
                                   10*million, count_down, c_loc(left), hits, done, 1)
      call check(hits == 7855825 .and. done == 10*million .and. left < 0, 'a whole count')
      left = merge(2_c_int32_t, 0_c_int32_t, is_last)
      call libpi_mpi_hits_progress(MPI_COMM_WORLD%MPI_VAL, 'auto', 'auto', LIBPI_PHILOX, 42_int64, &
                                   zero, long, count_down, c_loc(left), hits, done, 1, stat, &
                                   message)
      write (last_rank, '(2(a, i0))') 'of rank ', ranks - 1, ' of ', ranks
      call fails(stat, LIBPI_STOPPED, message, trim(last_rank))
      write (last_rank, '(2(a, i0), a)') 'on rank ', ranks - 1, ' of ', ranks, ': '
      call check(left == merge(0, -2, is_last), 'how often each rank is called')
      call libpi_hits(LIBPI_PHILOX, 42_int64, zero, done, alone)
      call check(hits == alone, 'the hits so far')
      ! A stop is no error: without stat the program goes on.
      left = 1
      call libpi_mpi_hits_progress(MPI_COMM_WORLD, 'auto', 'auto', LIBPI_PHILOX, 42_int64, zero, &
                                   long, count_down, c_loc(left), hits, done)
      call check(done < long, 'a stop')
   end subroutine progress

   ! Only the last rank passes a number that an overflow left: all ranks get its error.
   subroutine overflows(bad)
      integer(int64), intent(in) :: bad
      integer(int64) :: count
      integer(c_int32_t), target :: none

      hits = 7
      done = 7
      none = 0
      count = merge(bad, long, is_last)
      call libpi_mpi_hits(MPI_COMM_WORLD, LIBPI_PHILOX, 42_int64, zero, count, hits, 1, stat, &
                          message)
      call fails(stat, LIBPI_ERROR_RANGE, message, trim(last_rank)//' count is -')
      call libpi_mpi_hits_with(MPI_COMM_WORLD%MPI_VAL, 'auto', 'auto', LIBPI_PHILOX, 42_int64, &
                               zero, count, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_RANGE, message, trim(last_rank)//' count is -')
      call libpi_mpi_hits_progress(MPI_COMM_WORLD, 'auto', 'auto', LIBPI_PHILOX, 42_int64, zero, &
                                   count, count_down, c_loc(none), hits, done, 1, stat, message)
      call fails(stat, LIBPI_ERROR_RANGE, message, trim(last_rank)//' count is -')
      call libpi_mpi_drive_context(MPI_COMM_WORLD, 'auto', indices, c_loc(none), zero, count, &
                                   hits, one, 1, stat, message)
      call fails(stat, LIBPI_ERROR_RANGE, message, trim(last_rank)//' count is -')
      call libpi_mpi_drive_context(MPI_COMM_WORLD, 'auto', indices, c_loc(none), zero, long, &
                                   hits, merge(bad, one, is_last), 1, stat, message)
      call fails(stat, LIBPI_ERROR_BLOCK, message, trim(last_rank)//' block is -')
      call libpi_mpi_hits(MPI_COMM_WORLD, LIBPI_PHILOX, 42_int64, zero, long, hits, &
                          merge(-1, 1, is_last), stat, message)
      call fails(stat, LIBPI_ERROR_THREADS, message, trim(last_rank))
      call libpi_mpi_hits(MPI_COMM_WORLD, LIBPI_PHILOX, bad, bad, zero, hits, 1, stat, message)
      call check(stat == LIBPI_OK .and. hits == 0, 'seeds and indices keep their bits')
      stat = -1
   end subroutine overflows
end program mpi_kernels
