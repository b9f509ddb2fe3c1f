// The kernels once more without optimisation: the compiler's liberties must not show in the bits.
#pragma GCC optimize("O0")
#include "../shell/cpu/kernels.inl"

FAST_SDE_KERNELS(kernels_unoptimised, "unoptimised")
