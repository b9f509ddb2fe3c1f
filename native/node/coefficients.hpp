// Drift and diffusion of a job over paths that no program computes: JavaScript functions, asked on their own thread,
// and loaded modules, asked on the job's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "../equations/outside.hpp"
#include "../paths/equations.hpp"
#include "../score/score_model.hpp"
#include "handover.hpp"

namespace fast_sde::node {

enum class Coefficient { drift, diffusion };

struct CoefficientQuestion {
  Coefficient which;
  OutsidePoints points;
  int states, outputs;  // numbers a row of x, and of the answer
};

using CoefficientHandover = Handover<CoefficientQuestion, double>;

// NativeOutside of src/native-paths.ts.
struct OutsideSpec {
  bool drift = false, diffusion = false;                     // whether they are outside
  std::shared_ptr<ScoreModel> drift_model, diffusion_model;  // null: JavaScript answers
  int64_t columns = 0;  // of a diffusion [rows, states, columns]; 0: [rows, states]
  std::optional<double> backwards_from;
  int network_threads = 0;

  bool any() const { return drift || diffusion; }
};

// Puts the functions into the equations, which must not outlive it.
class Coefficients {
 public:
  // `ask(question, answers)`: a JavaScript function's answer; throws Error.
  using Ask = std::function<void(const CoefficientQuestion&, double*)>;

  Coefficients(const OutsideSpec& spec, paths::Equations& equations, Ask ask);

 private:
  std::vector<std::unique_ptr<OutsideFunction>> functions_;
};

}  // namespace fast_sde::node
