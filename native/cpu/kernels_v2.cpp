// SSE4.2, compiled with -march=x86-64-v2.
#include "kernels.inl"

FAST_SDE_KERNELS(kernels_v2, "x86-64-v2")
