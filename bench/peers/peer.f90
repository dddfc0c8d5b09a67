! What peer.h declares, for peers in Fortran.
module peer
   use, intrinsic :: iso_c_binding, only: c_char, c_funptr, c_int, c_int64_t, c_ptr
   implicit none
   private
   public :: count_part, peer_answer, peer_kernel, peer_part, peer_seed

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
end module peer
