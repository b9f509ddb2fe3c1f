// A pass over one slot: loops over rows, in tiles of 1024 elements, around the formulas of one sampler. Compiled once
// for each sampler and instruction set, always without contraction to fma: all sets give the same bits. Everything is
// internal to its file but the table at the end.

#include <algorithm>
#include <type_traits>
#include <utility>

#include "../../engine/life.hpp"
#include "../../solver/denoise.hpp"
#include "kernels.hpp"
#include "noise.inl"
#include "sums.inl"

namespace fast_sde::cpu {
namespace {

template <Rows rows>
HD void load(Elements& e, const SlotRows& slot, const float* noise, int64_t base, int i) {
  if constexpr ((rows & row_x) != 0) e.x = slot.x[base + i];
  if constexpr ((rows & row_request) != 0) e.request = slot.request[base + i];
  if constexpr ((rows & row_answer) != 0) e.answer = slot.answer[base + i];
  if constexpr ((rows & row_candidate) != 0) e.candidate = slot.answer[base + i];
  if constexpr ((rows & (row_noise | row_noise_again)) != 0) e.noise = noise[i];
  if constexpr ((rows & row_extra(0)) != 0) e.extra[0] = slot.extra[0][base + i];
  if constexpr ((rows & row_extra(1)) != 0) e.extra[1] = slot.extra[1][base + i];
  if constexpr ((rows & row_extra(2)) != 0) e.extra[2] = slot.extra[2][base + i];
  if constexpr ((rows & row_extra(3)) != 0) e.extra[3] = slot.extra[3][base + i];
}

template <Rows rows>
HD void store(const Elements& e, const SlotRows& slot, int64_t base, int i) {
  if constexpr ((rows & row_x) != 0) slot.x[base + i] = e.x;
  if constexpr ((rows & row_request) != 0) slot.request[base + i] = e.request;
  if constexpr ((rows & row_candidate) != 0) slot.answer[base + i] = e.candidate;
  if constexpr ((rows & row_extra(0)) != 0) slot.extra[0][base + i] = e.extra[0];
  if constexpr ((rows & row_extra(1)) != 0) slot.extra[1][base + i] = e.extra[1];
  if constexpr ((rows & row_extra(2)) != 0) slot.extra[2][base + i] = e.extra[2];
  if constexpr ((rows & row_extra(3)) != 0) slot.extra[3][base + i] = e.extra[3];
}
static_assert(max_extras == 4, "load and store name each of them");

// Applies `element` to a whole row, with the noise it asks for; `take_tile(base, size)` follows each tile. `element`
// has its coefficients by value: behind a reference any store might change them, and the loop is no vectors.
template <Access access, class Element, class TakeTile>
void for_each_tile(const Slot& slot, const SlotRows& rows, const Problem& problem, Element element,
                   TakeTile take_tile) {
  alignas(64) float passing[tile];
  for (int64_t base = 0; base < problem.elements; base += tile) {
    const int size = static_cast<int>(std::min<int64_t>(tile, problem.elements - base));
    float* noise = rows.noise != nullptr ? rows.noise + base : passing;
    if constexpr ((access.reads & row_noise) != 0) {
      fill_increment({problem.seed, slot.sample}, slot.path, base, noise, size);
    }
#pragma GCC ivdep
    for (int i = 0; i < size; ++i) {
      Elements e;
      load<access.reads>(e, rows, noise, base, i);
      element(e, i);
      store<access.writes>(e, rows, base, i);
    }
    take_tile(size);
  }
}

template <Access access, class Element>
void for_each_element(const Slot& slot, const SlotRows& rows, const Problem& problem, Element element) {
  if constexpr (access.writes != 0) {
    for_each_tile<access>(
        slot, rows, problem, [element](Elements& e, int) { element(e); }, [](int) {});
  }
}

// Measures a whole row, and adds up what the elements say.
template <Access access, int count, class Measure>
Sums sums_of_elements(const Slot& slot, const SlotRows& rows, const Problem& problem, Measure measure) {
  alignas(64) float errors[tile];
  RowSum<> error(problem.tolerance.norm, problem.elements);
  Sums sums{};
  if constexpr (count == 0) {
    for_each_tile<access>(
        slot, rows, problem, [measure, &errors](Elements& e, int i) { errors[i] = measure(e).error; },
        [&](int size) { error.add_tile(errors, size); });
  } else {
    alignas(64) float terms[count][tile];
    PlainSum plain[max_sums] = {PlainSum(problem.elements), PlainSum(problem.elements), PlainSum(problem.elements),
                                PlainSum(problem.elements)};
    static_assert(max_sums == 4, "`plain` has one of each");
    for_each_tile<access>(
        slot, rows, problem,
        [measure, &errors, &terms](Elements& e, int i) {
          const Terms<count> all = measure(e);
          errors[i] = all.error;
          for (int k = 0; k < count; ++k) terms[k][i] = all.plain[k];
        },
        [&](int size) {
          error.add_tile(errors, size);
          for (int k = 0; k < count; ++k) plain[k].add_tile(terms[k], size);
        });
    for (int k = 0; k < count; ++k) sums.plain[k] = plain[k].folded();
  }
  sums.error = error.norm();
  return sums;
}

template <class Solver, int stage>
bool advance_stage(Slot& slot, const SlotRows& rows, const Problem& problem, StepRecord& record) {
  const typename Solver::Step step = Solver::before(slot, problem);
  const Sums sums = sums_of_elements<Solver::measure_access(stage), Solver::sums>(
      slot, rows, problem, [step](Elements& e) { return Solver::template measure<stage>(step, e); });
  const Verdict verdict = conclude<Solver>(slot, sums, problem, record);
  if constexpr (Solver::accept_access.writes != 0) {
    if (verdict == Verdict::accept) {
      typename Solver::Step then{};
      if constexpr (!Solver::accepts_without_step) then = Solver::after(slot, problem);
      for_each_element<Solver::accept_access>(slot, rows, problem, [then](Elements& e) { Solver::accept(then, e); });
    }
  }
  if constexpr (Solver::reject_access.writes != 0) {
    if (verdict == Verdict::reject && slot.stage != stage_done) {
      const typename Solver::Step then = Solver::after(slot, problem);
      for_each_element<Solver::reject_access>(slot, rows, problem, [then](Elements& e) { Solver::reject(then, e); });
    }
  }
  return verdict != Verdict::go_on;
}

template <class Solver>
void advance_denoise(Slot& slot, const SlotRows& rows, const Problem& problem, StepRecord& record) {
  const Denoise::Step step = Denoise::before(problem);
  const Sums sums = sums_of_elements<Denoise::access, 0>(slot, rows, problem,
                                                         [step](Elements& e) { return Denoise::measure(step, e); });
  conclude<Solver>(slot, sums, problem, record);
}

template <class Solver, int... stages>
bool advance_any(Slot& slot, const SlotRows& rows, const Problem& problem, StepRecord& record,
                 std::integer_sequence<int, stages...>) {
  bool decided = false;
  (void)((slot.stage == stages && (decided = advance_stage<Solver, stages>(slot, rows, problem, record), true)) || ...);
  return decided;
}

template <class Solver>
bool advance(Slot& slot, const SlotRows& rows, const Problem& problem, StepRecord& record) {
  if (slot.stage == stage_denoise) {
    advance_denoise<Solver>(slot, rows, problem, record);
    return false;
  }
  return advance_any<Solver>(slot, rows, problem, record, std::make_integer_sequence<int, Solver::stages>{});
}

template <class Solver>
void start(Slot& slot, const SlotRows& rows, const Problem& problem, uint64_t position, uint64_t first,
           const float* initial) {
  slot.sample = first + position;
  if (initial != nullptr) {
    std::copy_n(initial, problem.elements, rows.x);
  } else {
    slot.path.set_step(static_cast<float>(problem.prior_std), 0);  // node 0 is the prior
    for_each_element<Access{row_noise, row_x}>(slot, rows, problem, [](Elements& e) { e.x = e.noise; });
  }
  for_each_element<Solver::start_access>(slot, rows, problem, [](Elements& e) { Solver::start_element(e); });
  admit<Solver>(slot, position, first, position + 1, problem);
}

}  // namespace
}  // namespace fast_sde::cpu

// FAST_SDE_SOLVER_KERNELS(kernels_v3, adaptive, Adaptive) defines the table of that sampler for that instruction set.
#define FAST_SDE_SOLVER_KERNELS(variant, name, Type)                                                                \
  namespace fast_sde::cpu {                                                                                         \
  extern const SolverKernels variant##_##name;                                                                      \
  const SolverKernels variant##_##name = {facts_of<Type>(words<SolverKind>[static_cast<size_t>(SolverKind::name)]), \
                                          start<Type>, advance<Type>};                                              \
  }
