function stops(seed, first, count) result(hits) bind(C)
   use, intrinsic :: iso_c_binding, only: c_int64_t
   implicit none
   integer(c_int64_t), value :: seed, first, count
   integer(c_int64_t) :: hits

   if (count > 6) stop 7
   hits = 0*(seed + first)
end function stops
