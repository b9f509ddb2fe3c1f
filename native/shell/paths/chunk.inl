// Paths side by side in lanes, in rows that stay in the first cache. Compiled for each instruction set; internal to its
// file.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "../../paths/job.hpp"
#include "../../paths/path.hpp"
#include "../../solver/paths/facts.hpp"
#include "../cpu/aligned.hpp"
#include "noise.inl"
#include "seats.hpp"

namespace fast_sde::cpu {
namespace {

using paths::PathJob;
using paths::PathRows;

// A type of this file, so that what is made for it is of this file's instruction set.
struct ChunkLanes : fast_sde::Chunk {
  Seats* seats;  // where functions outside are asked

  template <class Real>
  void ask(const ProgramView& program, const Real* x, const Real* t, Real* out) const {
    if (count() > 0) seats->ask(*program.outside, program.outputs, x, t, out);
  }
};

template <class Real>
using ChunkPath = paths::Path<Real, ChunkLanes>;

template <class Real>
struct PathSolver {
  paths::Facts facts;
  void (*step)(ChunkPath<Real>&);
};

// What a chunk's rows may take of the first two caches. Of ten states with ten noises 64 KiB are 7 % faster than 32,
// whose rows are short; 96 are slower again.
constexpr int64_t chunk_bytes = 64 << 10;

// Rows that a step takes, or a program that is no part of one. Measured by a step of no lane.
template <class Real>
int64_t scratch_of_programs(const PathJob& job, const PathSolver<Real>& solver) {
  paths::Arena<Real> arena{nullptr, 0, 0};
  ChunkPath<Real> path(job.equations, {{0}, nullptr}, {nullptr}, nullptr, nullptr, nullptr, {{nullptr}, {nullptr}},
                       {nullptr}, {nullptr}, job.numbers, true, arena);
  solver.step(path);
  int64_t most = std::max<int64_t>(arena.most, job.equations.domain.temporaries);
  for (int i = 0; i < job.event_count; ++i) most = std::max<int64_t>(most, job.events[i].function.temporaries);
  return most;
}

// Of the programs that are no part of a step.
inline int64_t outputs_of_programs(const PathJob& job) {
  return std::max(job.equations.domain.outputs, job.event_count > 0 ? 2 : 0);
}

// Rows of all lanes, and the steps and results of some of a job's paths: begin … begin + count - 1.
template <class Real>
struct PathChunk {
  PathChunk(const PathJob& job, const PathSolver<Real>& solver, uint64_t begin, int64_t count, const PathRows& out)
      : job(job),
        solver(solver),
        first_position(begin),
        count(count),
        out(out),
        states(job.equations.states),
        noises(job.equations.noises),
        levels(noises * (solver.facts.levy_area ? 2 : 1)),
        told(job.equations.diffusion.outside != nullptr && job.event_count > 0 ? job.equations.diffusion.outputs : 0),
        scratch(scratch_of_programs(job, solver)),
        lanes(choose_lanes()),
        memory_(rows() * lanes),
        words_(3 * int64_t{lanes}),
        seats_(states, job.equations.asks_outside() ? lanes : 0) {
    Real* next = memory_.data();
    std::fill_n(next, memory_.count(), Real(0));
    auto take = [&](int64_t rows) { return std::exchange(next, next + rows * lanes); };
    x = take(states);
    next_x = take(states);
    error = take(states);
    t = take(1);
    h = take(1);
    params = take(job.equations.params + told);
    noise = take(levels);
    normals = take(4 * int64_t{levels});
    arena = take(scratch);
    outputs = take(outputs_of_programs(job));
    words = {words_.data(), words_.data() + lanes, words_.data() + 2 * int64_t{lanes}};
  }

  // The index of the path at a position: with the seed it decides all of its noise.
  uint64_t path_at(int64_t position) const { return job.first + first_position + static_cast<uint64_t>(position); }

  // Puts a path into a lane.
  void begin(int lane, int64_t position) {
    const uint64_t row = first_position + static_cast<uint64_t>(position);
    seat(lane, row);
    words.low[lane] = low_word(path_at(position));
    words.high[lane] = high_word(path_at(position)) | paths::path_bit;
    const double* x0 = job.x0 + (job.x0_by_path ? row * static_cast<uint64_t>(states) : 0);
    for (int i = 0; i < states; ++i) x[i * lanes + lane] = static_cast<Real>(x0[i]);
    for (int k = 0; k < job.equations.params; ++k) params[k * lanes + lane] = static_cast<Real>(job.params[k][row]);
  }

  // A path of the job is in the lane, or nobody any more.
  void seat(int lane, uint64_t row) {
    if (job.equations.asks_outside()) seats_.take(lane, row);
  }
  void leave(int lane) {
    if (job.equations.asks_outside()) seats_.leave(lane);
  }

  // Tries a step of all lanes, from x to next_x.
  void step() {
    paths::Arena<Real> scratch_rows{arena, 0, 0};
    ChunkPath<Real> path(job.equations, all_lanes(), {x}, t, h, params, {{noise}, {noise + int64_t{noises} * lanes}},
                         {next_x}, {error}, job.numbers, job.steps == 0, scratch_rows);
    solver.step(path);
  }

  // A program of the lanes' states and times: [outputs][lanes], until the next call or step.
  const Real* evaluate(const ProgramView& program, const Real* states, const Real* times) {
    paths::run(program, Inputs<Real>{states, times, params}, outputs, arena,
               fast_sde::Chunk{lanes / fast_sde::Chunk::group});
    return outputs;
  }

  // Events are told of a diffusion outside, in rows after the parameters.
  void tell_events() {
    if (told > 0) all_lanes().ask(job.equations.diffusion, x, t, params + int64_t{job.equations.params} * lanes);
  }

  // normals[4][levels][lanes] of the lanes' blocks. `element`: of the first level.
  void fill_normals(uint32_t element, paths::NoiseScale<Real> scale) {
    for (int level = 0; level < levels; ++level) {
      fill_path_normals(job.seed, words, element + static_cast<uint32_t>(level), level < noises ? scale.W : scale.H,
                        normals + int64_t{level} * lanes, int64_t{levels} * lanes, lanes);
    }
  }
  Real* normals_of(uint64_t node) { return normals + static_cast<int64_t>(node % 4) * levels * lanes; }

  // A lane's state is what was to be saved. W: [noises, lanes], the path's increments so far.
  void save(int lane, int64_t position, int64_t which, const double* W) {
    Real* to = saved(out.states, position, which, states);
    for (int i = 0; i < states; ++i) to[i] = x[i * lanes + lane];
    if (out.W == nullptr) return;
    to = saved(out.W, position, which, noises);
    for (int j = 0; j < noises; ++j) to[j] = static_cast<Real>(W[j * lanes + lane]);
  }

  // Whether a path that goes on did end in the run before; it is told of again, as it was.
  bool ended_before(int lane, int64_t position, const double* W) {
    if (!job.goes_on()) return false;
    const uint64_t row = first_position + static_cast<uint64_t>(position);
    const auto status = static_cast<PathStatus>(job.earlier.status[row]);
    if (status == PathStatus::success) return false;
    if (status == PathStatus::event) save_rest(lane, position, 0, W);
    finish(position, status, 0, 0, job.earlier.ended[row], status == PathStatus::event ? job.save_count : 0);
    return true;
  }

  // W [noises, lanes] of the lane's path as it begins.
  void begin_W(int lane, int64_t position, double* W) const {
    const uint64_t row = first_position + static_cast<uint64_t>(position);
    const double* before = job.earlier.W;
    for (int j = 0; j < noises; ++j) {
      W[j * lanes + lane] =
          before == nullptr ? 0 : before[row * static_cast<uint64_t>(noises) + static_cast<uint64_t>(j)];
    }
  }

  // A lane's path ends here, and stays: saves from `from` on hold its state.
  void save_rest(int lane, int64_t position, int64_t from, const double* W) {
    for (int64_t which = from; which < job.save_count; ++which) save(lane, position, which, W);
  }

  // `missing`: the first save that the path did not come to.
  void finish(int64_t position, PathStatus status, uint64_t accepted, uint64_t rejected, double time, int64_t missing) {
    out.accepted[position] = static_cast<uint32_t>(accepted);
    out.rejected[position] = static_cast<uint32_t>(rejected);
    out.status[position] = static_cast<uint8_t>(status);
    out.ended[position] = time;
    for (int64_t which = missing; which < job.save_count; ++which) {
      std::fill_n(saved(out.states, position, which, states), states, std::numeric_limits<Real>::quiet_NaN());
      if (out.W == nullptr) continue;
      std::fill_n(saved(out.W, position, which, noises), noises, std::numeric_limits<Real>::quiet_NaN());
    }
  }

  const PathJob& job;
  const PathSolver<Real>& solver;
  const uint64_t first_position;
  const int64_t count;
  const PathRows out;
  const int states, noises, levels;  // levels: normals that an attempt takes
  const int told;                    // outputs of the diffusion that events are told of
  const int64_t scratch;             // rows
  const int lanes;
  Real *x, *next_x, *error, *t, *h, *params, *noise, *normals, *arena, *outputs;
  NoiseWords words;

 private:
  ChunkLanes all_lanes() { return {{lanes / fast_sde::Chunk::group}, &seats_}; }

  Real* saved(void* all, int64_t position, int64_t which, int width) const {
    return static_cast<Real*>(all) + (position * job.save_count + which) * width;
  }

  int64_t rows() const {
    return 3 * int64_t{states} + 2 + job.equations.params + told + 5 * int64_t{levels} + scratch +
           outputs_of_programs(job);
  }

  int choose_lanes() const {
    // Not 256 or 128: rows at multiples of 1024 bytes get into each other's way in the cache.
    constexpr int64_t most = 960 / sizeof(Real), least = philox_lanes;
    const int64_t fit = job.equations.asks_outside()
                            ? most_seats(job)
                            : std::clamp(chunk_bytes / static_cast<int64_t>(sizeof(Real)) / rows(), least, most);
    const int64_t wanted = std::min(fit, count);
    return static_cast<int>((wanted + least - 1) / least * least);
  }

  Aligned<Real> memory_;
  Aligned<uint32_t> words_;
  Seats seats_;
};

}  // namespace
}  // namespace fast_sde::cpu
