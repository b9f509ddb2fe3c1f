// What a plugin and the addon have to agree on beyond the functions' signatures, as one line of text that both sides
// make from the headers they were compiled with: words in their order, and the sizes of structs. They are compared when
// the plugin is opened, so that a plugin of another build is refused, never misread.
#pragma once

#include <string>

#include "words.hpp"

namespace fast_sde {

template <class Enum>
std::string fingerprint_words(const char* name) {
  std::string text = std::string(name) + ":";
  for (const char* word : words<Enum>) text += std::string(" ") + word;
  return text + "; ";
}

// "name 24; "
inline std::string fingerprint_size(const char* name, size_t size) {
  return std::string(name) + " " + std::to_string(size) + "; ";
}

// Of libfast_sde_torch.so.
inline const char* torch_fingerprint() {
  static const std::string text =
      fingerprint_words<fast_sde_status>("statuses") + fingerprint_words<fast_sde_dtype>("dtypes") +
      fingerprint_words<fast_sde_layout>("layouts") + fingerprint_size("error", sizeof(fast_sde_error)) +
      fingerprint_size("model options", sizeof(fast_sde_model_options)) +
      fingerprint_size("model call", sizeof(fast_sde_model_call)) +
      fingerprint_size("model facts", sizeof(fast_sde_model_facts)) +
      fingerprint_size("api", sizeof(fast_sde_torch_api));
  return text.c_str();
}

// Of libfast_sde_cuda.so. What lies above this folder: `problem`, sizeof(Problem) of core/problem.hpp, and `paths`,
// fingerprint_of_jobs() of paths/fingerprint.hpp.
inline std::string cuda_fingerprint(size_t problem, const std::string& paths) {
  std::string text = fingerprint_words<fast_sde_status>("statuses") + fingerprint_size("error", sizeof(fast_sde_error));
  for_each_list_of_words([&]<class Enum>(const char* name) { text += fingerprint_words<Enum>(name); });
  return text + fingerprint_size("problem", problem) + fingerprint_size("model call", sizeof(fast_sde_model_call)) +
         fingerprint_size("device score", sizeof(fast_sde_device_score)) +
         fingerprint_size("mixture", sizeof(fast_sde_mixture)) + fingerprint_size("sample", sizeof(fast_sde_sample)) +
         fingerprint_size("step", sizeof(fast_sde_step)) + fingerprint_size("totals", sizeof(fast_sde_totals)) +
         fingerprint_size("run", sizeof(fast_sde_cuda_run)) + paths +
         fingerprint_size("paths", sizeof(fast_sde_cuda_paths)) +
         fingerprint_size("device", sizeof(fast_sde_device_info)) + fingerprint_size("api", sizeof(fast_sde_cuda_api));
}

}  // namespace fast_sde
