#include "precision.hpp"

#include <ATen/Context.h>

#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "quiet.hpp"

namespace fast_sde {
namespace {

class Switch {
 public:
  void enter(bool tf32) {
    std::unique_lock lock(mutex_);
    ++waiting_[tf32];
    // A call that comes while the other kind waits has to wait too: two threads of one kind could keep it out for ever.
    changed_.wait(lock, [&] { return inside_ == 0 || (now_ == tf32 && waiting_[!tf32] == 0); });
    --waiting_[tf32];
    if (now_ != tf32) set(tf32);
    now_ = tf32;
    ++inside_;
    changed_.notify_all();  // more of its kind may follow
  }

  void leave() {
    std::lock_guard lock(mutex_);
    --inside_;
    changed_.notify_all();
  }

 private:
  // These setters, not setFloat32Precision: the newer ones leave the older ones' values behind, and operators that
  // still ask for those throw where the two differ. Some versions warn that they are old.
  static void set(bool tf32) {
    const Quiet quiet;
    at::globalContext().setAllowTF32CuBLAS(tf32);
    at::globalContext().setAllowTF32CuDNN(tf32);
    at::globalContext().setDeterministicCuDNN(true);  // a seed means the same bits every time
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<bool> now_;
  int inside_ = 0;
  std::array<int, 2> waiting_{};
};

Switch& shared() {
  static auto* one = new Switch;
  return *one;
}

}  // namespace

PrecisionScope::PrecisionScope(c10::Device device, bool tf32) : entered_(device.is_cuda()) {
  if (entered_) shared().enter(tf32);
}

PrecisionScope::~PrecisionScope() {
  if (entered_) shared().leave();
}

}  // namespace fast_sde
