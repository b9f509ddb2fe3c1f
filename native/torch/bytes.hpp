// Bytes in memory as LibTorch reads a file. (LibTorch's own MemoryReadAdapter does not compile by itself.)
#pragma once

#include <caffe2/serialize/read_adapter_interface.h>

#include <algorithm>
#include <cstring>

namespace fast_sde {

class Bytes final : public caffe2::serialize::ReadAdapterInterface {
 public:
  // They stay where they are as long as this is.
  Bytes(const void* data, size_t size) : data_(static_cast<const char*>(data)), size_(size) {}

  size_t size() const override { return size_; }

  size_t read(uint64_t position, void* buffer, size_t count, const char*) const override {
    if (position >= size_) return 0;
    count = std::min(count, size_ - static_cast<size_t>(position));
    std::memcpy(buffer, data_ + position, count);
    return count;
  }

 private:
  const char* const data_;
  const size_t size_;
};

}  // namespace fast_sde
