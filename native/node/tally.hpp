// The samples of a job, counted as they end: what there is to say of a stream, which keeps no figures of each.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "../engine/job.hpp"

namespace fast_sde::node {

struct Tally {
  std::array<uint64_t, static_cast<size_t>(Status::unfinished) + 1> ended{};  // samples by status
  uint64_t evaluations = 0, accepted = 0, rejected = 0;                       // of all samples
  uint32_t most_evaluations = 0;                                              // of one
  std::optional<SampleStats> first_failure;                                   // the failed one of the lowest position

  void add(const SampleStats& sample) {
    ++ended[sample.status];
    evaluations += sample.evaluations;
    accepted += sample.accepted;
    rejected += sample.rejected;
    most_evaluations = std::max(most_evaluations, sample.evaluations);
    const auto status = static_cast<Status>(sample.status);
    bool failed = status != Status::success && status != Status::unfinished;
    if (failed && (!first_failure || sample.position < first_failure->position)) first_failure = sample;
  }
  // Once, at the end: of `count` samples those that were never begun are unfinished as well.
  void close(uint64_t count) {
    uint64_t begun = 0;
    for (uint64_t samples : ended) begun += samples;
    ended[static_cast<size_t>(Status::unfinished)] += count - begun;
  }
};

}  // namespace fast_sde::node
