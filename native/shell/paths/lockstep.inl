// Equal steps: all lanes at one time, each step a cell of the noise or several. Internal to the file that includes it.

#include <vector>

#include "../../paths/equal_steps.hpp"
#include "chunk.inl"

namespace fast_sde::cpu {
namespace {

template <class Real>
class Lockstep {
 public:
  explicit Lockstep(PathChunk<Real>& chunk)
      : c_(chunk),
        job_(chunk.job),
        cells_a_step_(job_.cells == 0 ? 1 : job_.cells / job_.steps),
        tells_time_(job_.equations.drift.uses_time || job_.equations.diffusion.uses_time ||
                    job_.equations.milstein.uses_time),
        joined_(chunk.noise),
        ended_(static_cast<size_t>(chunk.lanes)),
        W_(chunk.out.W == nullptr ? 0 : static_cast<size_t>(chunk.noises * chunk.lanes)) {}

  void run(const std::atomic<bool>& stop) {
    for (int64_t at = 0; at < c_.count && !stop; at += c_.lanes) solve(at, stop);
    c_.noise = joined_;
  }

 private:
  void solve(int64_t at, const std::atomic<bool>& stop) {
    const int used = static_cast<int>(std::min<int64_t>(c_.lanes, c_.count - at));
    std::fill(ended_.begin(), ended_.end(), uint8_t{0});
    for (int lane = 0; lane < c_.lanes; ++lane) {
      const int64_t position = at + std::min(lane, used - 1);
      c_.begin(lane, position);
      if (!W_.empty()) c_.begin_W(lane, position, W_.data());
      if (lane < used && c_.ended_before(lane, position, W_.data())) ended_[static_cast<size_t>(lane)] = 1;
      if (lane >= used || ended_[static_cast<size_t>(lane)] != 0) c_.leave(lane);
    }
    std::fill_n(c_.h, c_.lanes, static_cast<Real>(job_.step_length()));
    int64_t save = 0;
    uint64_t next_save = paths::step_that_ends_at(job_, job_.saves[0]);
    for (uint64_t k = 0; k < job_.steps; ++k) {
      if (stop) return;
      if (tells_time_) std::fill_n(c_.t, c_.lanes, static_cast<Real>(job_.time_of(k)));
      take_noise(k);
      c_.step();
      std::swap(c_.x, c_.next_x);
      for (size_t i = 0; i < W_.size(); ++i) W_[i] += static_cast<double>(c_.noise[i]);
      const bool saves = k + 1 == next_save;
      if (saves || k % 4 == 3) end_what_is_not_finite(at, used, k, save);  // what is none stays none
      if (!saves) continue;
      for (int lane = 0; lane < used; ++lane) {
        if (ended_[static_cast<size_t>(lane)] == 0) c_.save(lane, at + lane, save, W_.data());
      }
      if (++save == job_.save_count) break;
      next_save = paths::step_that_ends_at(job_, job_.saves[save]);
    }
    for (int lane = 0; lane < used; ++lane) {
      if (ended_[static_cast<size_t>(lane)] != 0) continue;
      c_.finish(at + lane, PathStatus::success, next_save, 0, job_.time_of(next_save), job_.save_count);
    }
  }

  // Points chunk.noise to the increments of step k.
  void take_noise(uint64_t k) {
    const uint64_t first = job_.earlier.cells + k * cells_a_step_;
    if (cells_a_step_ == 1) {
      c_.noise = cell(first);
      return;
    }
    c_.noise = joined_;
    std::copy_n(cell(first), int64_t{c_.levels} * c_.lanes, joined_);
    for (uint64_t i = 1; i < cells_a_step_; ++i) append(static_cast<Real>(i), cell(first + i));
  }

  Real* cell(uint64_t node) {
    if (node % 4 == 0 || node == job_.earlier.cells) {
      std::fill_n(c_.words.block, c_.lanes, static_cast<uint32_t>(node / 4));
      c_.fill_normals(0, paths::noise_scale<Real>(job_.cells == 0 ? job_.step_length() : job_.cell_length()));
    }
    return c_.normals_of(node);
  }

  // To the `before` cells that are joined already: core/brownian.hpp's join, in units of a cell.
  void append(Real before, const Real* cell) {
    const int64_t size = int64_t{c_.noises} * c_.lanes;
    Real* W = joined_;
    if (c_.levels > c_.noises) {
      Real* H = joined_ + size;
      LANES_ARE_INDEPENDENT
      for (int64_t i = 0; i < size; ++i) H[i] = paths::joined_area(before, W[i], H[i], cell[i], cell[size + i]);
    }
    LANES_ARE_INDEPENDENT
    for (int64_t i = 0; i < size; ++i) W[i] = W[i] + cell[i];
  }

  void end_what_is_not_finite(int64_t at, int used, uint64_t k, int64_t save) {
    int wrong = 0;
    for (int64_t i = 0; i < int64_t{c_.states} * c_.lanes; ++i) wrong |= c_.x[i] - c_.x[i] != 0 ? 1 : 0;
    if (wrong == 0) return;
    for (int lane = 0; lane < used; ++lane) {
      bool finite = true;
      for (int i = 0; i < c_.states; ++i) finite = finite && is_finite(c_.x[i * c_.lanes + lane]);
      if (finite || ended_[static_cast<size_t>(lane)] != 0) continue;
      ended_[static_cast<size_t>(lane)] = 1;
      c_.leave(lane);
      c_.finish(at + lane, PathStatus::non_finite, k + 1, 0, job_.time_of(k + 1), save);
    }
  }

  PathChunk<Real>& c_;
  const PathJob& job_;
  const uint64_t cells_a_step_;
  const bool tells_time_;
  Real* const joined_;          // rows for cells that are joined
  std::vector<uint8_t> ended_;  // of each lane, 0 or 1
  std::vector<double> W_;       // [noises, lanes], where it is wanted
};

}  // namespace
}  // namespace fast_sde::cpu
