#include "discard.hpp"

#include <memory>

#include "fields.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace fast_sde::node {
namespace {

// To give a gigabyte back page by page takes a tenth of a second: time that JavaScript's thread does not have.
void forget_pages(void* data, size_t size) {
#if defined(__unix__) || defined(__APPLE__)
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<uintptr_t>(data) + page - 1) / page * page;
  const auto end = (reinterpret_cast<uintptr_t>(data) + size) / page * page;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);  // a wish: it may fail
#else
  (void)data, (void)size;
#endif
}

class Discarder final : public Napi::AsyncWorker {
 public:
  Discarder(Napi::Env env, Napi::ArrayBuffer bytes)
      : Napi::AsyncWorker(env, "fast_sde discard"),
        promise_(Napi::Promise::Deferred::New(env)),
        bytes_(Napi::Persistent(bytes)),
        data_(bytes.Data()),
        size_(bytes.ByteLength()) {}

  Napi::Promise promise() const { return promise_.Promise(); }

 private:
  void Execute() override { forget_pages(data_, size_); }

  void OnOK() override {
    bytes_.Value().Detach();
    promise_.Resolve(Env().Undefined());
  }

  Napi::Promise::Deferred promise_;
  const Napi::Reference<Napi::ArrayBuffer> bytes_;
  void* const data_;
  const size_t size_;
};

}  // namespace

Napi::Promise discard(Napi::Env env, Napi::Value bytes) {
  if (!bytes.IsArrayBuffer()) wrong_field(env, "bytes", "an ArrayBuffer");
  auto discarder = std::make_unique<Discarder>(env, bytes.As<Napi::ArrayBuffer>());
  Napi::Promise promise = discarder->promise();
  discarder.release()->Queue();  // deletes itself when it is done
  return promise;
}

}  // namespace fast_sde::node
