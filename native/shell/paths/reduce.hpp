// Blocks of paths become summaries, joined in their order; and whether what is known is narrow enough to stop.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "../../equations/program.hpp"
#include "../../paths/reductions.hpp"
#include "run.hpp"

namespace fast_sde {

// Stops where the mean of a function at a time is known to `half_width` at `z` standard errors.
struct StopRule {
  int function = 0;
  int64_t save = 0;
  double z = 0, half_width = 0;  // 0: never
};

class Reducer final : public PathSink {
 public:
  // `functions`: one output each, of the state, the time and the parameters that differ by path.
  Reducer(const paths::PathJob& job, paths::ReductionSpec spec, std::vector<Program> functions, StopRule rule);
  ~Reducer() override;

  paths::PathRows rows(uint64_t begin, int64_t count) override;
  void finished(uint64_t begin, int64_t count, const paths::PathRows& rows) override;

  // True where the rule is met: the blocks up to there are all that count.
  bool satisfied() const { return satisfied_; }

  // After the run.
  const std::vector<paths::Summary>& summaries() const { return summaries_; }  // a time each
  const std::vector<uint64_t>& ended() const { return ended_; }                // paths by status
  uint64_t accepted() const { return accepted_; }
  uint64_t rejected() const { return rejected_; }

 private:
  struct Block;

  void summarise(uint64_t begin, Block& block) const;
  void join(const Block& block);

  const paths::PathJob& job_;
  const paths::ReductionSpec spec_;
  const std::vector<Program> functions_;
  const StopRule rule_;
  const int64_t size_;  // of a block
  std::atomic<bool> satisfied_ = false;

  std::mutex mutex_;                                        // guards what follows
  std::map<uint64_t, std::unique_ptr<Block>> busy_, done_;  // by their first path
  std::vector<std::unique_ptr<Block>> spare_;
  uint64_t next_ = 0;  // first path of the block to be joined next
  std::vector<paths::Summary> summaries_;
  std::vector<uint64_t> ended_;
  uint64_t accepted_ = 0, rejected_ = 0;
};

}  // namespace fast_sde
