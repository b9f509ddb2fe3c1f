// Butcher tableaus as data, and the sums they stand for.
#pragma once

#include <utility>

#include "../../core/hd.hpp"

namespace fast_sde::paths {

template <int n>
struct Weights {
  static constexpr int size = n;
  double of[n];
  HD constexpr double operator[](int k) const { return of[k]; }
};
template <class... Numbers>
Weights(Numbers...) -> Weights<sizeof...(Numbers)>;

// sum + weights[k] number(k) + …, from k on. What has weight 0 is not asked for.
template <auto weights, int k, class Real, class Number>
HD Real add_weighted(Real sum, Number number) {
  if constexpr (k == decltype(weights)::size) {
    return sum;
  } else if constexpr (weights[k] == 0) {
    return add_weighted<weights, k + 1>(sum, number);
  } else {
    return add_weighted<weights, k + 1>(sum + static_cast<Real>(weights[k]) * number(k), number);
  }
}

// sum over k of weights[k] number(k).
template <auto weights, class Real, int k = 0, class Number>
HD Real weighted(Number number) {
  if constexpr (k == decltype(weights)::size) {
    return Real(0);
  } else if constexpr (weights[k] == 0) {
    return weighted<weights, Real, k + 1>(number);
  } else {
    return add_weighted<weights, k + 1>(static_cast<Real>(weights[k]) * number(k), number);
  }
}

// Whether any of the weights of k is not 0, in these rows.
template <int n, class... Rows>
HD constexpr bool any_weight(int k, const Weights<n> (&matrix)[n], const Rows&... rows) {
  for (const Weights<n>& row : matrix) {
    if (row[k] != 0) return true;
  }
  return ((rows[k] != 0) || ...);
}

template <int n>
HD constexpr bool no_weight(const Weights<n>& row) {
  for (double weight : row.of) {
    if (weight != 0) return false;
  }
  return true;
}

// Calls stage(std::integral_constant<int, i>) for i = 0 … n - 1.
template <int n, class Stage>
HD void for_each_stage(Stage stage) {
  [&]<int... i>(std::integer_sequence<int, i...>) HD_LAMBDA { (stage(std::integral_constant<int, i>{}), ...); }
  (std::make_integer_sequence<int, n>{});
}

}  // namespace fast_sde::paths
