#include "exit_gate.hpp"

#include <cstdlib>

namespace fast_sde {

ExitGate& ExitGate::shared() {
  static ExitGate* gate = new ExitGate;
  return *gate;
}

void ExitGate::close_at_exit() {
  std::atexit([] { shared().close(); });
}

void ExitGate::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  changed_.wait(lock, [this] { return inside_ == 0; });
}

bool ExitGate::closed() {
  std::lock_guard lock(mutex_);
  return closed_;
}

ExitGate::Pass::Pass() {
  ExitGate& gate = shared();
  std::unique_lock lock(gate.mutex_);
  gate.changed_.wait(lock, [&] { return !gate.closed_; });
  ++gate.inside_;
}

ExitGate::Pass::~Pass() {
  ExitGate& gate = shared();
  std::lock_guard lock(gate.mutex_);
  --gate.inside_;
  gate.changed_.notify_all();
}

}  // namespace fast_sde
