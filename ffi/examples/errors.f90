! Shows what an error gives: a status to branch on and a message to print. The result stays as it
! was.
!
!     gfortran libpi.f90 errors.f90 -lpi -o errors
program errors
   use, intrinsic :: iso_fortran_env, only: int64, real64
   use libpi
   implicit none
   integer(int64), parameter :: seed = 42, first = 0, count = 1000
   integer(int64) :: hits
   real(real64) :: pi, standard_error
   character(256) :: message
   integer :: status

   hits = 7
   call libpi_hits(LIBPI_NPB, seed, first, count, hits, stat=status, errmsg=message)
   call report()  ! NPB needs an odd seed
   call libpi_hits_with('fortan', 'auto', LIBPI_PHILOX, seed, first, count, hits, &
                        stat=status, errmsg=message)
   call report()
   call libpi_estimate(0_int64, 0_int64, pi, standard_error, stat=status, errmsg=message)
   call report()
   print '(a, i0)', 'hits is still ', hits

   ! A program can handle some errors: here the best kernel replaces one that cannot run.
   call libpi_hits_with('c@x86-64-v4', 'auto', LIBPI_PHILOX, seed, first, count, hits, stat=status)
   if (any(status == [LIBPI_ERROR_MISSING, LIBPI_ERROR_NAME])) then
      call libpi_hits(LIBPI_PHILOX, seed, first, count, hits, stat=status, errmsg=message)
   end if
   if (status == LIBPI_OK) message = 'done'
   call report()
   print '(a, i0)', 'hits is now ', hits
contains
   subroutine report()
      print '(i0, 2a)', status, ': ', trim(message)
   end subroutine report
end program errors
