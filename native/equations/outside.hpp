// A drift or a diffusion that no program computes: a JavaScript function, a network. Host only.
#pragma once

#include <cstdint>
#include <vector>

namespace fast_sde {

// Points of some paths, a row a path.
struct OutsidePoints {
  int64_t rows;
  const double* x;            // [rows, states]
  const double* t;            // [rows]
  const uint64_t* positions;  // [rows]: of the paths in the job
};

class OutsideFunction {
 public:
  virtual ~OutsideFunction() = default;
  // out: [rows, outputs]. Throws Error.
  virtual void answer(const OutsidePoints& points, double* out) = 0;
};

// The same for paths that run backwards, in s = from - t: a drift has the other sign there, a diffusion has not.
class OutsideBackwards final : public OutsideFunction {
 public:
  OutsideBackwards(OutsideFunction& function, double from, bool negated, int outputs)
      : function_(function), from_(from), negated_(negated), outputs_(outputs) {}

  void answer(const OutsidePoints& points, double* out) override {
    t_.assign(points.t, points.t + points.rows);
    for (double& t : t_) t = from_ - t;
    function_.answer({points.rows, points.x, t_.data(), points.positions}, out);
    for (int64_t i = 0; negated_ && i < points.rows * outputs_; ++i) out[i] = -out[i];
  }

 private:
  OutsideFunction& function_;
  const double from_;
  const bool negated_;
  const int64_t outputs_;
  std::vector<double> t_;
};

}  // namespace fast_sde
