// Four neighbouring elements of a row: a thread's smallest piece of work. Where the rows allow it they are read and
// written as 16 bytes, otherwise (n not a multiple of 4) one by one.
#pragma once

#include "../../core/normal.hpp"
#include "platform.cuh"
#include "resident.hpp"

namespace fast_sde::cuda {

constexpr int quads_a_thread = reduce_chunk / (4 * threads);

struct Quad {
  int64_t first;  // element
  int count;      // 1 … 4
};

// Quad q of this thread in a chunk; count is 0 beyond the row's end.
template <bool aligned>
__device__ inline Quad quad_at(int64_t chunk, int q, int64_t n) {
  const int64_t first = chunk * reduce_chunk + 4 * (static_cast<int64_t>(q) * threads + threadIdx.x);
  if (first >= n) return {first, 0};
  if constexpr (aligned) return {first, 4};
  return {first, n - first < 4 ? static_cast<int>(n - first) : 4};
}

template <bool aligned>
__device__ inline void read_quad(const float* row, Quad at, float (&values)[4]) {
  if constexpr (aligned) {
    const float4 all = *reinterpret_cast<const float4*>(row + at.first);
    values[0] = all.x, values[1] = all.y, values[2] = all.z, values[3] = all.w;
  } else {
    for (int i = 0; i < 4; ++i) values[i] = i < at.count ? row[at.first + i] : 0;
  }
}

template <bool aligned>
__device__ inline void write_quad(float* row, Quad at, const float (&values)[4]) {
  if constexpr (aligned) {
    *reinterpret_cast<float4*>(row + at.first) = make_float4(values[0], values[1], values[2], values[3]);
  } else {
    for (int i = 0; i < 4; ++i) {
      if (i < at.count) row[at.first + i] = values[i];
    }
  }
}

template <bool aligned>
__device__ inline void load_field(Elements (&e)[4], float Elements::*field, const float* row, Quad at) {
  float values[4];
  read_quad<aligned>(row, at, values);
  for (int i = 0; i < 4; ++i) e[i].*field = values[i];
}

template <bool aligned>
__device__ inline void store_field(const Elements (&e)[4], float Elements::*field, float* row, Quad at) {
  const float values[4] = {e[0].*field, e[1].*field, e[2].*field, e[3].*field};
  write_quad<aligned>(row, at, values);
}

// Fills the fields that stand in rows. Noise does not: see quad_noise.
template <Rows set, bool aligned>
__device__ inline void load(Elements (&e)[4], const SlotRows& rows, Quad at) {
  if constexpr ((set & row_x) != 0) load_field<aligned>(e, &Elements::x, rows.x, at);
  if constexpr ((set & row_request) != 0) load_field<aligned>(e, &Elements::request, rows.request, at);
  if constexpr ((set & row_answer) != 0) load_field<aligned>(e, &Elements::answer, rows.answer, at);
  if constexpr ((set & row_candidate) != 0) load_field<aligned>(e, &Elements::candidate, rows.answer, at);
  for (int k = 0; k < max_extras; ++k) {
    if ((set & row_extra(k)) == 0) continue;
    float values[4];
    read_quad<aligned>(rows.extra[k], at, values);
    for (int i = 0; i < 4; ++i) e[i].extra[k] = values[i];
  }
}

template <Rows set, bool aligned>
__device__ inline void store(const Elements (&e)[4], const SlotRows& rows, Quad at) {
  if constexpr ((set & row_x) != 0) store_field<aligned>(e, &Elements::x, rows.x, at);
  if constexpr ((set & row_request) != 0) store_field<aligned>(e, &Elements::request, rows.request, at);
  if constexpr ((set & row_candidate) != 0) store_field<aligned>(e, &Elements::candidate, rows.answer, at);
  for (int k = 0; k < max_extras; ++k) {
    if ((set & row_extra(k)) == 0) continue;
    const float values[4] = {e[0].extra[k], e[1].extra[k], e[2].extra[k], e[3].extra[k]};
    write_quad<aligned>(rows.extra[k], at, values);
  }
}

// The step's Brownian increment, computed anew at each use: a sum of coefficient * normal(node), terms in order.
__device__ inline void quad_noise(Elements (&e)[4], NoiseKey key, const NoisePath& path, Quad at) {
  for (int i = 0; i < 4; ++i) e[i].noise = 0;
  for (uint32_t term = 0; term < path.step_count(); ++term) {
    const NoiseTerm of = path.step()[term];
    float unit[4];
    normal4(key, of.node, static_cast<uint32_t>(at.first / 4), unit);
    for (int i = 0; i < 4; ++i) {
      const float part = of.coefficient * unit[i];
      e[i].noise = term == 0 ? part : e[i].noise + part;
    }
  }
}

}  // namespace fast_sde::cuda
