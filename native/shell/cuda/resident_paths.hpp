// All of a wave of paths that lies on the device: as many paths of a job as are solved at one time, a thread each.
// Kernels get it by value.
#pragma once

#include "../../paths/free_path.hpp"
#include "../../paths/job.hpp"

namespace fast_sde::cuda {

// A path between two launches.
struct PathRest {
  paths::FreePath free;  // in lockstep its next save alone
  paths::Pieces pieces;  // their numbers are in `work`
  bool over;
};

struct ResidentPaths {
  paths::PathJob job;          // its pointers lead to the device
  bool lockstep;               // all paths are at one step
  int levels;                  // normals that a step takes: W's, and H's where the solver takes them
  const uint64_t* save_steps;  // in lockstep: the step that ends at each save

  uint64_t begin;       // position of the wave's first path in the job
  int64_t count;        // its paths: [paths] below
  PathRest* rest;       // [paths]
  void* rows;           // Real [thread_rows][paths]
  double* W;            // [noises][paths]: increments so far; null where nobody asks
  double* work;         // [paths][thread_work]: pieces, an increment, events' shares
  paths::PathRows out;  // a row a path

  unsigned* under_way;     // counts the paths that are not over at the launch's end
  bool first;              // this launch begins the paths
  uint64_t from, at_most;  // steps: in lockstep, those before this launch; and how many it may try
};

// Rows of Real that PathThread gives out. `scratch`: those of a step and of the job's other programs.
inline int64_t thread_rows(const paths::PathJob& job, int levels, int64_t scratch) {
  return 3 * int64_t{job.equations.states} + job.equations.params + 5 * int64_t{levels} + 2 * job.event_count + scratch;
}

// Doubles of a path.
HD int64_t thread_work(const paths::PathJob& job, int levels, bool lockstep) {
  if (lockstep) return 0;
  const bool levy_area = levels > job.equations.noises;
  return paths::piece_room(job, job.equations.noises, levy_area) + levels + job.event_count;
}

}  // namespace fast_sde::cuda
