// Keeps LibTorch's warnings off stderr where we know better.
#pragma once

#include <c10/util/Exception.h>

namespace fast_sde {

// On this thread, until it ends.
class Quiet {
 private:
  struct Silence final : c10::WarningHandler {
    void process(const c10::Warning&) override {}
  };
  Silence silence_;
  c10::WarningUtils::WarningHandlerGuard guard_{&silence_};
};

}  // namespace fast_sde
