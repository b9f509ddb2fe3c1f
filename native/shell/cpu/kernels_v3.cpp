// AVX2, compiled with -march=x86-64-v3.
#define FAST_SDE_VARIANT kernels_v3
#define FAST_SDE_VARIANT_NAME "x86-64-v3"
#include "kernels.inl"
