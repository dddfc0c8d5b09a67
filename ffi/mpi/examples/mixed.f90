! Each rank counts its part with a kernel in one language under a driver in another. The total is
! always the same. The calls pass no stat, so an error stops all ranks with libpi's message.
!
!     mpifort mixed.f90 $(pkg-config --cflags --libs libpi_mpi-fortran) -o mixed
!     mpiexec -n 3 ./mixed
program mixed
   use, intrinsic :: iso_fortran_env, only: int64, real64
   use libpi, only: LIBPI_PHILOX, libpi_estimate
   use libpi_mpi, only: libpi_mpi_hits, libpi_mpi_hits_with
   use mpi_f08, only: MPI_COMM_WORLD, MPI_Comm_rank, MPI_Comm_size, MPI_Finalize, &
      MPI_Init_thread, MPI_THREAD_FUNNELED
   implicit none
   integer(int64), parameter :: seed = 42, first = 0, count = 10000000
   character(*), parameter :: kernels(0:2) = [character(7) :: 'rust', 'c', 'fortran']
   character(*), parameter :: drivers(0:2) = &
      [character(14) :: 'openmp-c', 'openmp-fortran', 'rayon']
   integer(int64) :: hits
   real(real64) :: pi, standard_error
   integer :: rank, ranks, provided, turn, mix

   call MPI_Init_thread(MPI_THREAD_FUNNELED, provided)
   call MPI_Comm_rank(MPI_COMM_WORLD, rank)
   call MPI_Comm_size(MPI_COMM_WORLD, ranks)

   do turn = 0, 2
      mix = mod(rank + turn, 3)
      call libpi_mpi_hits_with(MPI_COMM_WORLD, kernels(mix), drivers(mix), LIBPI_PHILOX, &
                               seed, first, count, hits, threads=2)
      if (rank == 0) print '(i0, 5a, i0)', hits, ' hits, from ', trim(kernels(mix)), ' under ', &
         trim(drivers(mix)), ' on rank 0 of ', ranks
   end do

   call libpi_mpi_hits(MPI_COMM_WORLD, LIBPI_PHILOX, seed, count, count, hits, threads=1)
   call libpi_estimate(hits, count, pi, standard_error)
   if (rank == 0) print '(a, i0, 2(a, f8.6))', 'the next ', count, ' samples: pi = ', pi, &
      ', standard error ', standard_error
   call MPI_Finalize()
end program mixed
