// The slots of a run and their rows in memory. All of it is made once; the requests lie one after the other, so that
// the network reads them where they are.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "../core/slot.hpp"
#include "../shell/cpu/kernels.hpp"
#include "../solver/list.hpp"

namespace fast_sde {

// Floats on a 64-byte boundary, zero at first.
class Floats {
 public:
  explicit Floats(int64_t count) {
    size_t bytes = (static_cast<size_t>(count) * sizeof(float) + 63) / 64 * 64;
    data_.reset(static_cast<float*>(std::aligned_alloc(64, bytes == 0 ? 64 : bytes)));
    if (data_ == nullptr) throw std::bad_alloc();
    std::fill_n(data_.get(), count, 0.0f);
  }
  float* data() { return data_.get(); }

 private:
  struct Free {
    void operator()(float* p) const { std::free(p); }
  };
  std::unique_ptr<float, Free> data_;
};

class Slots {
 public:
  Slots(int64_t count, int64_t elements, SolverKind solver)
      : elements_(elements),
        extras_(with_solver(solver, []<class Solver>(Solver) { return Solver::extras; })),
        keeps_noise_(with_solver(solver, []<class Solver>(Solver) { return uses_noise_again<Solver>(); })),
        slots_(count),
        x_(count * elements),
        requests_(count * elements),
        answers_(count * elements),
        more_(count * elements * more()) {}

  Slot& operator[](int64_t i) { return slots_[i]; }
  float* requests() { return requests_.data(); }
  float* answers() { return answers_.data(); }
  const float* x(int64_t i) { return x_.data() + i * elements_; }

  cpu::SlotRows rows(int64_t i) {
    cpu::SlotRows rows{
        x_.data() + i * elements_, requests_.data() + i * elements_, answers_.data() + i * elements_, {}, nullptr};
    float* own = more_.data() + i * more() * elements_;
    for (int k = 0; k < extras_; ++k) rows.extra[k] = own + k * elements_;
    if (keeps_noise_) rows.noise = own + extras_ * elements_;
    return rows;
  }

  // The request row of `from` once more in row `to`.
  void repeat_request(int64_t from, int64_t to) {
    std::copy_n(requests_.data() + from * elements_, elements_, requests_.data() + to * elements_);
  }

  // Slot `from` takes the place of slot `to`, which is done. Answers are not kept: there is none pending.
  void move(int64_t from, int64_t to) {
    if (from == to) return;
    slots_[to] = slots_[from];
    std::copy_n(x_.data() + from * elements_, elements_, x_.data() + to * elements_);
    std::copy_n(requests_.data() + from * elements_, elements_, requests_.data() + to * elements_);
    int64_t size = elements_ * more();
    std::copy_n(more_.data() + from * size, size, more_.data() + to * size);
  }

 private:
  // Rows a slot has besides state, request and answer: the solver's own, then the noise where it is kept.
  int64_t more() const { return extras_ + (keeps_noise_ ? 1 : 0); }

  int64_t elements_;
  int extras_;
  bool keeps_noise_;
  std::vector<Slot> slots_;
  Floats x_, requests_, answers_, more_;
};

}  // namespace fast_sde
