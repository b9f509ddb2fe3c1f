// Plugins of another build are refused when they are opened, whatever it is that differs.
#include <doctest/doctest.h>

#include <string>

#include "../core/problem.hpp"
#include "../plugin/library.hpp"

using namespace fast_sde;

namespace {

// The refusal's words; empty where the plugin is taken.
std::string refusal(const std::string& fingerprint) {
  try {
    open_plugin<fast_sde_cuda_api>(FAST_SDE_EMULATED_PLUGIN, FAST_SDE_CUDA_SYMBOL, fingerprint,
                                   error_code::cuda_unavailable);
    return "";
  } catch (const Error& error) {
    CHECK(error.code == error_code::cuda_unavailable);
    return error.what();
  }
}

}  // namespace

TEST_CASE("a plugin of other words, another list of solvers or other structs is refused") {
  const std::string ours = cuda_fingerprint(sizeof(Problem));
  CHECK(refusal(ours) == "");
  // An addon that knows one solver more, one word more, a larger problem.
  auto with = [&](const std::string& text, const std::string& more) {
    std::string other = ours;
    const size_t at = other.find(text);
    REQUIRE(at != std::string::npos);
    return other.insert(at + text.size(), more);
  };
  for (const std::string& other : {with("eulerMaruyama", " another"), with("bridge redraw", " forget"),
                                   with("float32", " float64"), cuda_fingerprint(sizeof(Problem) + 8), std::string()}) {
    CHECK(refusal(other).find("build it again") != std::string::npos);
  }
}

TEST_CASE("every list of words has a word for each of its numbers") {
  CHECK(words<ScheduleKind>.size() == static_cast<size_t>(ScheduleKind::table) + 1);
  CHECK(words<Prediction>.size() == static_cast<size_t>(Prediction::velocity) + 1);
  CHECK(words<TimeInput>.size() == static_cast<size_t>(TimeInput::edm) + 1);
  CHECK(words<Noise>.size() == static_cast<size_t>(Noise::retain) + 1);
  CHECK(words<Scale>.size() == static_cast<size_t>(Scale::sum) + 1);
  CHECK(words<Norm>.size() == static_cast<size_t>(Norm::max) + 1);
  CHECK(words<Status>.size() == static_cast<size_t>(Status::unfinished) + 1);
  CHECK(words<fast_sde_dtype>.size() == static_cast<size_t>(FAST_SDE_TF32) + 1);
  CHECK(words<fast_sde_layout>.size() == static_cast<size_t>(FAST_SDE_CHANNELS_LAST) + 1);
  CHECK(words<fast_sde_status>.size() == static_cast<size_t>(FAST_SDE_INTERNAL) + 1);
}
