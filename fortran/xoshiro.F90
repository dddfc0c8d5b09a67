! Counts hits with xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number
! generators") in blocks of 65536 samples. Each block is made by 16 interleaved generators, the
! lanes. SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators") gives
! the first states of each block.
!
! An output is a point: its low 32 bits are x and its high 32 bits are y, both signed. The point is
! a hit if x^2 + y^2 < 2^62.
!
! Whole blocks run `width` lanes at a time. The compiler turns the loops over lanes into vector
! instructions. LIBPI_LEVEL (4 for x86-64-v4, 3 for x86-64-v3, another number for the base level)
! chooses how a word is squared, because gfortran needs a different source for each instruction set
! to make a good product.
!
! Fortran's integers are signed, but here they are bit patterns: sums and products wrap (-fwrapv),
! and int() to 32 bits keeps the low bits.
module LIBPI_MODULE
   use, intrinsic :: iso_c_binding, only: i32 => c_int32_t, i64 => c_int64_t
   implicit none
   private
   public :: hits

   integer, parameter :: lanes = 16
#ifdef __flang__
   integer, parameter :: width = 16  ! flang unrolls a shorter loop over lanes and does not vectorise it
#else
   integer, parameter :: width = 8
#endif
   integer, parameter :: block_bits = 16, block_size = 2**block_bits, rows = block_size/lanes

contains

   ! Counts the hits among the samples [first, first + count). All numbers are read as unsigned.
   pure function hits(seed, first, count) result(total) bind(C, name=LIBPI_SYMBOL)
      integer(i64), value :: seed, first, count
      integer(i64) :: total
      integer(i64) :: block, from, left, now

      total = 0
      block = shiftr(first, block_bits)
      from = ibits(first, 0, block_bits)
      left = count
      do while (left > 0)
         now = min(left, block_size - from)
         if (now == block_size) then
            total = total + whole_block(seed, block)
         else
            total = total + part_of_block(seed, block, from, from + now)
         end if
         left = left - now
         from = 0
         block = block + 1
      end do
   end function hits

   ! Counts the hits of all samples of a block.
   pure function whole_block(seed, block) result(total)
      integer(i64), intent(in) :: seed, block
      integer(i64) :: total
      integer(i64), dimension(width) :: s0, s1, s2, s3, misses
      integer(i64) :: point
      integer :: group, row, lane

      total = block_size
      do group = 0, lanes - 1, width
         do lane = 1, width
            call start(seed, block, group + lane - 1, s0(lane), s1(lane), s2(lane), s3(lane))
         end do
         misses = 0
         do row = 1, rows
            ! Without the directive gfortran unrolls the loop over lanes first and then does not
            ! vectorise it.
            !GCC$ unroll 1
            do lane = 1, width
               call step(s0(lane), s1(lane), s2(lane), s3(lane), point)
               misses(lane) = misses(lane) + miss(point)
            end do
         end do
         total = total - sum(misses)
      end do
   end function whole_block

   ! Counts the hits of the samples [from, to) of a block.
   pure function part_of_block(seed, block, from, to) result(total)
      integer(i64), intent(in) :: seed, block, from, to
      integer(i64) :: total
      integer(i64) :: s0, s1, s2, s3, point, t
      integer :: lane

      total = to - from
      do lane = 0, lanes - 1
         call start(seed, block, lane, s0, s1, s2, s3)
         do t = lane, to - 1, lanes
            call step(s0, s1, s2, s3, point)
            if (t >= from) total = total - miss(point)
         end do
      end do
   end function part_of_block

   ! The first state of a lane.
   pure subroutine start(seed, block, lane, s0, s1, s2, s3)
      integer(i64), intent(in) :: seed, block
      integer, intent(in) :: lane
      integer(i64), intent(out) :: s0, s1, s2, s3
      integer(i64) :: k

      k = 4*(lanes*block + lane)
      s0 = splitmix(seed, k)
      s1 = splitmix(seed, k + 1)
      s2 = splitmix(seed, k + 2)
      s3 = splitmix(seed, k + 3)
   end subroutine start

   ! Output number k of SplitMix64.
   pure function splitmix(seed, k) result(z)
      integer(i64), intent(in) :: seed, k
      integer(i64) :: z

      z = seed + (k + 1)*int(z'9E3779B97F4A7C15', i64)
      z = ieor(z, shiftr(z, 30))*int(z'BF58476D1CE4E5B9', i64)
      z = ieor(z, shiftr(z, 27))*int(z'94D049BB133111EB', i64)
      z = ieor(z, shiftr(z, 31))
   end function splitmix

   ! The next output of a lane. A rotation uses a product instead of its left shift: gfortran turns
   ! two shifts into a rotation, which it cannot vectorise for signed integers.
   pure subroutine step(s0, s1, s2, s3, output)
      integer(i64), intent(inout) :: s0, s1, s2, s3
      integer(i64), intent(out) :: output
      integer(i64) :: t

      t = s0 + s3
      output = ior(t*2_i64**23, shiftr(t, 41)) + s0
      t = shiftl(s1, 17)
      s2 = ieor(s2, s0)
      s3 = ieor(s3, s1)
      s1 = ieor(s1, s2)
      s0 = ieor(s0, s3)
      s2 = ieor(s2, t)
      s3 = ior(s3*2_i64**45, shiftr(s3, 19))
   end subroutine step

   ! 1 if the point is not in the circle, else 0. The sum of squares is at most 2^63, so adding 2^62
   ! carries every miss into the top bit.
   pure function miss(point)
      integer(i64), intent(in) :: point
      integer(i64) :: miss

      miss = shiftr(square(point) + square(shiftr(point, 32)) + shiftl(1_i64, 62), 63)
   end function miss

   ! The square of the low 32 bits as a signed integer.
   pure function square(a)
      integer(i64), intent(in) :: a
      integer(i64) :: square

#if LIBPI_LEVEL == 4
      square = shifta(shiftl(a, 32), 32)**2
#elif LIBPI_LEVEL == 3
      square = int(int(a, i32), i64)**2
#else
      ! SSE2 has no signed product, so this squares |a| <= 2^31 as an unsigned number.
      square = iand(int(abs(int(a, i32)), i64), int(z'FFFFFFFF', i64))**2
#endif
   end function square
end module LIBPI_MODULE
