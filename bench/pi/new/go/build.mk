GO ?= go
OTHERS = libkernel.h

libkernel.so: kernel.go
	$(call needs,$(GO),install golang)
	$(TARGET) $(GO) build -buildmode=c-shared -o $@ kernel.go
