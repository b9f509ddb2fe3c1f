// What every sampler of contract/solvers.def has to pass, without being named in any test. Compiled once for each.
#include <doctest/doctest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "engine/life.hpp"
#include "solver/denoise.hpp"
#include "test/support.hpp"

namespace fast_sde::test {
namespace {

// Data N(mean, variance) in one dimension: the score at (x, t).
double gaussian_score(const Problem& problem, double x, double t, double mean, double variance) {
  const ScheduleAt at = schedule_at(problem.schedule, t);
  return (at.alpha * mean - x) / (at.alpha * at.alpha * variance + at.sigma * at.sigma);
}

template <class Solver, int... stages>
Terms<Solver::sums> measure(uint32_t stage, const typename Solver::Step& step, Elements& e,
                            std::integer_sequence<int, stages...>) {
  Terms<Solver::sums> terms{};
  (void)((stage == stages && ((terms = Solver::template measure<stages>(step, e)), true)) || ...);
  return terms;
}

// One element taken through the sampler by hand, with noise of the test's own: of the prior and of each step. `taken`
// are the steps to take where the sampler would choose them itself.
template <class Solver>
double walk(const Problem& problem, const std::vector<double>& noise, const std::vector<StepRecord>& taken, double mean,
            double variance) {
  Slot slot;
  NoiseRoom room;
  slot.path.set_room(&room);
  Elements e{};
  e.x = static_cast<float>(problem.prior_std * noise[0]);
  e.request = e.x;
  Solver::start_element(e);
  admit<Solver>(slot, 0, 0, 1, problem);
  size_t step = 0;
  auto force = [&] {
    if (!Solver::estimates_error || slot.stage != 0) return;
    slot.t = slot.request_t = taken[step].t;
    slot.h = taken[step].h;
    slot.path.reset();
    slot.path.take(slot.h);
  };
  force();
  while (slot.stage != stage_done) {
    const double score = gaussian_score(problem, e.request, slot.request_t, mean, variance);
    e.answer = static_cast<float>(score);
    StepRecord record{};
    if (slot.stage == stage_denoise) {
      Denoise::measure(Denoise::before(problem), e);
      if (Solver::state_is_request) e.request = e.x;
      conclude<Solver>(slot, Sums{}, problem, record);
      continue;
    }
    e.noise = static_cast<float>(std::sqrt(slot.path.step_length()) * noise[step + 1]);
    const auto terms = measure<Solver>(slot.stage, Solver::before(slot, problem), e,
                                       std::make_integer_sequence<int, Solver::stages>{});
    Sums sums{0.5, {}};  // an error that is accepted
    if constexpr (Solver::sums > 0) {
      for (int k = 0; k < Solver::sums; ++k) sums.plain[k] = static_cast<double>(terms.plain[k]);
    }
    REQUIRE(std::isfinite(terms.error));
    const Verdict verdict = conclude<Solver>(slot, sums, problem, record);
    if (verdict == Verdict::go_on) continue;
    REQUIRE(verdict == Verdict::accept);
    ++step;
    if constexpr (Solver::accept_access.writes != 0) {
      if (step + 1 < noise.size()) e.noise = static_cast<float>(std::sqrt(slot.path.step_length()) * noise[step + 1]);
      Solver::accept(Solver::after(slot, problem), e);
    }
    if (slot.stage < stage_denoise) force();
  }
  return Solver::state_is_request ? e.request : e.x;
}

// Of a sampler that chooses its steps by what Gaussian data make the same for every noise.
constexpr size_t most_own_steps = 64;

// The scheme's own mean and variance, free of sampling noise: for a linear score the result is linear in the prior and
// in the noise of each step, so its coefficients are read off one by one.
template <class Solver>
Moments moments_of_scheme(const Problem& problem, const std::vector<StepRecord>& taken, double mean, double variance) {
  const size_t steps = Solver::estimates_error             ? taken.size()
                       : Solver::stepping == Stepping::own ? most_own_steps
                                                           : problem.steps;
  // Noise everywhere, since what a step looks like may be learnt from it.
  std::vector<double> noise(steps + 1, 1.0);
  const double with_all = walk<Solver>(problem, noise, taken, mean, variance);
  Moments found{with_all, 0};
  for (double& one : noise) {
    one = 2;
    const double coefficient = walk<Solver>(problem, noise, taken, mean, variance) - with_all;
    found.mean -= coefficient;
    found.variance += coefficient * coefficient;
    one = 1;
  }
  return found;
}

template <class Solver>
void check_moments(SolverKind kind) {
  constexpr double mean = 0.5, variance = 0.25;
  constexpr int64_t n = 1024;
  JobOptions options = vp_job(n, Solver::estimates_error ? 24 : 256);
  use_solver(options.problem, kind, 40);
  options.trajectory = true;
  MixtureScore score = gaussian(n, static_cast<float>(mean), variance);
  const Collector got = collect_all(options, score);
  // Of all numbers, each in units of what its own sample's steps lead to.
  double sum = 0, squares = 0;
  Moments scheme;
  for (uint64_t k = 0; k < options.count; ++k) {
    if (Solver::estimates_error || k == 0) {
      std::vector<StepRecord> taken;
      for (const StepRecord& record : got.records) {
        if (record.position == k && record.accepted != 0) taken.push_back(record);
      }
      scheme = moments_of_scheme<Solver>(options.problem, taken, mean, variance);
    }
    for (int64_t i = 0; i < n; ++i) {
      const double z = (got.samples[k * n + i] - scheme.mean) / std::sqrt(scheme.variance);
      sum += z;
      squares += z * z;
    }
  }
  const double count = static_cast<double>(options.count * n);
  INFO("variance of the scheme ", scheme.variance);
  CHECK(std::fabs(sum / count) < 4.5 / std::sqrt(count));
  // Which steps are rejected depends a little on their noise, even in 1024 dimensions: hence one per cent more.
  CHECK(std::fabs(squares / count - 1) < 4.5 * std::sqrt(2 / count) + (Solver::estimates_error ? 0.01 : 0));
}

// More steps, or a smaller tolerance, lead to the data's own variance.
template <class Solver>
void check_convergence(SolverKind kind) {
  constexpr double mean = 0.5, variance = 0.25;
  auto error = [&](uint32_t steps) {
    Problem problem = vp_problem(1, kind, steps);
    problem.tolerance.rtol = problem.tolerance.atol = 1e-3f;
    std::vector<StepRecord> taken;
    if (Solver::estimates_error) {  // equal steps: which it would choose is another question
      for (uint32_t k = 0; k < steps; ++k) {
        const double t = equal_step_time(steps, k, problem.t_start, problem.t_end);
        const double next = equal_step_time(steps, k + 1, problem.t_start, problem.t_end);
        taken.push_back({0, t, k + 1 == steps ? t - problem.t_end : t - next, 0, 1});
      }
    }
    return std::fabs(moments_of_scheme<Solver>(problem, taken, mean, variance).variance - variance);
  };
  const double coarse = error(100), fine = error(400);
  INFO("error of the variance ", coarse, " with 100 steps, ", fine, " with 400");
  CHECK(fine < 0.01);
  CHECK(fine < 0.6 * coarse + 2e-3);  // what is left at tEnd
}

// The increments of accepted steps add up to a Brownian path over the whole time, in the sampler's clock.
template <class Solver>
void check_brownian_law(SolverKind kind) {
  const uint64_t count = 20000;
  Problem problem = vp_problem(1, kind);
  const cpu::Kernels& kernels = cpu::kernels();
  const MixtureScore score = gaussian(1, 0, 0.25);
  cpu::Slots slots(1, 1, kernels.of(kind).facts);
  std::vector<double> shares(1);
  const double length = std::fabs(clock_at(Solver::clock, problem.schedule, problem.t_start) -
                                  clock_at(Solver::clock, problem.schedule, problem.t_end));
  double sum = 0, squares = 0;
  for (uint64_t k = 0; k < count; ++k) {
    Slot& slot = slots[0];
    auto rows = slots.rows(0);
    kernels.of(kind).start(slot, rows, problem, k, 0, nullptr);
    double total = 0;
    while (slot.stage != stage_done) {
      double pending = 0;  // the increment of the step that may be decided now
      for (uint32_t i = 0; i < slot.path.step_count(); ++i) {
        float z = 0;
        kernels.normals(problem.seed, slot.sample, slot.path.step()[i].node, &z, 1);
        pending += slot.path.step()[i].coefficient * static_cast<double>(z);
      }
      const ScheduleAt at = schedule_at(problem.schedule, slot.request_t);
      kernels.mixture(*score.mixture(), 1, at.alpha, at.sigma, rows.request, rows.answer, shares.data());
      StepRecord record{};
      if (kernels.of(kind).advance(slot, rows, problem, record) && record.accepted != 0) total += pending;
    }
    sum += total;
    squares += total * total;
  }
  CHECK(std::fabs(sum / static_cast<double>(count)) < 4.5 * std::sqrt(length / static_cast<double>(count)));
  CHECK(std::fabs(squares / static_cast<double>(count) / length - 1) < 4.5 * std::sqrt(2 / static_cast<double>(count)));
}

}  // namespace
}  // namespace fast_sde::test

// FAST_SDE_SOLVER_TESTS(tests, adaptive, Adaptive)
#define FAST_SDE_SOLVER_TESTS(prefix, name, Type)                                         \
  TEST_CASE(#name ": samples have the mean and variance of the scheme's own recursion") { \
    fast_sde::test::check_moments<fast_sde::Type>(fast_sde::SolverKind::name);            \
  }                                                                                       \
  TEST_CASE(#name ": the scheme's variance goes to the data's") {                         \
    fast_sde::test::check_convergence<fast_sde::Type>(fast_sde::SolverKind::name);        \
  }                                                                                       \
  TEST_CASE(#name ": accepted increments are those of a Brownian path") {                 \
    fast_sde::test::check_brownian_law<fast_sde::Type>(fast_sde::SolverKind::name);       \
  }
