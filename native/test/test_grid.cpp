#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

#include "../core/grid.hpp"

using namespace fast_sde;

TEST_CASE("equal steps begin at t_start and end at t_end, exactly") {
  for (uint32_t steps : {1u, 3u, 10u, 1000u}) {
    for (double t_end : {1e-3, 1e-5, 0.1, 0.7}) {
      CHECK(equal_step_time(steps, 0, 1, t_end) == 1);
      CHECK(equal_step_time(steps, steps, 1, t_end) == t_end);
      for (uint32_t k = 0; k < steps; ++k) {
        const double step = equal_step_time(steps, k, 1, t_end) - equal_step_time(steps, k + 1, 1, t_end);
        CHECK(std::fabs(step - (1 - t_end) / steps) < 4e-16);
      }
    }
  }
}
