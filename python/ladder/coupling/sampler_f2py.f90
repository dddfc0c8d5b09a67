! The sampler in Fortran, called through f2py, a part of NumPy. f2py cannot pass arguments by value, so
! this routine stands between. `threadsafe` makes f2py release the lock of the interpreter.
!
! Build: FFLAGS="-O3 -fopenmp -I$PWD" LDFLAGS=-Wl,-rpath,'$ORIGIN' python -m numpy.f2py -c
!     --backend meson -m sampler_f2py $SRC/sampler_f2py.f90 -L$PWD -lsampler_fortran
subroutine hits(seed, first, count, threads, answer)
   use sampler, only: pi_hits => hits
   implicit none
   !f2py threadsafe
   integer(8), intent(in) :: seed, first, count
   integer, intent(in) :: threads
   integer(8), intent(out) :: answer

   answer = pi_hits(seed, first, count, threads)
end subroutine hits
