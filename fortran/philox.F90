! Counts hits with Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw,
! "Parallel random numbers: as easy as 1, 2, 3" (SC11).
!
! Ten rounds encipher the counter (b low, b high, 0, 0) under the key (seed low, seed high) and give
! the four 32-bit words of block b: the points (w0, w1) and (w2, w3) of samples 2b and 2b + 1. Words
! are read as signed numbers, and a point is a hit if x^2 + y^2 < 2^62.
!
! The rounds run over groups of blocks, with one block per lane. The compiler turns the loops over
! lanes into vector instructions. The 64-bit product of two words decides the speed, and gfortran
! needs a different source for each instruction set to make a good one. Only these parts depend on
! LIBPI_LEVEL, which is 4 for x86-64-v4, 3 for x86-64-v3, and another number for the base level.
!
! Fortran's integers are signed, but here they are bit patterns: sums and products wrap (-fwrapv),
! and int() to 32 bits keeps the low bits.
module LIBPI_MODULE
   use, intrinsic :: iso_c_binding, only: i32 => c_int32_t, i64 => c_int64_t
   implicit none
   private
   public :: hits

! LIBPI_LANE is the number of bits of a lane.
#if LIBPI_LEVEL == 4 || (LIBPI_LEVEL == 3 && defined(__flang__))
#define LIBPI_LANE 64
   ! A word is the low half of a 64-bit lane; the high half may hold anything.
   integer, parameter :: word = i64, lanes = 16
#else
#define LIBPI_LANE 32
#ifdef __flang__
   integer, parameter :: word = i32, lanes = 64  ! fewer lanes are slower with flang
#else
   integer, parameter :: word = i32, lanes = 16
#endif
#endif

   integer(i64), parameter :: low_half = int(z'FFFFFFFF', i64)
   integer(word), parameter :: multiplier0 = int(z'D2511F53', word)
   integer(word), parameter :: multiplier1 = int(z'CD9E8D57', word)
   integer(word), parameter :: weyl0 = int(z'9E3779B9', word)
   integer(word), parameter :: weyl1 = int(z'BB67AE85', word)

contains

   ! Counts the hits among the samples [first, first + count). All numbers are read as unsigned.
   pure function hits(seed, first, count) result(total) bind(C, name=LIBPI_SYMBOL)
      integer(i64), value :: seed, first, count
      integer(i64) :: total
      integer(i64) :: head, groups, body

      head = min(iand(first, 1_i64), count)  ! 1 if the range starts with a block's second sample
      groups = (count - head)/(2*lanes)
      body = 2*lanes*groups
      total = one_by_one(seed, first, head) &
         + whole_groups(seed, shiftr(first + head, 1), groups) &
         + one_by_one(seed, first + head + body, count - head - body)
   end function hits

   ! Counts the hits of `groups` groups of `lanes` blocks, from block `first` on.
   pure function whole_groups(seed, first, groups) result(total)
      integer(i64), intent(in) :: seed, first, groups
      integer(i64) :: total
      integer(word), dimension(lanes) :: c0, c1, c2, c3
      integer(i64) :: misses(lanes), block, group
      integer(word) :: key0, key1
      integer :: round, lane

      misses = 0
      block = first
      do group = 1, groups
         key0 = int(seed, word)
         key1 = int(shiftr(seed, 32), word)
         ! Without `unroll 1` gfortran unrolls a loop over lanes first and then does not vectorise
         ! it. The loop over rounds must be unrolled so that the lanes stay in registers.
         !GCC$ unroll 1
         do lane = 1, lanes
            c0(lane) = int(block + (lane - 1), word)
            c1(lane) = int(shiftr(block + (lane - 1), 32), word)
            c2(lane) = 0
            c3(lane) = 0
         end do
         !GCC$ unroll 10
         do round = 1, 10
            !GCC$ unroll 1
            do lane = 1, lanes
               call encipher(c0(lane), c1(lane), c2(lane), c3(lane), key0, key1)
            end do
            key0 = key0 + weyl0
            key1 = key1 + weyl1
         end do
         !GCC$ unroll 1
         do lane = 1, lanes
            misses(lane) = misses(lane) + miss(c0(lane), c1(lane)) + miss(c2(lane), c3(lane))
         end do
         block = block + lanes
      end do
      total = 2*lanes*groups - sum(misses)
   end function whole_groups

   ! Counts the hits of a few samples. This is a function of its own, because scalar code next to
   ! the loops over lanes slows them down.
   pure function one_by_one(seed, first, count) result(total)
      integer(i64), intent(in) :: seed, first, count
      integer(i64) :: total
      integer(i64) :: block, i
      integer(word) :: c0, c1, c2, c3, key0, key1
      integer :: round

      total = count
      do i = 0, count - 1
         block = shiftr(first + i, 1)
         c0 = int(block, word)
         c1 = int(shiftr(block, 32), word)
         c2 = 0
         c3 = 0
         key0 = int(seed, word)
         key1 = int(shiftr(seed, 32), word)
         do round = 1, 10
            call encipher(c0, c1, c2, c3, key0, key1)
            key0 = key0 + weyl0
            key1 = key1 + weyl1
         end do
         total = total - merge(miss(c2, c3), miss(c0, c1), btest(first + i, 0))
      end do
   end function one_by_one

   ! One round of the cipher.
   pure subroutine encipher(c0, c1, c2, c3, key0, key1)
      integer(word), intent(inout) :: c0, c1, c2, c3
      integer(word), intent(in) :: key0, key1
      integer(word) :: high0, low0, high1, low1

      call multiply(c0, multiplier0, high0, low0)
      call multiply(c2, multiplier1, high1, low1)
      c0 = ieor(ieor(high1, c1), key0)
      c1 = low1
      c2 = ieor(ieor(high0, c3), key1)
      c3 = low0
   end subroutine encipher

   ! The high and the low word of the 64-bit product of two words.
   pure subroutine multiply(a, b, high, low)
      integer(word), intent(in) :: a, b
      integer(word), intent(out) :: high, low
#if LIBPI_LANE == 64
      ! AVX-512 multiplies 64-bit lanes. Flang sees that products of 32-bit words will do.
      low = iand(a, low_half)*iand(b, low_half)
      high = shiftr(low, 32)
#elif LIBPI_LEVEL == 3
      ! The product is built from products of 16-bit halves, which never overflow. AVX2 makes 64-bit
      ! products of every other 32-bit lane only, and the shuffles that this needs cost more than
      ! these four products.
      integer(word), parameter :: half = int(z'FFFF', word)
      integer(word) :: a0, a1, b0, b1, middle, carry

      a0 = iand(a, half)
      a1 = shiftr(a, 16)
      b0 = iand(b, half)
      b1 = shiftr(b, 16)
      middle = a1*b0 + shiftr(a0*b0, 16)
      carry = a0*b1 + iand(middle, half)
      high = a1*b1 + shiftr(middle, 16) + shiftr(carry, 16)
      low = a*b
#else
      ! A word that is widened and masked counts as unsigned. The compiler then multiplies unsigned
      ! words, which SSE2 can do.
      integer(i64) :: product

      product = iand(int(a, i64), low_half)*iand(int(b, i64), low_half)
      high = int(shiftr(product, 32), word)
      low = int(product, word)
#endif
   end subroutine multiply

   ! 1 if (x, y) is not in the circle, else 0. The sum of squares is at most 2^63, so adding 2^62
   ! carries every miss into the top bit.
   pure function miss(x, y)
      integer(word), intent(in) :: x, y
      integer(i64) :: miss

      miss = shiftr(square(x) + square(y) + shiftl(1_i64, 62), 63)
   end function miss

   ! The square of a word as a signed integer.
   pure function square(a)
      integer(word), intent(in) :: a
      integer(i64) :: square

#if LIBPI_LANE == 64
      square = shifta(shiftl(a, 32), 32)**2
#elif LIBPI_LEVEL == 3
      square = int(a, i64)**2
#else
      ! SSE2 has no signed product, so this squares |a| <= 2^31 as an unsigned number.
      square = iand(int(abs(a), i64), low_half)**2
#endif
   end function square
end module LIBPI_MODULE
