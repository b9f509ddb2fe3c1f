// Statistics of functions of paths at the times that are saved, without the paths: of each block of paths a summary,
// and the summaries joined in the blocks' order, so that the bits do not depend on threads.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "sketch.hpp"

namespace fast_sde::paths {

// Of function `function`: counts below, in each of `bins` equal ones of [low, high), and above; NaN is in none.
struct Histogram {
  int function;
  double low, high;
  int bins;
};

struct ReductionSpec {
  int functions = 0;
  bool covariance = false;
  bool quantiles = false;
  std::vector<Histogram> histograms;
};

// Of the functions at one time.
class Summary {
 public:
  explicit Summary(const ReductionSpec& spec)
      : functions_(static_cast<size_t>(spec.functions)),
        mean(functions_, 0.0),
        products(spec.covariance ? functions_ * functions_ : functions_, 0.0),
        least(functions_, std::numeric_limits<double>::infinity()),
        most(functions_, -std::numeric_limits<double>::infinity()),
        sketches(spec.quantiles ? functions_ : 0) {
    for (const Histogram& histogram : spec.histograms) counts.emplace_back(static_cast<size_t>(histogram.bins) + 2);
  }

  // One path's values [functions].
  void add(const ReductionSpec& spec, const double* values) {
    ++count;
    const auto n = static_cast<double>(count);
    before_.assign(values, values + functions_);
    for (size_t i = 0; i < functions_; ++i) {
      before_[i] = values[i] - mean[i];
      mean[i] += before_[i] / n;
      take_extremes(i, values[i], values[i]);
    }
    each_product([&](size_t i, size_t j) { return before_[i] * (values[j] - mean[j]); });
    for (size_t k = 0; k < spec.histograms.size(); ++k) {
      const Histogram& of = spec.histograms[k];
      // Halves, since the width of the widest histogram is infinite.
      const double place = (values[of.function] / 2 - of.low / 2) / (of.high / 2 - of.low / 2) * of.bins;
      if (std::isnan(place)) continue;
      const auto bin = place < 0 ? 0 : std::min(static_cast<double>(of.bins), std::floor(place)) + 1;
      ++counts[k][static_cast<size_t>(bin)];
    }
    for (size_t i = 0; i < sketches.size(); ++i) sketches[i].add(values[i]);
  }

  // Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979).
  void add(const Summary& other) {
    if (other.count == 0) return;
    const auto ours = static_cast<double>(count), theirs = static_cast<double>(other.count), all = ours + theirs;
    each_product([&](size_t i, size_t j) {
      const double apart = (other.mean[i] - mean[i]) * (other.mean[j] - mean[j]);
      return other.products[place(i, j)] + apart * (ours * theirs / all);
    });
    for (size_t i = 0; i < functions_; ++i) {
      mean[i] += (other.mean[i] - mean[i]) * (theirs / all);
      take_extremes(i, other.least[i], other.most[i]);
    }
    count += other.count;
    for (size_t k = 0; k < counts.size(); ++k) {
      for (size_t bin = 0; bin < counts[k].size(); ++bin) counts[k][bin] += other.counts[k][bin];
    }
    for (size_t i = 0; i < sketches.size(); ++i) sketches[i].add(other.sketches[i]);
  }

  double variance(size_t i) const { return count > 1 ? products[place(i, i)] / static_cast<double>(count - 1) : 0; }

 private:
  size_t functions_;

 public:
  uint64_t count = 0;            // paths
  std::vector<double> mean;      // [functions]
  std::vector<double> products;  // sums of (x - mean)(y - mean): [functions, functions], or [functions] of x = y
  std::vector<double> least, most;
  std::vector<std::vector<uint64_t>> counts;  // a histogram each
  std::vector<Sketch> sketches;               // a function each, or none

 private:
  // NaN stays, as it does in a mean.
  void take_extremes(size_t i, double low, double high) {
    if (low < least[i] || low != low) least[i] = low;
    if (high > most[i] || high != high) most[i] = high;
  }

  size_t place(size_t i, size_t j) const { return products.size() == functions_ ? i : i * functions_ + j; }

  template <class Term>
  void each_product(Term term) {
    for (size_t i = 0; i < functions_; ++i) {
      if (products.size() == functions_) {
        products[i] += term(i, i);
      } else {
        for (size_t j = 0; j < functions_; ++j) products[i * functions_ + j] += term(i, j);
      }
    }
  }

  std::vector<double> before_;
};

}  // namespace fast_sde::paths
