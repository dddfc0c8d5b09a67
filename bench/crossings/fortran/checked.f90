! The caller in Fortran that calls libpi through the module libpi.
module crossings_checked
   use, intrinsic :: iso_c_binding, only: c_char, c_f_pointer, c_ptr, c_size_t, i64 => c_int64_t
   use libpi, only: LIBPI_OK, LIBPI_PHILOX, libpi_hits_with
   implicit none
   private
   public :: loop_checked, loop_checked_batches

   interface
      pure function c_strlen(string) result(length) bind(C, name="strlen")
         import :: c_ptr, c_size_t
         type(c_ptr), value :: string
         integer(c_size_t) :: length
      end function c_strlen
   end interface

contains

   function loop_checked(kernel, seed, first, count) result(answered) &
      bind(C, name="libpi_loop_fortran_checked")
      type(c_ptr), value :: kernel
      integer(i64), value :: seed, first, count
      integer(i64) :: answered, i, found
      integer :: stat
      character(:, c_char), allocatable :: name

      name = text(kernel)
      answered = 0
      do i = 0, count - 1
         found = 1
         call libpi_hits_with(name, "serial", LIBPI_PHILOX, seed, first + i, 0_i64, found, &
                              threads=1, stat=stat)
         if (stat /= LIBPI_OK) then
            answered = -1
            return
         end if
         if (found == 0) answered = answered + 1
      end do
   end function loop_checked

   function loop_checked_batches(kernel, seed, first, count, batch) result(hits) &
      bind(C, name="libpi_loop_fortran_checked_batches")
      type(c_ptr), value :: kernel
      integer(i64), value :: seed, first, count, batch
      integer(i64) :: hits, done, size, found
      integer :: stat
      character(:, c_char), allocatable :: name

      name = text(kernel)
      hits = 0
      done = 0
      do while (done < count)
         size = min(batch, count - done)
         call libpi_hits_with(name, "serial", LIBPI_PHILOX, seed, first + done, size, found, &
                              threads=1, stat=stat)
         if (stat /= LIBPI_OK) then
            hits = -1
            return
         end if
         hits = hits + found
         done = done + size
      end do
   end function loop_checked_batches

   ! A copy of a C string.
   function text(string) result(copy)
      type(c_ptr), intent(in) :: string
      character(:, c_char), allocatable :: copy
      character(kind=c_char), pointer :: characters(:)
      integer :: i

      call c_f_pointer(string, characters, [c_strlen(string)])
      copy = repeat(" ", size(characters))
      do i = 1, size(characters)
         copy(i:i) = characters(i)
      end do
   end function text
end module crossings_checked
