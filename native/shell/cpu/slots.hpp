// The slots of a job and their rows in memory. All of it is made once; the requests lie one after the other, so that
// the network reads them where they are.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "aligned.hpp"
#include "kernels.hpp"

namespace fast_sde::cpu {

class Slots {
 public:
  Slots(int64_t count, int64_t elements, const SolverFacts& solver)
      : elements_(elements),
        solver_(solver),
        slots_(count),
        rooms_(count),
        x_(solver.state_is_request ? 0 : count * elements),
        requests_(count * elements),
        answers_(count * elements),
        more_(count * elements * more()) {
    // Now, not in the first pass: its pages are taken once, and a call may have more rows than there are requests yet.
    for (Aligned<float>* rows : {&x_, &requests_, &answers_, &more_}) std::fill_n(rows->data(), rows->count(), 0.0f);
    for (int64_t i = 0; i < count; ++i) slots_[i].path.set_room(rooms_.data() + i);
  }

  Slot& operator[](int64_t i) { return slots_[i]; }
  float* requests() { return requests_.data(); }
  float* answers() { return answers_.data(); }
  const float* x(int64_t i) { return states() + i * elements_; }

  SlotRows rows(int64_t i) {
    SlotRows rows{
        states() + i * elements_, requests_.data() + i * elements_, answers_.data() + i * elements_, {}, nullptr};
    float* own = more_.data() + i * more() * elements_;
    for (int k = 0; k < solver_.extras; ++k) rows.extra[k] = own + k * elements_;
    if (solver_.keeps_noise) rows.noise = own + solver_.extras * elements_;
    return rows;
  }

  // The request row of `from` once more in row `to`.
  void repeat_request(int64_t from, int64_t to) { copy_row(requests_.data(), elements_, from, to); }

  // Slot `from` takes the place of slot `to`, which is done. Answers are not kept: there is none pending.
  void move(int64_t from, int64_t to) {
    if (from == to) return;
    std::swap(slots_[to], slots_[from]);  // with their rooms
    if (!solver_.state_is_request) copy_row(x_.data(), elements_, from, to);
    copy_row(requests_.data(), elements_, from, to);
    copy_row(more_.data(), elements_ * more(), from, to);
  }

 private:
  static void copy_row(float* rows, int64_t size, int64_t from, int64_t to) {
    std::copy_n(rows + from * size, size, rows + to * size);
  }

  // Rows a slot has besides state, request and answer: the solver's own, then the noise where it is kept.
  int64_t more() const { return solver_.extras + (solver_.keeps_noise ? 1 : 0); }
  float* states() { return solver_.state_is_request ? requests_.data() : x_.data(); }

  int64_t elements_;
  const SolverFacts& solver_;
  std::vector<Slot> slots_;
  Aligned<NoiseRoom> rooms_;
  Aligned<float> x_, requests_, answers_, more_;
};

}  // namespace fast_sde::cpu
