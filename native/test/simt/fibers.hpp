// The threads of one block, or of the blocks of one cluster, taking turns on one CPU thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "cuda_runtime.h"

namespace simt {

struct Group {
  unsigned first_block, blocks;  // of the cluster
  unsigned grid, threads;        // blocks of the grid, threads of a block
  size_t memory;                 // shared, of a block
};

// Runs `thread` once for every thread of the group, in an order that `seed` decides. Ends the process where a barrier
// is not reached by all.
void run_group(const Group& group, const std::function<void()>& thread, uint64_t seed);

}  // namespace simt
