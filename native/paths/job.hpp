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

// What an adaptive path tries next: h, and what its controller remembers.
struct Next {
  double h;
  Memory memory;
};

// What paths that go on have behind them. Their states are x0.
struct Earlier {
  double t0 = 0;                     // where they began first
  double step = 0, cell = 0;         // lengths of equal steps and of cells, as they were
  uint64_t steps = 0, cells = 0;     // that are over
  const double* attempts = nullptr;  // [count]: steps tried; null: these are paths that begin
  const Next* next = nullptr;        // [count], where steps are the paths' own
  const double* W = nullptr;         // [count, noises], where W is wanted
  const uint8_t* status = nullptr;   // [count]: PathStatus; what was no success stays as it is
  const double* ended = nullptr;     // [count]: the time they came to
};

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
  Earlier earlier;

  HD bool goes_on() const { return earlier.attempts != nullptr; }
  // Of equal steps and of cells.
  HD double step_length() const { return goes_on() ? earlier.step : (t1 - t0) / static_cast<double>(steps); }
  HD double cell_length() const { return goes_on() ? earlier.cell : (t1 - t0) / static_cast<double>(cells); }
  // The time at which equal step k of this run ends, and begins at which step k + 1 does.
  HD double time_of(uint64_t k) const {
    if (k == steps) return t1;
    return (goes_on() ? earlier.t0 : t0) + step_length() * static_cast<double>(earlier.steps + k);
  }
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
  Next* next;              // of paths whose steps are their own; or null
};

}  // namespace fast_sde::paths
