// What bounds the path engine on one core: the noise alone, and a loop by hand around it, of three geometric Brownian
// motions by Euler and Maruyama. Compiled for this very machine. Prints JSON, path-steps a second.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "../shell/paths/noise.inl"
#include "cpu_time.hpp"

using namespace fast_sde;

namespace {

constexpr int states = 3, steps = 256, lanes = 240, chunks = 64;

// `by_hand`: whether there are states to step, or nothing but noise.
template <class Real>
double path_steps_a_second(bool by_hand) {
  alignas(64) static Real x[states * lanes], noise[4 * states * lanes];
  alignas(64) static uint32_t low[lanes], high[lanes], block[lanes];
  const Real drift = Real(1.5) / steps, diffusion = Real(0.01);
  const Real scale = static_cast<Real>(1.0 / 16);  // sqrt(1 / steps)
  double best = 1e9;
  volatile Real keep = 0;
  for (int attempt = 0; attempt < 7; ++attempt) {
    const double start = cpu_seconds();
    for (int chunk = 0; chunk < chunks; ++chunk) {
      for (int lane = 0; lane < lanes; ++lane) {
        low[lane] = static_cast<uint32_t>(chunk * lanes + lane);
        high[lane] = paths::path_bit;
      }
      std::fill_n(x, states * lanes, Real(0.1));
      for (int k = 0; k < steps; ++k) {
        if (k % 4 == 0) {
          std::fill_n(block, lanes, static_cast<uint32_t>(k / 4));
          for (int i = 0; i < states; ++i) {
            cpu::fill_path_normals<Real>(1, {low, high, block}, static_cast<uint32_t>(i), scale, noise + i * lanes,
                                         states * lanes, lanes);
          }
        }
        if (!by_hand) continue;
        const Real* dW = noise + (k % 4) * states * lanes;
        LANES_ARE_INDEPENDENT
        for (int i = 0; i < states * lanes; ++i) x[i] = x[i] + (drift * x[i] + diffusion * x[i] * dW[i]);
      }
      keep = keep + x[chunk % (states * lanes)] + noise[chunk];
    }
    best = std::min(best, cpu_seconds() - start);
  }
  return static_cast<double>(chunks) * lanes * steps / best;
}

}  // namespace

int main() {
  std::printf("{\"noise32\": %.4g, \"hand32\": %.4g, \"noise64\": %.4g, \"hand64\": %.4g}\n",
              path_steps_a_second<float>(false), path_steps_a_second<float>(true), path_steps_a_second<double>(false),
              path_steps_a_second<double>(true));
}
