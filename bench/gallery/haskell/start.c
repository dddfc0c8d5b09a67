/* Starts Haskell's runtime when the library is loaded, and stops it when it is unloaded. */
#include <HsFFI.h>
#include <stddef.h>

__attribute__((constructor)) static void start(void) { hs_init(NULL, NULL); }

__attribute__((destructor)) static void stop(void) { hs_exit(); }
