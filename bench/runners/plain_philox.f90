! A runner in plain Fortran that does not use libpi. It follows the protocol in bench/PROTOCOL.md. Its
! kernel is a plain loop over Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11), one block after the
! other. Fortran has no unsigned integers, so the 32-bit words are the lower halves of 64-bit integers.
!
!     gfortran -O3 -fwrapv bench/runners/plain_philox.f90 -o plain-fortran
program plain_philox
   use, intrinsic :: iso_fortran_env, only: compiler_options, compiler_version, error_unit, &
      i64 => int64, r64 => real64
   implicit none
   integer(i64), parameter :: low = int(z'FFFFFFFF', i64)
   integer(i64) :: seed, first, count, warmup, runs, run, begin, end, rate, hits
   character(256) :: line, key, value
   integer(i64), volatile :: from  ! each run reads it anew, so no call can be moved out of its time
   integer :: status

   seed = 42; first = 0; count = 0; warmup = 0; runs = 1
   do
      read (*, '(a)', iostat=status) line
      if (status /= 0 .or. line == '') exit
      line = adjustl(line)
      key = line(:index(line, ' ') - 1)
      value = adjustl(line(index(line, ' '):))
      if (value == '') call fail('a key needs a value')
      select case (key)
      case ('seed'); seed = number()
      case ('first'); first = number()
      case ('count'); count = number()
      case ('warmup'); warmup = number()
      case ('runs'); runs = number()
      ! Refuse what this program cannot do. Otherwise it would be measured under a wrong name.
      case ('generator')
         if (value /= 'philox') call fail('this program has only philox')
      case ('kernel')
         ! The rest of the kernel's name tells how the program was compiled, as in plain-fortran@x86-64-v3.
         if (index(value, 'plain-fortran') /= 1 .and. value /= 'auto') call fail('this program has only plain-fortran')
      case ('driver')
         if (value /= 'serial' .and. value /= 'auto') call fail('this program has only serial')
      case ('threads', 'ranks')
         if (number() /= 1) call fail('this program has only 1')
      end select
   end do
   ! Numbers of 2^63 or more are negative here.
   key = 'count'
   write (value, '(i0)') count
   if (count < 0) call fail('it must be below 2^63')
   if (count > 0 .and. first < 0 .and. first + (count - 1) >= 0) call fail('the range reaches past 2^64')
   from = first
   print '(2a)', 'version plain Fortran 1.0, compiler ', compiler_version()
   print '(a)', 'info ranks 1', 'info threads 1', 'info built_with '//compiler_options()
   do run = 1, warmup + runs
      call system_clock(begin, rate)
      hits = count_hits(seed, (from), count)
      call system_clock(end)
      if (run > warmup) print '(a, f0.9, 1x, i0)', 'run ', real(end - begin, r64)/rate, hits
   end do

contains

   integer(i64) function count_hits(seed, first, count) result(hits)
      integer(i64), intent(in) :: seed, first, count
      integer(i64) :: block, left
      integer :: skip
      hits = 0
      block = shiftr(first, 1)
      left = count
      skip = int(iand(first, 1_i64))  ! a range with an odd first index skips the first sample of its block
      do while (left > 0)
         hits = hits + hits_of_block(seed, block, skip, left)
         left = left - (2 - skip)
         block = block + 1
         skip = 0
      end do
   end function count_hits

   ! The hits among the samples of a block: without the first `skip`, and at most `left` of the others.
   pure integer(i64) function hits_of_block(seed, block, skip, left) result(hits)
      integer(i64), intent(in) :: seed, block, left
      integer, intent(in) :: skip
      integer(i64) :: c(0:3), k(0:1), p(0:1)
      integer :: round
      c = [iand(block, low), shiftr(block, 32), 0_i64, 0_i64]
      k = [iand(seed, low), shiftr(seed, 32)]
      do round = 1, 10
         p = [int(z'D2511F53', i64)*c(0), int(z'CD9E8D57', i64)*c(2)]
         c = [ieor(ieor(shiftr(p(1), 32), c(1)), k(0)), iand(p(1), low), &
              ieor(ieor(shiftr(p(0), 32), c(3)), k(1)), iand(p(0), low)]
         k = iand(k + [int(z'9E3779B9', i64), int(z'BB67AE85', i64)], low)
      end do
      c = shifta(shiftl(c, 32), 32)  ! words are signed
      hits = merge(hit(c(0), c(1)), 0_i64, skip == 0)
      if (skip == 1 .or. left > 1) hits = hits + hit(c(2), c(3))
   end function hits_of_block

   ! The sum may be 2^63, which is negative here. The sum is below 2^62 if its top two bits are 0.
   pure integer(i64) function hit(x, y)
      integer(i64), intent(in) :: x, y
      hit = merge(1_i64, 0_i64, shiftr(x*x + y*y, 62) == 0)
   end function hit

   ! The value as an unsigned number: values of 2^63 or more are negative here.
   integer(i64) function number()
      integer :: at
      character(*), parameter :: most = '18446744073709551615'
      number = 0
      if (verify(trim(value), '0123456789') /= 0) call fail('it must be a whole number of 0 or more')
      at = max(1, verify(value, '0'))  ! the first digit after leading zeros
      if (len_trim(value(at:)) > len(most) .or. len_trim(value(at:)) == len(most) .and. value(at:) > most) &
         call fail('it must be below 2^64')
      do at = 1, len_trim(value)
         number = 10*number + index('0123456789', value(at:at)) - 1
      end do
   end function number

   subroutine fail(why)
      character(*), intent(in) :: why
      write (error_unit, '(5a)') trim(key), ' ', trim(value), ': ', why
      stop 2, quiet=.true.
   end subroutine fail
end program plain_philox
