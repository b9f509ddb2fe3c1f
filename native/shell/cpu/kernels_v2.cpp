// SSE4.2, compiled with -march=x86-64-v2.
#define FAST_SDE_VARIANT kernels_v2
#define FAST_SDE_VARIANT_NAME "x86-64-v2"
#include "kernels.inl"
