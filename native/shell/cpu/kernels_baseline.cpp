// The compiler's own baseline: what other processors than x86-64 run.
#define FAST_SDE_VARIANT kernels_baseline
#define FAST_SDE_VARIANT_NAME "baseline"
#include "kernels.inl"
