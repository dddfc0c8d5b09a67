NIM ?= nim

libkernel.so: kernel.nim
	$(call needs,$(NIM),install nim)
	$(NIM) c --app:lib --noMain --mm:none -d:danger --passC:"-O3 $(TARGET)" --nimcache:.nimcache -o:$@ kernel.nim
