// The CPU shell: loops over rows in tiles of 1024 elements around the formulas of core/, solver/ and score/. Compiled
// once a variant (kernels_*.cpp), each time for another instruction set, always without contraction to fma: all
// variants give the same bits. Everything is internal to its file but the table at the end.

#include <algorithm>
#include <type_traits>
#include <utility>

#include "../../core/normal.hpp"
#include "../../core/reduce.hpp"
#include "../../score/mixture_row.hpp"
#include "../../solver/advance.hpp"
#include "../../solver/denoise.hpp"
#include "../../solver/list.hpp"
#include "kernels.hpp"

namespace fast_sde::cpu {
namespace {

constexpr int tile = reduce_lanes;

// AVX-512 multiplies 64-bit lanes in one instruction; elsewhere 32-bit lanes are faster. The bits are the same.
#ifdef __AVX512DQ__
using PhiloxWord = uint64_t;
#else
using PhiloxWord = uint32_t;
#endif

// Normals 4 quad … of a node, in whole groups of four; `out` has room for count rounded up to four.
void fill_normals(NoiseKey key, uint32_t node, uint32_t quad, float* out, int64_t count) {
  constexpr int lanes = 16;  // Philox calls side by side: a full AVX-512 register of counters
  int64_t quads = (count + 3) / 4, done = 0;
  for (; done + lanes <= quads; done += lanes) {
    for (int lane = 0; lane < lanes; ++lane) {
      uint32_t at = quad + static_cast<uint32_t>(done) + static_cast<uint32_t>(lane);
      normal4<PhiloxWord>(key, node, at, out + 4 * (done + lane));
    }
  }
  for (; done < quads; ++done) normal4(key, node, quad + static_cast<uint32_t>(done), out + 4 * done);
}

void normals(uint64_t seed, uint64_t sample, uint32_t node, float* out, int64_t count) {
  alignas(64) float some[tile];
  for (int64_t base = 0; base < count; base += tile) {
    int64_t size = std::min<int64_t>(tile, count - base);
    fill_normals({seed, sample}, node, static_cast<uint32_t>(base / 4), some, size);
    std::copy_n(some, size, out + base);
  }
}

// A tile of the step's Brownian increment: the sum of coefficient * normal(node).
void fill_increment(NoiseKey key, const Increment& step, int64_t base, float* __restrict out, int size) {
  alignas(64) float unit[tile];
  if (step.count == 0) std::fill_n(out, size, 0.0f);  // a step of no length
  for (uint32_t term = 0; term < step.count; ++term) {
    float coefficient = step.terms[term].coefficient;
    fill_normals(key, step.terms[term].node, static_cast<uint32_t>(base / 4), unit, size);
    if (term == 0) {
      for (int i = 0; i < size; ++i) out[i] = coefficient * unit[i];
    } else {
      for (int i = 0; i < size; ++i) out[i] = out[i] + coefficient * unit[i];
    }
  }
}

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

// The lanes of core/reduce.hpp, swept as vectors.
class RowNorm {
 public:
  RowNorm(Norm norm, int64_t n)
      : norm_(norm),
        n_(n),
        width_(reduce_width(std::min<int64_t>(n, reduce_chunk))),
        chunks_(reduce_width(reduce_chunks(n))) {
    std::fill_n(lanes_, width_, 0.0);
    std::fill_n(chunk_lanes_, chunks_, 0.0);
  }

  // Tiles in ascending order; all but the last are whole.
  void add_tile(const float* terms, int size) {
    if (norm_ == Norm::rms) {
      for (int i = 0; i < size; ++i) lanes_[i] = reduce_term(Norm::rms, lanes_[i], terms[i]);
    } else {
      for (int i = 0; i < size; ++i) lanes_[i] = reduce_term(Norm::max, lanes_[i], terms[i]);
    }
    if (++tiles_ % (reduce_chunk / tile) == 0) end_chunk();
  }

  // What the chunks fold to, before core/reduce.hpp's finish. To be asked once.
  double folded() {
    if (tiles_ % (reduce_chunk / tile) != 0) end_chunk();
    return fold(chunk_lanes_, chunks_);
  }

  double finish() { return reduce_finish(norm_, folded(), n_); }

 private:
  void end_chunk() {
    double& lane = chunk_lanes_[chunk_++ % reduce_lanes];
    lane = reduce_fold(norm_, lane, fold(lanes_, width_));
    std::fill_n(lanes_, width_, 0.0);
  }

  double fold(double* lanes, int width) const {
    for (int half = width / 2; half >= 1; half /= 2) {
      for (int i = 0; i < half; ++i) lanes[i] = reduce_fold(norm_, lanes[i], lanes[i + half]);
    }
    return lanes[0];
  }

  Norm norm_;
  int64_t n_;
  int width_, chunks_;  // lanes in use, of a chunk and of the chunks
  int64_t tiles_ = 0, chunk_ = 0;
  alignas(64) double lanes_[reduce_lanes], chunk_lanes_[reduce_lanes];
};

// Applies `element` to a whole row, with the noise it asks for, and gathers the error terms it returns, if any.
// `element` has its coefficients by value: behind a reference any store might change them, and the loop is no vectors.
template <Access access, class Element>
void for_each_element(const Slot& slot, const SlotRows& rows, const Problem& problem, Element element,
                      RowNorm* norm = nullptr) {
  constexpr bool has_terms = !std::is_void_v<std::invoke_result_t<Element, Elements&>>;
  alignas(64) float passing[tile], terms[tile];
  for (int64_t base = 0; base < problem.elements; base += tile) {
    int size = static_cast<int>(std::min<int64_t>(tile, problem.elements - base));
    float* noise = rows.noise != nullptr ? rows.noise + base : passing;
    if constexpr ((access.reads & row_noise) != 0) {
      fill_increment({problem.seed, slot.sample}, slot.path.step, base, noise, size);
    }
#pragma GCC ivdep
    for (int i = 0; i < size; ++i) {
      Elements e;
      load<access.reads>(e, rows, noise, base, i);
      if constexpr (has_terms) {
        terms[i] = element(e);
      } else {
        element(e);
      }
      store<access.writes>(e, rows, base, i);
    }
    if constexpr (has_terms) norm->add_tile(terms, size);
  }
}

template <Access access, class Element>
double norm_of_elements(const Slot& slot, const SlotRows& rows, const Problem& problem, Element element) {
  RowNorm norm(problem.tolerance.norm, problem.elements);
  for_each_element<access>(slot, rows, problem, element, &norm);
  return norm.finish();
}

template <class Solver, int stage>
void advance_stage(Slot& slot, const SlotRows& rows, const Problem& problem) {
  const StepCoefficients c = Solver::coefficients(slot, problem);
  double error = norm_of_elements<Solver::element_access(stage)>(
      slot, rows, problem, [c](Elements& e) { return Solver::template element<stage>(c, e); });
  conclude<Solver>(slot, error, problem);
  if constexpr (Solver::decides(stage)) {
    if (keeps<Solver>(error)) {
      for_each_element<Solver::accept_access>(slot, rows, problem, [](Elements& e) { Solver::accept(e); });
    } else if (slot.stage != stage_done) {
      const StepCoefficients shorter = Solver::reject_coefficients(slot, problem);
      for_each_element<Solver::reject_access>(slot, rows, problem,
                                              [shorter](Elements& e) { Solver::reject(shorter, e); });
    }
  }
}

template <class Solver>
void advance_denoise(Slot& slot, const SlotRows& rows, const Problem& problem) {
  const StepCoefficients c = Denoise::coefficients(problem);
  conclude<Solver>(slot,
                   norm_of_elements<Denoise::element_access>(slot, rows, problem,
                                                             [c](Elements& e) { return Denoise::element(c, e); }),
                   problem);
}

template <class Solver, int... stages>
void advance_solver(Slot& slot, const SlotRows& rows, const Problem& problem, std::integer_sequence<int, stages...>) {
  (void)((slot.stage == stages && (advance_stage<Solver, stages>(slot, rows, problem), true)) || ...);
}

void advance(Slot& slot, const SlotRows& rows, const Problem& problem) {
  with_solver(problem.solver, [&]<class Solver>(Solver) {
    if (slot.stage == stage_denoise) return advance_denoise<Solver>(slot, rows, problem);
    advance_solver<Solver>(slot, rows, problem, std::make_integer_sequence<int, Solver::stages>{});
  });
}

void start(Slot& slot, const SlotRows& rows, const Problem& problem, const float* initial) {
  if (initial != nullptr) {
    std::copy_n(initial, problem.elements, rows.x);
  } else {
    slot.path.reset();
    slot.path.step.add(static_cast<float>(problem.prior_std), 0);  // node 0 is the prior
    for_each_element<Access{row_noise, row_x}>(slot, rows, problem, [](Elements& e) { e.x = e.noise; });
  }
  with_solver(problem.solver, [&]<class Solver>(Solver) {
    for_each_element<Solver::start_access>(slot, rows, problem, [](Elements& e) { Solver::start_element(e); });
    begin<Solver>(slot, problem);
  });
}

double squared_distance(const float* x, const float* mean, float alpha, int64_t n) {
  alignas(64) float offsets[tile];
  RowNorm sum(Norm::rms, n);
  for (int64_t base = 0; base < n; base += tile) {
    int size = static_cast<int>(std::min<int64_t>(tile, n - base));
    for (int i = 0; i < size; ++i) offsets[i] = mixture_offset(alpha, mean[base + i], x[base + i]);
    sum.add_tile(offsets, size);
  }
  return sum.folded();
}

void mixture(const MixtureScore& mixture, double alpha, double sigma, const float* x, float* score, double* shares) {
  const int64_t n = mixture.elements(), components = mixture.components();
  const float alpha32 = static_cast<float>(alpha);
  const float* means = mixture.means().data();
  auto variance = [&](int64_t k) { return mixture_variance(alpha, sigma, mixture.variances()[k]); };
  double total = 1;
  if (components == 1) {
    shares[0] = 1;  // whatever the distance
  } else {
    for (int64_t k = 0; k < components; ++k) {
      double distance = squared_distance(x, means + k * n, alpha32, n);
      shares[k] = mixture_logit(mixture.log_weights()[k], variance(k), distance, n);
    }
    double largest = *std::max_element(shares, shares + components);
    total = 0;
    for (int64_t k = 0; k < components; ++k) {
      shares[k] = exponential(shares[k] - largest);
      total += shares[k];
    }
  }
  std::fill_n(score, n, 0.0f);
  for (int64_t k = 0; k < components; ++k) {
    const float factor = static_cast<float>(shares[k] / total / variance(k));
    const float* mean = means + k * n;
    for (int64_t i = 0; i < n; ++i) score[i] = score[i] + factor * mixture_offset(alpha32, mean[i], x[i]);
  }
}

}  // namespace
}  // namespace fast_sde::cpu

// A kernels_*.cpp names its table: FAST_SDE_KERNELS(kernels_v3, "x86-64-v3")
#define FAST_SDE_KERNELS(symbol, name)                             \
  namespace fast_sde::cpu {                                        \
  extern const Kernels symbol;                                     \
  const Kernels symbol = {name, normals, start, advance, mixture}; \
  }
