// The score of a Gaussian mixture at one point, in pieces for host and device:
//   s(x) = sum_k r_k (alpha m_k - x) / V_k,  V_k = alpha^2 v_k + sigma^2,  r_k = softmax_k(ln w_k - (n/2) ln V_k
//   - |x - alpha m_k|^2 / (2 V_k)).
#pragma once

#include "../core/math.hpp"

namespace fast_sde {

HD float mixture_offset(float alpha, float mean, float x) { return alpha * mean - x; }

HD double mixture_variance(double alpha, double sigma, double variance) {
  return alpha * alpha * variance + sigma * sigma;
}

// ln of the component's density up to what all share; `distance` = |x - alpha m|^2.
HD double mixture_logit(double log_weight, double variance, double distance, int64_t n) {
  return log_weight - 0.5 * (static_cast<double>(n) * natural_log(variance) + distance / variance);
}

}  // namespace fast_sde
