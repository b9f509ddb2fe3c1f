#include "statics.hpp"

#include <torch/script.h>

namespace fast_sde {

void make_statics() {
  static const bool made = [] {
    const c10::InferenceMode inference;
    // Through the dispatcher as a network does: oneDNN's convolution and product in float32, in both layouts.
    const at::Tensor x = at::ones({2, 16, 8, 8}), weight = at::ones({16, 16, 3, 3}), bias = at::ones({16});
    for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
      at::conv2d(x.contiguous(format), weight.contiguous(format), bias);
    }
    at::linear(x.flatten(1), at::ones({8, 16 * 64}), at::ones({8}));
    return true;
  }();
  static_cast<void>(made);
}

}  // namespace fast_sde
