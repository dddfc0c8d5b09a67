! Checks the contract of libpi_mpi.f90: results and errors for both kinds of communicators, an error
! that stops the program, and a call together with programs in C. The argument names the part.
include 'checks.f90'

program mpi_contract
   use, intrinsic :: iso_fortran_env, only: int64
   use checks, only: check, fails_with => fails, untouched
   use libpi, only: LIBPI_ERROR_GENERATOR, LIBPI_ERROR_NAME, LIBPI_NPB, LIBPI_OK, LIBPI_PHILOX, &
      LIBPI_XOSHIRO
   use libpi_mpi
   use mpi_f08
   implicit none
   integer(int64), parameter :: million = 1000000, seed = 42
   integer :: rank, ranks, provided, stat
   integer(int64) :: hits
   character(20) :: part
   character(256) :: message

   call get_command_argument(1, part)
   message = untouched
   hits = 7
   call libpi_mpi_hits(MPI_COMM_WORLD, LIBPI_PHILOX, seed, 0_int64, million, hits, 1, stat, message)
   call fails(LIBPI_MPI_ERROR_STATE, 'not initialised')
   call MPI_Init_thread(MPI_THREAD_FUNNELED, provided)
   call MPI_Comm_rank(MPI_COMM_WORLD, rank)
   call MPI_Comm_size(MPI_COMM_WORLD, ranks)

   select case (part)
   case ('contract')
      call communicators()
      call errors()
      call communicators()
   case ('stop')
      call libpi_mpi_hits(MPI_COMM_WORLD, LIBPI_NPB, 2_int64, 0_int64, million, hits)
      call check(.false., 'the error stops the program')
   case ('together')
      call libpi_mpi_hits(MPI_COMM_WORLD, LIBPI_PHILOX, seed, 0_int64, million, hits)
      call check(hits == 785987, 'the count together with other programs')
   case default
      call check(.false., 'the argument names a part')
   end select

   call MPI_Barrier(MPI_COMM_WORLD)
   call MPI_Finalize()
   hits = 7
   call libpi_mpi_hits(MPI_COMM_WORLD, LIBPI_PHILOX, seed, 0_int64, million, hits, 1, stat, message)
   call fails(LIBPI_MPI_ERROR_STATE, 'already finalised')
   if (rank == 0) print '(a)', 'all as the module says'

contains

   ! Checks an error after which the hits are as before, and resets stat and the message.
   subroutine fails(expected, word)
      integer, intent(in) :: expected
      character(*), intent(in) :: word

      call check(hits == 7, 'no hits are written after an error')
      call fails_with(stat, expected, message, word)
   end subroutine fails

   subroutine communicators()
      type(MPI_Comm) :: half, duplicate

      call answers_on(MPI_COMM_WORLD)
      call answers_on(MPI_COMM_SELF)
      call MPI_Comm_split(MPI_COMM_WORLD, mod(rank, 2), -rank, half)
      call MPI_Comm_dup(MPI_COMM_WORLD, duplicate)
      call answers_on(half)
      call answers_on(duplicate)
      call MPI_Comm_free(half)
      call MPI_Comm_free(duplicate)
   end subroutine communicators

   ! Passes the communicator as a type(MPI_Comm) and as an integer.
   subroutine answers_on(comm)
      type(MPI_Comm), intent(in) :: comm

      call libpi_mpi_hits(comm, LIBPI_PHILOX, seed, 999999_int64, 1000001_int64, hits)
      call check(hits == 785622, 'philox')
      call libpi_mpi_hits(comm%MPI_VAL, LIBPI_NPB, 271828183_int64, 65535_int64, 1000003_int64, &
                          hits, 2, stat, message)
      call check(hits == 785678 .and. stat == LIBPI_OK .and. message == untouched, 'npb')
      call libpi_mpi_hits_with(comm, 'rust  ', 'openmp-c ', LIBPI_XOSHIRO, seed, 65530_int64, &
                               12_int64, hits, threads=3)
      call check(hits == 6, 'the Rust kernel under the C driver')
      call libpi_mpi_hits_with(comm%MPI_VAL, 'c', 'openmp-fortran', LIBPI_PHILOX, seed, &
                               -777777_int64, 777777_int64, hits, 2, stat)
      call check(hits == 610569 .and. stat == LIBPI_OK, 'the C kernel under the Fortran driver')
   end subroutine answers_on

   subroutine errors()
      logical :: wrong
      character(5) :: kernel
      character(30) :: where
      character(8) :: short

      wrong = rank == ranks - 1
      write (where, '(2(a, i0))') 'on rank ', ranks - 1, ' of ', ranks
      hits = 7
      kernel = merge('rast ', 'rust ', wrong)
      call libpi_mpi_hits_with(MPI_COMM_WORLD, kernel, 'auto', LIBPI_PHILOX, seed, 0_int64, &
                               million, hits, 1, stat, message)
      call fails(LIBPI_ERROR_NAME, trim(where)//': ')
      call libpi_mpi_hits(MPI_COMM_WORLD%MPI_VAL, merge(99, LIBPI_PHILOX, wrong), seed, 0_int64, &
                          million, hits, 1, stat, message)
      call fails(LIBPI_ERROR_GENERATOR, trim(where)//': unknown generator 99')
      if (ranks > 1) then
         call libpi_mpi_hits(MPI_COMM_WORLD, LIBPI_PHILOX, merge(-1_int64, seed, wrong), 0_int64, &
                             million, hits, 1, stat, message)
         call fails(LIBPI_MPI_ERROR_DISAGREE, 'seed is 18446744073709551615, but 42 on rank 0')
      end if
      call libpi_mpi_hits(MPI_COMM_NULL, LIBPI_PHILOX, seed, 0_int64, million, hits, 1, stat, &
                          message)
      call fails(LIBPI_MPI_ERROR_COMMUNICATOR, 'MPI_COMM_NULL')
      ! A message is cut to the length of its variable. errmsg is optional.
      call libpi_mpi_hits(MPI_COMM_NULL, LIBPI_PHILOX, seed, 0_int64, million, hits, 1, stat, short)
      call check(short == 'the comm', 'a message that is cut')
      call libpi_mpi_hits(MPI_COMM_NULL, LIBPI_PHILOX, seed, 0_int64, million, hits, stat=stat)
      call check(stat == LIBPI_MPI_ERROR_COMMUNICATOR .and. hits == 7, 'stat without errmsg')
   end subroutine errors
end program mpi_contract
