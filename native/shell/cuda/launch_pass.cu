// Which of the pass's kernels serve a job, and their launch.
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

}  // namespace

bool clusters_serve(const Resident& run) {
  if (run.chunks == 1 || run.chunks > largest_cluster) return false;
  return with_solver(run.problem.solver, [&]<class Solver>(Solver) {
    auto serves = [&](void (*kernel)(Resident)) {
      cudaFuncAttributes code{};
      check(cudaFuncGetAttributes(&code, kernel), "looking at a kernel");
      // Of code made from PTX the PTX decides: for an older device it has no barrier of clusters in it.
      if (code.binaryVersion < 90 || code.ptxVersion < 90) return false;
      int clusters = 0;
      Launch how = over_chunks(run, 1, nullptr);
      how.cluster = static_cast<int>(run.chunks);
      const Config config(how);
      const cudaError_t asked = cudaOccupancyMaxActiveClusters(&clusters, kernel, config.get());
      if (asked != cudaSuccess) static_cast<void>(cudaGetLastError());
      return asked == cudaSuccess && clusters > 0;
    };
    return run.problem.elements % 4 == 0 ? serves(fused_pass<Solver, Team::cluster, true>)
                                         : serves(fused_pass<Solver, Team::cluster, false>);
  });
}

void launch_begin(const Resident& run, cudaStream_t stream) {
  with_solver(run.problem.solver, [&]<class Solver>(Solver) {
    Launch how;
    how.stream = stream;
    how.blocks = (run.slots + threads - 1) / threads;
    check(launch(how, admit_first<Solver>, run), "launching admit_first");
    with_alignment(run, [&](auto aligned) {
      check(launch(over_chunks(run, run.slots, stream), commit<Solver, aligned.value>, run, false), "launching commit");
    });
  });
}

void launch_pass(const Resident& run, int64_t rows, bool clusters, cudaStream_t stream) {
  Launch how = over_chunks(run, rows, stream);
  with_solver(run.problem.solver, [&]<class Solver>(Solver) {
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
  });
}

}  // namespace fast_sde::cuda
