// Steps of each path's own: chosen by its error, or cut to hit a time. Lanes that are done take another path. Internal
// to the file that includes it.

#include <memory>
#include <vector>

#include "../../core/controller.hpp"
#include "../../paths/events.hpp"
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
      lanes_.emplace_back(paths::Pieces(room_.get() + piece_room() * lane, pieces(), chunk.noises, levy_area()));
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
  struct Lane {
    explicit Lane(paths::Pieces pieces) : pieces(pieces) {}
    int64_t position = -1;  // of its path; -1: none
    double t = 0;
    double proposed = 0;  // the step to try, before it is cut to hit a time
    double target = 0;    // where the step that is tried must not go beyond
    double h = 0;         // what is tried
    bool hits = false;    // the step ends at its target
    int64_t next_save = 0;
    uint64_t attempts = 0;                // of the path's life
    uint64_t accepted = 0, rejected = 0;  // in this run
    uint64_t cells = 0;                   // of the noise, that its pieces reach to
    uint64_t equal_steps = 0;             // that are over in this run, where steps are equal
    paths::Memory memory;
    PathStatus fault = PathStatus::success;  // why the last step could not be kept, besides its error
    paths::Pieces pieces;
  };

  bool steps(int lane, uint64_t round) const {
    const Lane& of = lanes_[static_cast<size_t>(lane)];
    return of.position >= 0 && of.attempts % 4 == round % 4;
  }

  bool levy_area() const { return c_.levels > c_.noises; }
  int pieces() const {
    constexpr uint64_t most = 4096;
    return paths::Pieces::depth + static_cast<int>(std::min(job_.cells, most));
  }
  int64_t piece_room() const { return (pieces() + 1) * paths::Pieces::size(c_.noises, levy_area()); }

  void fill_lanes() {
    for (int lane = 0; lane < c_.lanes && next_ < c_.count; ++lane) {
      Lane& of = lanes_[lane];
      if (of.position >= 0) continue;
      of.pieces.clear();
      of = Lane(of.pieces);
      of.position = next_++;
      of.t = job_.steps > 0 ? job_.time_of(0) : job_.t0;
      of.proposed = job_.control.h0;
      if (job_.goes_on()) go_on(of);
      c_.begin(lane, of.position);
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

  void go_on(Lane& of) {
    const uint64_t row = c_.first_position + static_cast<uint64_t>(of.position);
    of.attempts = static_cast<uint64_t>(job_.earlier.attempts[row]);
    of.cells = job_.earlier.cells;
    if (job_.steps > 0) return;
    of.proposed = job_.earlier.next[row].h;
    of.memory = job_.earlier.next[row].memory;
  }

  // A lane without a path takes steps of nothing.
  void rest(int lane) {
    lanes_[lane].position = -1;
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
    of.target = job_.saves[of.next_save];
    if (job_.steps > 0) {  // equal steps, cut where a time between their ends is to be saved
      const double end = job_.time_of(of.equal_steps + 1);
      if (end < of.target || same_time(end, of.target)) of.target = end;
      const bool whole = of.target == end && of.t == job_.time_of(of.equal_steps);
      of.proposed = whole ? job_.step_length() : of.target - of.t;
    }
    const double left = of.target - of.t;
    of.hits = job_.steps > 0 || !(of.proposed < left * (1 - 1e-10));
    of.h = of.hits && job_.steps == 0 ? left : of.proposed;
    auto fresh = [&](int level) { return static_cast<double>(normals[int64_t{level} * c_.lanes]); };
    auto add = [&](double* piece, double length) { add_piece(of, piece, length, fresh); };
    if (of.accepted + of.rejected >= job_.control.max_steps) return end(lane, PathStatus::max_steps);
    if (too_short(of.h, std::max(std::abs(of.t), std::abs(of.target))) ||
        !of.pieces.take(of.h, increment_.data(), increment_.data() + c_.noises, fresh, add)) {
      return end(lane, of.fault == PathStatus::success ? PathStatus::step_underflow : of.fault);
    }
    c_.t[lane] = static_cast<Real>(of.t);
    c_.h[lane] = static_cast<Real>(of.h);
    for (int level = 0; level < levels_; ++level) {
      c_.noise[int64_t{level} * c_.lanes + lane] = static_cast<Real>(increment_[static_cast<size_t>(level)]);
    }
  }

  // What follows all pieces that a path has: one of the length it needs, or the next cell.
  template <class Fresh>
  void add_piece(Lane& of, double* piece, double needed, Fresh fresh) {
    const bool cells = job_.cells > 0;
    piece[0] = cells ? job_.cell_length() : needed;
    const auto scale = paths::noise_scale<Real>(piece[0]);
    const uint64_t path = c_.path_at(of.position);
    for (int level = 0; level < levels_; ++level) {
      float four[4];
      if (cells) {
        paths::normals_of_block(job_.seed, path, static_cast<uint32_t>(level), static_cast<uint32_t>(of.cells / 4),
                                four);
      }
      const Real unit = cells ? static_cast<Real>(four[of.cells % 4]) : static_cast<Real>(fresh(level));
      piece[1 + level] = static_cast<double>((level < c_.noises ? scale.W : scale.H) * unit);
    }
    if (cells) ++of.cells;
  }

  // errors_: of each lane's step, in units of what is allowed; NaN where it has no number for a state.
  void measure() {
    const int lanes = c_.lanes;
    double* sums = errors_.data();
    std::fill_n(sums, lanes, 0.0);
    const auto rtol = static_cast<Real>(job_.control.rtol), atol = static_cast<Real>(job_.control.atol);
    const bool estimates = job_.steps == 0, rms = job_.control.norm == Norm::rms;
    for (int i = 0; i < c_.states; ++i) {
      const Real *x = c_.x + i * lanes, *y = c_.next_x + i * lanes, *error = c_.error + i * lanes;
      LANES_ARE_INDEPENDENT
      for (int lane = 0; lane < lanes; ++lane) {
        const Real before = x[lane] < 0 ? -x[lane] : x[lane], after = y[lane] < 0 ? -y[lane] : y[lane];
        Real share = y[lane] - y[lane];  // 0 or NaN
        if (estimates) share += error[lane] / (atol + rtol * (before > after ? before : after));
        const double term = static_cast<double>(share < 0 ? -share : share);
        sums[lane] = rms ? sums[lane] + term * term : !(term <= sums[lane]) ? term : sums[lane];
      }
    }
    if (!rms) return;
    for (int lane = 0; lane < lanes; ++lane) sums[lane] = std::sqrt(sums[lane] / c_.states);
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
    const bool equal = job_.steps > 0;
    ++of.attempts;
    of.fault = !is_finite(error)                                                              ? PathStatus::non_finite
               : job_.equations.domain.outputs > 0 && inside_[static_cast<size_t>(lane)] == 0 ? PathStatus::left_domain
                                                                                              : PathStatus::success;
    const bool sound = of.fault == PathStatus::success;
    if (equal && !sound) {
      ++of.rejected;
      of.t += of.h;
      return end(lane, of.fault);
    }
    const double factor = equal   ? 1
                          : sound ? paths::step_factor(job_.control, of.memory, error)
                                  : job_.control.factor_min;
    if (!sound || !(error <= 1)) {
      ++of.rejected;
      of.proposed = of.h * std::min(factor, 0.9);  // never the same step again
      return;
    }
    if (job_.event_count > 0 && crosses(lane, of)) return;
    accept(lane, of);
    if (equal) {
      if (of.t == job_.time_of(of.equal_steps + 1)) ++of.equal_steps;
    } else {
      const double next = of.h * factor;
      of.proposed = std::min(job_.control.h_max, of.t == of.target ? std::max(of.proposed, next) : next);
      paths::remember(of.memory, error);
    }
    while (of.next_save < job_.save_count && reached(of, job_.saves[of.next_save])) {
      c_.save(lane, of.position, of.next_save++, W_.data());
    }
    if (of.next_save == job_.save_count) end(lane, PathStatus::success);
  }

  static bool reached(const Lane& of, double time) { return !(time > of.t) || same_time(time, of.t); }

  // Notes the events of a step that is kept, up to the path's end in it. True where one of them ends the path.
  bool crosses(int lane, Lane& of) {
    const int lanes = c_.lanes;
    const uint64_t path = c_.path_at(of.position);
    double end_share = 2;
    for (int k = 0; k < job_.event_count; ++k) {
      shares_[static_cast<size_t>(k)] = 2;
      const paths::Event& event = job_.events[k];
      const Real a = before_[static_cast<size_t>(2 * k) * lanes + lane];
      const Real variance = before_[static_cast<size_t>(2 * k + 1) * lanes + lane];
      const Real b = after_[static_cast<size_t>(k) * lanes + lane];
      const Words words = paths::words_of_event(job_.seed, path, static_cast<uint32_t>(4 * c_.noises + k),
                                                static_cast<uint32_t>(of.attempts));
      const uint32_t all[] = {words.w0, words.w1, words.w2, words.w3};
      const paths::Crossing found = paths::crossing(a, b, variance, of.h, event.direction, all);
      if (!found.crossed) continue;
      shares_[static_cast<size_t>(k)] = found.share;
      if (event.ends) end_share = std::min(end_share, found.share);
    }
    for (int k = 0; k < job_.event_count; ++k) {
      const double share = shares_[static_cast<size_t>(k)];
      if (share > 1 || share > end_share) continue;
      const int64_t row = of.position * job_.event_count + k;
      if (c_.out.event_counts[row]++ == 0) c_.out.event_times[row] = of.t + share * of.h;
    }
    if (end_share > 1) return false;
    for (int i = 0; i < c_.states; ++i) {
      Real& x = c_.x[i * lanes + lane];
      x = x + static_cast<Real>(end_share) * (c_.next_x[i * lanes + lane] - x);
    }
    ++of.accepted;
    of.t += end_share * of.h;
    c_.save_rest(lane, of.position, of.next_save, W_.data());
    of.next_save = job_.save_count;
    end(lane, PathStatus::event);
    return true;
  }

  void accept(int lane, Lane& of) {
    of.pieces.accept();
    ++of.accepted;
    of.t = of.hits ? of.target : of.t + of.h;
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
