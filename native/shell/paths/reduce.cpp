#include "reduce.hpp"

#include <algorithm>
#include <cmath>

#include "../cpu/dispatch.hpp"

namespace fast_sde {

using paths::PathJob;
using paths::PathRows;
using paths::Summary;

// What a block's paths leave until they are summarised, and their summary.
struct Reducer::Block {
  Block(const PathJob& job, const paths::ReductionSpec& spec, int64_t size)
      : states(static_cast<size_t>(size * job.save_count * job.equations.states) * (job.float64 ? 8 : 4)),
        accepted(static_cast<size_t>(size)),
        rejected(static_cast<size_t>(size)),
        status(static_cast<size_t>(size)),
        ended(static_cast<size_t>(size)),
        event_times(static_cast<size_t>(size * job.event_count)),
        event_counts(static_cast<size_t>(size * job.event_count)),
        summaries(static_cast<size_t>(job.save_count), Summary(spec)) {}

  PathRows rows() {
    return {states.data(), nullptr,      accepted.data(),    rejected.data(),
            status.data(), ended.data(), event_times.data(), event_counts.data(),
            nullptr};
  }

  std::vector<char> states;
  std::vector<uint32_t> accepted, rejected;
  std::vector<uint8_t> status;
  std::vector<double> ended, event_times;
  std::vector<uint32_t> event_counts;
  std::vector<Summary> summaries;
  int64_t count = 0;
};

Reducer::Reducer(const PathJob& job, paths::ReductionSpec spec, std::vector<Program> functions, StopRule rule)
    : job_(job),
      spec_(std::move(spec)),
      functions_(std::move(functions)),
      rule_(rule),
      size_(paths_a_block(job)),
      summaries_(static_cast<size_t>(job.save_count), Summary(spec_)),
      ended_(words<PathStatus>.size()) {}

Reducer::~Reducer() = default;

PathRows Reducer::rows(uint64_t begin, int64_t count) {
  std::lock_guard lock(mutex_);
  std::unique_ptr<Block> block;
  if (spare_.empty()) {
    block = std::make_unique<Block>(job_, spec_, size_);
  } else {
    block = std::move(spare_.back());
    spare_.pop_back();
  }
  block->count = count;
  std::fill_n(block->status.begin(), count, static_cast<uint8_t>(PathStatus::unfinished));
  const PathRows rows = block->rows();
  busy_[begin] = std::move(block);
  return rows;
}

void Reducer::finished(uint64_t begin, int64_t, const PathRows&) {
  std::unique_ptr<Block> block;
  {
    std::lock_guard lock(mutex_);
    block = std::move(busy_.extract(begin).mapped());
  }
  summarise(begin, *block);
  std::lock_guard lock(mutex_);
  done_[begin] = std::move(block);
  while (!done_.empty() && done_.begin()->first == next_) {
    block = std::move(done_.extract(done_.begin()).mapped());
    next_ += static_cast<uint64_t>(block->count);
    if (!satisfied_) join(*block);
    spare_.push_back(std::move(block));
  }
}

void Reducer::summarise(uint64_t begin, Block& block) const {
  constexpr int64_t group = Chunk::group;
  const int states = job_.equations.states, params = job_.equations.params;
  const int64_t lanes = (block.count + group - 1) / group * group, count = block.count;
  const auto functions = static_cast<size_t>(spec_.functions);
  int32_t temporaries = 0;
  for (const Program& function : functions_) temporaries = std::max(temporaries, function.temporaries);
  auto rows = [&](int64_t rows) { return std::vector<double>(static_cast<size_t>(rows * lanes)); };
  std::vector<double> x = rows(states), t = rows(1), p = rows(params), y = rows(spec_.functions),
                      scratch = rows(temporaries);
  std::vector<double> values(functions);
  for (int k = 0; k < params; ++k) std::copy_n(job_.params[k] + begin, count, p.data() + k * lanes);
  for (int64_t save = 0; save < job_.save_count; ++save) {
    Summary& summary = block.summaries[static_cast<size_t>(save)] = Summary(spec_);
    for (int64_t path = 0; path < count; ++path) {
      for (int i = 0; i < states; ++i) {
        const int64_t at = (path * job_.save_count + save) * states + i;
        x[static_cast<size_t>(i * lanes + path)] =
            job_.float64 ? reinterpret_cast<const double*>(block.states.data())[at]
                         : static_cast<double>(reinterpret_cast<const float*>(block.states.data())[at]);
      }
    }
    std::fill(t.begin(), t.end(), job_.saves[save]);
    for (size_t f = 0; f < functions; ++f) {
      cpu::kernels().program64(functions_[f].view(), {x.data(), t.data(), p.data()},
                               y.data() + f * static_cast<size_t>(lanes), scratch.data(), static_cast<int>(lanes));
    }
    for (int64_t path = 0; path < count; ++path) {
      const auto status = static_cast<PathStatus>(block.status[static_cast<size_t>(path)]);
      if (status != PathStatus::success && status != PathStatus::event) continue;
      for (size_t f = 0; f < functions; ++f) values[f] = y[f * static_cast<size_t>(lanes) + static_cast<size_t>(path)];
      summary.add(spec_, values.data());
    }
  }
}

void Reducer::join(const Block& block) {
  for (size_t save = 0; save < summaries_.size(); ++save) summaries_[save].add(block.summaries[save]);
  for (int64_t path = 0; path < block.count; ++path) {
    const auto i = static_cast<size_t>(path);
    ++ended_[block.status[i]];
    if (static_cast<PathStatus>(block.status[i]) == PathStatus::unfinished) continue;
    accepted_ += block.accepted[i];
    rejected_ += block.rejected[i];
  }
  if (!(rule_.half_width > 0)) return;
  const Summary& of = summaries_[static_cast<size_t>(rule_.save)];
  const double error = std::sqrt(of.variance(static_cast<size_t>(rule_.function)) / static_cast<double>(of.count));
  if (of.count > 1 && rule_.z * error <= rule_.half_width) satisfied_ = true;
}

}  // namespace fast_sde
