#include "nesting.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace fast_sde {
namespace {

bool is_word(char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Words that an expression's tree has a level for.
bool is_operator(std::string_view word) {
  for (const char* known : {"not", "and", "or", "if", "else", "in", "is", "lambda"}) {
    if (word == known) return true;
  }
  return false;
}

class Scanner {
 public:
  explicit Scanner(std::string_view source) : source_(source) {}

  size_t deepest() {
    begin_line();
    while (at_ < source_.size()) step();
    return deepest_;
  }

 private:
  struct Block {
    size_t column;
    size_t branches;  // elif after elif is else: if: inside each other
  };

  void step() {
    const char c = source_[at_];
    if (c == '#') {
      skip_to('\n');
    } else if (c == '\'' || c == '"') {
      skip_text(c);
    } else if (c == '\n') {
      ++at_;
      if (levels_.size() == 1) begin_line();
    } else if (c == '(' || c == '[' || c == '{') {
      ++at_;
      deepen();
      levels_.push_back(0);
      deepen(0);
    } else if (c == ')' || c == ']' || c == '}') {
      ++at_;
      if (levels_.size() > 1) {
        operators_ -= levels_.back();
        levels_.pop_back();
      }
    } else if (c == ',') {
      ++at_;
      operators_ -= levels_.back();
      levels_.back() = 0;
    } else if (is_word(c)) {
      if (is_operator(word())) deepen();
    } else {
      ++at_;
      if (c != ' ' && c != '\t' && c != '\r' && c != ':' && c != '\\') deepen();
    }
  }

  // A statement begins.
  void begin_line() {
    const size_t start = at_;
    while (at_ < source_.size() && (source_[at_] == ' ' || source_[at_] == '\t')) ++at_;
    if (at_ == source_.size() || source_[at_] == '\n' || source_[at_] == '\r' || source_[at_] == '#') return;
    levels_.assign(1, 0);
    operators_ = 0;
    const size_t column = at_ - start;
    while (blocks_.size() > 1 && column < blocks_.back().column) leave_block();
    if (column > blocks_.back().column) blocks_.push_back({column, 0});
    const size_t before = at_;
    const std::string_view first = is_word(source_[at_]) ? word() : std::string_view();
    at_ = before;
    Block& block = blocks_.back();
    if (first == "elif") {
      ++block.branches;
      ++branches_;
    } else if (first != "else") {
      branches_ -= block.branches;
      block.branches = 0;
    }
    deepen(0);
  }

  void leave_block() {
    branches_ -= blocks_.back().branches;
    blocks_.pop_back();
  }

  void deepen(size_t by = 1) {
    levels_.back() += by;
    operators_ += by;
    deepest_ = std::max(deepest_, blocks_.size() + branches_ + levels_.size() + operators_);
  }

  std::string_view word() {
    const size_t start = at_;
    while (at_ < source_.size() && is_word(source_[at_])) ++at_;
    return source_.substr(start, at_ - start);
  }

  void skip_to(char end) {
    while (at_ < source_.size() && source_[at_] != end) ++at_;
  }

  void skip_text(char quote) {
    const bool triple = source_.substr(at_, 3) == std::string(3, quote);
    const std::string_view end = source_.substr(at_, triple ? 3 : 1);
    for (at_ += end.size(); at_ < source_.size(); ++at_) {
      if (source_[at_] == '\\') {
        ++at_;
      } else if (source_.substr(at_, end.size()) == end) {
        at_ += end.size();
        return;
      }
    }
    at_ = source_.size();
  }

  const std::string_view source_;
  size_t at_ = 0;
  size_t deepest_ = 0;
  std::vector<Block> blocks_{{0, 0}};
  size_t branches_ = 0;            // of all blocks
  std::vector<size_t> levels_{0};  // a bracket each: operators since its last comma
  size_t operators_ = 0;           // of all levels
};

}  // namespace

size_t nesting_of_code(std::string_view source) { return Scanner(source).deepest(); }

}  // namespace fast_sde
