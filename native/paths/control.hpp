// The next step of an adaptive path: a PID controller of E, the error in units of what is allowed (G. Soederlind,
// "Digital filters in adaptive time-stepping", ACM TOMS 29 (2003)).
//
//   factor = safety E^-p_now E_before^p_before E_earlier^-p_earlier
#pragma once

#include "../contract/words.hpp"
#include "../core/math.hpp"

namespace fast_sde::paths {

struct Control {
  double rtol = 0, atol = 0;
  Norm norm = Norm::rms;
  double h0 = 0;  // the first step that is tried
  double h_max = 0;
  double safety = 0, factor_min = 0, factor_max = 0;
  double p_now = 0, p_before = 0, p_earlier = 0;  // exponents: those of the controller over the order of the error
  uint64_t max_steps = 0;                         // tried, a path
};

// Natural logarithms of E at the last two accepted steps.
struct Memory {
  double before = 0, earlier = 0;
};

// By what h is multiplied after an attempt of error E.
HD double step_factor(const Control& control, const Memory& memory, double error) {
  if (!(error > 1e-300)) return error != error ? control.factor_min : control.factor_max;  // none; NaN
  const double exponent = -control.p_now * natural_log(smaller(error, 1e300)) + control.p_before * memory.before -
                          control.p_earlier * memory.earlier;
  const double factor = control.safety * exponential(exponent);
  if (factor < control.factor_min) return control.factor_min;
  return smaller(factor, control.factor_max);
}

HD void remember(Memory& memory, double error) {
  memory.earlier = memory.before;
  memory.before = error > 1e-300 ? natural_log(smaller(error, 1e300)) : natural_log(1e-300);
}

}  // namespace fast_sde::paths
