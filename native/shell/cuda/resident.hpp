// All of a job that lies on the device. Kernels get it by value: it holds no more than pointers and the problem.
#pragma once

#include "../../core/reduce.hpp"
#include "../../engine/record.hpp"
#include "../../solver/facts.hpp"

namespace fast_sde::cuda {

// A Step of whatever sampler.
struct alignas(16) StepBytes {
  unsigned char bytes[max_step_bytes];

  template <class Step>
  HD void set(const Step& step) {
    static_assert(sizeof(Step) <= max_step_bytes);
    *reinterpret_cast<Step*>(bytes) = step;
  }
  template <class Step>
  HD const Step& as() const {
    return *reinterpret_cast<const Step*>(bytes);
  }
};

// What the pass that takes a slot's answer has to know; made when the request was, so that no thread waits for it.
struct alignas(16) Pending {
  StepBytes step;
  uint32_t stage;     // stage_done: the slot is empty
  uint32_t progress;  // of the sample, in units of whole_sample
};
constexpr uint32_t whole_sample = 1u << 20;

// What became of a slot in this pass, for the threads that commit its elements.
struct Aftermath {
  StepBytes step;   // what elements are accepted or rejected with, where that needs coefficients
  int64_t deliver;  // entry of the ring the finished sample goes to, or -1
  Verdict verdict;
  bool begin;  // a new sample came into the slot
};

// Written by the kernels alone.
struct Counters {
  unsigned long long next;      // position of the next sample to begin
  unsigned long long finished;  // samples, failed ones included
  unsigned long long progress;  // of all samples, in units of whole_sample
  unsigned long long steps;     // tried, as far as they are recorded
  unsigned long long passes;
  unsigned long long started, ended;  // the clock at this pass's start and at the last one's end
  unsigned long long network_ns;      // between an end and the next start
  unsigned blocks_done;               // of this pass
};

// What the host is told of a pass, in pinned memory, to be read once the pass has ended.
struct Published {
  uint64_t finished, progress, network_ns, steps;
};
constexpr int published_passes = 16;  // so many passes may be unread

struct Resident {
  Problem problem;  // its tables lie on the device
  uint64_t first, count;
  int64_t slots;   // in memory; a pass may be over fewer
  int64_t chunks;  // of reduce_chunk elements in a row
  int32_t extras;  // rows of the solver's own
  bool state_is_request;

  Slot* slot;                   // [slots]
  NoiseRoom* room;              // [slots]
  Pending* pending;             // [slots]
  Aftermath* aftermath;         // [slots]
  float *x, *request, *answer;  // [slots, elements]
  float* extra;                 // [extras, slots, elements]
  float* time;                  // [slots], in the network's time input
  double* partial;              // [sums, slots, chunks]: of chunks
  unsigned* chunks_done;        // [slots]

  const float* initial;        // [count, elements] or null
  const uint32_t* conditions;  // [count, width] or null
  uint32_t* condition;         // [slots, width]: of the samples in the slots
  int64_t condition_width;

  float* ring;            // [ring_rows, elements]: finished samples on their way to the host
  SampleStats* finished;  // [ring_rows]
  uint64_t ring_rows;

  StepRecord* steps;  // [ring_steps]: on their way to the host too; null where nobody wants them
  uint64_t ring_steps;

  Counters* counters;
  Published* published;  // [published_passes], pinned
};

// The exact score of a mixture, on the device.
struct DeviceMixture {
  int64_t components;
  const double* log_weights;  // [components]
  const float* means;         // [components, elements]
  const double* variances;    // [components]
  double* shares;             // scratch, [slots, components]
};

// Slot from[k] goes to slot to[k].
struct Moves {
  int64_t* from;    // [slots]
  int64_t* to;      // [slots]
  int64_t* counts;  // slots to be filled, slots to be moved
};

// One slot's rows. The candidate of a stage takes the place of its answer where it has to be kept at all.
struct SlotRows {
  float *x, *request, *answer;
  float* extra[max_extras];
};

HD SlotRows rows_of(const Resident& run, int64_t slot) {
  const int64_t n = run.problem.elements;
  float* request = run.request + slot * n;
  SlotRows rows{run.state_is_request ? request : run.x + slot * n, request, run.answer + slot * n, {}};
  for (int k = 0; k < max_extras; ++k) rows.extra[k] = run.extra + (k * run.slots + slot) * n;
  return rows;
}

}  // namespace fast_sde::cuda
