#include "activations.hpp"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#include <cstdlib>
#include <map>
#include <mutex>

#include "failure.hpp"

namespace fast_sde {
namespace {

constexpr size_t alignment = 64;
constexpr size_t smallest_kept = size_t{64} << 10;  // below, malloc is as good
constexpr size_t most_idle = size_t{512} << 20;     // bytes kept for later calls, whatever was used before

// Stands before every block: its size, for whoever frees it.
struct alignas(alignment) Header {
  size_t size;
};

class Blocks {
 public:
  // Null where there is no memory.
  void* take(size_t size) {
    if (size >= smallest_kept) {
      std::lock_guard lock(mutex_);
      auto found = idle_.lower_bound(size);
      if (found != idle_.end() && found->first <= size + size / 4) {
        Header* header = found->second;
        idle_bytes_ -= found->first;
        idle_.erase(found);
        return header + 1;
      }
    }
    size_t whole = (sizeof(Header) + size + alignment - 1) / alignment * alignment;
    auto header = static_cast<Header*>(std::aligned_alloc(alignment, whole));
    if (header == nullptr) return nullptr;
    header->size = size;
    return header + 1;
  }

  void give(void* block) {
    Header* header = static_cast<Header*>(block) - 1;
    if (header->size >= smallest_kept) {
      std::lock_guard lock(mutex_);
      if (idle_bytes_ + header->size <= most_idle) {
        idle_.emplace_hint(idle_.lower_bound(header->size), header->size, header);  // the warmest first
        idle_bytes_ += header->size;
        return;
      }
    }
    std::free(header);
  }

  void give_back() {
    std::lock_guard lock(mutex_);
    for (const auto& [size, header] : idle_) std::free(header);
    idle_.clear();
    idle_bytes_ = 0;
  }

 private:
  std::mutex mutex_;
  std::multimap<size_t, Header*> idle_;
  size_t idle_bytes_ = 0;
};

// Never destroyed: tensors may be freed while the process ends.
Blocks& blocks() {
  static auto* all = new Blocks;
  return *all;
}

// oneDNN frees null pointers too.
void release(void* block) {
  if (block != nullptr) blocks().give(block);
}

class ReusingAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t size) override {
    if (size == 0) return {nullptr, c10::Device(c10::DeviceType::CPU)};
    void* block = blocks().take(size);
    TORCH_CHECK(block != nullptr, out_of_memory, size, " bytes");
    return {block, block, &release, c10::Device(c10::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* to, const void* from, size_t count) const override { default_copy_data(to, from, count); }
};

}  // namespace

void keep_activation_memory() {
  static auto* allocator = [] {
    auto* made = new ReusingAllocator;
    c10::SetCPUAllocator(made, 1);
    return made;
  }();
  static_cast<void>(allocator);
}

void give_back_idle_memory() { blocks().give_back(); }

}  // namespace fast_sde
