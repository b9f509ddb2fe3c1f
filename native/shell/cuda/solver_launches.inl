// One sampler's kernels on a device: which of them serve a job, and their launch. Compiled once for each sampler.
#include "kernels.hpp"
#include "memory.hpp"
#include "pass.cuh"

namespace fast_sde::cuda {
namespace {

constexpr int64_t largest_cluster = 8;  // blocks every device with clusters can hold together

template <class Body>
void with_alignment(const Resident& run, Body body) {
  if (run.problem.elements % 4 == 0) {
    body(std::true_type{});
  } else {
    body(std::false_type{});
  }
}

Launch over_chunks(const Resident& run, int64_t rows, cudaStream_t stream) {
  Launch how;
  how.stream = stream;
  how.blocks = rows * run.chunks;
  how.memory = sizeof(PassMemory);
  return how;
}

template <class Solver>
bool clusters_serve(const Resident& run) {
  if (run.chunks == 1 || run.chunks > largest_cluster) return false;
  bool serve = false;
  with_alignment(run, [&](auto aligned) {
    void (*kernel)(Resident) = fused_pass<Solver, Team::cluster, aligned.value>;
    cudaFuncAttributes code{};
    check(cudaFuncGetAttributes(&code, kernel), "looking at a kernel");
    // Code made from PTX has what the PTX has: PTX for an older device has no barrier of clusters.
    if (code.binaryVersion < 90 || code.ptxVersion < 90) return;
    int clusters = 0;
    Launch how = over_chunks(run, 1, nullptr);
    how.cluster = static_cast<int>(run.chunks);
    const Config config(how);
    const cudaError_t asked = cudaOccupancyMaxActiveClusters(&clusters, kernel, config.get());
    if (asked != cudaSuccess) static_cast<void>(cudaGetLastError());
    serve = asked == cudaSuccess && clusters > 0;
  });
  return serve;
}

template <class Solver>
void begin(const Resident& run, cudaStream_t stream) {
  Launch how;
  how.stream = stream;
  how.blocks = (run.slots + threads - 1) / threads;
  check(launch(how, admit_first<Solver>, run), "launching admit_first");
  with_alignment(run, [&](auto aligned) {
    check(launch(over_chunks(run, run.slots, stream), commit<Solver, aligned.value>, run, false), "launching commit");
  });
}

template <class Solver>
void pass(const Resident& run, int64_t rows, bool clusters, cudaStream_t stream) {
  Launch how = over_chunks(run, rows, stream);
  with_alignment(run, [&](auto aligned) {
    constexpr bool is_aligned = decltype(aligned)::value;
    if (run.chunks == 1) {
      check(launch(how, fused_pass<Solver, Team::block, is_aligned>, run), "launching a pass");
    } else if (clusters && run.chunks <= largest_cluster) {
      how.cluster = static_cast<int>(run.chunks);
      check(launch(how, fused_pass<Solver, Team::cluster, is_aligned>, run), "launching a pass of clusters");
    } else {
      check(launch(how, propose<Solver, is_aligned>, run), "launching the first half of a pass");
      check(launch(how, commit<Solver, is_aligned>, run, true), "launching the second half of a pass");
    }
  });
}

}  // namespace
}  // namespace fast_sde::cuda

// FAST_SDE_SOLVER_LAUNCHES(launches, adaptive, Adaptive) defines the table of that sampler.
#define FAST_SDE_SOLVER_LAUNCHES(prefix, name, Type)                                                                \
  namespace fast_sde::cuda {                                                                                        \
  extern const SolverLaunches prefix##_##name;                                                                      \
  const SolverLaunches prefix##_##name = {facts_of<Type>(words<SolverKind>[static_cast<size_t>(SolverKind::name)]), \
                                          Type::sums, clusters_serve<Type>, begin<Type>, pass<Type>};               \
  }
