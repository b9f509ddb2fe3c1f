// Random numbers of few values, which weak schemes take in place of normal ones. They are made from the step's W and H,
// so that they need no noise of their own.
#pragma once

#include "../../core/functions.hpp"

namespace fast_sde::paths {

// -1 or 1, each with probability 1/2, independent of W: the sign of H.
template <class View>
HD auto coin(const View& v, int j) {
  using Real = decltype(v.H(j));
  return v.H(j) < 0 ? Real(-1) : Real(1);
}

// 0 with probability 2/3, sqrt(3 h) and -sqrt(3 h) with probability 1/6 each: the first five moments of W. Of a normal
// number, a sixth lies beyond 0.9674…
template <class View, class Real>
HD Real three_point(const View& v, int j, Real root_h) {
  const Real W = v.dW(j), size = functions::magnitude(W);
  const Real far = Real(1.7320508075688772) * root_h;
  return size < Real(0.9674215661017014) * root_h ? Real(0) : W < 0 ? -far : far;
}

}  // namespace fast_sde::paths
