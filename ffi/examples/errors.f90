! What an error looks like: a status to branch on, a message to show, and nothing written.
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
   call tell()  ! NPB wants an odd seed
   call libpi_hits_with('fortan', 'auto', LIBPI_PHILOX, seed, first, count, hits, &
                        stat=status, errmsg=message)
   call tell()
   call libpi_estimate(0_int64, 0_int64, pi, standard_error, stat=status, errmsg=message)
   call tell()
   print '(a, i0)', 'hits is still ', hits

   ! Some errors have a remedy: a kernel that this build or CPU lacks is replaced by the best.
   call libpi_hits_with('c@x86-64-v4', 'auto', LIBPI_PHILOX, seed, first, count, hits, stat=status)
   if (any(status == [LIBPI_ERROR_MISSING, LIBPI_ERROR_NAME])) then
      call libpi_hits(LIBPI_PHILOX, seed, first, count, hits, stat=status, errmsg=message)
   end if
   if (status == LIBPI_OK) message = 'done'
   call tell()
   print '(a, i0)', 'hits is now ', hits
contains
   subroutine tell()
      print '(i0, 2a)', status, ': ', trim(message)
   end subroutine tell
end program errors
