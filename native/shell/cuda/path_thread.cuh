// One path, a thread's: what is before and after a solver's step. The same as native/shell/paths does in lanes, to the
// bit.
#pragma once

#include <limits>

#include "../../paths/equal_steps.hpp"
#include "../../paths/path.hpp"
#include "resident_paths.hpp"

namespace fast_sde::cuda {

template <class Real>
using ThreadPath = paths::Path<Real, OneOfMany>;

template <class Real>
class PathThread {
 public:
  HD PathThread(const ResidentPaths& run, int64_t i)
      : run_(run),
        job_(run.job),
        i_(i),
        row_(run.begin + static_cast<uint64_t>(i)),
        path_(run.job.first + row_),
        states_(run.job.equations.states),
        noises_(run.job.equations.noises),
        cells_a_step_(run.job.cells == 0 || !run.lockstep ? 1 : run.job.cells / run.job.steps),
        work_(run.work + i * thread_work(run.job, run.levels, run.lockstep)),
        rest_(begun_or_at_rest()) {
    Real* next = static_cast<Real*>(run.rows) + i;
    auto take = [&](int64_t rows) {
      Real* const taken = next;
      next += rows * run.count;
      return taken;
    };
    home_ = x_ = take(states_);
    next_ = take(states_);
    error_ = take(states_);
    params_ = take(job_.equations.params);
    joined_ = noise_ = take(run.levels);
    normals_ = take(4 * int64_t{run.levels});
    before_ = take(2 * job_.event_count);
    arena_ = next;
    if (run.first) begin();
  }

  HD bool is_over() const { return rest_.over; }

  // Makes ready for a step. False where the path has ended in place of it.
  HD_RARE bool prepare(uint64_t step) {
    if (run_.lockstep) {
      take_noise(run_.from + step);
      t_ = static_cast<Real>(job_.time_of(run_.from + step));
      h_ = static_cast<Real>(job_.step_length());
      return true;
    }
    paths::FreePath& of = rest_.free;
    fill_normals(2 * static_cast<uint32_t>(noises_), static_cast<uint32_t>(of.attempts / 4), {1, 1});
    const Real* normals = normals_of(of.attempts);
    auto fresh = [&](int level) { return static_cast<double>(normals[level * run_.count]); };
    double* increment = work_ + paths::piece_room(job_, noises_, levy_area());
    const PathStatus status = paths::propose<Real>(job_, path_, of, rest_.pieces, run_.levels, increment, fresh);
    if (status != PathStatus::success) return end(status);
    t_ = static_cast<Real>(of.t);
    h_ = static_cast<Real>(of.h);
    for (int level = 0; level < run_.levels; ++level) noise_[level * run_.count] = static_cast<Real>(increment[level]);
    for (int k = 0; k < job_.event_count; ++k) {
      const Real* found = evaluate(job_.events[k].function, x_);
      before_[2 * k * run_.count] = found[0];
      before_[(2 * k + 1) * run_.count] = found[run_.count];
    }
    return true;
  }

  // The step that is to be tried, from x to next.
  HD ThreadPath<Real> path(paths::Arena<Real>& arena) const {
    arena = {arena_, 0, 0};
    return ThreadPath<Real>(job_.equations, {run_.count}, {x_}, &t_, &h_, params_,
                            {{noise_}, {noise_ + noises_ * run_.count}}, {next_}, {error_}, job_.numbers,
                            job_.steps == 0, arena);
  }

  // What becomes of it. False where the path has ended.
  HD_RARE bool settle(uint64_t step) { return run_.lockstep ? settle_equal(run_.from + step) : settle_free(); }

  // For the next launch.
  HD void lay_down() {
    for (int i = 0; i < states_ && x_ != home_; ++i) home_[i * run_.count] = x_[i * run_.count];
    run_.rest[i_] = rest_;
  }

 private:
  HD bool levy_area() const { return run_.levels > noises_; }

  HD PathRest begun_or_at_rest() const {
    if (!run_.first) return run_.rest[i_];
    return {paths::path_that_begins(job_, row_), {work_, paths::piece_capacity(job_), noises_, levy_area()}, false};
  }

  HD void begin() {
    const double* x0 = job_.x0 + (job_.x0_by_path ? row_ * static_cast<uint64_t>(states_) : 0);
    for (int i = 0; i < states_; ++i) x_[i * run_.count] = static_cast<Real>(x0[i]);
    for (int k = 0; k < job_.equations.params; ++k) params_[k * run_.count] = static_cast<Real>(job_.params[k][row_]);
    const double* W_before = job_.earlier.W;
    for (int j = 0; j < noises_ && run_.W != nullptr; ++j) {
      W(j) = W_before == nullptr ? 0 : W_before[row_ * static_cast<uint64_t>(noises_) + static_cast<uint64_t>(j)];
    }
    for (int k = 0; k < job_.event_count; ++k) {
      run_.out.event_counts[i_ * job_.event_count + k] = 0;
      run_.out.event_times[i_ * job_.event_count + k] = no_time;
    }
    if (!job_.goes_on()) return;
    const auto status = static_cast<PathStatus>(job_.earlier.status[row_]);
    if (status == PathStatus::success) return;
    // It did end in the run before; it is told of again, as it was.
    if (status == PathStatus::event) keep_rest();
    finish(status, 0, 0, job_.earlier.ended[row_]);
    lay_down();
  }

  HD double& W(int j) const { return run_.W[j * run_.count + i_]; }

  // normals[4][levels] of a block of four nodes. `element`: of the first level.
  HD void fill_normals(uint32_t element, uint32_t block, paths::NoiseScale<Real> scale) {
    if (block == block_) return;
    block_ = block;
    for (int level = 0; level < run_.levels; ++level) {
      float four[4];
      paths::normals_of_block(job_.seed, path_, element + static_cast<uint32_t>(level), block, four);
      for (int node = 0; node < 4; ++node) {
        normals_[(node * run_.levels + level) * run_.count] =
            (level < noises_ ? scale.W : scale.H) * static_cast<Real>(four[node]);
      }
    }
  }
  HD Real* normals_of(uint64_t node) const {
    return normals_ + static_cast<int64_t>(node % 4) * run_.levels * run_.count;
  }

  // A program of the path's state, t and params: [outputs] rows, until the next call or step.
  HD const Real* evaluate(const ProgramView& program, const Real* x) const {
    paths::run(program, Inputs<Real>{x, &t_, params_}, arena_, arena_ + program.outputs * run_.count,
               OneOfMany{run_.count});
    return arena_;
  }

  // In lockstep: points noise_ to the increments of step k.
  HD void take_noise(uint64_t k) {
    const uint64_t first = job_.earlier.cells + k * cells_a_step_;
    if (cells_a_step_ == 1) {
      noise_ = cell(first);
      return;
    }
    const Real* cell_of = cell(first);
    for (int level = 0; level < run_.levels; ++level) joined_[level * run_.count] = cell_of[level * run_.count];
    for (uint64_t i = 1; i < cells_a_step_; ++i) append(static_cast<Real>(i), cell(first + i));
  }

  HD Real* cell(uint64_t node) {
    const double length = job_.cells == 0 ? job_.step_length() : job_.cell_length();
    fill_normals(0, static_cast<uint32_t>(node / 4), paths::noise_scale<Real>(length));
    return normals_of(node);
  }

  HD void append(Real before, const Real* cell) {
    for (int j = 0; j < noises_; ++j) {
      Real& W = joined_[j * run_.count];
      const Real cell_W = cell[j * run_.count];
      if (levy_area()) {
        Real& H = joined_[(noises_ + j) * run_.count];
        H = paths::joined_area(before, W, H, cell_W, cell[(noises_ + j) * run_.count]);
      }
      W = W + cell_W;
    }
  }

  HD bool settle_equal(uint64_t k) {
    Real* const passed = x_;
    x_ = next_;
    next_ = passed;
    sum_up_noise();
    int64_t& save = rest_.free.next_save;
    const bool saves = k + 1 == run_.save_steps[save];
    if (saves || k % 4 == 3) {
      bool finite = true;
      for (int i = 0; i < states_; ++i) finite = finite && is_finite(x_[i * run_.count]);
      if (!finite) return finish(PathStatus::non_finite, k + 1, 0, job_.time_of(k + 1));
    }
    if (!saves) return true;
    keep(save++);
    return save < job_.save_count || finish(PathStatus::success, k + 1, 0, job_.time_of(k + 1));
  }

  HD bool settle_free() {
    paths::FreePath& of = rest_.free;
    const ProgramView& domain = job_.equations.domain;
    const double error = measure();
    if (domain.outputs > 0 || job_.event_count > 0) t_ += h_;
    bool inside = true;
    if (domain.outputs > 0) {
      const Real* conditions = evaluate(domain, next_);
      for (int k = 0; k < domain.outputs; ++k) inside = inside && conditions[k * run_.count] != 0;
    }
    if (!paths::keeps(job_, of, error, inside)) return job_.steps == 0 || end(of.fault);
    const double end_share = job_.event_count > 0 ? note_events() : 2;
    if (end_share <= 1) return end_in_event(end_share);
    paths::advance(job_, of, rest_.pieces, error);
    for (int i = 0; i < states_; ++i) x_[i * run_.count] = next_[i * run_.count];
    sum_up_noise();
    while (paths::is_at_save(job_, of)) keep(of.next_save++);
    return of.next_save < job_.save_count || end(PathStatus::success);
  }

  HD double measure() const {
    const auto rtol = static_cast<Real>(job_.control.rtol), atol = static_cast<Real>(job_.control.atol);
    double sum = 0;
    for (int i = 0; i < states_; ++i) {
      const int64_t at = i * run_.count;
      sum = paths::with_term(sum, paths::error_term(x_[at], next_[at], error_[at], job_.steps == 0, rtol, atol),
                             job_.control.norm);
    }
    return paths::norm_of_terms(sum, states_, job_.control.norm);
  }

  HD double note_events() const {
    auto values = [&](int k) {
      const Real before = before_[2 * k * run_.count], variance = before_[(2 * k + 1) * run_.count];
      const Real after = evaluate(job_.events[k].function, next_)[0];
      return paths::EventValues{static_cast<double>(before), static_cast<double>(variance), static_cast<double>(after)};
    };
    double* shares = work_ + paths::piece_room(job_, noises_, levy_area()) + run_.levels;
    const int64_t row = i_ * job_.event_count;
    return paths::note_events(job_, rest_.free, path_, values, shares, run_.out.event_times + row,
                              run_.out.event_counts + row);
  }

  HD bool end_in_event(double share) {
    paths::FreePath& of = rest_.free;
    for (int i = 0; i < states_; ++i) {
      Real& x = x_[i * run_.count];
      x = x + static_cast<Real>(share) * (next_[i * run_.count] - x);
    }
    ++of.accepted;
    of.t += share * of.h;
    keep_rest();
    return end(PathStatus::event);
  }

  HD void sum_up_noise() const {
    for (int j = 0; j < noises_ && run_.W != nullptr; ++j) W(j) += static_cast<double>(noise_[j * run_.count]);
  }

  // The state is what was to be saved.
  HD void keep(int64_t which) const {
    const int64_t row = i_ * job_.save_count + which;
    for (int i = 0; i < states_; ++i) static_cast<Real*>(run_.out.states)[row * states_ + i] = x_[i * run_.count];
    if (run_.out.W == nullptr) return;
    for (int j = 0; j < noises_; ++j) static_cast<Real*>(run_.out.W)[row * noises_ + j] = static_cast<Real>(W(j));
  }

  // The path stays where it is.
  HD void keep_rest() {
    while (rest_.free.next_save < job_.save_count) keep(rest_.free.next_save++);
  }

  HD bool end(PathStatus status) {
    const paths::FreePath& of = rest_.free;
    if (run_.out.next != nullptr) run_.out.next[i_] = {of.proposed, of.memory};
    return finish(status, of.accepted, of.rejected, of.t);
  }

  // Returns false: there is no next step.
  HD bool finish(PathStatus status, uint64_t accepted, uint64_t rejected, double time) {
    rest_.over = true;
    run_.out.accepted[i_] = static_cast<uint32_t>(accepted);
    run_.out.rejected[i_] = static_cast<uint32_t>(rejected);
    run_.out.status[i_] = static_cast<uint8_t>(status);
    run_.out.ended[i_] = time;
    for (int64_t which = rest_.free.next_save; which < job_.save_count; ++which) {
      const int64_t row = i_ * job_.save_count + which;
      for (int i = 0; i < states_; ++i) static_cast<Real*>(run_.out.states)[row * states_ + i] = no_number;
      for (int j = 0; j < noises_ && run_.out.W != nullptr; ++j) {
        static_cast<Real*>(run_.out.W)[row * noises_ + j] = no_number;
      }
    }
    return false;
  }

  static constexpr Real no_number = std::numeric_limits<Real>::quiet_NaN();
  static constexpr double no_time = std::numeric_limits<double>::quiet_NaN();

  const ResidentPaths& run_;
  const paths::PathJob& job_;
  const int64_t i_;      // of the wave's paths
  const uint64_t row_;   // in the job's arrays
  const uint64_t path_;  // its index
  const int states_, noises_;
  const uint64_t cells_a_step_;
  double* const work_;
  PathRest rest_;
  // Rows, run_.count numbers apart.
  Real *x_, *next_, *error_, *params_, *noise_, *normals_, *before_, *arena_;
  Real *home_, *joined_;           // where x_ and joined cells are at home
  Real t_ = 0, h_ = 0;             // of the step that is tried
  uint32_t block_ = ~uint32_t{0};  // the nodes whose normals are there
};

}  // namespace fast_sde::cuda
