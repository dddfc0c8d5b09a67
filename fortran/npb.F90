! Counts hits with the generator of the NAS Parallel Benchmarks, kernel EP (Bailey et al., report
! RNR-94-007): s_k = 5^13 s_(k-1) mod 2^46. Sample i is the point x = 2 s_(2i+1)/2^46 - 1,
! y = 2 s_(2i+2)/2^46 - 1. It is a hit if x^2 + y^2 <= 1 in doubles with each operation rounded. So
! this file must be compiled without fused multiply-adds.
!
! A state is kept as t = 2^18 s. Then mod 2^46 is the wrap-around of 64-bit integers (-fwrapv). The
! samples fill a matrix of `columns` columns row by row, and the code walks down the columns. A step
! down multiplies a state by a^(2 columns) = 1 + d. As 2^16 divides d, d^3 t vanishes mod 2^64. So
! the second difference of a column is constant, and a step takes two additions instead of a
! product. The loop over lanes, which are neighbouring columns, becomes vector instructions.
!
! LIBPI_LEVEL is 4 for x86-64-v4, 3 for x86-64-v3, and another number for the base level.
module LIBPI_MODULE
   use, intrinsic :: iso_c_binding, only: c_double, i64 => c_int64_t
   implicit none
   private
   public :: hits

   integer(i64), parameter :: a = 5_i64**13
   integer, parameter :: columns = 8192
#ifdef __flang__
   integer, parameter :: lanes = 16  ! flang unrolls a shorter loop over lanes and does not vectorise it
#elif LIBPI_LEVEL >= 3
   integer, parameter :: lanes = 8
#else
   integer, parameter :: lanes = 4
#endif

contains

   ! Counts the hits among the samples [first, first + count). All numbers are read as unsigned.
   pure function hits(seed, first, count) result(total) bind(C, name=LIBPI_SYMBOL)
      integer(i64), value :: seed, first, count
      integer(i64) :: total
      integer(i64) :: x(lanes), y(lanes), next_group, left, rows, rest
      integer :: column, lane

      x(1) = shiftl(seed, 18)*power(2*first + 1)
      y(1) = a*x(1)
      do lane = 2, lanes
         x(lane) = a*y(lane - 1)
         y(lane) = a*x(lane)
      end do
      next_group = power(2_i64*lanes)

      total = 0
      do column = 0, columns - 1, lanes
         left = count - column
         if (left <= 0) exit
         rows = 0  ! rows in which all lanes are inside the range
         if (left >= lanes) rows = (left - lanes)/columns + 1
         total = total + down(x, y, rows)
         rest = left - columns*rows
         if (rest > 0 .and. rest < lanes) then
            total = total + along(x(1)*power(2*columns*rows), rest)
         end if
         x = x*next_group
         y = y*next_group
      end do
   end function hits

   ! Counts the hits in `rows` rows of `lanes` columns; x and y are the states of the first row.
   pure function down(x, y, rows) result(total)
      integer(i64), intent(in) :: x(lanes), y(lanes), rows
      integer(i64) :: total
      integer(i64), dimension(lanes) :: tx, dx, ddx, ty, dy, ddy, hits
      integer(i64) :: d, row
      integer :: lane

      d = power(2_i64*columns) - 1
      tx = x
      dx = d*tx
      ddx = d*dx
      ty = y
      dy = d*ty
      ddy = d*dy
      hits = 0
      do row = 1, rows
         ! Without the directive gfortran unrolls the loop over lanes first and then does not
         ! vectorise it.
         !GCC$ unroll 1
         do lane = 1, lanes
            hits(lane) = hits(lane) + hit(tx(lane), ty(lane))
            tx(lane) = tx(lane) + dx(lane)
            dx(lane) = dx(lane) + ddx(lane)
            ty(lane) = ty(lane) + dy(lane)
            dy(lane) = dy(lane) + ddy(lane)
         end do
      end do
      total = sum(hits)
   end function down

   ! Counts the hits among `count` consecutive samples one by one; x is the state of the first x.
   pure function along(x, count) result(total)
      integer(i64), intent(in) :: x, count
      integer(i64) :: total
      integer(i64) :: tx, ty, i

      total = 0
      tx = x
      do i = 1, count
         ty = a*tx
         total = total + hit(tx, ty)
         tx = a*ty
      end do
   end function along

   ! a^k for an unsigned k.
   pure function power(k) result(product)
      integer(i64), intent(in) :: k
      integer(i64) :: product
      integer(i64) :: square, bits

      product = 1
      square = a
      bits = k
      do while (bits /= 0)
         if (btest(bits, 0)) product = product*square
         square = square*square
         bits = shiftr(bits, 1)
      end do
   end function power

   ! 1 if the point is in the circle, else 0.
   pure function hit(tx, ty)
      integer(i64), intent(in) :: tx, ty
      integer(i64) :: hit
      real(c_double) :: x, y

      x = coordinate(tx)
      y = coordinate(ty)
#if LIBPI_LEVEL >= 3
      hit = merge(1_i64, 0_i64, x*x + y*y <= 1)
#else
      ! The sign bit of the difference to the next double after 1, which never rounds to zero, says
      ! the same as the comparison. gfortran does not vectorise comparisons for SSE2.
      hit = shiftr(bits_of(x*x + y*y - nearest(1.0_c_double, 1.0)), 63)
#endif
   end function hit

   ! 2s/2^46 - 1, exactly: the bits of s become the fraction of a double in [2, 4), less 3.
   pure function coordinate(t)
      integer(i64), intent(in) :: t
      real(c_double) :: coordinate

      coordinate = real_of(ior(shiftr(t, 12), shiftl(1_i64, 62))) - 3
   end function coordinate

#ifdef __flang__
   ! Flang 19 calls its runtime library for `transfer`, in every step of a loop. Here a number shares
   ! its memory with the halves of its bits, the low half first. Optimisation removes both.
   pure function real_of(bits)
      integer(i64), intent(in) :: bits
      real(c_double) :: real_of, number
      integer :: halves(2)
      equivalence(number, halves)

      halves(1) = int(bits)
      halves(2) = int(shiftr(bits, 32))
      real_of = number
   end function real_of

   pure function bits_of(real_number)
      real(c_double), intent(in) :: real_number
      integer(i64) :: bits_of
      real(c_double) :: number
      integer :: halves(2)
      equivalence(number, halves)

      number = real_number
      bits_of = ior(shiftl(int(halves(2), i64), 32), iand(int(halves(1), i64), int(z'FFFFFFFF', i64)))
   end function bits_of
#else
   ! The number with these bits.
   pure function real_of(bits)
      integer(i64), intent(in) :: bits
      real(c_double) :: real_of

      real_of = transfer(bits, 1.0_c_double)
   end function real_of

   ! The bits of a number.
   pure function bits_of(number)
      real(c_double), intent(in) :: number
      integer(i64) :: bits_of

      bits_of = transfer(number, 1_i64)
   end function bits_of
#endif
end module LIBPI_MODULE
