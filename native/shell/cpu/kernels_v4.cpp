// AVX-512, compiled with -march=x86-64-v4.
#if defined(__x86_64__)
#include "kernels.inl"

FAST_SDE_KERNELS(kernels_v4, "x86-64-v4")
#endif
