! Checks the contract of libpi.f90, as contract.c does for libpi.h: results, errors with a status
! and a message, and arguments that stay as they were after an error.
include 'checks.f90'

module kernels
   use, intrinsic :: iso_c_binding, only: c_f_pointer, c_int64_t, c_intptr_t, c_null_ptr
   use checks
   use libpi, only: LIBPI_ERROR_PART, libpi_split
   implicit none
contains
   ! Counts the multiples of a number, whose address is the seed. Also calls libpi, which any thread
   ! may do.
   recursive function multiples(seed, first, count) result(found) bind(C)
      integer(c_int64_t), value :: seed, first, count
      integer(c_int64_t) :: found, i, from, number
      integer(c_int64_t), pointer :: divisor
      integer :: stat
      character(100) :: message

      call c_f_pointer(transfer(int(seed, c_intptr_t), c_null_ptr), divisor)
      call libpi_split(first, count, 1_c_int64_t, first, from, number, stat, message)
      if (first /= 0) call fails(stat, LIBPI_ERROR_PART, message, 'of 1')
      found = 0
      do i = first, first + count - 1
         if (mod(i, divisor) == 0) found = found + 1
      end do
   end function multiples

   ! Combines its arguments, to test arguments and sums above huge().
   pure recursive function large(seed, first, count) result(found) bind(C)
      integer(c_int64_t), value :: seed, first, count
      integer(c_int64_t) :: found

      found = ieor(seed, ieor(first, count))
   end function large
end module kernels

program contract
   use, intrinsic :: iso_c_binding, only: c_intptr_t, c_loc
   use, intrinsic :: iso_fortran_env, only: int64, real64
   use checks
   use kernels
   use libpi
   implicit none
   integer(int64), parameter :: zero = 0, one = 1, two = 2, million = 1000000, last = -1
   integer :: stat
   character(200) :: message

   message = untouched
   call answers()
   call whole_catalog()
   call own_kernel()
   call errors()
   print '(a)', 'all as the module says'

contains

   subroutine answers()
      integer(int64) :: hits, first, count, total, part
      real(real64) :: pi, error, lower, upper

      call libpi_hits(LIBPI_PHILOX, 42_int64, zero, million, hits)
      call check(hits == 785987, 'philox')
      call libpi_hits(LIBPI_NPB, 271828183_int64, zero, two**24, hits, 2, stat, message)
      call check(hits == 13176389 .and. stat == LIBPI_OK, 'npb')
      call check(message == untouched, 'errmsg is unchanged after a success')
      call libpi_hits(LIBPI_XOSHIRO, 42_int64, zero, million, hits, threads=3, stat=stat)
      call check(hits == 785360 .and. stat == LIBPI_OK, 'xoshiro')
      call libpi_hits(LIBPI_PHILOX, 42_int64, zero, zero, hits)
      call check(hits == 0, 'no samples')
      call libpi_hits(LIBPI_PHILOX, 42_int64, -777777_int64, 777777_int64, hits, threads=2)
      call check(hits == 610569, 'the end of the range, up to 2^64')
      call libpi_hits_with('auto  ', 'auto ', LIBPI_PHILOX, 42_int64, zero, million, hits)
      call check(hits == 785987, 'names with blanks at the end')

      call libpi_estimate(785987_int64, million, pi, error)
      call check(pi > 3.1439d0 .and. pi < 3.1440d0, 'pi')
      call check(error > 0.0016d0 .and. error < 0.0017d0, 'standard error')
      call libpi_interval(785987_int64, million, lower, upper)
      call check(lower < pi .and. pi < upper .and. upper - lower < 5*error, 'interval')
      call libpi_estimate(ibset(zero, 62), huge(zero), pi, error)
      call check(abs(pi - 2) < 1d-9, '2^62 of 2^63 - 1 hits')

      total = 0
      do part = 0, 6
         call libpi_split(65530_int64, million, 7_int64, part, first, count, stat=stat)
         call check(stat == LIBPI_OK, 'split')
         call check(count == 0 .or. first == 65530 + total, 'the parts touch')
         total = total + count
      end do
      call check(total == million, 'the parts make up the range')
      call libpi_split(huge(zero), huge(zero), 2_int64, one, first, count)
      call check(first == ibset(zero, 63) + ibset(zero, 62) - 65536, 'the upper half above huge()')

      call check(libpi_abi_version() == LIBPI_MODULE_ABI_VERSION, 'ABI version')
      call check(libpi_version() == LIBPI_MODULE_VERSION, 'version')
   end subroutine answers

   ! Runs every kernel of LIBPI_PHILOX that can run here under every driver.
   subroutine whole_catalog()
      character(:), allocatable :: kernel, driver, missing
      integer :: generator, k, d, cells
      integer(int64) :: hits

      cells = 0
      do k = 0, 999
         call libpi_kernel_at(k, generator, kernel, missing, stat)
         if (stat /= LIBPI_OK) exit
         call check(len(kernel) > 0 .and. len_trim(kernel) == len(kernel), 'a name')
         if (missing /= '') then
            hits = 7
            call libpi_hits_with(kernel, 'auto', generator, one, zero, one, hits, 1, stat, message)
            call fails(stat, LIBPI_ERROR_MISSING, message, missing)
            call check(hits == 7, 'hits is unchanged after a missing kernel')
            cycle
         end if
         if (generator /= LIBPI_PHILOX) cycle
         do d = 0, 999
            call libpi_driver_at(d, driver, missing, stat)
            if (stat /= LIBPI_OK) exit
            call check(missing == '', driver)
            call libpi_hits_with(kernel, driver, generator, 42_int64, 999999_int64, &
                                 1000001_int64, hits, merge(1, 2, driver == 'serial'))
            call check(hits == 785622, kernel//' under '//driver)
            cells = cells + 1
         end do
         call check(stat == LIBPI_ERROR_INDEX, 'an index past the last driver is an error')
         stat = LIBPI_OK
      end do
      call check(cells >= 3*5, 'at least three kernels under five drivers')

      kernel = untouched
      missing = untouched
      generator = 7
      call libpi_kernel_at(1000, generator, kernel, missing, stat, message)
      call fails(stat, LIBPI_ERROR_INDEX, message, '1000')
      call libpi_kernel_at(-1, generator, kernel, missing, stat, message)
      call fails(stat, LIBPI_ERROR_INDEX, message, 'index is -1')
      call libpi_driver_at(1000, kernel, missing, stat, message)
      call fails(stat, LIBPI_ERROR_INDEX, message, '5 drivers')
      call check(generator == 7 .and. kernel == untouched .and. missing == untouched, &
                 'arguments are unchanged after an index past the end')
   end subroutine whole_catalog

   subroutine own_kernel()
      integer(int64), target :: divisor
      integer(int64) :: seed, hits
      character(:), allocatable :: driver, missing
      integer :: d

      divisor = 7
      seed = transfer(c_loc(divisor), 0_c_intptr_t)
      do d = 0, 4
         call libpi_driver_at(d, driver, missing)
         call libpi_drive(driver, multiples, seed, zero, 700000_int64, hits, &
                          merge(1, 3, driver == 'serial'))
         call check(hits == 100000, driver//' with the caller''s own kernel')
      end do
      call libpi_drive('auto ', multiples, seed, zero, 700000_int64, hits)
      call check(hits == 100000, 'auto with the caller''s own kernel')
      call libpi_drive('serial', large, last, -4_int64, one, hits, stat=stat)
      call check(stat == LIBPI_OK .and. hits == 2, 'arguments above huge()')
      call libpi_drive('serial', large, last, zero, two, hits, stat=stat)
      call check(stat == LIBPI_OK .and. hits == -3, 'a sum above huge()')
   end subroutine own_kernel

   subroutine errors()
      integer(int64) :: hits, other
      real(real64) :: value, second
      character(8) :: short

      hits = 7
      other = 7
      value = 7
      second = 7
      call libpi_hits(0, 42_int64, zero, one, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_GENERATOR, message, 'LIBPI_PHILOX')
      call libpi_hits(99, 42_int64, zero, one, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_GENERATOR, message, '99')
      call libpi_hits(LIBPI_NPB, 42_int64, zero, one, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_SEED, message, 'odd')
      call libpi_hits(LIBPI_PHILOX, 42_int64, last, two, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_RANGE, message, '2^64')
      call libpi_hits(LIBPI_PHILOX, 42_int64, zero, one, hits, -1, stat, message)
      call fails(stat, LIBPI_ERROR_THREADS, message, '-1')
      call libpi_hits(LIBPI_PHILOX, 42_int64, zero, one, hits, 1025, stat, message)
      call fails(stat, LIBPI_ERROR_THREADS, message, &
                 '1025 threads: the number must be from 1 to 1024, or 0 for')

      call libpi_hits_with('rast', 'auto', 1, 42_int64, zero, one, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_NAME, message, 'rust')
      call libpi_hits_with('c@x', 'auto', 1, 42_int64, zero, one, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_NAME, message, 'level')
      call libpi_hits_with('c', 'opnmp', 1, 42_int64, zero, one, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_NAME, message, 'openmp-c')
      call libpi_hits_with('', 'auto', 1, 42_int64, zero, one, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_NAME, message, 'rust')
      call libpi_hits_with(char(255), 'auto', 1, 42_int64, zero, one, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_NAME, message, 'UTF-8')
      call libpi_hits_with('c', 'serial', 1, 42_int64, zero, one, hits, 2, stat, message)
      call fails(stat, LIBPI_ERROR_THREADS, message, 'serial: it runs on 1 thread; pass 0')

      call libpi_drive('opnmp', large, zero, zero, one, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_NAME, message, 'openmp-c')
      call libpi_drive('auto', large, zero, last, two, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_RANGE, message, '2^64')
      call libpi_drive('auto', large, zero, zero, one, hits, -1, stat, message)
      call fails(stat, LIBPI_ERROR_THREADS, message, '-1')

      call libpi_split(zero, one, one, one, hits, other, stat, message)
      call fails(stat, LIBPI_ERROR_PART, message, 'part 1 of 1')
      call libpi_split(zero, one, zero, zero, hits, other, stat, message)
      call fails(stat, LIBPI_ERROR_PART, message, 'part 0 of 0')
      call libpi_split(last, two, one, zero, hits, other, stat, message)
      call fails(stat, LIBPI_ERROR_RANGE, message, '2^64')
      call libpi_estimate(two, one, value, second, stat, message)
      call fails(stat, LIBPI_ERROR_HITS, message, '2 hits')
      call libpi_estimate(zero, zero, value, second, stat, message)
      call fails(stat, LIBPI_ERROR_NO_SAMPLES, message, 'no estimate')
      call libpi_interval(two, one, value, second, stat, message)
      call fails(stat, LIBPI_ERROR_HITS, message, '2 hits')
      call libpi_interval(zero, zero, value, second, stat, message)
      call fails(stat, LIBPI_ERROR_NO_SAMPLES, message, 'no estimate')

      ! A message is cut to the length of its variable. errmsg is optional.
      call libpi_estimate(zero, zero, value, second, stat, short)
      call fails(stat, LIBPI_ERROR_NO_SAMPLES, short, '0 sample')
      call libpi_estimate(zero, zero, value, second, stat)
      call check(stat == LIBPI_ERROR_NO_SAMPLES, 'stat without errmsg')

      call check(hits == 7 .and. other == 7, 'integers are unchanged after errors')
      call check(abs(value - 7) <= 0 .and. abs(second - 7) <= 0, 'reals are unchanged after errors')
   end subroutine errors
end program contract
