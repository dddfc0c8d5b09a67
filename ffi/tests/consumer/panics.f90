! A panic in a call from a Fortran main program gives a status and a message, and the program goes
! on.
program panics
   use, intrinsic :: iso_fortran_env, only: int64
   use libpi, only: LIBPI_ERROR_PANIC, LIBPI_MODULE_VERSION, LIBPI_PHILOX, libpi_hits, &
      libpi_version
   implicit none
   integer(int64) :: hits
   integer :: stat
   character(200) :: message

   hits = 7
   call libpi_hits(LIBPI_PHILOX, 42_int64, 0_int64, 1000000_int64, hits, stat=stat, errmsg=message)
   if (stat /= LIBPI_ERROR_PANIC .or. index(message, 'forced by a test') == 0) error stop message
   if (hits /= 7) error stop 'the failed call wrote hits'
   if (libpi_version() /= LIBPI_MODULE_VERSION) error stop 'wrong version'
   print '(a)', 'all as the module says'
end program panics
