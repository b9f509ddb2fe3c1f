// Plugins of another build are refused when they are opened, whatever it is that differs.
#include <doctest/doctest.h>

#include <string>

#include "../core/problem.hpp"
#include "../paths/fingerprint.hpp"
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
  const std::string ours = cuda_fingerprint(sizeof(Problem), paths::fingerprint_of_jobs());
  CHECK(refusal(ours) == "");
  // An addon that knows one solver more, one word more, one operation more, a larger problem.
  auto with = [&](const std::string& text, const std::string& more) {
    std::string other = ours;
    const size_t at = other.find(text);
    REQUIRE(at != std::string::npos);
    return other.insert(at + text.size(), more);
  };
  for (const std::string& other :
       {with("eulerMaruyama", " another"), with("bridge redraw", " forget"), with("eulerHeun", " another"),
        with("atan2", " hypot"), with("float32", " float64"),
        cuda_fingerprint(sizeof(Problem) + 8, paths::fingerprint_of_jobs()), std::string()}) {
    CHECK(refusal(other).find("build it again") != std::string::npos);
  }
}
