// AVX2, compiled with -march=x86-64-v3.
#include "kernels.inl"

FAST_SDE_KERNELS(kernels_v3, "x86-64-v3")
