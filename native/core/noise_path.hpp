// A slot's Brownian path, as far as it is fixed ahead of the time reached. It holds no noise, only how increments are
// made of counter-based normals: a piece is its length and a list of terms (coefficient, node). Lengths are in the
// clock of the solver: t, or the signal-to-noise ratio.
//
// A rejected step leaves its increment on the path. A shorter step then splits it by a Brownian bridge,
//   W(qL) = q W(L) + sqrt(q (1 - q) L) z,  the rest being (1 - q) W(L) - sqrt(q (1 - q) L) z,
// with a new node z. A piece much longer than the step is halved first, so that a list grows with the logarithm of the
// cut, not with the number of steps that follow it.
//
// A path holds two pieces by itself and moves into its room when it needs more. Where even that is full it is folded:
// the two pieces farthest ahead become one, with their sum for its increment, and a long list gives up its smallest
// term. What is lost then is a little of what was seen far ahead, never a sample.
#pragma once

#include <cmath>
#include <cstdint>

#include "../contract/words.hpp"
#include "hd.hpp"

namespace fast_sde {

struct NoiseTerm {
  float coefficient;
  uint32_t node;
};

// An increment of the path: the sum of coefficient * normal(node) over `count` terms from number `first` on.
struct NoisePiece {
  double length;
  uint32_t first, count;
};

// Memory for a path that is cut often. Kinked scores and data far from unit size take some 100 pieces and 1100 terms.
struct NoiseRoom {
  static constexpr uint32_t most_pieces = 128, most_terms = 1536, most_step_terms = 384;
  NoisePiece pieces[most_pieces];
  NoiseTerm terms[most_terms];
  NoiseTerm step[most_step_terms];
};

class NoisePath {
 public:
  // Before the first use. The room belongs to the caller and outlives the path.
  HD void set_room(NoiseRoom* room) { room_ = room; }
  HD NoiseRoom* room() const { return room_; }

  HD void reset() {
    next_node_ = 1;  // node 0 is the prior
    depth_ = taken_ = used_ = 0;
    in_room_ = false;
    clear_step();
  }

  // The increment of the step being tried.
  HD const NoiseTerm* step() const { return in_room_ ? room_->step : near_step_; }
  HD uint32_t step_count() const { return step_count_; }
  HD double step_length() const { return step_length_; }

  // For the prior, which is a step of its own.
  HD void set_step(float coefficient, uint32_t node) {
    clear_step();
    add_to_step({coefficient, node});
  }

  // Makes the step the increment over the next `length`.
  HD_RARE void take(double length) {
    taken_ = 0;
    clear_step();
    while (length - step_length_ > 1e-9 * length) {
      const double need = length - step_length_;
      if (taken_ == depth_) extend(need);
      uint32_t next = depth_ - 1 - taken_;
      while (pieces()[next].length > 2 * length) next = split(next, 0.5);
      if (pieces()[next].length > need * (1 + 1e-9)) next = split(next, need / pieces()[next].length);
      const NoisePiece piece = pieces()[next];
      for (uint32_t i = 0; i < piece.count; ++i) add_to_step(terms()[piece.first + i]);
      step_length_ += piece.length;
      ++taken_;
    }
  }

  HD void accept() {
    for (; taken_ > 0; --taken_) used_ -= pieces()[--depth_].count;
    if (depth_ == 0 && step_count_ <= near_step_terms) leave_room();
  }

  // After a rejection, before the shorter step is taken.
  HD void reject(Noise noise) {
    taken_ = 0;
    if (noise == Noise::redraw) depth_ = used_ = 0;
  }

  // Noise::retain: the rejected step's normals, scaled to the new length.
  HD_RARE void retain(double length) {
    const float factor = static_cast<float>(sqrt(length / step_length_));
    depth_ = used_ = 0;
    make_space(none, 1, step_count_);
    NoiseTerm* step = step_terms();
    for (uint32_t i = 0; i < step_count_; ++i) {
      step[i].coefficient *= factor;
      terms()[i] = step[i];
    }
    pieces()[0] = {length, 0, step_count_};
    used_ = step_count_;
    step_length_ = length;
    depth_ = taken_ = 1;
  }

  HD uint32_t depth() const { return depth_; }
  HD uint32_t terms_used() const { return used_; }

 private:
  static constexpr uint32_t near_pieces = 2, near_terms = 6, near_step_terms = 4;
  static constexpr uint32_t longest_list = 64;
  static constexpr uint32_t none = ~0u;

  HD NoisePiece* pieces() { return in_room_ ? room_->pieces : near_pieces_; }
  HD NoiseTerm* terms() { return in_room_ ? room_->terms : near_terms_; }
  HD NoiseTerm* step_terms() { return in_room_ ? room_->step : near_step_; }

  HD void clear_step() {
    step_length_ = 0;
    step_count_ = 0;
  }

  HD_RARE void add_to_step(NoiseTerm term) {
    NoiseTerm* step = step_terms();
    for (uint32_t i = 0; i < step_count_; ++i) {
      if (step[i].node == term.node) {
        step[i].coefficient += term.coefficient;
        return;
      }
    }
    if (!in_room_ && step_count_ == near_step_terms) {
      enter_room();
      step = step_terms();
    }
    if (step_count_ == NoiseRoom::most_step_terms) drop_smallest(step, step_count_);
    step[step_count_++] = term;
  }

  HD_RARE void enter_room() {
    for (uint32_t i = 0; i < depth_; ++i) room_->pieces[i] = near_pieces_[i];
    for (uint32_t i = 0; i < used_; ++i) room_->terms[i] = near_terms_[i];
    for (uint32_t i = 0; i < step_count_; ++i) room_->step[i] = near_step_[i];
    in_room_ = true;
  }

  // With nothing ahead, and a step short enough.
  HD void leave_room() {
    if (!in_room_) return;
    for (uint32_t i = 0; i < step_count_; ++i) near_step_[i] = room_->step[i];
    in_room_ = false;
  }

  // A new piece beyond the last, with a node of its own.
  HD void extend(double length) {
    make_space(none, depth_ + 1, used_ + 1);
    open_gap(0, 1);
    pieces()[0].length = length;
    terms()[0] = {static_cast<float>(sqrt(length)), next_node_++};
  }

  // Bridges the piece at q of its length. Returns where the earlier part is; the later one is just below.
  HD_RARE uint32_t split(uint32_t index, double q) {
    if (pieces()[index].count >= longest_list) shorten(index);
    index = make_space(index, depth_ + 1, used_ + pieces()[index].count + 2);
    const NoisePiece whole = pieces()[index];
    const uint32_t count = whole.count, node = next_node_++;
    const float bridge = static_cast<float>(sqrt(q * (1 - q) * whole.length));
    open_gap(index + 1, count + 1);  // of the earlier part
    lengthen(index);
    NoisePiece &later = pieces()[index], &earlier = pieces()[index + 1];
    earlier.length = q * whole.length;
    later.length = whole.length - earlier.length;
    for (uint32_t i = 0; i < count; ++i) {
      const NoiseTerm term = terms()[later.first + i];
      terms()[earlier.first + i] = {static_cast<float>(q) * term.coefficient, term.node};
      terms()[later.first + i].coefficient = static_cast<float>(1 - q) * term.coefficient;
    }
    terms()[earlier.first + count] = {bridge, node};
    terms()[later.first + count] = {-bridge, node};
    return index + 1;
  }

  // Makes sure of memory for so many pieces and terms. Returns where piece `index` is then; `none` is no piece.
  HD_RARE uint32_t make_space(uint32_t index, uint32_t pieces_wanted, uint32_t terms_wanted) {
    if (!in_room_ && (pieces_wanted > near_pieces || terms_wanted > near_terms)) enter_room();
    if (!in_room_) return index;
    while (pieces_wanted > NoiseRoom::most_pieces || terms_wanted > NoiseRoom::most_terms) {
      const uint32_t before = used_;
      const uint32_t taken_from = depth_ - taken_;
      if (index != none ? index >= 2 : taken_ == 0) {  // what lies farthest ahead
        join(0);
        if (index != none) --index;
        --pieces_wanted;
      } else if (taken_ >= 2) {  // all of it is in the step that is being made
        join(taken_from);
        --taken_;
        --pieces_wanted;
      } else {
        shorten(longest());
      }
      terms_wanted -= before - used_;
    }
    return index;
  }

  // Room for a piece of `count` terms at `index`: all pieces from there on move up. The caller fills it.
  HD_RARE void open_gap(uint32_t index, uint32_t count) {
    const uint32_t first = index == depth_ ? used_ : pieces()[index].first;
    for (uint32_t i = used_; i > first; --i) terms()[i - 1 + count] = terms()[i - 1];
    for (uint32_t i = depth_; i > index; --i) {
      pieces()[i] = pieces()[i - 1];
      pieces()[i].first += count;
    }
    pieces()[index].first = first;
    pieces()[index].count = count;
    used_ += count;
    ++depth_;
  }

  // One more term for a piece, at its end.
  HD void lengthen(uint32_t index) {
    const uint32_t end = pieces()[index].first + pieces()[index].count;
    for (uint32_t i = used_; i > end; --i) terms()[i] = terms()[i - 1];
    for (uint32_t i = index + 1; i < depth_; ++i) ++pieces()[i].first;
    ++pieces()[index].count;
    ++used_;
  }

  // One term less.
  HD void close(uint32_t index) {
    const uint32_t end = pieces()[index].first + pieces()[index].count;
    for (uint32_t i = end; i < used_; ++i) terms()[i - 1] = terms()[i];
    for (uint32_t i = index + 1; i < depth_; ++i) --pieces()[i].first;
    --pieces()[index].count;
    --used_;
  }

  // Piece `index` and the one before it in time become one; terms of the same node are added up.
  HD_RARE void join(uint32_t index) {
    const uint32_t first = pieces()[index].first, middle = pieces()[index + 1].first;
    const uint32_t end = middle + pieces()[index + 1].count;
    uint32_t count = middle;
    for (uint32_t i = middle; i < end; ++i) {
      const NoiseTerm term = terms()[i];
      uint32_t at = first;
      while (at < count && terms()[at].node != term.node) ++at;
      if (at < count) {
        terms()[at].coefficient += term.coefficient;
      } else {
        terms()[count++] = term;
      }
    }
    const uint32_t less = end - count;
    for (uint32_t i = end; i < used_; ++i) terms()[i - less] = terms()[i];
    pieces()[index].length += pieces()[index + 1].length;
    pieces()[index].count = count - first;
    for (uint32_t i = index + 1; i + 1 < depth_; ++i) {
      pieces()[i] = pieces()[i + 1];
      pieces()[i].first -= less;
    }
    used_ -= less;
    --depth_;
    while (pieces()[index].count > longest_list) shorten(index);
  }

  HD void shorten(uint32_t index) {
    uint32_t count = pieces()[index].count;
    drop_smallest(terms() + pieces()[index].first, count);
    close(index);
  }

  HD uint32_t longest() {
    uint32_t index = 0;
    for (uint32_t i = 1; i < depth_; ++i) {
      if (pieces()[i].count > pieces()[index].count) index = i;
    }
    return index;
  }

  // Takes the smallest term out of a list; the others grow so that the variance stays. The order stays too.
  HD_RARE static void drop_smallest(NoiseTerm* list, uint32_t& count) {
    uint32_t smallest = 0;
    double variance = 0;
    for (uint32_t i = 0; i < count; ++i) {
      const double coefficient = list[i].coefficient;
      variance += coefficient * coefficient;
      if (coefficient * coefficient < static_cast<double>(list[smallest].coefficient) * list[smallest].coefficient) {
        smallest = i;
      }
    }
    const double share = static_cast<double>(list[smallest].coefficient) * list[smallest].coefficient / variance;
    const float growth = static_cast<float>(1 / sqrt(1 - share));
    for (uint32_t i = smallest; i + 1 < count; ++i) list[i] = list[i + 1];
    --count;
    for (uint32_t i = 0; i < count; ++i) list[i].coefficient *= growth;
  }

  uint32_t next_node_ = 1;
  uint32_t depth_ = 0;  // pieces ahead; the last is next in time
  uint32_t taken_ = 0;  // of these, in the step being tried
  uint32_t used_ = 0;   // terms of the pieces, in their order
  uint32_t step_count_ = 0;
  bool in_room_ = false;
  double step_length_ = 0;
  NoiseRoom* room_ = nullptr;
  NoisePiece near_pieces_[near_pieces];
  NoiseTerm near_terms_[near_terms];
  NoiseTerm near_step_[near_step_terms];
};

}  // namespace fast_sde
