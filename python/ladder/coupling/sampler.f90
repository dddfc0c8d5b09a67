! The sampler in Fortran; OpenMP runs its loop in parallel. cffi calls it by its C name, and f2py
! through a routine of its own. `nodelete` keeps the library in the memory while OpenMP's threads live.
!
! Build: gfortran -std=f2018 -Wall -Wextra -O3 ${LEVEL:+-march=$LEVEL} -fwrapv -fopenmp -fPIC -shared
!     -Wl,-z,nodelete $SRC/sampler.f90 -o libsampler_fortran.so
module sampler
   use, intrinsic :: iso_c_binding, only: c_int, c_int64_t
   implicit none
   private
   public :: hits

   ! Fortran has no unsigned numbers: a word of 32 bits is the lower half of an integer.
   integer(c_int64_t), parameter :: word = int(z'FFFFFFFF', c_int64_t)

contains

   !> Philox4x32-10 (Salmon and others, SC11): ten rounds turn a block's number into four words.
   pure subroutine philox(seed, block, c0, c1, c2, c3)
      integer(c_int64_t), intent(in) :: seed, block
      integer(c_int64_t), intent(out) :: c0, c1, c2, c3
      integer(c_int64_t) :: k0, k1, p0, p1
      integer :: round

      c0 = iand(block, word); c1 = shiftr(block, 32); c2 = 0; c3 = 0
      k0 = iand(seed, word); k1 = shiftr(seed, 32)
      do round = 1, 10
         p0 = int(z'D2511F53', c_int64_t)*c0
         p1 = int(z'CD9E8D57', c_int64_t)*c2
         c0 = ieor(ieor(shiftr(p1, 32), c1), k0)
         c1 = iand(p1, word)
         c2 = ieor(ieor(shiftr(p0, 32), c3), k1)
         c3 = iand(p0, word)
         k0 = iand(k0 + int(z'9E3779B9', c_int64_t), word)
         k1 = iand(k1 + int(z'BB67AE85', c_int64_t), word)
      end do
   end subroutine philox

   !> Two words, read with a sign, are a point. The circle has the radius 2^31. Returns 1 or 0.
   pure integer(c_int64_t) function inside(word_x, word_y)
      integer(c_int64_t), intent(in) :: word_x, word_y
      integer(c_int64_t) :: x, y

      x = shifta(shiftl(word_x, 32), 32)
      y = shifta(shiftl(word_y, 32), 32)
      inside = merge(1_c_int64_t, 0_c_int64_t, shiftr(x*x + y*y, 62) == 0)
   end function inside

   !> A block makes the samples 2 * block and 2 * block + 1.
   pure integer(c_int64_t) function hit(seed, sample)
      integer(c_int64_t), intent(in) :: seed, sample
      integer(c_int64_t) :: c0, c1, c2, c3

      call philox(seed, shiftr(sample, 1), c0, c1, c2, c3)
      if (iand(sample, 1_c_int64_t) == 0) then
         hit = inside(c0, c1)
      else
         hit = inside(c2, c3)
      end if
   end function hit

   !> Counts the samples from `first` on that lie inside the circle, on `threads` threads.
   integer(c_int64_t) function hits(seed, first, count, threads) bind(C, name="pi_hits")
      integer(c_int64_t), value :: seed, first, count
      integer(c_int), value :: threads
      integer(c_int64_t) :: last, offset, c0, c1, c2, c3

      hits = 0
      if (count == 0) return
      last = first + (count - 1)
      !$omp parallel do num_threads(threads) private(c0, c1, c2, c3) reduction(+: hits)
      do offset = 0, shiftr(last, 1) - shiftr(first, 1)
         call philox(seed, shiftr(first, 1) + offset, c0, c1, c2, c3)
         hits = hits + inside(c0, c1) + inside(c2, c3)
      end do
      !$omp end parallel do
      ! The first and the last block may reach beyond the range by a sample.
      if (iand(first, 1_c_int64_t) == 1) hits = hits - hit(seed, first - 1)
      if (iand(last, 1_c_int64_t) == 0) hits = hits - hit(seed, last + 1)
   end function hits
end module sampler
