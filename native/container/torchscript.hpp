// A TorchScript file as a whole, checked before LibTorch reads it: every record as it was written, every storage as
// long as its tensors need, nothing nested so deep that reading it overflows a stack.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "archive.hpp"

namespace fast_sde {

// The unpacked bytes of a deflated record.
using Unpack = std::function<std::string(const Record&)>;

// `records` as read_archive finds them. Throws Damage.
void check_torchscript(std::string_view file, const std::vector<Record>& records, const Unpack& unpack);

}  // namespace fast_sde
