! A module for f2py, numpy's wrapper of Fortran. f2py cannot wrap the module libpi itself, because it
! knows neither deferred-length strings nor procedures with bind(C). It can wrap procedures like
! these, whose arguments have the kinds of iso_c_binding and are not optional.
module pi_for_python
   use, intrinsic :: iso_c_binding, only: c_double, c_int, c_int64_t
   implicit none
contains
   ! In Python: hits, status, message = hits(generator, seed, first, count). If status is not 0,
   ! message says what is wrong.
   subroutine hits(generator, seed, first, count, found, status, message)
      use libpi, only: libpi_hits
      integer(c_int), intent(in) :: generator
      integer(c_int64_t), intent(in) :: seed, first, count
      integer(c_int64_t), intent(out) :: found
      integer(c_int), intent(out) :: status
      character(256), intent(out) :: message

      found = 0
      message = ''
      call libpi_hits(generator, seed, first, count, found, stat=status, errmsg=message)
   end subroutine hits

   ! In Python: pi, standard_error, status, message = estimate(found, count).
   subroutine estimate(found, count, pi, standard_error, status, message)
      use libpi, only: libpi_estimate
      integer(c_int64_t), intent(in) :: found, count
      real(c_double), intent(out) :: pi, standard_error
      integer(c_int), intent(out) :: status
      character(256), intent(out) :: message

      pi = 0
      standard_error = 0
      message = ''
      call libpi_estimate(found, count, pi, standard_error, status, message)
   end subroutine estimate
end module pi_for_python
