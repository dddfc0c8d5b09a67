! Estimates pi from a million samples, with one thread for each usable CPU. The calls pass no stat,
! so an error stops the program with libpi's message.
!
!     gfortran libpi.f90 estimate_pi.f90 -lpi -o estimate_pi
program estimate_pi
   use, intrinsic :: iso_fortran_env, only: int64, real64
   use libpi, only: LIBPI_PHILOX, libpi_estimate, libpi_hits, libpi_interval
   implicit none
   integer(int64), parameter :: seed = 42, first = 0, count = 1000000
   integer(int64) :: hits
   real(real64) :: pi, standard_error, lower, upper

   call libpi_hits(LIBPI_PHILOX, seed, first, count, hits)
   call libpi_estimate(hits, count, pi, standard_error)
   call libpi_interval(hits, count, lower, upper)
   print '(i0, a, i0, a)', hits, ' hits of ', count, ' samples'
   print '(a, f8.6, a, f8.6)', 'pi = ', pi, ', standard error ', standard_error
   print '(a, f8.6, a, f8.6)', '95% interval ', lower, ' to ', upper
end program estimate_pi
