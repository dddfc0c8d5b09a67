! A program that is linked to the libpi_mpi of another MPI gets an error and does not crash. Prints
! the message.
program wrong_mpi
   use, intrinsic :: iso_fortran_env, only: int64
   use libpi, only: LIBPI_PHILOX
   use libpi_mpi, only: LIBPI_MPI_ERROR_LIBRARY, libpi_mpi_hits
   use mpi_f08, only: MPI_COMM_WORLD
   implicit none
   integer(int64) :: hits
   integer :: stat
   character(256) :: message

   hits = 7
   call libpi_mpi_hits(MPI_COMM_WORLD, LIBPI_PHILOX, 42_int64, 0_int64, -1_int64, hits, stat=stat)
   if (stat /= LIBPI_MPI_ERROR_LIBRARY) error stop 'a mistake hides that it is the wrong MPI'
   call libpi_mpi_hits(MPI_COMM_WORLD, LIBPI_PHILOX, 42_int64, 0_int64, 1000_int64, hits, 1, stat, &
                       message)
   if (stat /= LIBPI_MPI_ERROR_LIBRARY .or. hits /= 7) error stop message
   print '(a)', trim(message)
end program wrong_mpi
