#include <stddef.h>
#include <stdint.h>

// libFuzzer as a library (its documentation, "Using libFuzzer as a library"): runs the callback until the time is up.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
