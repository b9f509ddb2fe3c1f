// Classes and functions of a module's code that name each other: LibTorch reads what is named before it goes on, one in
// the other, and inlines calls in calls.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fast_sde {

// How long a chain LibTorch is given. Modules within modules make one; those that people write have a few dozen.
inline constexpr size_t max_chain = 500;

class References {
 public:
  // `module`: of the source's definitions, "__torch__.torch.nn.modules.conv".
  void add(const std::string& module, std::string_view source);

  // Definitions in the longest chain of references.
  size_t longest_chain() const;

 private:
  size_t find(std::string_view name) const;

  std::unordered_map<std::string, size_t> definitions_;  // by qualified name
  std::vector<std::vector<std::string_view>> named_;     // of each definition; in the sources, which must stay
};

}  // namespace fast_sde
