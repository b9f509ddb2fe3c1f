// SSE4.2, compiled with -march=x86-64-v2.
#if defined(__x86_64__)
#include "kernels.inl"

FAST_SDE_KERNELS(kernels_v2, "x86-64-v2")
#endif
