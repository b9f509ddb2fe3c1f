// What a plugin that solves paths has to agree on: operations of programs by their order, and the structs of a job.
#pragma once

#include <string>

#include "../contract/fingerprint.hpp"
#include "job.hpp"

namespace fast_sde::paths {

inline std::string fingerprint_of_jobs() {
  std::string text = "ops:";
  for (const char* word : op_words) text += std::string(" ") + word;
  return text + "; " + fingerprint_size("instruction", sizeof(Instruction)) +
         fingerprint_size("path job", sizeof(PathJob)) + fingerprint_size("path rows", sizeof(PathRows)) +
         fingerprint_size("event", sizeof(Event));
}

}  // namespace fast_sde::paths
