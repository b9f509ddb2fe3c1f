// What every path solver promises, and equations with the noise it is for.
#pragma once

#include "path_steps.hpp"

namespace fast_sde::test {

using Kind = PathSolverKind;

// The widest noise a solver is for.
enum class Noise { none, additive, langevin, own, commutative, general };

// What each solver promises; 0: nothing of the kind. Strong and weak orders on the widest noise, and by Ito's or
// Stratonovich's integral.
struct Promise {
  Kind solver;
  bool ito;
  Noise noise;
  double strong, weak, without_noise;
};
inline constexpr Promise promises[] = {
    {Kind::euler_maruyama, true, Noise::general, 0.5, 1, 1},
    {Kind::milstein, true, Noise::commutative, 1, 1, 1},
    {Kind::milstein_derivative_free, true, Noise::own, 1, 1, 1},
    {Kind::euler_heun, false, Noise::general, 0.5, 1, 1},
    {Kind::heun, false, Noise::general, 0.5, 1, 2},
    {Kind::midpoint, false, Noise::general, 0.5, 1, 2},
    {Kind::roberts_improved_euler, true, Noise::general, 0.5, 1, 2},
    {Kind::sra1, true, Noise::additive, 1.5, 2, 2},
    {Kind::sra3, true, Noise::additive, 1.5, 2, 3},
    {Kind::sosra, true, Noise::additive, 1.5, 2, 2},
    {Kind::sriw1, true, Noise::own, 1.5, 2, 2},
    {Kind::sosri, true, Noise::own, 1.5, 1.5, 2},
    {Kind::shark, true, Noise::additive, 1.5, 2, 2},
    {Kind::spark, false, Noise::general, 0.5, 1, 2},
    {Kind::slow_rk, false, Noise::commutative, 1.5, 2, 2},
    {Kind::tang_xiao, true, Noise::general, 0, 2, 3},
    {Kind::ri1, true, Noise::general, 0, 2, 3},
    {Kind::sk_rock, true, Noise::general, 0.5, 1, 1},
    {Kind::drift_implicit, true, Noise::general, 0.5, 1, 1},
    {Kind::baoab, true, Noise::langevin, 0, 2, 2},
    {Kind::align, true, Noise::langevin, 2, 2, 2},
    {Kind::dormand_prince, true, Noise::none, 0, 0, 5},
};

inline std::string word_of(Kind solver) { return words<Kind>[static_cast<size_t>(solver)]; }
inline const paths::Facts& facts_of(Kind solver) { return cpu::kernels().paths->facts[static_cast<size_t>(solver)]; }

inline const Expression x = state(0), y = state(1), t = time();

// Nonlinear equations with such noise, and coefficients that depend on time.
inline Sde nonlinear(Noise noise, bool ito) {
  switch (noise) {
    case Noise::none:
      return {{y + sin(t) * x, -sin(x)}, {{}, {}}, ito};
    case Noise::additive:
      return {{sin(2 * y) - x, cos(2 * x)}, {{1 + 0.5 * sin(4 * t), 0.6}, {0.5, 1}}, ito};
    case Noise::langevin:
      return {{y, x - x * x * x - 0.7 * y}, {{0}, {0.8}}, ito};
    case Noise::own:
      return {{sin(5 * t) * y - x, x * cos(t) - y}, {{0.4 * (1 + t) * sqrt(1 + x * x), 0}, {0, 0.4 * sin(y)}}, ito};
    case Noise::commutative: {  // both columns a number times one field
      const Expression field = sqrt(1 + x * x);
      return {{sin(3 * t) - x}, {{0.8 * field, 0.5 * field}}, ito};
    }
    default:
      return {{y / 2 - x * x / 3 + t * x, x * y / 4 - y / 2 + t * t},
              {{0.4 + x / 3 + t * y / 5, y * y / 4}, {x / 5 + x * y / 6, 0.5 - y / 3 + x / 4 + t * x / 3}},
              ito};
  }
}

// Noise that does not commute, and little else.
inline Sde areas(bool ito) { return {{-0.2 * x, 0.1 * x}, {{1, 0}, {0, x}}, ito}; }

inline Numbers start(const Sde& sde) { return sde.states() == 1 ? Numbers{0.7} : Numbers{0.7, -0.4}; }

}  // namespace fast_sde::test
