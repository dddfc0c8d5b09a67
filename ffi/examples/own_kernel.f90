! Runs the program's own kernel under two drivers. The kernel counts squarefree numbers; their share
! of all numbers tends to 6/pi^2.
!
!     gfortran libpi.f90 own_kernel.f90 -lpi -o own_kernel
module kernels
   use, intrinsic :: iso_c_binding, only: c_int64_t
   implicit none
contains
   ! libpi calls this from several threads at once, with a part of the range each, so it must be
   ! recursive. The kernel may use the seed as it likes: here it is the first divisor.
   pure recursive function squarefree(seed, first, count) result(found) bind(C)
      integer(c_int64_t), value :: seed, first, count
      integer(c_int64_t) :: found, n, d

      found = 0
      do n = first, first + count - 1
         d = seed
         do while (d*d <= n .and. mod(n, d*d) /= 0)
            d = d + 1
         end do
         if (d*d > n) found = found + 1
      end do
   end function squarefree
end module kernels

program own_kernel
   use, intrinsic :: iso_fortran_env, only: int64
   use libpi, only: libpi_drive
   use kernels, only: squarefree
   implicit none
   integer(int64), parameter :: seed = 2, first = 1, count = 200000
   character(*), parameter :: drivers(*) = [character(14) :: 'rayon', 'openmp-fortran']
   integer(int64) :: found
   integer :: i

   do i = 1, size(drivers)
      call libpi_drive(drivers(i), squarefree, seed, first, count, found, threads=2)
      print '(2a, i0, a, f6.4)', trim(drivers(i)), ': ', found, ' squarefree numbers, pi = ', &
         sqrt(6d0*count/found)
   end do
end program own_kernel
