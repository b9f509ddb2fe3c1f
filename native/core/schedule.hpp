// The forward process x(t) = alpha(t) x(0) + sigma(t) z, dx = f(t) x dt + g(t) dW, as numbers at a time.
//
// VP, sub-VP and VE are those of Song et al., "Score-based generative modeling through SDEs" (2021), Appendix C.
#pragma once

#include <cmath>
#include <cstdint>

#include "../contract/words.hpp"
#include "math.hpp"

namespace fast_sde {

struct Schedule {
  ScheduleKind kind{};
  double lowest = 0, highest = 0;  // beta_min and beta_max, or sigma_min and sigma_max
  // table: piece i covers [edges[i], edges[i + 1]] with 16 numbers in cubics: c0..c3 of alpha, sigma, f and g in
  // u = (t - edges[i]) / (edges[i + 1] - edges[i]). The arrays belong to the caller and outlive the problem.
  const double* edges = nullptr;
  const double* cubics = nullptr;
  int32_t pieces = 0;
};

struct ScheduleAt {
  double alpha, sigma, f, g;
};

HD double cubic(const double* c, double u) { return c[0] + u * (c[1] + u * (c[2] + u * c[3])); }

HD ScheduleAt table_at(const Schedule& s, double t) {
  int32_t low = 0, high = s.pieces - 1;
  while (low < high) {
    int32_t middle = (low + high + 1) / 2;
    if (s.edges[middle] <= t)
      low = middle;
    else
      high = middle - 1;
  }
  double u = (t - s.edges[low]) / (s.edges[low + 1] - s.edges[low]);
  const double* c = s.cubics + 16 * static_cast<int64_t>(low);
  return {cubic(c, u), cubic(c + 4, u), cubic(c + 8, u), cubic(c + 12, u)};
}

HD ScheduleAt schedule_at(const Schedule& s, double t) {
  if (s.kind == ScheduleKind::table) return table_at(s, t);
  if (s.kind == ScheduleKind::ve) {
    double log_ratio = natural_log(s.highest / s.lowest);
    double sigma = s.lowest * exponential(t * log_ratio);
    return {1, sigma, 0, sigma * sqrt(2 * log_ratio)};
  }
  double beta = s.lowest + t * (s.highest - s.lowest);
  double log_alpha = -0.25 * t * t * (s.highest - s.lowest) - 0.5 * t * s.lowest;
  double variance = 1 - exponential(2 * log_alpha);  // of VP; sub-VP's is its square
  if (s.kind == ScheduleKind::vp) return {exponential(log_alpha), sqrt(variance), -0.5 * beta, sqrt(beta)};
  double discount = 1 - exponential(4 * log_alpha);
  return {exponential(log_alpha), variance, -0.5 * beta, sqrt(beta * discount)};
}

// ln(alpha / sigma), half the logarithm of the signal-to-noise ratio alpha^2 / sigma^2; it falls as t grows.
HD double log_snr(const ScheduleAt& at) { return natural_log(at.alpha / at.sigma); }

// The time in [low, high] at which log_snr is the given number: by Newton's method from `high`, with the derivative
// -g^2 / (2 sigma^2), and by bisection where that would leave what is known to hold the time.
HD double time_of_log_snr(const Schedule& s, double wanted, double low, double high) {
  double t = high;
  for (int k = 0; k < 200; ++k) {
    const ScheduleAt at = schedule_at(s, t);
    const double excess = log_snr(at) - wanted;
    if (excess > 0) {
      low = t;
    } else {
      high = t;
    }
    const double change = 2 * excess * (at.sigma / at.g) * (at.sigma / at.g);
    if ((change < 0 ? -change : change) <= 0x1p-48 * t) break;
    const double by_newton = t + change, middle = low + (high - low) / 2;
    t = low < by_newton && by_newton < high ? by_newton : middle;
    if (!(low < t && t < high)) break;
  }
  return t;
}

}  // namespace fast_sde
