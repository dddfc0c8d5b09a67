! Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11): the number of hits among the samples
! [first, first + count). A block has two samples, so the range may begin or end inside a block.
! Fortran has no unsigned integers: words of 32 bits are the lower halves of 64-bit integers, and sums
! and products wrap (-fwrapv).
module kernel_module
   use, intrinsic :: iso_c_binding, only: i32 => c_int32_t, i64 => c_int64_t
   implicit none
   private
   public :: philox
   integer(i64), parameter :: low = int(z'FFFFFFFF', i64)

contains

   pure function philox(seed, first, count) result(hits) bind(C)
      integer(i64), value :: seed, first, count
      integer(i64) :: hits
      integer(i64) :: block, pair, odd, w(0:3)

      hits = 0
      block = shiftr(first, 1)
      odd = merge(iand(first, 1_i64), 0_i64, count > 0)
      if (odd == 1) then
         w = words(seed, block)
         hits = hits + hit(w(2), w(3))
         block = block + 1
      end if
      do pair = 1, shiftr(count - odd, 1)
         w = words(seed, block)
         hits = hits + hit(w(0), w(1)) + hit(w(2), w(3))
         block = block + 1
      end do
      if (iand(count - odd, 1_i64) == 1) then
         w = words(seed, block)
         hits = hits + hit(w(0), w(1))
      end if
   end function philox

   ! The four words of a block: two samples, (w0, w1) and (w2, w3).
   pure function words(seed, block) result(c)
      integer(i64), intent(in) :: seed, block
      integer(i64) :: c(0:3), product0, product1, k0, k1
      integer :: round

      c = [iand(block, low), shiftr(block, 32), 0_i64, 0_i64]
      k0 = iand(seed, low)
      k1 = shiftr(seed, 32)
      do round = 1, 10
         product0 = int(z'D2511F53', i64)*c(0)
         product1 = int(z'CD9E8D57', i64)*c(2)
         c = [ieor(ieor(shiftr(product1, 32), c(1)), k0), iand(product1, low), &
              ieor(ieor(shiftr(product0, 32), c(3)), k1), iand(product0, low)]
         k0 = iand(k0 + int(z'9E3779B9', i64), low)
         k1 = iand(k1 + int(z'BB67AE85', i64), low)
      end do
   end function words

   ! 1 if the point lies inside the circle, else 0. Words are read as signed numbers, and the sum of two
   ! squares is at most 2^63, which is negative here.
   pure function hit(x, y)
      integer(i64), intent(in) :: x, y
      integer(i64) :: hit, sum

      sum = int(int(x, i32), i64)**2 + int(int(y, i32), i64)**2
      hit = merge(1_i64, 0_i64, sum >= 0 .and. sum < 2_i64**62)
   end function hit
end module kernel_module
