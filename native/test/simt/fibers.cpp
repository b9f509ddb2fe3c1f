#include "fibers.hpp"

#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <vector>

namespace simt {
namespace {

constexpr size_t stack_bytes = size_t{128} << 10;
constexpr size_t largest_shift = size_t{64} << 10;
constexpr unsigned warp = 32;

struct Barrier {
  unsigned expected = 0, arrived = 0;
  uint64_t generation = 0;
};

struct Fiber {
  Position position;
  unsigned block = 0, warp_index = 0;  // within the group
  const Barrier* waits_for = nullptr;
  uint64_t generation = 0;  // of that barrier, when the wait began
  bool over = false;
};

struct Running {
  const std::function<void()>* thread = nullptr;
  std::vector<Fiber> fibers;
  std::vector<Barrier> of_block, of_warp;
  Barrier of_cluster;
  std::vector<std::vector<uint64_t>> shared;  // of each block
  std::vector<uint64_t> exchanged[2];         // a number a thread
  Fiber* current = nullptr;
  jmp_buf scheduler;
};

Running* running = nullptr;  // guarded by the emulator's one lock

// A stack with a fiber on it that does one thread after the other. Made once: to make a context asks the system twice.
struct Carrier {
  jmp_buf at;
  bool begun = false;
  char* stack = nullptr;
};

std::vector<Carrier>& carriers() {
  static auto* all = new std::vector<Carrier>;
  return *all;
}

void need_carriers(size_t count) {
  while (carriers().size() < count) {
    Carrier carrier;
    // The stacks' tops would all fall on the same lines of the cache: each is moved a little.
    const size_t shift = carriers().size() % 61 * 1088;
    void* made = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED) std::abort();
    carrier.stack = static_cast<char*>(made) + shift;
    carriers().push_back(carrier);
  }
}

size_t current() { return static_cast<size_t>(running->current - running->fibers.data()); }

// Back to the scheduler, until it resumes this fiber.
void leave() {
  if (_setjmp(carriers()[current()].at) == 0) _longjmp(running->scheduler, 1);
}

void carry() {
  for (;;) {
    (*running->thread)();
    running->current->over = true;
    leave();
  }
}

// makecontext gives a fiber its stack; from then on jumps are enough, and far cheaper than swapcontext.
void resume(size_t i) {
  running->current = &running->fibers[i];
  if (_setjmp(running->scheduler) != 0) return;
  Carrier& carrier = carriers()[i];
  if (carrier.begun) _longjmp(carrier.at, 1);
  carrier.begun = true;
  ucontext_t context;
  getcontext(&context);
  context.uc_stack.ss_sp = carrier.stack;
  context.uc_stack.ss_size = stack_bytes - largest_shift;
  context.uc_link = nullptr;
  makecontext(&context, carry, 0);
  setcontext(&context);
}

void wait_at(Barrier& barrier) {
  if (++barrier.arrived == barrier.expected) {
    barrier.arrived = 0;
    ++barrier.generation;
    return;
  }
  Fiber& self = *running->current;
  self.waits_for = &barrier;
  self.generation = barrier.generation;
  leave();
}

}  // namespace

const Position& position() { return running->current->position; }
void* block_memory() { return running->shared[running->current->block].data(); }
void block_barrier() { wait_at(running->of_block[running->current->block]); }
void cluster_barrier() { wait_at(running->of_cluster); }

uint64_t exchange(uint64_t value, unsigned delta) {
  const size_t self = current();
  Barrier& barrier = running->of_warp[running->current->warp_index];
  // Two buffers in turn: no thread is more than one exchange ahead of another.
  std::vector<uint64_t>& exchanged = running->exchanged[barrier.generation % 2];
  exchanged[self] = value;
  wait_at(barrier);
  return self % warp + delta < warp ? exchanged[self + delta] : value;
}

void run_group(const Group& group, const std::function<void()>& thread, uint64_t seed) {
  Running state;
  const size_t count = size_t{group.blocks} * group.threads;
  need_carriers(count);
  state.thread = &thread;
  state.fibers.resize(count);
  for (std::vector<uint64_t>& numbers : state.exchanged) numbers.resize(count);
  state.of_block.resize(group.blocks, Barrier{group.threads});
  state.of_warp.resize(count / warp, Barrier{warp});
  state.of_cluster.expected = static_cast<unsigned>(count);
  state.shared.resize(group.blocks, std::vector<uint64_t>(group.memory / 8 + 2, 0xfff4dead'fff4deadull));  // NaN
  for (size_t i = 0; i < count; ++i) {
    Fiber& fiber = state.fibers[i];
    fiber.block = static_cast<unsigned>(i / group.threads);
    fiber.warp_index = static_cast<unsigned>(i / warp);
    fiber.position = {static_cast<unsigned>(i % group.threads), group.first_block + fiber.block, group.grid};
  }
  running = &state;
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  std::shuffle(order.begin(), order.end(), std::minstd_rand(static_cast<unsigned>(seed)));
  for (size_t left = count; left > 0;) {
    bool moved = false;
    for (size_t i : order) {
      Fiber& fiber = state.fibers[i];
      if (fiber.over) continue;
      if (fiber.waits_for != nullptr && fiber.waits_for->generation == fiber.generation) continue;
      fiber.waits_for = nullptr;
      moved = true;
      resume(i);
      left -= state.fibers[i].over ? 1 : 0;
    }
    if (!moved) {
      std::fprintf(stderr, "emulated device: a barrier is not reached by every thread\n");
      std::abort();
    }
  }
  running = nullptr;
}

}  // namespace simt
