// What solver/pass.hpp offers beyond what the listed samplers use: scalars and rows of a sampler's own, plain sums,
// coefficients that depend on the decision. A sampler of the test's own uses all of it, with numbers that are exact.
#include <doctest/doctest.h>

#include <numeric>
#include <vector>

#include "../shell/cpu/slots.hpp"
#include "../shell/cpu/solver_kernels.inl"

using namespace fast_sde;

namespace {

struct Probe {
  struct Own {
    double sums[max_sums - 1];  // of the first stage, kept for the second
    uint64_t tries;
  };
  struct Step {
    float tries;
  };

  static constexpr int stages = 2, extras = max_extras, sums = max_sums;
  static constexpr Stepping stepping = Stepping::own;
  static constexpr bool estimates_error = true, state_is_request = false, accepts_without_step = false;
  static constexpr const char* numbers[] = {"h0"};
  static constexpr Rows own_rows = row_extra(0) | row_extra(1) | row_extra(2) | row_extra(3);
  static constexpr Access measure_access(int stage) {
    if (stage == 0) return {row_x | row_answer, own_rows};
    return {own_rows, row_candidate};
  }
  static constexpr Access start_access = {row_x, row_request};
  static constexpr Access accept_access = {row_candidate | own_rows, row_x | row_request};
  static constexpr Access reject_access = {row_x, row_request};

  static void start(Slot& slot, const Problem& problem) {
    own_of<Own>(slot) = {};
    slot.h = problem.numbers[0];
    slot.stage = 0;
    slot.request_t = slot.t;
  }
  static void start_element(Elements& e) { e.request = e.x; }

  static Step before(const Slot& slot, const Problem&) { return {static_cast<float>(own_of<Own>(slot).tries)}; }

  // Rows k: (k + 1) x; the candidate is the answer of the first stage and the number of tries before this one.
  template <int stage>
  static Terms<sums> measure(const Step& c, Elements& e) {
    Terms<sums> terms{};
    for (int k = 0; k < extras; ++k) {
      if (stage == 0) e.extra[k] = static_cast<float>(k + 1) * e.x + (k == 3 ? e.answer : 0);
      terms.plain[k] = e.extra[k];
    }
    if (stage == 1) {
      e.candidate = e.extra[3] + c.tries;
      terms.error = c.tries == 0 ? 2.0f : 0.5f;
    }
    return terms;
  }

  static bool accepts(int stage, const Sums& all) { return stage == 1 && all.error <= 1; }

  static Verdict decide(Slot& slot, const Sums& all, const Problem& problem) {
    Own& own = own_of<Own>(slot);
    if (slot.stage == 0) {
      for (int k = 0; k < max_sums - 1; ++k) own.sums[k] = all.plain[k];
      slot.stage = 1;
      return Verdict::go_on;
    }
    ++own.tries;
    if (!accepts(1, all)) {
      ++slot.rejected;
      slot.stage = 0;
      return Verdict::reject;
    }
    ++slot.accepted;
    arrive(slot, problem);
    return Verdict::accept;
  }

  static Step after(const Slot& slot, const Problem&) { return {static_cast<float>(own_of<Own>(slot).tries)}; }
  static void accept(const Step& c, Elements& e) { e.x = e.request = e.candidate + 100 * c.tries; }
  static void reject(const Step& c, Elements& e) { e.request = e.x + c.tries; }
};

constexpr SolverFacts facts = facts_of<Probe>("probe");

}  // namespace

TEST_CASE("a sampler has scalars, rows and sums of its own, and coefficients after the decision") {
  for (int64_t n : {1, 7, 1024, 5000}) {  // one tile, several, more than a chunk
    Problem problem;
    problem.t_start = 1;
    problem.elements = n;
    problem.numbers[0] = 0.25;
    std::vector<float> initial(n);
    for (int64_t i = 0; i < n; ++i) initial[i] = static_cast<float>(i % 17 - 5);
    const double sum = std::accumulate(initial.begin(), initial.end(), 0.0);

    cpu::Slots slots(2, n, facts);
    Slot& slot = slots[1];
    const cpu::SlotRows rows = slots.rows(1);
    StepRecord record{};
    const auto pass = [&](float answer) {
      std::fill_n(rows.answer, n, answer);
      return cpu::advance<Probe>(slot, rows, problem, record);
    };
    cpu::start<Probe>(slot, rows, problem, 0, 0, initial.data());
    CHECK(rows.request[n - 1] == initial[n - 1]);

    REQUIRE_FALSE(pass(3));
    for (int k = 0; k < max_sums - 1; ++k) CHECK(own_of<Probe::Own>(slot).sums[k] == (k + 1) * sum);
    CHECK(rows.extra[3][n - 1] == 4 * initial[n - 1] + 3);
    REQUIRE(pass(0));
    CHECK(record.accepted == 0);
    CHECK(record.error == 2);
    for (int64_t i = 0; i < n; ++i) REQUIRE(rows.request[i] == initial[i] + 1);

    // Another slot takes this one's place in memory, as when samples run out.
    slots.move(1, 0);
    const cpu::SlotRows moved = slots.rows(0);
    std::fill_n(moved.answer, n, 5.0f);
    REQUIRE_FALSE(cpu::advance<Probe>(slots[0], moved, problem, record));
    CHECK(own_of<Probe::Own>(slots[0]).tries == 1);
    REQUIRE(cpu::advance<Probe>(slots[0], moved, problem, record));
    CHECK(record.accepted == 1);
    for (int64_t i = 0; i < n; ++i) REQUIRE(moved.x[i] == 4 * initial[i] + 5 + 1 + 100 * 2);
    CHECK(slots[0].stage == stage_done);
    CHECK(slots[0].status == Status::success);
    CHECK(slots[0].evaluations == 4);
  }
}

TEST_CASE("a plain sum that is not finite fails the sample") {
  Problem problem;
  problem.t_start = 1;
  problem.elements = 3;
  const std::vector<float> initial = {1, 2, 3};
  cpu::Slots slots(1, 3, facts);
  const cpu::SlotRows rows = slots.rows(0);
  StepRecord record{};
  cpu::start<Probe>(slots[0], rows, problem, 0, 0, initial.data());
  std::fill_n(rows.answer, 3, std::numeric_limits<float>::infinity());
  cpu::advance<Probe>(slots[0], rows, problem, record);
  CHECK(slots[0].status == Status::non_finite);
}
