! An error in a call without stat stops the program with the message. The argument names the error.
program stops
   use, intrinsic :: iso_fortran_env, only: int64, output_unit
   use libpi, only: LIBPI_NPB, LIBPI_PHILOX, libpi_hits
   implicit none
   integer(int64) :: hits
   character(20) :: message, error

   call libpi_hits(LIBPI_PHILOX, 42_int64, 0_int64, 1000000_int64, hits)
   print '(i0)', hits
   flush (output_unit)
   call get_command_argument(1, error)
   if (error == 'count') then
      call libpi_hits(LIBPI_PHILOX, 42_int64, 0_int64, -5_int64, hits)
   else
      call libpi_hits(LIBPI_NPB, 2_int64, 0_int64, 1_int64, hits, errmsg=message)
   end if
   print '(a)', 'not stopped'
end program stops
