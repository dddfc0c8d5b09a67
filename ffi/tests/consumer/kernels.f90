! Checks kernels that can fail, counts that report their progress, the default number of threads and
! the texts of statuses.
include 'checks.f90'

module callbacks
   use, intrinsic :: iso_c_binding, only: c_f_pointer, c_int, c_int32_t, c_int64_t, c_ptr
   use checks
   implicit none

   ! The caller's data.
   type, bind(C) :: setting
      integer(c_int64_t) :: block = 0  ! The longest call of the kernel; 0 for any.
      integer(c_int64_t) :: at = -1    ! The index at which the kernel fails.
      integer(c_int32_t) :: error = 0  ! With what it fails.
      integer(c_int64_t) :: last = 0   ! The samples that are done.
      integer(c_int) :: calls = 0      ! How many calls of the callback there were.
      integer(c_int) :: stops_at = 0   ! The call in which it stops the count.
   end type setting
contains
   ! Adds up the indices plus 1, so that an index that is left out or counted twice changes the sum.
   recursive function indices(context, first, count, hits) result(error) bind(C)
      type(c_ptr), value :: context
      integer(c_int64_t), value :: first, count
      integer(c_int64_t), intent(inout) :: hits
      integer(c_int32_t) :: error
      type(setting), pointer :: given
      integer(c_int64_t) :: i

      call c_f_pointer(context, given)
      call check(hits == 0 .and. count > 0, 'what the kernel gets')
      call check(given%block == 0 .or. count <= given%block, 'a call has one block')
      error = 0
      do i = first, first + (count - 1)
         if (i == given%at) error = given%error
         hits = hits + i + 1
      end do
   end function indices

   recursive function watch(user_data, done, count) result(stop) bind(C)
      type(c_ptr), value :: user_data
      integer(c_int64_t), value :: done, count
      integer(c_int32_t) :: stop
      type(setting), pointer :: given

      call c_f_pointer(user_data, given)
      call check(given%last < done .and. done <= count, 'progress')
      given%last = done
      given%calls = given%calls + 1_c_int
      stop = merge(-3_c_int32_t, 0_c_int32_t, given%calls == given%stops_at)
   end function watch
end module callbacks

program kernels
   use, intrinsic :: iso_c_binding, only: c_int32_t, c_loc, c_null_ptr
   use, intrinsic :: iso_fortran_env, only: int64
   use callbacks
   use libpi
   implicit none
   integer(int64), parameter :: zero = 0, one = 1, thousand = 1000
   integer :: stat
   integer(int64) :: hits, done
   character(200) :: message

   message = untouched
   stat = -1
   call sums()
   call failures()
   call progress()
   call threads_and_texts()
   print '(a)', 'all as the module says'

contains

   subroutine sums()
      type(setting), target :: given
      integer(int64), parameter :: blocks(*) = [1_int64, 7_int64, 100000_int64, huge(zero)]
      integer :: i

      do i = 1, size(blocks)
         given%block = blocks(i)
         call libpi_drive_context('auto ', indices, c_loc(given), zero, thousand, hits, &
                                  blocks(i), 2)
         call check(hits == 500500, 'a sum in blocks')
         call libpi_drive_context('openmp-fortran', indices, c_loc(given), 3_int64, thousand, &
                                  hits, block=blocks(i), threads=3, stat=stat, errmsg=message)
         call check(hits == 503500 .and. stat == LIBPI_OK, 'a sum in blocks under OpenMP')
      end do
      given%block = 0
      call libpi_drive_context('serial', indices, c_loc(given), -1000_int64, thousand, hits)
      call check(hits == -499500, 'indices above huge()')
      call libpi_drive_context('auto', indices, c_loc(given), zero, zero, hits)
      call check(hits == 0, 'no indices')
      call check(message == untouched, 'errmsg is unchanged after a success')
   end subroutine sums

   subroutine failures()
      type(setting), target :: given
      integer(c_int32_t), parameter :: errors(*) = &
         [1_c_int32_t, -1_c_int32_t, 5_c_int32_t, -7_c_int32_t, huge(1_c_int32_t)]
      integer :: i

      do i = 1, size(errors)
         hits = 7
         given = setting(at=500, error=errors(i))
         call libpi_drive_context('threads', indices, c_loc(given), zero, thousand, hits, &
                                  10_int64, 2, stat, message)
         call check(libpi_last_kernel_error() == errors(i), 'the kernel''s error number')
         call fails(stat, LIBPI_ERROR_KERNEL, message, 'kernel')
         call check(hits == 7, 'hits is unchanged')
         given%error = 0
         call libpi_drive_context('threads', indices, c_loc(given), zero, thousand, hits, &
                                  10_int64)
         call check(libpi_last_kernel_error() == 0, 'no error number after a success')
      end do
      hits = 7
      call libpi_drive_context('opnmp', indices, c_null_ptr, zero, one, hits, one, 1, stat, message)
      call fails(stat, LIBPI_ERROR_NAME, message, 'openmp-c')
      ! From the last index on, so that the test also ends if libpi takes the number as unsigned.
      call libpi_drive_context('auto', indices, c_null_ptr, -one, -one, hits, one, 1, stat, message)
      call fails(stat, LIBPI_ERROR_RANGE, message, 'count is -1')
      call libpi_drive_context('auto', indices, c_null_ptr, zero, one, hits, -one, 1, stat, message)
      call fails(stat, LIBPI_ERROR_BLOCK, message, 'block is -1')
      call libpi_drive_context('auto', indices, c_null_ptr, -one, 2_int64, hits, one, 1, stat, &
                               message)
      call fails(stat, LIBPI_ERROR_RANGE, message, '2^64')
      call libpi_drive_context('auto', indices, c_null_ptr, zero, one, hits, one, -1, stat, message)
      call fails(stat, LIBPI_ERROR_THREADS, message, '-1')
      call check(hits == 7, 'hits is unchanged')
   end subroutine failures

   subroutine progress()
      type(setting), target :: seen
      integer(int64), parameter :: long = ibset(zero, 50)
      integer(int64) :: alone, rest

      call libpi_hits_progress('auto', 'auto ', LIBPI_NPB, 271828183_int64, zero, 2_int64**24, &
                               watch, c_loc(seen), hits, done, 2, stat, message)
      call check(hits == 13176389 .and. done == 2_int64**24 .and. stat == LIBPI_OK, 'a whole count')
      call check(seen%last == done .and. message == untouched, 'the last call')

      seen = setting(stops_at=2)
      call libpi_hits_progress('rust', 'serial', LIBPI_PHILOX, 42_int64, zero, long, watch, &
                               c_loc(seen), hits, done, stat=stat, errmsg=message)
      call check(seen%calls == 2 .and. seen%last == done .and. done < long, 'where it stopped')
      call fails(stat, LIBPI_STOPPED, message, 'stopped')
      call libpi_hits(LIBPI_PHILOX, 42_int64, zero, done, alone)
      call check(hits == alone, 'the hits so far')

      ! A stop is no error: without stat the program goes on.
      seen = setting(stops_at=1)
      rest = done
      call libpi_hits_progress('auto', 'auto', LIBPI_PHILOX, 42_int64, rest, long, watch, &
                               c_loc(seen), hits, done)
      call libpi_hits(LIBPI_PHILOX, 42_int64, zero, rest + done, rest)
      call check(alone + hits == rest .and. seen%calls == 1, 'a second call counts on')

      hits = 7
      done = 7
      call libpi_hits_progress('auto', 'auto', LIBPI_PHILOX, 42_int64, -one, -long, watch, &
                               c_loc(seen), hits, done, 1, stat, message)
      call fails(stat, LIBPI_ERROR_RANGE, message, 'count is -1125899906842624')
      call libpi_hits_progress('rast', 'auto', LIBPI_PHILOX, 42_int64, zero, long, watch, &
                               c_loc(seen), hits, done, 1, stat, message)
      call fails(stat, LIBPI_ERROR_NAME, message, 'rust')
      call check(hits == 7 .and. done == 7, 'results are unchanged after an error')
   end subroutine progress

   subroutine threads_and_texts()
      integer :: before

      before = libpi_threads()
      call check(before >= 1 .and. before <= 1024, 'the default number of threads')
      call libpi_set_threads(3)
      call check(libpi_threads() == 3, 'the number that was set')
      call check(libpi_threads_rule() == 'libpi_set_threads', 'the rule')
      call libpi_set_threads(-1, stat, message)
      call fails(stat, LIBPI_ERROR_THREADS, message, '-1')
      call libpi_set_threads(1025, stat, message)
      call fails(stat, LIBPI_ERROR_THREADS, message, '1025')
      call check(libpi_threads() == 3, 'the number is unchanged after an error')
      call libpi_set_threads(0, stat, message)
      call check(stat == LIBPI_OK .and. libpi_threads() == before, 'the number of the system')
      call check(libpi_status_text(LIBPI_ERROR_RANGE) == 'first + count exceeds 2^64', 'a text')
      call check(len(libpi_status_text(-huge(0))) > 0, 'the text of a number that is no status')
   end subroutine threads_and_texts
end program kernels
