// The sums of a row in the order of core/reduce.hpp, its lanes swept as vectors.

#include <algorithm>

#include "../../core/reduce.hpp"

namespace fast_sde::cpu {
namespace {

// One sum: of squares under Norm::rms, the largest magnitude under Norm::max, of the terms themselves where `plain`.
template <bool plain = false>
class RowSum {
 public:
  RowSum(Norm norm, int64_t n)
      : norm_(norm),
        n_(n),
        width_(reduce_width(std::min<int64_t>(n, reduce_chunk))),
        chunks_(reduce_width(reduce_chunks(n))) {
    std::fill_n(lanes_, width_, 0.0);
    std::fill_n(chunk_lanes_, chunks_, 0.0);
  }

  // Tiles of reduce_lanes elements in ascending order; all but the last are whole.
  void add_tile(const float* terms, int size) {
    if constexpr (plain) {
      for (int i = 0; i < size; ++i) lanes_[i] = lanes_[i] + static_cast<double>(terms[i]);
    } else if (norm_ == Norm::rms) {
      for (int i = 0; i < size; ++i) lanes_[i] = reduce_term(Norm::rms, lanes_[i], terms[i]);
    } else {
      for (int i = 0; i < size; ++i) lanes_[i] = reduce_term(Norm::max, lanes_[i], terms[i]);
    }
    if (++tiles_ % (reduce_chunk / reduce_lanes) == 0) end_chunk();
  }

  // What the chunks fold to, before core/reduce.hpp's finish. To be asked once.
  double folded() {
    if (tiles_ % (reduce_chunk / reduce_lanes) != 0) end_chunk();
    return fold(chunk_lanes_, chunks_);
  }

  double norm() { return reduce_finish(norm_, folded(), n_); }

 private:
  void end_chunk() {
    double& lane = chunk_lanes_[chunk_++ % reduce_lanes];
    lane = reduce_fold(norm_, lane, fold(lanes_, width_));
    std::fill_n(lanes_, width_, 0.0);
  }

  double fold(double* lanes, int width) const {
    for (int half = width / 2; half >= 1; half /= 2) {
      for (int i = 0; i < half; ++i) lanes[i] = reduce_fold(norm_, lanes[i], lanes[i + half]);
    }
    return lanes[0];
  }

  Norm norm_;
  int64_t n_;
  int width_, chunks_;  // lanes in use, of a chunk and of the chunks
  int64_t tiles_ = 0, chunk_ = 0;
  alignas(64) double lanes_[reduce_lanes], chunk_lanes_[reduce_lanes];
};

// A plain sum folds as squares do: by adding.
struct PlainSum : RowSum<true> {
  explicit PlainSum(int64_t n) : RowSum(Norm::rms, n) {}
};

}  // namespace
}  // namespace fast_sde::cpu
