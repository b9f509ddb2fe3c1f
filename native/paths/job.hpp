// What a job over paths is, and what it leaves of each path. Plain data that outlives the run.
#pragma once

#include <cstdint>

#include "../contract/words.hpp"
#include "control.hpp"
#include "equations.hpp"

namespace fast_sde::paths {

// Hears of the end of every accepted step. Called on several threads, of a path by one at a time.
class PathTrace {
 public:
  virtual void step(uint64_t position, double t, const double* x) = 0;

 protected:
  ~PathTrace() = default;
};

// A function e of the state and time, and what becomes of a path where it crosses 0.
struct Event {
  ProgramView function;  // outputs: e, and d e / dx g g^T d e / dx^T, its variance a unit of time
  int direction;         // 1: upwards alone, -1: downwards alone, 0: both
  bool ends;             // the path ends there
};

constexpr int most_solver_numbers = 4;

struct PathJob {
  Equations equations;
  PathSolverKind solver{};
  double numbers[most_solver_numbers] = {};  // the solver's own, in the order of its facts
  bool float64 = true;
  double t0 = 0, t1 = 0;  // t0 < t1
  uint64_t steps = 0;     // equal ones; 0: as `control` says
  // Equal pieces of the span, each with noise of its own, so that solvers and step sizes share one path: a multiple of
  // `steps` where that is not 0. 0: a piece an attempt.
  uint64_t cells = 0;
  Control control;
  uint64_t seed = 0, first = 0;
  uint64_t count = 1;          // paths
  const double* x0 = nullptr;  // [states], or [count, states]
  bool x0_by_path = false;
  const double* const* params = nullptr;  // of each parameter that differs by path: [count]
  const double* saves = nullptr;          // increasing times in (t0, t1]; paths end at the last one
  int64_t save_count = 1;
  const Event* events = nullptr;
  int event_count = 0;
  PathTrace* trace = nullptr;  // keeps the end of every accepted step, or null
};

// A row a path.
struct PathRows {
  void* states;  // [paths, saves, states], float or double as the job says
  void* W;       // [paths, saves, noises], the same; or null
  uint32_t *accepted, *rejected;
  uint8_t* status;         // PathStatus
  double* ended;           // the time a path came to
  double* event_times;     // [paths, events]: of the first crossing, NaN: none; or null where there are no events
  uint32_t* event_counts;  // [paths, events]
};

}  // namespace fast_sde::paths
