// A pickle of a TorchScript file, run as LibTorch will run it, but with bounds: LibTorch's own machine trusts the sizes
// of storages and the shapes of tensors, and some of its instructions trust their operands.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "damage.hpp"

namespace fast_sde {

// Throws Damage, without the pickle's name. `bytes_of` gives the size of a storage's record by its key, and throws
// where there is none.
void check_pickle(std::string_view pickle, const std::function<uint64_t(const std::string& key)>& bytes_of);

}  // namespace fast_sde
