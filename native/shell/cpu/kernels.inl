// What an instruction set computes beside the samplers: normal numbers, the exact score of a mixture, programs; and its
// table.

#include <algorithm>

#include "kernels.hpp"
#include "noise.inl"
#include "programs.inl"
#include "sums.inl"

namespace fast_sde::cpu {
namespace {

void normals(uint64_t seed, uint64_t sample, uint32_t node, float* out, int64_t count) {
  alignas(64) float some[tile];
  for (int64_t base = 0; base < count; base += tile) {
    int64_t size = std::min<int64_t>(tile, count - base);
    fill_normals({seed, sample}, node, static_cast<uint32_t>(base / 4), some, size);
    std::copy_n(some, size, out + base);
  }
}

double squared_distance(const float* x, const float* mean, float alpha, int64_t n) {
  alignas(64) float offsets[tile];
  RowSum<> sum(Norm::rms, n);
  for (int64_t base = 0; base < n; base += tile) {
    int size = static_cast<int>(std::min<int64_t>(tile, n - base));
    for (int i = 0; i < size; ++i) offsets[i] = mixture_offset(alpha, mean[base + i], x[base + i]);
    sum.add_tile(offsets, size);
  }
  return sum.folded();
}

void mixture(const Mixture& mixture, int64_t n, double alpha, double sigma, const float* x, float* score,
             double* shares) {
  const int64_t components = mixture.components;
  const float alpha32 = static_cast<float>(alpha);
  const float* means = mixture.means;
  auto variance = [&](int64_t k) { return mixture_variance(alpha, sigma, mixture.variances[k]); };
  double total = 1;
  if (components == 1) {
    shares[0] = 1;  // whatever the distance
  } else {
    for (int64_t k = 0; k < components; ++k) {
      double distance = squared_distance(x, means + k * n, alpha32, n);
      shares[k] = mixture_logit(mixture.log_weights[k], variance(k), distance, n);
    }
    double largest = *std::max_element(shares, shares + components);
    total = 0;
    for (int64_t k = 0; k < components; ++k) {
      shares[k] = exponential(shares[k] - largest);
      total += shares[k];
    }
  }
  std::fill_n(score, n, 0.0f);
  for (int64_t k = 0; k < components; ++k) {
    const float factor = static_cast<float>(shares[k] / total / variance(k));
    const float* mean = means + k * n;
    for (int64_t i = 0; i < n; ++i) score[i] = score[i] + factor * mixture_offset(alpha32, mean[i], x[i]);
  }
}

}  // namespace
}  // namespace fast_sde::cpu

// The file that includes this names the set: FAST_SDE_VARIANT, kernels_v3 for example, and FAST_SDE_VARIANT_NAME.
#define FAST_SDE_JOINED(variant, name) variant##_##name
#define FAST_SDE_JOIN(variant, name) FAST_SDE_JOINED(variant, name)

namespace fast_sde::cpu {

#define SOLVER(Type, name, word) extern const SolverKernels FAST_SDE_JOIN(FAST_SDE_VARIANT, name);
#include "../../contract/solvers.def"
#undef SOLVER

namespace {
const SolverKernels* const solvers[] = {
#define SOLVER(Type, name, word) &FAST_SDE_JOIN(FAST_SDE_VARIANT, name),
#include "../../contract/solvers.def"
#undef SOLVER
};
}  // namespace

extern const PathKernels FAST_SDE_JOIN(FAST_SDE_VARIANT, paths);

extern const Kernels FAST_SDE_VARIANT;
const Kernels FAST_SDE_VARIANT = {
    FAST_SDE_VARIANT_NAME, solvers, &FAST_SDE_JOIN(FAST_SDE_VARIANT, paths), normals, mixture, run_program<float>,
    run_program<double>};

}  // namespace fast_sde::cpu
