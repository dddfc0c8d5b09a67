! An error in a call without stat stops the program with the message.
program stops
   use, intrinsic :: iso_fortran_env, only: int64, output_unit
   use libpi, only: LIBPI_NPB, LIBPI_PHILOX, libpi_hits
   implicit none
   integer(int64) :: hits
   character(20) :: message

   call libpi_hits(LIBPI_PHILOX, 42_int64, 0_int64, 1000000_int64, hits)
   print '(i0)', hits
   flush (output_unit)
   call libpi_hits(LIBPI_NPB, 2_int64, 0_int64, 1_int64, hits, errmsg=message)
   print '(a)', 'not stopped'
end program stops
