// Jobs over paths on the CPU: blocks of paths over the solver's threads.
#pragma once

#include <atomic>
#include <cstdint>

#include "../../paths/job.hpp"

namespace fast_sde {

// Where a block's results go. Blocks come in any order, and from several threads at once.
class PathSink {
 public:
  virtual ~PathSink() = default;

  // Room for paths begin … begin + count - 1, a row each. Every status is `unfinished` there.
  virtual paths::PathRows rows(uint64_t begin, int64_t count) = 0;
  // They are solved, or stopped.
  virtual void finished(uint64_t begin, int64_t count, const paths::PathRows& rows) = 0;
};

// Paths of a block: by the job alone, so that what is summed up block by block never depends on threads.
int64_t paths_a_block(const paths::PathJob& job);

// Works on the calling thread and up to `threads` in all (0: one a core) until all paths are done or `stop` turns true.
// Throws what the sink and functions outside throw, and std::bad_alloc. Functions outside are asked on the calling
// thread alone.
void run_paths_on_cpu(const paths::PathJob& job, int threads, PathSink& sink, const std::atomic<bool>& stop);

}  // namespace fast_sde
