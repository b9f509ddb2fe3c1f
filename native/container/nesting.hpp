// How deeply something is nested: LibTorch reads code and types by recursion and overflows its stack on what is nested
// thousands deep.
#pragma once

#include <cstddef>
#include <string_view>

namespace fast_sde {

// What LibTorch is given to read. What torch.jit.save writes stays below a tenth of it.
inline constexpr size_t max_nesting = 1000;

// Of a TorchScript source (a part of Python): blocks, brackets, and operators of one expression, each of which is a
// level of its tree. Never below the true depth, and at most three times it.
size_t nesting_of_code(std::string_view source);

}  // namespace fast_sde
