// Keeps LibTorch's calls and the end of the process apart.
//
// process.exit() runs static destructors, LibTorch's among them, while jobs may still be on their threads: a call
// that is inside then crashes. So the exit waits for the calls that are inside and lets no other in.
#pragma once

#include <condition_variable>
#include <mutex>

namespace fast_sde {

class ExitGate {
 public:
  // One a process, never destroyed.
  static ExitGate& shared();

  // To be called once the library is open: what is registered last at exit comes first, so before its destructors.
  void close_at_exit();

  // For the time of a call. Once the process is exiting, waits for ever: the thread ends with the process.
  class Pass {
   public:
    Pass();
    ~Pass();
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
  };

  bool closed();

 private:
  void close();

  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;
  bool closed_ = false;
};

}  // namespace fast_sde
