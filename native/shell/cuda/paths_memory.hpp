// A job over paths on its device: its programs and arrays, which all waves read, and where the rows of a wave lie.
#pragma once

#include <vector>

#include "../../contract/plugin_abi.h"
#include "memory.hpp"
#include "resident_paths.hpp"

namespace fast_sde::cuda {

class PathsMemory {
 public:
  // Throws StatusError, FAST_SDE_OUT_OF_MEMORY above all.
  PathsMemory(const fast_sde_cuda_paths& options, bool levy_area, cudaStream_t stream);

  // All of a wave that does not belong to the wave.
  const ResidentPaths& resident() const { return resident_; }

 private:
  template <class T>
  const T* put(const T* host, int64_t count);
  ProgramView put(const ProgramView& program);
  template <class E>
  paths::Entries<E> put(const paths::Entries<E>& entries);
  void put_equations();
  void put_arrays();
  void put_earlier();

  const cudaStream_t stream_;
  ResidentPaths resident_{};
  std::vector<DeviceArray<char>> arrays_;
};

// Where the rows of `count` paths lie in one piece of memory, on the device or on the host.
class RowsLayout {
 public:
  RowsLayout(const paths::PathJob& job, bool keeps_W, bool keeps_next, int64_t count);

  int64_t bytes() const { return bytes_; }
  paths::PathRows at(char* memory) const;

 private:
  int64_t take(int64_t bytes);

  int64_t bytes_ = 0;
  int64_t states_, W_, ended_, event_times_, next_, accepted_, rejected_, event_counts_, status_;
};

}  // namespace fast_sde::cuda
