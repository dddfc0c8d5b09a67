! What the test programs in Fortran check with.
module checks
   use, intrinsic :: iso_fortran_env, only: error_unit
   implicit none
   character(*), parameter :: untouched = 'untouched'
contains
   ! Kernels call it on several threads at once. With -fcheck=all gfortran takes the second call for a
   ! recursive one.
   recursive subroutine check(condition, what)
      logical, intent(in) :: condition
      character(*), intent(in) :: what

      if (condition) return
      write (error_unit, '(2a)') 'check failed: ', what
      error stop 1
   end subroutine check

   ! Checks an error, and resets stat and the message for the next check.
   subroutine fails(stat, expected, message, word)
      integer, intent(inout) :: stat
      integer, intent(in) :: expected
      character(*), intent(inout) :: message
      character(*), intent(in) :: word

      if (stat /= expected .or. index(message, word) == 0) then
         write (error_unit, '(2(a, i0), 4a)') 'status ', stat, ' instead of ', expected, &
            ', or ''', word, ''' is not in ', trim(message)
         error stop 1
      end if
      stat = -1
      message = untouched
   end subroutine fails
end module checks
