#include "seats.hpp"

#include <algorithm>

#include "../../paths/noise.hpp"

namespace fast_sde {

int64_t most_seats(const paths::PathJob& job) {
  constexpr int64_t most = 4096, least = 16, numbers = int64_t{1} << 18, pieces = int64_t{1} << 26;
  const paths::Equations& of = job.equations;
  const int64_t a_row = std::max<int64_t>({of.states, of.drift.outputs, of.diffusion.outputs});
  const int64_t a_path = static_cast<int64_t>(std::min<uint64_t>(job.cells, most)) + paths::Pieces::depth;
  const int64_t a_piece = paths::Pieces::size(of.noises, true);
  const auto wanted = static_cast<int64_t>(std::min<uint64_t>(job.count, most) + least - 1);
  return std::clamp(std::min({numbers / a_row, pieces / a_path / a_piece, wanted}) / least * least, least, most);
}

Seats::Seats(int states, int lanes) : states_(states), positions_(static_cast<size_t>(lanes), nobody) {}
Seats::~Seats() = default;

void Seats::take(int lane, uint64_t position) { positions_[static_cast<size_t>(lane)] = position; }
void Seats::leave(int lane) { positions_[static_cast<size_t>(lane)] = nobody; }

void Seats::ask(OutsideFunction& function, int outputs, const double* x, const double* t, double* out) {
  ask_in(function, outputs, x, t, out);
}

void Seats::ask(OutsideFunction& function, int outputs, const float* x, const float* t, float* out) {
  ask_in(function, outputs, x, t, out);
}

template <class Real>
void Seats::ask_in(OutsideFunction& function, int outputs, const Real* x, const Real* t, Real* out) {
  const size_t lanes = positions_.size(), states = static_cast<size_t>(states_), width = static_cast<size_t>(outputs);
  asked_.clear();
  rows_.clear();
  for (size_t lane = 0; lane < lanes; ++lane) {
    if (positions_[lane] == nobody) continue;
    asked_.push_back(lane);
    rows_.push_back(positions_[lane]);
  }
  const size_t rows = asked_.size();
  std::fill_n(out, width * lanes, Real(0));
  if (rows == 0) return;
  x_.resize(rows * states);
  t_.resize(rows);
  out_.resize(rows * width);
  for (size_t row = 0; row < rows; ++row) {
    const size_t lane = asked_[row];
    for (size_t i = 0; i < states; ++i) x_[row * states + i] = static_cast<double>(x[i * lanes + lane]);
    t_[row] = static_cast<double>(t[lane]);
  }
  function.answer({static_cast<int64_t>(rows), x_.data(), t_.data(), rows_.data()}, out_.data());
  for (size_t row = 0; row < rows; ++row) {
    const size_t lane = asked_[row];
    for (size_t k = 0; k < width; ++k) out[k * lanes + lane] = static_cast<Real>(out_[row * width + k]);
  }
}

}  // namespace fast_sde
