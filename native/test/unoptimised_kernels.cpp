// The kernels once more without optimisation: the compiler's liberties must not show in the bits.
#pragma GCC optimize("O0")
#define FAST_SDE_VARIANT kernels_unoptimised
#define FAST_SDE_VARIANT_NAME "unoptimised"
#include "../shell/cpu/kernels.inl"
