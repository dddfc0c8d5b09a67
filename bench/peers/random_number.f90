! A peer: random_number of gfortran, which makes xoshiro256** and keeps a state for each thread. A thread
! seeds its own state, and fills an array at a time.
module random_numbers
   use, intrinsic :: iso_c_binding, only: c_double, c_f_procpointer, c_funptr, c_int, c_int64_t
   use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
   use peer, only: count_part, peer_part, peer_seed
   implicit none
   integer, parameter :: points = 1024

contains

   function count_hits(seed, first, samples) result(hits) bind(C)
      integer(c_int64_t), value :: seed, first, samples
      integer(c_int64_t) :: hits, start
      real(c_double) :: x(points), y(points)
      integer :: n, i, words(64)  ! random_seed takes the first words; no compiler needs more

      start = peer_seed(seed, first)
      words = [(int(peer_seed(start, int(i, c_int64_t))), i=1, size(words))]
      call random_seed(put=words)
      hits = 0
      do while (samples > 0)
         n = int(min(samples, int(points, c_int64_t)))
         call random_number(x(:n))
         call random_number(y(:n))
         hits = hits + count(x(:n)**2 + y(:n)**2 < 1)
         samples = samples - n
      end do
   end function count_hits

   function on_threads(counting, seed, first, samples, threads) result(hits) bind(C)
      type(c_funptr), value :: counting
      integer(c_int64_t), value :: seed, first, samples
      integer(c_int), value :: threads
      integer(c_int64_t) :: hits, begin, end
      procedure(count_part), pointer :: count_range

      call c_f_procpointer(counting, count_range)
      call omp_set_dynamic(.false.)
      hits = 0
      !$omp parallel num_threads(threads) private(begin, end) reduction(+:hits)
      begin = peer_part(first, samples, omp_get_thread_num(), omp_get_num_threads())
      end = peer_part(first, samples, omp_get_thread_num() + 1, omp_get_num_threads())
      hits = hits + count_range(seed, begin, end - begin)
      !$omp end parallel
   end function on_threads
end module random_numbers

program random_number_peer
   use, intrinsic :: iso_fortran_env, only: compiler_version
   use peer, only: answer
   use random_numbers, only: count_hits, on_threads
   implicit none

   call answer(compiler_version(), 'random_number', count_hits, 'openmp-fortran', on_threads)
end program random_number_peer
