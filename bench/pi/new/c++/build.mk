libkernel.so: kernel.cpp
	$(call needs,$(CXX),install g++)
	$(CXX) -std=c++17 -O3 -ffp-contract=off -Wall -Wextra $(TARGET) -shared -fPIC kernel.cpp -o $@
