// AVX-512, compiled with -march=x86-64-v4.
#include "kernels.inl"

FAST_SDE_KERNELS(kernels_v4, "x86-64-v4")
