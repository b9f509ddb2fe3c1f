// The compiler's own baseline: what other processors than x86-64 run.
#include "kernels.inl"

FAST_SDE_KERNELS(kernels_baseline, "baseline")
