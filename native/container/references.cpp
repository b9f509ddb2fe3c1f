#include "references.hpp"

#include <algorithm>

namespace fast_sde {
namespace {

constexpr std::string_view root = "__torch__";

bool is_word(char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The word, or with `dots` the qualified name, that `text` begins with.
std::string_view name_at(std::string_view text, bool dots) {
  size_t end = 0;
  while (end < text.size() && (is_word(text[end]) || (dots && text[end] == '.'))) ++end;
  return text.substr(0, end);
}

std::string_view defined_in(std::string_view line) {
  for (const std::string_view word : {std::string_view("class "), std::string_view("def ")}) {
    if (line.substr(0, word.size()) == word) return name_at(line.substr(word.size()), false);
  }
  return {};
}

}  // namespace

void References::add(const std::string& module, std::string_view source) {
  std::vector<std::string_view>* named = nullptr;
  for (size_t at = 0; at < source.size();) {
    const std::string_view line = source.substr(at, source.find('\n', at) - at);
    at += line.size() + 1;
    if (const std::string_view name = defined_in(line); !name.empty()) {
      definitions_[module + "." + std::string(name)] = named_.size();
      named = &named_.emplace_back();
    }
    if (named == nullptr) continue;
    for (size_t found = line.find(root); found != std::string_view::npos;
         found = line.find(root, found + root.size())) {
      if (found == 0 || !is_word(line[found - 1])) named->push_back(name_at(line.substr(found), true));
    }
  }
}

// A name may go on after that of the definition: with a method's, say.
size_t References::find(std::string_view name) const {
  for (; !name.empty(); name = name.substr(0, std::min(name.rfind('.'), name.size()))) {
    if (const auto found = definitions_.find(std::string(name)); found != definitions_.end()) return found->second;
    if (name.find('.') == std::string_view::npos) break;
  }
  return named_.size();
}

size_t References::longest_chain() const {
  struct Step {
    size_t definition, next;  // which of the names it looks at next
  };
  std::vector<size_t> chain(named_.size(), 0);  // of each definition; 0: not known yet
  std::vector<bool> entered(named_.size(), false);
  size_t longest = 0;
  for (size_t start = 0; start < named_.size(); ++start) {
    std::vector<Step> path;
    if (!entered[start]) path.push_back({start, 0});
    entered[start] = true;
    while (!path.empty()) {
      auto& [definition, next] = path.back();
      if (next < named_[definition].size()) {
        const size_t other = find(named_[definition][next++]);
        if (other == named_.size()) continue;
        chain[definition] = std::max(chain[definition], chain[other]);
        if (entered[other]) continue;
        entered[other] = true;
        --next;  // once more when its chain is known
        path.push_back({other, 0});
      } else {
        longest = std::max(longest, ++chain[definition]);
        path.pop_back();
      }
    }
  }
  return longest;
}

}  // namespace fast_sde
