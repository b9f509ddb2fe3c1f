// A path whose steps are its own: chosen by its error, or cut to hit a time. Its numbers between two steps, and what is
// decided for it alone; what a step computes is not of this file.
#pragma once

#include "../core/controller.hpp"
#include "events.hpp"
#include "job.hpp"
#include "noise.hpp"

namespace fast_sde::paths {

// Pieces of its Brownian path that a path may look ahead.
HD int piece_capacity(const PathJob& job) {
  constexpr uint64_t most = 4096;
  return Pieces::depth + static_cast<int>(job.cells < most ? job.cells : most);
}
// Numbers of them: one more than are kept, for the one that is being cut.
HD int64_t piece_room(const PathJob& job, int noises, bool levy_area) {
  return (piece_capacity(job) + 1) * Pieces::size(noises, levy_area);
}

struct FreePath {
  double t = 0;
  double proposed = 0;  // the step to try, before it is cut to hit a time
  double target = 0;    // where the step that is tried must not go beyond
  double h = 0;         // what is tried
  bool hits = false;    // the step ends at its target
  double factor = 1;    // what its error makes of the next one
  int64_t next_save = 0;
  uint64_t attempts = 0;                // of the path's life
  uint64_t accepted = 0, rejected = 0;  // in this run
  uint64_t cells = 0;                   // of the noise, that its pieces reach to
  uint64_t equal_steps = 0;             // that are over in this run, where steps are equal
  Memory memory;
  PathStatus fault = PathStatus::success;  // why the last step could not be kept, besides its error
};

// `row`: of the path in the job's arrays.
HD FreePath path_that_begins(const PathJob& job, uint64_t row) {
  FreePath of;
  of.t = job.steps > 0 ? job.time_of(0) : job.t0;
  of.proposed = job.control.h0;
  if (!job.goes_on()) return of;
  of.attempts = static_cast<uint64_t>(job.earlier.attempts[row]);
  of.cells = job.earlier.cells;
  if (job.steps > 0) return of;
  of.proposed = job.earlier.next[row].h;
  of.memory = job.earlier.next[row].memory;
  return of;
}

// What follows all pieces that a path has: one of the length it needs, or the next cell. `fresh(level)`: this attempt's
// unit normals, W's and then H's.
template <class Real, class Fresh>
HD void add_piece(const PathJob& job, uint64_t path, FreePath& of, int levels, double* piece, double needed,
                  Fresh fresh) {
  const bool cells = job.cells > 0;
  piece[0] = cells ? job.cell_length() : needed;
  const NoiseScale<Real> scale = noise_scale<Real>(piece[0]);
  for (int level = 0; level < levels; ++level) {
    float four[4];
    if (cells) {
      normals_of_block(job.seed, path, static_cast<uint32_t>(level), static_cast<uint32_t>(of.cells / 4), four);
    }
    const Real unit = cells ? static_cast<Real>(four[of.cells % 4]) : static_cast<Real>(fresh(level));
    piece[1 + level] = static_cast<double>((level < job.equations.noises ? scale.W : scale.H) * unit);
  }
  if (cells) ++of.cells;
}

// Chooses the step to try and takes its increments [levels], of the path of that index. What is not success: how the
// path ends in place of it.
template <class Real, class Fresh>
HD PathStatus propose(const PathJob& job, uint64_t path, FreePath& of, Pieces& pieces, int levels, double* increment,
                      Fresh fresh) {
  of.target = job.saves[of.next_save];
  if (job.steps > 0) {  // equal steps, cut where a time between their ends is to be saved
    const double end = job.time_of(of.equal_steps + 1);
    if (end < of.target || same_time(end, of.target)) of.target = end;
    const bool whole = of.target == end && of.t == job.time_of(of.equal_steps);
    of.proposed = whole ? job.step_length() : of.target - of.t;
  }
  const double left = of.target - of.t;
  of.hits = job.steps > 0 || !(of.proposed < left * (1 - 1e-10));
  of.h = of.hits && job.steps == 0 ? left : of.proposed;
  if (of.accepted + of.rejected >= job.control.max_steps) return PathStatus::max_steps;
  const double now = of.t < 0 ? -of.t : of.t, then = of.target < 0 ? -of.target : of.target;
  auto add = [&](double* piece, double length) { add_piece<Real>(job, path, of, levels, piece, length, fresh); };
  if (too_short(of.h, now > then ? now : then) ||
      !pieces.take(of.h, increment, increment + job.equations.noises, fresh, add)) {
    return of.fault == PathStatus::success ? PathStatus::step_underflow : of.fault;
  }
  return PathStatus::success;
}

// Whether a step of that error, which ends inside of the domain or not, is kept. Where equal steps are not, the path
// ends with its fault.
HD bool keeps(const PathJob& job, FreePath& of, double error, bool inside) {
  ++of.attempts;
  of.fault = !is_finite(error) ? PathStatus::non_finite : inside ? PathStatus::success : PathStatus::left_domain;
  const bool sound = of.fault == PathStatus::success;
  if (job.steps == 0) of.factor = sound ? step_factor(job.control, of.memory, error) : job.control.factor_min;
  if (sound && (error <= 1 || job.steps > 0)) return true;
  ++of.rejected;
  if (job.steps > 0) {
    of.t += of.h;
  } else {
    of.proposed = of.h * smaller(of.factor, 0.9);  // never the same step again
  }
  return false;
}

// The step is kept, to its end.
HD void advance(const PathJob& job, FreePath& of, Pieces& pieces, double error) {
  pieces.accept();
  ++of.accepted;
  of.t = of.hits ? of.target : of.t + of.h;
  if (job.steps > 0) {
    if (of.t == job.time_of(of.equal_steps + 1)) ++of.equal_steps;
    return;
  }
  const double next = of.h * of.factor;
  of.proposed = smaller(job.control.h_max, of.t == of.target && next < of.proposed ? of.proposed : next);
  remember(of.memory, error);
}

// Whether there is a state to save.
HD bool is_at_save(const PathJob& job, const FreePath& of) {
  if (of.next_save == job.save_count) return false;
  const double time = job.saves[of.next_save];
  return !(time > of.t) || same_time(time, of.t);
}

// One number of a step in units of what is allowed; NaN where there is no number.
template <class Real>
HD double error_term(Real x, Real next, Real error, bool estimates, Real rtol, Real atol) {
  const Real before = x < 0 ? -x : x, after = next < 0 ? -next : next;
  Real share = next - next;  // 0 or NaN
  if (estimates) share += error / (atol + rtol * (before > after ? before : after));
  return static_cast<double>(share < 0 ? -share : share);
}
HD double with_term(double sum, double term, Norm norm) {
  return norm == Norm::rms ? sum + term * term : !(term <= sum) ? term : sum;
}
HD double norm_of_terms(double sum, int states, Norm norm) { return norm == Norm::rms ? sqrt(sum / states) : sum; }

// Of an event's function over a step: its value and its variance a unit of time where the step begins, its value where
// it ends.
struct EventValues {
  double before, variance, after;
};

// Notes the events of a step that is kept, up to the path's end in it: a number above 1, or the share of the step at
// which one of them ends the path. `values(k)`: EventValues of event k; shares [events]: for its own use; times, counts
// [events]: of this path.
template <class Values>
HD double note_events(const PathJob& job, const FreePath& of, uint64_t path, Values values, double* shares,
                      double* times, uint32_t* counts) {
  double end_share = 2;
  for (int k = 0; k < job.event_count; ++k) {
    const Event& event = job.events[k];
    const EventValues at = values(k);
    const Words words = words_of_event(job.seed, path, static_cast<uint32_t>(4 * job.equations.noises + k),
                                       static_cast<uint32_t>(of.attempts));
    const uint32_t all[] = {words.w0, words.w1, words.w2, words.w3};
    const Crossing found = crossing(at.before, at.after, at.variance, of.h, event.direction, all);
    shares[k] = found.crossed ? found.share : 2;
    if (found.crossed && event.ends) end_share = smaller(end_share, found.share);
  }
  for (int k = 0; k < job.event_count; ++k) {
    if (shares[k] > 1 || shares[k] > end_share) continue;
    if (counts[k]++ == 0) times[k] = of.t + shares[k] * of.h;
  }
  return end_share;
}

}  // namespace fast_sde::paths
