// The exact score of a Gaussian mixture under a schedule: truth for tests, and a stand-in for a network.
//
// Data ~ sum_k w_k N(m_k, v_k I); at time t the law is sum_k w_k N(alpha m_k, V_k I) with V_k = alpha^2 v_k + sigma^2,
// and
//   s(x) = sum_k r_k (alpha m_k - x) / V_k,  r_k = softmax_k(ln w_k - (n/2) ln V_k - |x - alpha m_k|^2 / (2 V_k)).
// Here are the formula's pieces, for host and device.
#pragma once

#include "../contract/plugin_abi.h"
#include "../core/math.hpp"

namespace fast_sde {

// components, ln weights, means [components, elements] and variances; the arrays belong to the score.
using Mixture = fast_sde_mixture;

HD float mixture_offset(float alpha, float mean, float x) { return alpha * mean - x; }

HD double mixture_variance(double alpha, double sigma, double variance) {
  return alpha * alpha * variance + sigma * sigma;
}

// ln of the component's density up to what all share; `distance` = |x - alpha m|^2.
HD double mixture_logit(double log_weight, double variance, double distance, int64_t n) {
  return log_weight - 0.5 * (static_cast<double>(n) * natural_log(variance) + distance / variance);
}

}  // namespace fast_sde
