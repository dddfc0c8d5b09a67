# gfortran: with -fwrapv integers wrap; with -frecursive local arrays are not shared by threads.
ifeq ($(origin FC),default)
FC = gfortran
endif
OTHERS = kernel_module.mod

libkernel.so: kernel.f90
	$(call needs,$(FC),install gfortran)
	$(FC) -O3 -ffp-contract=off -fwrapv -frecursive -Wall -Wextra $(TARGET) -shared -fPIC kernel.f90 -o $@
