#include "paths_memory.hpp"

#include "../../paths/equal_steps.hpp"

namespace fast_sde::cuda {

using paths::PathJob;

namespace {

// As many as its instructions read.
int64_t constants_of(const ProgramView& program) {
  int64_t count = 0;
  for (int32_t i = 0; i < program.length; ++i) {
    const Instruction& at = program.code[i];
    if (at.form == Form::rows) continue;
    const int64_t index = at.form == Form::constant_a ? at.a.index : at.b.index;
    if (index >= count) count = index + 1;
  }
  return count;
}

}  // namespace

PathsMemory::PathsMemory(const fast_sde_cuda_paths& options, bool levy_area, cudaStream_t stream) : stream_(stream) {
  const PathJob& job = *static_cast<const PathJob*>(options.job);
  resident_.job = job;
  resident_.lockstep = paths::in_lockstep(job);
  resident_.levels = job.equations.noises * (levy_area ? 2 : 1);
  std::vector<uint64_t> save_steps;
  if (resident_.lockstep) {
    for (int64_t i = 0; i < job.save_count; ++i) save_steps.push_back(paths::step_that_ends_at(job, job.saves[i]));
    resident_.save_steps = put(save_steps.data(), job.save_count);
  }
  put_equations();
  put_arrays();
  put_earlier();
  check(cudaStreamSynchronize(stream), "copying a job to the device");
}

template <class T>
const T* PathsMemory::put(const T* host, int64_t count) {
  if (host == nullptr || count == 0) return nullptr;
  const int64_t bytes = count * static_cast<int64_t>(sizeof(T));
  arrays_.push_back(to_device(reinterpret_cast<const char*>(host), bytes, stream_));
  return reinterpret_cast<const T*>(arrays_.back().data());
}

ProgramView PathsMemory::put(const ProgramView& program) {
  ProgramView there = program;
  there.code = put(program.code, program.length);
  there.constants = put(program.constants, constants_of(program));
  return there;
}

template <class E>
paths::Entries<E> PathsMemory::put(const paths::Entries<E>& entries) {
  return {put(entries.data, entries.count), entries.count};
}

void PathsMemory::put_equations() {
  paths::Equations& equations = resident_.job.equations;
  for (ProgramView* program :
       {&equations.drift, &equations.diffusion, &equations.milstein, &equations.jacobian, &equations.domain}) {
    *program = put(*program);
  }
  equations.entries = put(equations.entries);
  equations.milstein_entries = put(equations.milstein_entries);
  equations.jacobian_entries = put(equations.jacobian_entries);
  if (equations.columns == nullptr) return;
  std::vector<ProgramView> columns;
  for (int j = 0; j < equations.noises; ++j) columns.push_back(put(equations.columns[j]));
  equations.columns = put(columns.data(), equations.noises);
  check(cudaStreamSynchronize(stream_), "copying programs to the device");  // before the list of them goes
}

void PathsMemory::put_arrays() {
  PathJob& job = resident_.job;
  const auto count = static_cast<int64_t>(job.count);
  const int params = job.equations.params;
  job.saves = put(job.saves, job.save_count);
  job.x0 = put(job.x0, job.equations.states * (job.x0_by_path ? count : 1));
  std::vector<const double*> of_paths;
  for (int k = 0; k < params; ++k) of_paths.push_back(put(job.params[k], count));
  job.params = put(of_paths.data(), params);
  std::vector<paths::Event> events(job.events, job.events + job.event_count);
  for (paths::Event& event : events) event.function = put(event.function);
  job.events = put(events.data(), job.event_count);
  check(cudaStreamSynchronize(stream_), "copying arrays to the device");
}

void PathsMemory::put_earlier() {
  paths::Earlier& earlier = resident_.job.earlier;
  const auto count = static_cast<int64_t>(resident_.job.count);
  earlier.attempts = put(earlier.attempts, count);
  earlier.next = put(earlier.next, count);
  earlier.W = put(earlier.W, count * resident_.job.equations.noises);
  earlier.status = put(earlier.status, count);
  earlier.ended = put(earlier.ended, count);
}

RowsLayout::RowsLayout(const PathJob& job, bool keeps_W, bool keeps_next, int64_t count) {
  const int64_t real = job.float64 ? 8 : 4, saved = count * job.save_count * real;
  states_ = take(saved * job.equations.states);
  W_ = keeps_W ? take(saved * job.equations.noises) : -1;
  ended_ = take(8 * count);
  event_times_ = take(8 * count * job.event_count);
  next_ = keeps_next ? take(static_cast<int64_t>(sizeof(paths::Next)) * count) : -1;
  accepted_ = take(4 * count);
  rejected_ = take(4 * count);
  event_counts_ = take(4 * count * job.event_count);
  status_ = take(count);
}

int64_t RowsLayout::take(int64_t bytes) {
  const int64_t at = bytes_;
  bytes_ += (bytes + 255) / 256 * 256;
  return at;
}

paths::PathRows RowsLayout::at(char* memory) const {
  auto place = [&](int64_t at) -> void* { return at < 0 ? nullptr : memory + at; };
  return {place(states_),
          place(W_),
          static_cast<uint32_t*>(place(accepted_)),
          static_cast<uint32_t*>(place(rejected_)),
          static_cast<uint8_t*>(place(status_)),
          static_cast<double*>(place(ended_)),
          static_cast<double*>(place(event_times_)),
          static_cast<uint32_t*>(place(event_counts_)),
          static_cast<paths::Next*>(place(next_))};
}

}  // namespace fast_sde::cuda
