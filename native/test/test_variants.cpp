// Every instruction set and optimisation level gives the same bits: noise, prior, updates, norms, decisions, scores.
#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

#include "../shell/cpu/dispatch.hpp"
#include "../shell/cpu/slots.hpp"
#include "support.hpp"

namespace fast_sde::cpu {
extern const Kernels kernels_unoptimised;
}

using namespace fast_sde;
using namespace fast_sde::test;

namespace {

std::vector<const cpu::Kernels*> variants() {
  auto all = cpu::available();
  all.push_back(&cpu::kernels_unoptimised);
  return all;
}

// All a run leaves behind, passes made by hand so that the variant can be chosen.
struct Trace {
  std::vector<float> x, requests;
  std::vector<double> times;
  std::vector<uint32_t> counts;
  bool operator==(const Trace&) const = default;
};

Trace trace(const cpu::Kernels& kernels, const Problem& problem, const MixtureScore& mixture) {
  const int64_t count = 3;
  const cpu::SolverKernels& solver = kernels.of(problem.solver);
  cpu::Slots slots(count, problem.elements, solver.facts);
  std::vector<double> shares(mixture.components());
  Trace result;
  for (int64_t i = 0; i < count; ++i) {
    solver.start(slots[i], slots.rows(i), problem, static_cast<uint64_t>(i), 0, nullptr);
    while (slots[i].stage != stage_done) {
      auto rows = slots.rows(i);
      ScheduleAt at = schedule_at(problem.schedule, slots[i].request_t);
      result.times.push_back(slots[i].request_t);
      result.requests.push_back(rows.request[problem.elements / 2]);
      kernels.mixture(*mixture.mixture(), problem.elements, at.alpha, at.sigma, rows.request, rows.answer,
                      shares.data());
      StepRecord record{};
      if (solver.advance(slots[i], rows, problem, record)) result.times.push_back(record.error);
    }
    for (uint32_t figure : {slots[i].evaluations, slots[i].accepted, slots[i].rejected})
      result.counts.push_back(figure);
    result.counts.push_back(static_cast<uint32_t>(slots[i].status));
    result.x.insert(result.x.end(), slots.x(i), slots.x(i) + problem.elements);
  }
  return result;
}

}  // namespace

TEST_CASE("normals have the same bits in every variant") {
  for (int64_t count : {1, 5, 64, 1023, 1024, 1025, 5000}) {
    std::vector<float> expected(count);
    cpu::kernels_unoptimised.normals(42, 3, 9, expected.data(), count);
    for (const cpu::Kernels* variant : variants()) {
      std::vector<float> got(count);
      variant->normals(42, 3, 9, got.data(), count);
      INFO(std::string(variant->name));
      CHECK(std::memcmp(got.data(), expected.data(), count * sizeof(float)) == 0);
    }
  }
}

TEST_CASE("whole runs have the same bits in every variant") {
  for (int64_t n : {1, 2, 3, 5, 784, 1023, 1024, 1025}) {
    for (ScheduleKind kind : {ScheduleKind::vp, ScheduleKind::ve, ScheduleKind::sub_vp}) {
      Problem problem = vp_problem(n);
      problem.schedule.kind = kind;
      if (kind == ScheduleKind::ve) use_ve(problem);
      problem.tolerance.norm = n % 2 == 0 ? Norm::rms : Norm::max;
      problem.tolerance.scale = n % 3 == 0 ? Scale::sum : Scale::max;
      problem.tolerance.rtol = n > 100 ? 0.5f : 0.1f;
      problem.max_evaluations = 60;  // of use for every stage, and quick without optimisation
      MixtureScore mixture = two_components(n);
      for (SolverKind solver : all_solvers()) {
        use_solver(problem, solver, 20);
        Trace expected = trace(cpu::kernels_unoptimised, problem, mixture);
        REQUIRE_FALSE(expected.times.empty());
        for (const cpu::Kernels* variant : variants()) {
          INFO(std::string(variant->name), " n = ", n);
          CHECK(trace(*variant, problem, mixture) == expected);
        }
      }
    }
  }
}
