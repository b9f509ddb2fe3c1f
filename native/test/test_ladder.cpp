#include <doctest/doctest.h>

#include <cstdint>
#include <set>

#include "../engine/ladder.hpp"

using namespace fast_sde;

TEST_CASE("calls on a CPU hold what is active, waste less than half, and have few sizes") {
  for (int64_t batch : {1, 7, 32, 100}) {
    std::set<int64_t> sizes;
    for (int64_t active = 1; active <= batch; ++active) {
      const int64_t rows = rows_for(active, batch);
      CHECK(rows >= active);
      CHECK(rows <= batch);
      CHECK(rows < 2 * active);
      sizes.insert(rows);
    }
    CHECK(sizes.size() <= 14);
  }
}

TEST_CASE("calls on a device are halved, rounded up, while the samples left fit") {
  for (int64_t rows : {8, 9, 33, 256, 1001}) {
    for (int64_t left = 1; left <= rows; ++left) {
      const int64_t halved = halved_rows(rows, left);
      CHECK(halved >= left);
      CHECK((halved <= 8 || (halved + 1) / 2 < left));
      bool met = false;
      for (int64_t size = rows; size >= halved; size = (size + 1) / 2) {
        met = met || size == halved;
        if (size == 1) break;
      }
      CHECK(met);
    }
  }
  CHECK(halved_rows(33, 17) == 17);
}
