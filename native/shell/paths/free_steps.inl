// Steps of each path's own: chosen by its error, or cut to hit a time. Lanes that are done take another path. Internal
// to the file that includes it.

#include <memory>
#include <vector>

#include "../../paths/free_path.hpp"
#include "chunk.inl"

namespace fast_sde::cpu {
namespace {

template <class Real>
class FreeSteps {
 public:
  explicit FreeSteps(PathChunk<Real>& chunk)
      : c_(chunk),
        job_(chunk.job),
        levels_(chunk.levels),
        room_(std::make_unique_for_overwrite<double[]>(static_cast<size_t>(piece_room() * chunk.lanes))),
        increment_(static_cast<size_t>(levels_)),
        errors_(static_cast<size_t>(chunk.lanes)),
        inside_(static_cast<size_t>(chunk.lanes)),
        before_(static_cast<size_t>(2 * job_.event_count * chunk.lanes)),
        after_(static_cast<size_t>(job_.event_count * chunk.lanes)),
        shares_(static_cast<size_t>(job_.event_count)),
        row_(static_cast<size_t>(chunk.states)),
        W_(static_cast<size_t>(chunk.noises * chunk.lanes)) {
    lanes_.reserve(static_cast<size_t>(chunk.lanes));
    for (int lane = 0; lane < chunk.lanes; ++lane) {
      lanes_.emplace_back(
          paths::Pieces(room_.get() + piece_room() * lane, paths::piece_capacity(job_), chunk.noises, levy_area()));
      rest(lane);
    }
  }

  void run(const std::atomic<bool>& stop) {
    for (uint64_t round = 0; !stop; ++round) {
      // A path begins where a block of four nodes does, so that all lanes are at the same node of theirs; one that goes
      // on waits for the node it had come to.
      if (round % 4 == 0) {
        fill_lanes();
        for (int lane = 0; lane < c_.lanes; ++lane) {
          c_.words.block[lane] = static_cast<uint32_t>(lanes_[lane].attempts / 4);
        }
        c_.fill_normals(2 * static_cast<uint32_t>(c_.noises), {1, 1});
      }
      if (under_way_ == 0) {
        if (next_ == c_.count) return;
        continue;
      }
      for (int lane = 0; lane < c_.lanes; ++lane) {
        if (steps(lane, round)) propose(lane, c_.normals_of(round) + lane);
      }
      c_.tell_events();
      look_at_events(c_.x, before_, 2);
      c_.step();
      measure();
      look_ahead();
      for (int lane = 0; lane < c_.lanes; ++lane) {
        if (steps(lane, round)) decide(lane);
      }
    }
  }

 private:
  struct Lane : paths::FreePath {
    explicit Lane(paths::Pieces pieces) : pieces(pieces) {}
    int64_t position = -1;  // of its path; -1: none
    paths::Pieces pieces;
  };

  bool steps(int lane, uint64_t round) const {
    const Lane& of = lanes_[static_cast<size_t>(lane)];
    return of.position >= 0 && of.attempts % 4 == round % 4;
  }

  bool levy_area() const { return c_.levels > c_.noises; }
  int64_t piece_room() const { return paths::piece_room(job_, c_.noises, levy_area()); }

  void fill_lanes() {
    for (int lane = 0; lane < c_.lanes && next_ < c_.count; ++lane) {
      Lane& of = lanes_[lane];
      if (of.position >= 0) continue;
      of.pieces.clear();
      of.position = next_++;
      static_cast<paths::FreePath&>(of) =
          paths::path_that_begins(job_, c_.first_position + static_cast<uint64_t>(of.position));
      c_.begin(lane, of.position);
      c_.leave(lane);  // nothing is asked of it before its first step
      c_.begin_W(lane, of.position, W_.data());
      for (int k = 0; k < job_.event_count; ++k) {
        c_.out.event_counts[of.position * job_.event_count + k] = 0;
        c_.out.event_times[of.position * job_.event_count + k] = std::numeric_limits<double>::quiet_NaN();
      }
      if (c_.ended_before(lane, of.position, W_.data())) {
        rest(lane);
        --lane;  // which takes another path
        continue;
      }
      ++under_way_;
    }
  }

  // A lane without a path takes steps of nothing.
  void rest(int lane) {
    lanes_[lane].position = -1;
    c_.leave(lane);
    for (int i = 0; i < c_.states; ++i) c_.x[i * c_.lanes + lane] = static_cast<Real>(job_.x0[i]);
    for (int k = 0; k < c_.levels; ++k) c_.noise[k * c_.lanes + lane] = 0;
    for (int k = 0; k < job_.equations.params; ++k)
      c_.params[k * c_.lanes + lane] = static_cast<Real>(job_.params[k][0]);
    c_.t[lane] = static_cast<Real>(job_.t0);
    c_.h[lane] = 0;
  }

  void end(int lane, PathStatus status) {
    const Lane& of = lanes_[lane];
    c_.finish(of.position, status, of.accepted, of.rejected, of.t, of.next_save);
    if (c_.out.next != nullptr) c_.out.next[of.position] = {of.proposed, of.memory};
    rest(lane);
    --under_way_;
  }

  void propose(int lane, const Real* normals) {
    Lane& of = lanes_[lane];
    auto fresh = [&](int level) { return static_cast<double>(normals[int64_t{level} * c_.lanes]); };
    const PathStatus status =
        paths::propose<Real>(job_, c_.path_at(of.position), of, of.pieces, levels_, increment_.data(), fresh);
    if (status != PathStatus::success) return end(lane, status);
    c_.seat(lane, c_.first_position + static_cast<uint64_t>(of.position));
    c_.t[lane] = static_cast<Real>(of.t);
    c_.h[lane] = static_cast<Real>(of.h);
    for (int level = 0; level < levels_; ++level) {
      c_.noise[int64_t{level} * c_.lanes + lane] = static_cast<Real>(increment_[static_cast<size_t>(level)]);
    }
  }

  // errors_: of each lane's step, in units of what is allowed; NaN where it has no number for a state.
  void measure() {
    const int lanes = c_.lanes;
    double* sums = errors_.data();
    std::fill_n(sums, lanes, 0.0);
    const auto rtol = static_cast<Real>(job_.control.rtol), atol = static_cast<Real>(job_.control.atol);
    const bool estimates = job_.steps == 0;
    const Norm norm = job_.control.norm;
    for (int i = 0; i < c_.states; ++i) {
      const Real *x = c_.x + i * lanes, *next = c_.next_x + i * lanes, *error = c_.error + i * lanes;
      LANES_ARE_INDEPENDENT
      for (int lane = 0; lane < lanes; ++lane) {
        const double term = paths::error_term(x[lane], next[lane], error[lane], estimates, rtol, atol);
        sums[lane] = paths::with_term(sums[lane], term, norm);
      }
    }
    for (int lane = 0; lane < lanes; ++lane) sums[lane] = paths::norm_of_terms(sums[lane], c_.states, norm);
  }

  // e of each event, and with two rows its variance: [events, rows, lanes].
  void look_at_events(const Real* states, std::vector<Real>& into, int rows) {
    const size_t size = static_cast<size_t>(rows) * static_cast<size_t>(c_.lanes);
    for (int k = 0; k < job_.event_count; ++k) {
      const Real* found = c_.evaluate(job_.events[k].function, states, c_.t);
      std::copy_n(found, size, into.data() + static_cast<size_t>(k) * size);
    }
  }

  // Where the steps' ends lie: within the domain or not, on which side of the events' levels.
  void look_ahead() {
    const ProgramView& domain = job_.equations.domain;
    if (domain.outputs == 0 && job_.event_count == 0) return;
    for (int lane = 0; lane < c_.lanes; ++lane) c_.t[lane] += c_.h[lane];
    look_at_events(c_.next_x, after_, 1);
    if (domain.outputs == 0) return;
    const Real* conditions = c_.evaluate(domain, c_.next_x, c_.t);
    for (int lane = 0; lane < c_.lanes; ++lane) {
      uint8_t inside = 1;
      for (int k = 0; k < domain.outputs; ++k) inside &= conditions[k * c_.lanes + lane] != 0 ? 1 : 0;
      inside_[static_cast<size_t>(lane)] = inside;
    }
  }

  void decide(int lane) {
    Lane& of = lanes_[lane];
    const double error = errors_[static_cast<size_t>(lane)];
    const bool inside = job_.equations.domain.outputs == 0 || inside_[static_cast<size_t>(lane)] != 0;
    if (!paths::keeps(job_, of, error, inside)) {
      if (job_.steps > 0) end(lane, of.fault);
      return;
    }
    if (job_.event_count > 0 && ends_in_event(lane, of)) return;
    accept(lane, of, error);
    while (paths::is_at_save(job_, of)) c_.save(lane, of.position, of.next_save++, W_.data());
    if (of.next_save == job_.save_count) end(lane, PathStatus::success);
  }

  // Notes the events of a step that is kept, and ends the path where one of them does.
  bool ends_in_event(int lane, Lane& of) {
    const auto lanes = static_cast<size_t>(c_.lanes), at = static_cast<size_t>(lane);
    auto values = [&](int k) {
      const auto event = static_cast<size_t>(k);
      return paths::EventValues{static_cast<double>(before_[2 * event * lanes + at]),
                                static_cast<double>(before_[(2 * event + 1) * lanes + at]),
                                static_cast<double>(after_[event * lanes + at])};
    };
    const int64_t row = of.position * job_.event_count;
    const double share = paths::note_events(job_, of, c_.path_at(of.position), values, shares_.data(),
                                            c_.out.event_times + row, c_.out.event_counts + row);
    if (share > 1) return false;
    for (int i = 0; i < c_.states; ++i) {
      Real& x = c_.x[i * c_.lanes + lane];
      x = x + static_cast<Real>(share) * (c_.next_x[i * c_.lanes + lane] - x);
    }
    ++of.accepted;
    of.t += share * of.h;
    c_.save_rest(lane, of.position, of.next_save, W_.data());
    of.next_save = job_.save_count;
    end(lane, PathStatus::event);
    return true;
  }

  void accept(int lane, Lane& of, double error) {
    paths::advance(job_, of, of.pieces, error);
    for (int i = 0; i < c_.states; ++i) c_.x[i * c_.lanes + lane] = c_.next_x[i * c_.lanes + lane];
    for (int j = 0; j < c_.noises; ++j) W_[j * c_.lanes + lane] += static_cast<double>(c_.noise[j * c_.lanes + lane]);
    if (job_.trace == nullptr) return;
    for (int i = 0; i < c_.states; ++i) row_[i] = static_cast<double>(c_.x[i * c_.lanes + lane]);
    job_.trace->step(c_.first_position + static_cast<uint64_t>(of.position), of.t, row_.data());
  }

  PathChunk<Real>& c_;
  const PathJob& job_;
  const int levels_;
  std::unique_ptr<double[]> room_;  // of the lanes' pieces; most of it is never touched
  std::vector<double> increment_, errors_;
  std::vector<uint8_t> inside_;
  std::vector<Real> before_, after_;  // of events: [events, 2, lanes] at the step's begin, [events, lanes] at its end
  std::vector<double> shares_;        // of the step, at which each event comes; 2: not in it
  std::vector<double> row_;
  std::vector<double> W_;
  std::vector<Lane> lanes_;
  int64_t next_ = 0;  // position of the next path to begin
  int under_way_ = 0;
};

}  // namespace
}  // namespace fast_sde::cpu
