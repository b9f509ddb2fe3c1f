// A plugin's status as the error it stands for.
#pragma once

#include "../contract/error.hpp"
#include "../contract/words.hpp"

namespace fast_sde {

// Throws Error where the call that filled `error` did not succeed.
inline void check(fast_sde_status status, fast_sde_error& error) {
  if (status == FAST_SDE_OK) return;
  error.message[sizeof error.message - 1] = '\0';
  throw Error(words<fast_sde_status>[status], error.message);
}

}  // namespace fast_sde
