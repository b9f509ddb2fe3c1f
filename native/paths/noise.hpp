// The noise of paths: which normal number is whose, and the pieces an adaptive path's Brownian motion is made of.
//
// A normal is a function of (seed, path, node, element); one Philox call gives an element at four successive nodes. The
// top bit keeps it apart from the noise of samples, of the same seed.
//
//   elements 0 … m - 1       W of noise j in cell `node`: one of the equal pieces of the span
//            m … 2m - 1      H of the same
//            2m … 4m - 1     W and H at the path's attempt `node`: what a new piece or a split takes
//            4m + k          words for event k at attempt `node`, one call each
#pragma once

#include <cmath>
#include <cstdint>

#include "../core/brownian.hpp"
#include "../core/normal.hpp"

namespace fast_sde::paths {

constexpr uint32_t path_bit = 0x80000000u;

// Four nodes' normals of one element, from node 4 block.
HD void normals_of_block(uint64_t seed, uint64_t path, uint32_t element, uint32_t block, float* out) {
  const Words words =
      philox4x32({element, block, low_word(path), high_word(path) | path_bit}, low_word(seed), high_word(seed));
  box_muller(words.w0, words.w1, out[0], out[1]);
  box_muller(words.w2, words.w3, out[2], out[3]);
}

HD Words words_of_event(uint64_t seed, uint64_t path, uint32_t element, uint32_t attempt) {
  return philox4x32({element, attempt, low_word(path), high_word(path) | path_bit}, low_word(seed), high_word(seed));
}

// W and H of unit normals: factors in the precision of the path.
template <class Real>
struct NoiseScale {
  Real W, H;
};
template <class Real>
HD NoiseScale<Real> noise_scale(double length) {
  return {static_cast<Real>(sqrt(length)), static_cast<Real>(sqrt(length / 12))};
}

// What lies ahead of a path that has looked ahead: pieces of its Brownian motion in the order of time, the next one
// last. A rejected step leaves its pieces: to join them would forget points that a decision has used already.
class Pieces {
 public:
  static constexpr int depth = 64;

  // Numbers of a piece: its length, W of each noise, and H where it is wanted.
  HD static int64_t size(int noises, bool levy_area) { return 1 + noises * (levy_area ? 2 : 1); }

  // `room`: [capacity, size] numbers.
  HD Pieces(double* room, int capacity, int noises, bool levy_area)
      : room_(room), capacity_(capacity), noises_(noises), levy_area_(levy_area), size_(size(noises, levy_area)) {}

  HD void clear() { count_ = taken_ = 0; }

  // The increment of a step of length h into W and H [noises]. `fresh(j)`: normals of this attempt, W's and then H's;
  // `add(piece)`: makes the piece that follows all there are, of length h - what they have or any other. False where
  // there is no room.
  template <class Fresh, class Add>
  HD bool take(double h, double* W, double* H, Fresh fresh, Add add) {
    taken_ = 0;
    double left = h, length = 0;
    while (left > 1e-12 * h) {
      if (count_ == capacity_) return false;
      if (taken_ == count_) {
        shift(0);
        add(room_, left);
      }
      if (piece(count_ - 1 - taken_)[0] > left * (1 + 1e-12)) cut(count_ - 1 - taken_, left, fresh);
      const double* next = piece(count_ - 1 - taken_);
      for (int j = 0; j < noises_; ++j) {
        if (length == 0) {
          W[j] = next[1 + j];
          if (levy_area_) H[j] = next[1 + noises_ + j];
        } else if (levy_area_) {
          const Increment both = join(length, {W[j], H[j]}, next[0], {next[1 + j], next[1 + noises_ + j]});
          W[j] = both.W;
          H[j] = both.H;
        } else {
          W[j] += next[1 + j];
        }
      }
      length += next[0];
      left -= next[0];
      ++taken_;
    }
    return true;
  }

  // The step is kept: its pieces are past.
  HD void accept() {
    count_ -= taken_;
    taken_ = 0;
  }

 private:
  HD double* piece(int i) { return room_ + i * size_; }

  // Makes room for one more at i.
  HD void shift(int i) {
    for (int64_t k = count_ * size_ - 1; k >= i * size_; --k) room_[k + size_] = room_[k];
    ++count_;
  }

  // Piece i becomes two, the first one of length a.
  template <class Fresh>
  HD void cut(int i, double a, Fresh fresh) {
    shift(i + 1);
    double *rest = piece(i), *first = piece(i + 1);
    const double b = rest[0] - a;
    first[0] = a;
    for (int j = 0; j < noises_; ++j) {
      if (levy_area_) {
        const Split parts = split({rest[1 + j], rest[1 + noises_ + j]}, a, b, fresh(j), fresh(noises_ + j));
        first[1 + j] = parts.first.W;
        first[1 + noises_ + j] = parts.first.H;
        rest[1 + j] = parts.rest.W;
        rest[1 + noises_ + j] = parts.rest.H;
      } else {
        split(rest[1 + j], a, b, fresh(j), first[1 + j], rest[1 + j]);
      }
    }
    rest[0] = b;
  }

  double* room_;
  int capacity_, noises_;
  bool levy_area_;
  int64_t size_;
  int count_ = 0, taken_ = 0;
};

}  // namespace fast_sde::paths
