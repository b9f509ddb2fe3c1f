// Gaussian elimination of dense systems with the largest pivot, a system a lane.
#pragma once

#include "../../core/functions.hpp"

namespace fast_sde::paths {

// A x = b, row i of A at the rows i * states … of `A`. x takes b's place; A is lost. A singular one gives infinity or
// NaN.
template <class P, class Block>
HD void eliminate(P& p, Block A, Block b) {
  using Real = typename P::Real;
  const int n = p.states();
  const auto at = [=](int i, int j) { return i * n + j; };
  const auto mark = p.mark();
  const auto factor = p.take(1), held = p.take(1);
  for (int k = 0; k < n; ++k) {
    for (int i = k + 1; i < n; ++i) {
      const auto larger = [=](auto v) {
        return functions::magnitude(v(A, at(i, k))) > functions::magnitude(v(A, at(k, k)));
      };
      if (!p.any(larger)) continue;
      p.assign_row(factor, 0, [=](auto v) { return larger(v) ? Real(1) : Real(0); });
      const auto exchange = [&](Block block, int one, int other) {
        p.assign_row(held, 0, [=](auto v) { return v(block, one); });
        p.assign_row(block, one, [=](auto v) { return v(factor, 0) != 0 ? v(block, other) : v(held, 0); });
        p.assign_row(block, other, [=](auto v) { return v(factor, 0) != 0 ? v(held, 0) : v(block, other); });
      };
      for (int j = k; j < n; ++j) exchange(A, at(k, j), at(i, j));
      exchange(b, k, i);
    }
    for (int i = k + 1; i < n; ++i) {
      p.assign_row(factor, 0, [=](auto v) { return v(A, at(i, k)) / v(A, at(k, k)); });
      for (int j = k + 1; j < n; ++j) {
        p.assign_row(A, at(i, j), [=](auto v) { return v(A, at(i, j)) - v(factor, 0) * v(A, at(k, j)); });
      }
      p.assign_row(b, i, [=](auto v) { return v(b, i) - v(factor, 0) * v(b, k); });
    }
  }
  for (int i = n - 1; i >= 0; --i) {
    for (int j = i + 1; j < n; ++j) {
      p.assign_row(b, i, [=](auto v) { return v(b, i) - v(A, at(i, j)) * v(b, j); });
    }
    p.assign_row(b, i, [=](auto v) { return v(b, i) / v(A, at(i, i)); });
  }
  p.release(mark);
}

}  // namespace fast_sde::paths
