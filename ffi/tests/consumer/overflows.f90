! Checks that negative numbers of something, which an integer overflow leaves, are errors, that the
! largest numbers are none, and that seeds and indices keep their bits.
include 'checks.f90'

module kernels
   use, intrinsic :: iso_c_binding, only: c_int64_t
   implicit none
contains
   pure recursive function all_hit(seed, first, count) result(hits) bind(C)
      integer(c_int64_t), value :: seed, first, count
      integer(c_int64_t) :: hits

      hits = count + 0*(seed + first)
   end function all_hit
end module kernels

program overflows
   use, intrinsic :: iso_fortran_env, only: int32, int64, real64
   use checks
   use kernels, only: all_hit
   use libpi
   implicit none
   integer(int64), parameter :: zero = 0, one = 1, most = huge(zero)
   integer(int64), parameter :: negative(*) = [-one, -5_int64, -most]
   integer :: stat, i
   integer(int64) :: hits, other
   character(200) :: message

   message = untouched
   stat = -1
   do i = 1, size(negative)
      call counts(negative(i))
      call parts_and_indices(negative(i))
   end do
   call counts(ibset(zero, 63))
   call parts_and_indices(ibset(zero, 63))
   call largest()
   call bits()
   call defaults()
   print '(a)', 'all as the module says'

contains

   ! The value as the messages show it.
   function shown(name, value)
      character(*), intent(in) :: name
      integer(int64), intent(in) :: value
      character(:), allocatable :: shown
      character(20) :: digits

      write (digits, '(i0)') value
      shown = name//' is '//trim(digits)//', but it cannot be negative'
   end function shown

   subroutine counts(bad)
      integer(int64), intent(in) :: bad
      real(real64) :: value, second

      hits = 7
      value = 7
      second = 7
      ! From the last index on, so that the test also ends if libpi takes the number as unsigned.
      call libpi_hits(LIBPI_PHILOX, 42_int64, -one, bad, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_RANGE, message, shown('count', bad))
      call libpi_hits_with('auto', 'auto', LIBPI_PHILOX, 42_int64, -one, bad, hits, 1, stat, &
                           message)
      call fails(stat, LIBPI_ERROR_RANGE, message, shown('count', bad))
      call libpi_drive('auto', all_hit, 42_int64, zero, bad, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_RANGE, message, shown('count', bad))
      call libpi_estimate(zero, bad, value, second, stat, message)
      call fails(stat, LIBPI_ERROR_RANGE, message, shown('count', bad))
      call libpi_interval(zero, bad, value, second, stat, message)
      call fails(stat, LIBPI_ERROR_RANGE, message, shown('count', bad))
      call libpi_estimate(bad, one, value, second, stat, message)
      call fails(stat, LIBPI_ERROR_HITS, message, shown('hits', bad))
      call libpi_interval(bad, one, value, second, stat, message)
      call fails(stat, LIBPI_ERROR_HITS, message, shown('hits', bad))
      call check(hits == 7 .and. abs(value - 7) <= 0 .and. abs(second - 7) <= 0, &
                 'results are unchanged')
   end subroutine counts

   subroutine parts_and_indices(bad)
      integer(int64), intent(in) :: bad
      character(:), allocatable :: name, missing
      integer :: generator, short

      hits = 7
      other = 7
      generator = 7
      call libpi_split(zero, bad, one, zero, hits, other, stat, message)
      call fails(stat, LIBPI_ERROR_RANGE, message, shown('count', bad))
      call libpi_split(zero, one, bad, zero, hits, other, stat, message)
      call fails(stat, LIBPI_ERROR_PART, message, shown('parts', bad))
      call libpi_split(zero, one, one, bad, hits, other, stat, message)
      call fails(stat, LIBPI_ERROR_PART, message, shown('part', bad))

      short = int(max(bad, int(-huge(0_int32), int64)))
      call libpi_hits(LIBPI_PHILOX, 42_int64, zero, one, hits, short, stat, message)
      call fails(stat, LIBPI_ERROR_THREADS, message, '-')
      call libpi_hits(short, 42_int64, zero, one, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_GENERATOR, message, '-')
      call libpi_kernel_at(short, generator, name, missing, stat, message)
      call fails(stat, LIBPI_ERROR_INDEX, message, shown('index', int(short, int64)))
      call libpi_driver_at(short, name, missing, stat, message)
      call fails(stat, LIBPI_ERROR_INDEX, message, shown('index', int(short, int64)))
      call check(hits == 7 .and. other == 7 .and. generator == 7 .and. .not. allocated(name), &
                 'results are unchanged')
   end subroutine parts_and_indices

   subroutine largest()
      real(real64) :: pi, error

      call libpi_drive('auto', all_hit, 42_int64, zero, most, hits, 2)
      call check(hits == most, 'the largest count')
      call libpi_drive('serial', all_hit, 42_int64, one, most, hits)
      call check(hits == most, 'the largest count, up to 2^63')
      call libpi_estimate(most, most, pi, error)
      call check(abs(pi - 4) <= 0, 'an estimate from the largest count')
      call libpi_split(zero, most, most, most - 1, hits, other)
      call check(other >= 0 .and. other <= 65536, 'a part of the largest number of parts')
      call libpi_hits(LIBPI_PHILOX, 42_int64, zero, zero, hits)
      call check(hits == 0, 'the smallest count')
   end subroutine largest

   subroutine bits()
      integer :: j

      do j = 1, size(negative)
         call libpi_hits(LIBPI_PHILOX, negative(j), zero, one, hits)
         call check(hits == 0 .or. hits == 1, 'a seed above huge()')
      end do
      call libpi_hits(LIBPI_PHILOX, 42_int64, -777777_int64, 777777_int64, hits)
      call check(hits == 610569, 'an index above huge()')
      call libpi_hits(LIBPI_NPB, -1_int64, zero, one, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_SEED, message, '18446744073709551615')
   end subroutine bits

   ! If default integers have 64 bits, numbers that do not fit into 32 are errors, and not what is
   ! left of them in 32 bits.
   subroutine defaults()
      character(:), allocatable :: name, missing
      integer(int64) :: beyond
      integer :: wide, generator

      if (bit_size(wide) == 32) return
      beyond = ibset(zero, 32) + 1
      wide = int(beyond)
      hits = 7
      call libpi_hits(wide, 42_int64, zero, one, hits, 1, stat, message)
      call fails(stat, LIBPI_ERROR_GENERATOR, message, 'generator is 4294967297')
      call libpi_hits(LIBPI_PHILOX, 42_int64, zero, one, hits, wide, stat, message)
      call fails(stat, LIBPI_ERROR_THREADS, message, 'threads is 4294967297')
      call libpi_drive('auto', all_hit, 42_int64, zero, one, hits, -wide, stat, message)
      call fails(stat, LIBPI_ERROR_THREADS, message, 'threads is -4294967297')
      call libpi_kernel_at(wide, generator, name, missing, stat, message)
      call fails(stat, LIBPI_ERROR_INDEX, message, 'index is 4294967297')
      call check(hits == 7, 'hits is unchanged')
   end subroutine defaults
end program overflows
