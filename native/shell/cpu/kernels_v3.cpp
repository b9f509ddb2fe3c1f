// AVX2, compiled with -march=x86-64-v3.
#if defined(__x86_64__)
#include "kernels.inl"

FAST_SDE_KERNELS(kernels_v3, "x86-64-v3")
#endif
