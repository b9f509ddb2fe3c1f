#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "../core/grid.hpp"

using namespace fast_sde;

TEST_CASE("equal steps begin at t_start and end at t_end, exactly") {
  for (uint32_t steps : {1u, 3u, 10u, 1000u}) {
    const Grid grid = {steps, nullptr};
    for (double t_end : {1e-3, 1e-5, 0.1, 0.7}) {
      CHECK(grid_time(grid, 0, 1, t_end) == 1);
      CHECK(grid_time(grid, steps, 1, t_end) == t_end);
      for (uint32_t k = 0; k < steps; ++k) {
        const double step = grid_time(grid, k, 1, t_end) - grid_time(grid, k + 1, 1, t_end);
        CHECK(std::fabs(step - (1 - t_end) / steps) < 4e-16);
      }
    }
  }
}

TEST_CASE("a list of times is taken as it is") {
  const std::vector<double> times = {1, 0.3, 0.2};
  const Grid grid = {2, times.data()};
  for (uint32_t k = 0; k < times.size(); ++k) CHECK(grid_time(grid, k, 1, 0.2) == times[k]);
}
