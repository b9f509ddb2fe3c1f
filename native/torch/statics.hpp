// LibTorch's objects that are made when first needed.
#pragma once

namespace fast_sde {

// Makes those that a network's first call would make: what is made later is destroyed earlier at exit(), and then
// before anybody could have stopped that call (plugin/at_exit.hpp).
void make_statics();

}  // namespace fast_sde
