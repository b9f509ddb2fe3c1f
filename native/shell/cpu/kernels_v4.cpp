// AVX-512, compiled with -march=x86-64-v4.
#define FAST_SDE_VARIANT kernels_v4
#define FAST_SDE_VARIANT_NAME "x86-64-v4"
#include "kernels.inl"
