! f2py, a part of NumPy. It cannot pass arguments by value, so two routines stand between.
!
! Build: gfortran -std=f2018 -O3 -fwrapv -frecursive -fPIC -shared -cpp
!     -DLIBPI_LEVEL=1 -DLIBPI_MODULE=philox -DLIBPI_SYMBOL='"libpi_philox_fortran"'
!     $SRC/../fortran/callee.f90 $SRC/../../../fortran/philox.F90 -o libcallees_fortran.so &&
!     FFLAGS="-O3 -I$PWD" LDFLAGS=-Wl,-rpath,'$ORIGIN' python -m numpy.f2py -c --backend meson
!     -m crossings_f2py $SRC/crossings_f2py.f90 -L$PWD -lcallees_fortran
subroutine callee(seed, first, count, answer)
   use crossings_callee, only: libpi_callee_fortran
   implicit none
   integer(8), intent(in) :: seed, first, count
   integer(8), intent(out) :: answer

   answer = libpi_callee_fortran(seed, first, count)
end subroutine callee

subroutine kernel(seed, first, count, answer)
   use philox, only: hits
   implicit none
   integer(8), intent(in) :: seed, first, count
   integer(8), intent(out) :: answer

   answer = hits(seed, first, count)
end subroutine kernel
