// Which path is in which lane of a chunk, for questions to functions outside: they are asked about paths alone, a row a
// path, never about lanes that are empty.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "../../equations/outside.hpp"
#include "../../paths/job.hpp"

namespace fast_sde {

// Rows of the largest question of a job, in whole groups of lanes: many, since a question costs far more than a row,
// but no more than some megabytes of a chunk.
int64_t most_seats(const paths::PathJob& job);

// No function of it is inlined: files of several instruction sets call them.
class Seats {
 public:
  Seats(int states, int lanes);
  ~Seats();

  void take(int lane, uint64_t position);
  void leave(int lane);

  // x [states][lanes], t [lanes], out [outputs][lanes]: 0 in empty lanes.
  void ask(OutsideFunction& function, int outputs, const double* x, const double* t, double* out);
  void ask(OutsideFunction& function, int outputs, const float* x, const float* t, float* out);

 private:
  static constexpr uint64_t nobody = std::numeric_limits<uint64_t>::max();

  template <class Real>
  void ask_in(OutsideFunction& function, int outputs, const Real* x, const Real* t, Real* out);

  const int states_;
  std::vector<uint64_t> positions_;  // of the job's paths, a lane
  // Of one question.
  std::vector<size_t> asked_;  // lanes
  std::vector<uint64_t> rows_;
  std::vector<double> x_, t_, out_;
};

}  // namespace fast_sde
