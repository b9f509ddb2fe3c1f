// A slot's Brownian path, as far as it is fixed ahead of the time reached. It holds no noise, only how the increments
// are made of counter-based normals: a piece is its length and a short list of (coefficient, node).
//
// A rejected step leaves its increment on the path. A shorter step then splits it by a Brownian bridge,
//   W(qL) = q W(L) + sqrt(q (1 - q) L) z,  the rest being (1 - q) W(L) - sqrt(q (1 - q) L) z,
// with a new node z. Pieces much longer than the step are halved first, so that a list grows with the logarithm of the
// cut, not with the number of steps that follow it.
#pragma once

#include <cmath>
#include <cstdint>

#include "hd.hpp"
#include "problem.hpp"

namespace fast_sde {

struct NoiseTerm {
  float coefficient;
  uint32_t node;
};

// A Brownian increment: the sum of coefficient * normal(node).
struct Increment {
  static constexpr uint32_t max_terms = 56;  // enough for a step a millionth as long as the rejected one
  double length = 0;
  uint32_t count = 0;
  NoiseTerm terms[max_terms];

  // Copies the terms in use: all of them are half a kilobyte, and on a device one thread does this.
  HD void assign(const Increment& other) {
    length = other.length;
    count = other.count;
    for (uint32_t i = 0; i < count; ++i) terms[i] = other.terms[i];
  }

  HD bool add(float coefficient, uint32_t node) {
    for (uint32_t i = 0; i < count; ++i) {
      if (terms[i].node == node) {
        terms[i].coefficient += coefficient;
        return true;
      }
    }
    if (count == max_terms) return false;
    terms[count++] = {coefficient, node};
    return true;
  }
};

struct NoisePath {
  static constexpr uint32_t max_pieces = 40;

  uint32_t next_node = 1;  // node 0 is the prior
  uint32_t depth = 0;      // pieces ahead; the last is next in time
  uint32_t taken = 0;      // of these, in the step being tried
  Increment step;          // the increment of the step being tried
  Increment ahead[max_pieces];

  HD void reset() {
    next_node = 1;
    depth = taken = 0;
    step.length = 0;
    step.count = 0;
  }

  // Sets `step` to the increment over the next h of time. False where the path has been cut too finely to hold.
  HD bool take(double h) {
    taken = 0;
    step.length = 0;
    step.count = 0;
    while (h - step.length > 1e-9 * h) {
      double need = h - step.length;
      if (taken == depth && !extend(need)) return false;
      uint32_t next = depth - 1 - taken;
      while (ahead[next].length > 2 * h) {
        if (!split(next, 0.5)) return false;
        ++next;
      }
      if (ahead[next].length > need * (1 + 1e-9)) {
        if (!split(next, need / ahead[next].length)) return false;
        ++next;
      }
      const Increment& piece = ahead[next];
      for (uint32_t i = 0; i < piece.count; ++i) {
        if (!step.add(piece.terms[i].coefficient, piece.terms[i].node)) return false;
      }
      step.length += piece.length;
      ++taken;
    }
    return true;
  }

  HD void accept() {
    depth -= taken;
    taken = 0;
  }

  // After a rejection, before the shorter step is taken.
  HD void reject(Noise noise) {
    taken = 0;
    if (noise == Noise::redraw) depth = 0;
  }

  // Noise::retain: the rejected step's normals, scaled to the new length.
  HD void retain(double h) {
    float factor = static_cast<float>(sqrt(h / step.length));
    for (uint32_t i = 0; i < step.count; ++i) step.terms[i].coefficient *= factor;
    step.length = h;
    ahead[0].assign(step);
    depth = taken = 1;
  }

 private:
  // A new piece beyond the last, with a node of its own.
  HD bool extend(double length) {
    if (!make_room(0)) return false;
    ahead[0].length = length;
    ahead[0].count = 0;
    return ahead[0].add(static_cast<float>(sqrt(length)), next_node++);
  }

  // Pieces `index` and later in memory (earlier in time) move up by one; what is left at `index` is to be overwritten.
  HD bool make_room(uint32_t index) {
    if (depth == max_pieces) return false;
    for (uint32_t i = depth; i > index; --i) ahead[i].assign(ahead[i - 1]);
    ++depth;
    return true;
  }

  // Bridges piece `index` at q of its length: the earlier part is then at index + 1, the later one at index.
  HD bool split(uint32_t index, double q) {
    if (!make_room(index + 1)) return false;
    Increment &later = ahead[index], &earlier = ahead[index + 1];
    const double length = later.length;
    const float bridge = static_cast<float>(sqrt(q * (1 - q) * length));
    earlier.length = q * length;
    later.length = length - earlier.length;
    earlier.count = later.count;
    for (uint32_t i = 0; i < later.count; ++i) {
      const float whole = later.terms[i].coefficient;
      earlier.terms[i] = {static_cast<float>(q) * whole, later.terms[i].node};
      later.terms[i].coefficient = static_cast<float>(1 - q) * whole;
    }
    const uint32_t node = next_node++;
    return earlier.add(bridge, node) && later.add(-bridge, node);
  }
};

}  // namespace fast_sde
