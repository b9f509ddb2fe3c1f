// Counts of numbers in buckets whose bounds grow by a factor: quantiles to a relative error of `accuracy`, whatever the
// distribution, in memory that does not grow with the numbers. Masson, Rim and Lee, "DDSketch: a fast and
// fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019. Counts add up to the same in any order.
// Of numbers among which there is a NaN all quantiles are NaN, as their mean is.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "../core/math.hpp"

namespace fast_sde::paths {

class Sketch {
 public:
  static constexpr double accuracy = 1e-3;
  // Magnitudes below and above count as these.
  static constexpr double smallest = 1e-30, largest = 1e30;

  void add(double value) {
    const double magnitude = std::abs(value);
    ++total_;
    if (std::isnan(value)) {
      has_nan_ = true;
      return;
    }
    if (magnitude < smallest) {
      ++zeros_;
      return;
    }
    (value < 0 ? negative_ : positive_).add(bucket_of(std::min(magnitude, largest)));
  }

  void add(const Sketch& other) {
    total_ += other.total_;
    zeros_ += other.zeros_;
    has_nan_ |= other.has_nan_;
    negative_.add(other.negative_);
    positive_.add(other.positive_);
  }

  // The number with `share` of all below it; NaN of none.
  double quantile(double share) const {
    if (total_ == 0 || has_nan_) return std::nan("");
    auto rank = static_cast<uint64_t>(std::llround(share * static_cast<double>(total_ - 1)));
    for (size_t i = negative_.counts.size(); i-- > 0;) {
      if (rank < negative_.counts[i]) return -value_of(negative_.first + static_cast<int>(i));
      rank -= negative_.counts[i];
    }
    if (rank < zeros_) return 0;
    rank -= zeros_;
    for (size_t i = 0; i < positive_.counts.size(); ++i) {
      if (rank < positive_.counts[i]) return value_of(positive_.first + static_cast<int>(i));
      rank -= positive_.counts[i];
    }
    return value_of(positive_.first + static_cast<int>(positive_.counts.size()) - 1);
  }

 private:
  // Counts of consecutive buckets.
  struct Buckets {
    int first = 0;
    std::vector<uint64_t> counts;

    void reach(int bucket) {
      if (counts.empty()) first = bucket;
      if (bucket < first) {
        counts.insert(counts.begin(), static_cast<size_t>(first - bucket), 0);
        first = bucket;
      }
      const auto last = static_cast<size_t>(bucket - first);
      if (last >= counts.size()) counts.resize(last + 1);
    }
    void add(int bucket) {
      reach(bucket);
      ++counts[static_cast<size_t>(bucket - first)];
    }
    void add(const Buckets& other) {
      if (other.counts.empty()) return;
      reach(other.first);
      reach(other.first + static_cast<int>(other.counts.size()) - 1);
      const auto offset = static_cast<size_t>(other.first - first);
      for (size_t i = 0; i < other.counts.size(); ++i) counts[offset + i] += other.counts[i];
    }
  };

  static constexpr double growth = (1 + accuracy) / (1 - accuracy);
  static double log_growth() {
    static const double log = natural_log(growth);
    return log;
  }
  static int bucket_of(double magnitude) { return static_cast<int>(std::ceil(natural_log(magnitude) / log_growth())); }
  // Halfway in relative terms between the bucket's bounds.
  static double value_of(int bucket) { return 2 * exponential(bucket * log_growth()) / (1 + growth); }

  uint64_t total_ = 0, zeros_ = 0;
  bool has_nan_ = false;
  Buckets negative_, positive_;
};

}  // namespace fast_sde::paths
