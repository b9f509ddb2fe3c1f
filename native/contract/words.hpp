// Every enum that crosses a border, with the words that TypeScript says for it. A test compares them with src/.
#pragma once

#include <array>
#include <cstdint>

#include "error_codes.hpp"
#include "plugin_abi.h"

namespace fast_sde {

enum class SolverKind : uint8_t {
#define SOLVER(Type, name, word) name,
#include "solvers.def"
#undef SOLVER
};

// The forward process: by formula, or as a table of cubics.
enum class ScheduleKind : uint8_t { vp, sub_vp, ve, table };

// How the answer of a network is to be read; core/prediction.hpp holds the formulas.
enum class Prediction : uint8_t { score, noise, denoised, velocity };

// What the network takes for its time: t, 999 t, sigma(t) or ln(sigma(t)) / 4.
enum class TimeInput : uint8_t { t, label, sigma, edm };

// What becomes of a rejected step's Brownian increment.
enum class Noise : uint8_t {
  bridge,  // split by a Brownian bridge: the path stays a Brownian path
  redraw,  // forgotten, a new one is drawn (the paper's code); biased in low dimensions
  retain,  // its normals are kept and scaled to the shorter step; biased too, less
};

enum class Scale : uint8_t {
  max,  // delta = max(atol, rtol |x|), the paper's
  sum,  // delta = atol + rtol |x|, as scipy, torchsde and diffrax have it
};

enum class Norm : uint8_t {
  rms,  // sqrt(mean(e^2)), the paper's scaled l2
  max,  // max |e|
};

enum class PathSolverKind : uint8_t {
#define PATH_SOLVER(Type, name, word) name,
#include "path_solvers.def"
#undef PATH_SOLVER
};

// How a path ended.
enum class PathStatus : uint8_t { success, non_finite, step_underflow, left_domain, max_steps, event, unfinished };

// How a sample ended.
enum class Status : uint8_t { success, non_finite, step_underflow, max_evaluations, unfinished };

// words<E>[i] is the word of the enumerator E(i).
template <class Enum>
inline constexpr std::array<const char*, 0> words;

template <>
inline constexpr std::array words<SolverKind> = {
#define SOLVER(Type, name, word) word,
#include "solvers.def"
#undef SOLVER
};
template <>
inline constexpr std::array words<ScheduleKind> = {"vp", "subVp", "ve", "table"};
template <>
inline constexpr std::array words<Prediction> = {"score", "noise", "denoised", "velocity"};
template <>
inline constexpr std::array words<TimeInput> = {"t", "label", "sigma", "edm"};
template <>
inline constexpr std::array words<Noise> = {"bridge", "redraw", "retain"};
template <>
inline constexpr std::array words<Scale> = {"max", "sum"};
template <>
inline constexpr std::array words<Norm> = {"rms", "max"};
template <>
inline constexpr std::array words<Status> = {"success", "nonFinite", "stepUnderflow", "maxEvaluations", "unfinished"};
template <>
inline constexpr std::array words<PathSolverKind> = {
#define PATH_SOLVER(Type, name, word) word,
#include "path_solvers.def"
#undef PATH_SOLVER
};
template <>
inline constexpr std::array words<PathStatus> = {"success",  "nonFinite", "stepUnderflow", "leftDomain",
                                                 "maxSteps", "event",     "unfinished"};
template <>
inline constexpr std::array words<fast_sde_dtype> = {"float32", "bfloat16", "float16", "tf32"};
// By a failed call's status: the error code it becomes.
template <>
inline constexpr std::array words<fast_sde_status> = {
    "OK",
    error_code::model_not_found,
    error_code::model_invalid,
    error_code::model_output,
    error_code::model_failed,
    error_code::out_of_memory,
    error_code::cuda_unavailable,
    error_code::internal,
};
template <>
inline constexpr std::array words<fast_sde_layout> = {"auto", "contiguous", "channels_last"};

// Calls visit.operator()<Enum>("solvers") and so on, for every list there is.
template <class Visitor>
void for_each_list_of_words(Visitor visit) {
  visit.template operator()<SolverKind>("solvers");
  visit.template operator()<ScheduleKind>("schedules");
  visit.template operator()<Prediction>("predictions");
  visit.template operator()<TimeInput>("timeInputs");
  visit.template operator()<Noise>("noise");
  visit.template operator()<Scale>("scales");
  visit.template operator()<Norm>("norms");
  visit.template operator()<Status>("statuses");
  visit.template operator()<PathSolverKind>("pathSolvers");
  visit.template operator()<PathStatus>("pathStatuses");
  visit.template operator()<fast_sde_dtype>("dtypes");
  visit.template operator()<fast_sde_layout>("layouts");
}

}  // namespace fast_sde
