// Ends what other threads do inside plugins before the process destroys its statics, LibTorch's and CUDA's among them.
//
// exit() runs destructors in the reverse order of their registration, on one thread, while the others go on: a job in
// the middle of a network call crashes as soon as a cache that it uses is gone. So jobs and loads are listed here, and
// are over before that. Node's 'exit' event, which comes before exit(), ends those of its environment in good order
// (node/addon.cpp). Where exit() comes without that event, a handler of ours ends all; it is registered anew whenever
// LibTorch may have made statics, since the last one registered is the first to run.
#pragma once

namespace fast_sde {

class Unfinished {
 public:
  virtual void stop() = 0;  // asks for an early end
  virtual void wait() = 0;  // until no other thread works for it; may come from several threads, and again

  // Stops and awaits everything listed for `owner`.
  static void end(const void* owner);

  // To be called after code of a plugin has run for the first time: opening it, loading a model, evaluating one.
  static void end_all_at_exit();

 protected:
  ~Unfinished() = default;

  // From its making to its end on the list. The last member of what it lists, so that nobody can see that half gone.
  class Listed {
   public:
    Listed(const void* owner, Unfinished& work);
    ~Listed();
    Listed(const Listed&) = delete;
    Listed& operator=(const Listed&) = delete;

   private:
    Unfinished& work_;
  };
};

}  // namespace fast_sde
