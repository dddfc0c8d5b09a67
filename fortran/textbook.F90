! The simplest program in Fortran: random_number, doubles, x*x + y*y < 1. It is a statistical
! baseline and not an exact kernel. Each call seeds the generator from (seed, first), so a range
! counted in two pieces draws other points than the same range counted in one piece.
!
! gfortran keeps the state of random_number per thread, and random_seed(put=...) sets the state of
! the calling thread. So threads do not disturb each other, and a call repeats exactly.
module LIBPI_MODULE
   use, intrinsic :: iso_c_binding, only: c_double, i64 => c_int64_t
   implicit none
   private
   public :: hits

contains

   ! Counts the hits among `count` samples drawn for the range that starts at `first`.
   function hits(seed, first, count) result(total) bind(C, name=LIBPI_SYMBOL)
      integer(i64), value :: seed, first, count
      integer(i64) :: total
      real(c_double) :: x, y
      integer(i64) :: i

      call start(seed, first)
      total = 0
      do i = 1, count
         call random_number(x)
         call random_number(y)
         if (x*x + y*y < 1) total = total + 1
      end do
   end function hits

   ! Seeds random_number with successive outputs of SplitMix64 (Steele, Lea and Flood, "Fast
   ! splittable pseudorandom number generators"). The first state depends on `seed` and `first`.
   subroutine start(seed, first)
      integer(i64), intent(in) :: seed, first
      integer(i64), parameter :: increment = int(z'9E3779B97F4A7C15', i64)
      ! 64 words are more than any compiler needs; it uses the first ones. The size is fixed because
      ! kernels must not allocate.
      integer :: words(64)
      integer(i64) :: state
      integer :: i

      state = mix(seed + first*increment)
      do i = 1, size(words)
         words(i) = int(mix(state + i*increment))
      end do
      call random_seed(put=words)
   end subroutine start

   ! The finaliser of SplitMix64.
   pure function mix(state) result(z)
      integer(i64), intent(in) :: state
      integer(i64) :: z

      z = ieor(state, shiftr(state, 30))*int(z'BF58476D1CE4E5B9', i64)
      z = ieor(z, shiftr(z, 27))*int(z'94D049BB133111EB', i64)
      z = ieor(z, shiftr(z, 31))
   end function mix
end module LIBPI_MODULE
