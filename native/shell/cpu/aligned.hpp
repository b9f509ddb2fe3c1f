// Memory for rows of vectors.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#include "../../core/hd.hpp"

namespace fast_sde::cpu {

// Numbers on a 64-byte boundary. Memory that nobody has touched yet costs nothing. Inlined wherever it is used, since
// files of several instruction sets use it.
template <class T>
class Aligned {
 public:
  HD explicit Aligned(int64_t count) : count_(count) {
    size_t bytes = (static_cast<size_t>(count) * sizeof(T) + 63) / 64 * 64;
    data_.reset(static_cast<T*>(std::aligned_alloc(64, bytes == 0 ? 64 : bytes)));
    if (data_ == nullptr) throw std::bad_alloc();
  }
  HD T* data() { return data_.get(); }
  HD int64_t count() const { return count_; }

 private:
  struct Free {
    HD void operator()(T* p) const { std::free(p); }
  };
  int64_t count_;
  std::unique_ptr<T, Free> data_;
};

}  // namespace fast_sde::cpu
