// How many rows a network call has when samples run out. Every size costs a network some set-up, so calls shrink
// through few sizes.
#pragma once

#include <algorithm>
#include <cstdint>

namespace fast_sde {

// On a CPU: 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, …, and never more than `batch`.
inline int64_t rows_for(int64_t active, int64_t batch) {
  for (int64_t power = 1;; power *= 2) {
    if (power >= active) return std::min(power, batch);
    if (power > 1 && power / 2 * 3 >= active) return std::min(power / 2 * 3, batch);
  }
}

// On a device, where each size is a recording and fewer than 8 rows are no faster: halves of `rows` while `left`
// samples still fit.
inline int64_t halved_rows(int64_t rows, int64_t left) {
  constexpr int64_t smallest = 8;
  while (rows > smallest && (rows + 1) / 2 >= left) rows = (rows + 1) / 2;
  return rows;
}

}  // namespace fast_sde
