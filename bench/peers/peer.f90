! What the peers in Fortran share: the part of peer.h that they need, with the types of Fortran.
module peer
   use, intrinsic :: iso_c_binding, only: c_char, c_funloc, c_funptr, c_int, c_int64_t, c_loc, c_null_char, &
                                          c_null_funptr, c_null_ptr, c_ptr
   implicit none
   private
   public :: answer, count_part, peer_part, peer_seed

   type, bind(C) :: peer_kernel
      type(c_ptr) :: name
      type(c_funptr) :: count
   end type peer_kernel

   abstract interface
      function count_part(seed, first, count) result(hits) bind(C)
         import :: c_int64_t
         integer(c_int64_t), value :: seed, first, count
         integer(c_int64_t) :: hits
      end function count_part

      function on_threads(counting, seed, first, count, threads) result(hits) bind(C)
         import :: c_funptr, c_int, c_int64_t
         type(c_funptr), value :: counting
         integer(c_int64_t), value :: seed, first, count
         integer(c_int), value :: threads
         integer(c_int64_t) :: hits
      end function on_threads
   end interface

   interface
      integer(c_int) function peer_answer(exact, version, kernels, driver_name, driver) bind(C)
         import :: c_char, c_funptr, c_int, peer_kernel
         integer(c_int), value :: exact
         character(c_char), intent(in) :: version(*), driver_name(*)
         type(peer_kernel), intent(in) :: kernels(*)
         type(c_funptr), value :: driver
      end function peer_answer

      pure integer(c_int64_t) function peer_part(first, count, part, parts) bind(C)
         import :: c_int, c_int64_t
         integer(c_int64_t), value :: first, count
         integer(c_int), value :: part, parts
      end function peer_part

      pure integer(c_int64_t) function peer_seed(seed, first) bind(C)
         import :: c_int64_t
         integer(c_int64_t), value :: seed, first
      end function peer_seed
   end interface

contains

   ! Answers the request on stdin for a peer with random numbers of its own, one kernel and one driver.
   subroutine answer(version, kernel, counting, driver_name, driver)
      character(*), intent(in) :: version, kernel, driver_name
      procedure(count_part) :: counting
      procedure(on_threads) :: driver
      character(len(kernel) + 1), target :: name
      type(peer_kernel) :: kernels(2)

      name = kernel//c_null_char
      kernels = [peer_kernel(c_loc(name), c_funloc(counting)), peer_kernel(c_null_ptr, c_null_funptr)]
      if (peer_answer(0_c_int, version//c_null_char, kernels, driver_name//c_null_char, c_funloc(driver)) /= 0) stop 1
   end subroutine answer
end module peer
