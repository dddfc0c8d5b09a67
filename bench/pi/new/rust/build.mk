RUSTC ?= rustc

# A panic aborts: it must not leave the kernel.
libkernel.so: kernel.rs
	$(call needs,$(RUSTC),install Rust with rustup)
	$(RUSTC) --edition 2024 -C opt-level=3 -C panic=abort $(TARGET) --crate-type cdylib kernel.rs -o $@
