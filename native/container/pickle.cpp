#include "pickle.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "nesting.hpp"

namespace fast_sde {
namespace {

enum class Kind : uint8_t { other, integer, text, tuple, container, global, storage };

struct Value {
  Kind kind = Kind::other;
  uint32_t depth = 0;       // a container's own stands in containers_
  int64_t number = 0;       // an integer; where a tuple's items begin, or which container it is; bytes of a storage
  uint64_t length = 0;      // items of a tuple; bytes of one element of a storage
  std::string_view text{};  // of a text; a global's "module\nname"
};

struct Container {
  uint32_t depth = 1;
  bool taken = false;  // part of something else: it may not change any more, hence there are no cycles
};

// Bytes of an element, by the name that a storage's type has in torch. LibTorch refuses types that it does not know.
uint64_t element_size(std::string_view type) {
  static const std::map<std::string_view, uint64_t> sizes = {
      {"HalfStorage", 2},   {"BFloat16Storage", 2},       {"FloatStorage", 4},
      {"DoubleStorage", 8}, {"ShortStorage", 2},          {"IntStorage", 4},
      {"LongStorage", 8},   {"UInt16Storage", 2},         {"UInt32Storage", 4},
      {"UInt64Storage", 8}, {"ComplexHalfStorage", 4},    {"ComplexFloatStorage", 8},
      {"QInt32Storage", 4}, {"ComplexDoubleStorage", 16},
  };
  const auto found = sizes.find(type);
  return found == sizes.end() ? 1 : found->second;
}

class Machine {
 public:
  Machine(std::string_view pickle, const std::function<uint64_t(const std::string&)>& bytes_of)
      : pickle_(pickle), bytes_of_(bytes_of) {}

  void run() {
    if (take(2) != std::string_view("\x80\x02", 2)) throw Damage("it does not begin as a pickle of protocol 2");
    while (step()) continue;
    if (stack_.size() != 1 || !marks_.empty()) throw Damage("it does not end with one value");
  }

 private:
  bool step() {
    switch (static_cast<uint8_t>(take(1)[0])) {
      case '.':
        return false;
      case 'N':
      case 0x88:  // true
      case 0x89:  // false
        push({});
        break;
      case 'K':
        push_integer(1);
        break;
      case 'M':
        push_integer(2);
        break;
      case 'J':
        push_integer(4);
        break;
      case 0x8a:  // a long
        if (number(1) != 8) throw Damage("an integer is not of 8 bytes");
        push_integer(8);
        break;
      case 'G':
        take(8);
        push({});
        break;
      case 'X':
        push_text(take(number(4)));
        break;
      case 'c':
        push_global();
        break;
      case ']':
      case '}':
        push_container();
        break;
      case '(':
        marks_.push_back(stack_.size());
        break;
      case ')':
        push_tuple(0);
        break;
      case 't':
        push_tuple(since_mark());
        break;
      case 0x85:
      case 0x86:
      case 0x87:
        push_tuple(static_cast<uint8_t>(pickle_[at_ - 1]) - 0x84u);
        break;
      case 'e':
        fill(since_mark(), 1);
        break;
      case 'u':
        fill(since_mark(), 2);
        break;
      case 's':
        fill(2, 2);
        break;
      case 'l':
      case 'd':
        make(pickle_[at_ - 1] == 'd' ? 2 : 1);
        break;
      case 'q':
        keep(number(1));
        break;
      case 'r':
        keep(number(4));
        break;
      case 'h':
        recall(number(1));
        break;
      case 'j':
        recall(number(4));
        break;
      case 0x81:  // of a class and no arguments; the class is called when its state is there
        if (top(0).kind != Kind::tuple || top(1).kind != Kind::global) throw Damage("an object has no class");
        stack_.pop_back();
        break;
      case 'b':
      case 'R':
        call();
        break;
      case 'Q':
        load_storage();
        break;
      default:
        throw Damage("byte " + std::to_string(at_ - 1) + " is no instruction that TorchScript files have");
    }
    return true;
  }

  std::string_view take(uint64_t bytes) {
    if (bytes > pickle_.size() - at_) throw Damage("it ends in the midst of an instruction");
    const std::string_view taken = pickle_.substr(at_, bytes);
    at_ += bytes;
    return taken;
  }

  uint64_t number(size_t bytes) {
    uint64_t value = 0;
    const std::string_view taken = take(bytes);
    for (size_t i = 0; i < bytes; ++i) value |= uint64_t{static_cast<uint8_t>(taken[i])} << (8 * i);
    return value;
  }

  void push(const Value& value) { stack_.push_back(value); }

  void push_integer(size_t bytes) {
    Value value{.kind = Kind::integer};
    const uint64_t read = number(bytes);
    value.number = bytes == 4 ? static_cast<int32_t>(read) : static_cast<int64_t>(read);
    push(value);
  }

  void push_text(std::string_view text) { push({.kind = Kind::text, .text = text}); }

  void push_global() {
    const size_t module = pickle_.find('\n', at_);
    const size_t name = module == std::string_view::npos ? module : pickle_.find('\n', module + 1);
    if (name == std::string_view::npos) throw Damage("a name does not end");
    push({.kind = Kind::global, .text = pickle_.substr(at_, name - at_)});
    at_ = name + 1;
  }

  void push_container() {
    push({.kind = Kind::container, .number = static_cast<int64_t>(containers_.size())});
    containers_.push_back({});
  }

  Value& top(size_t below) {
    // What lies before the last mark belongs to another value.
    const size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() < floor + below + 1) throw Damage("an instruction lacks its operand");
    return stack_[stack_.size() - 1 - below];
  }

  size_t since_mark() {
    if (marks_.empty()) throw Damage("an instruction lacks its mark");
    const size_t count = stack_.size() - marks_.back();
    marks_.pop_back();
    return count;
  }

  // The last `count` values become part of something; returns how deep it is then.
  uint32_t enclose(size_t count) {
    if (count > 0) top(count - 1);
    uint32_t deepest = 0;
    for (size_t i = stack_.size() - count; i < stack_.size(); ++i) {
      const Value& value = stack_[i];
      if (value.kind == Kind::container) {
        Container& container = containers_[static_cast<size_t>(value.number)];
        container.taken = true;
        deepest = std::max(deepest, container.depth);
      } else {
        deepest = std::max(deepest, value.depth);
      }
    }
    if (deepest >= max_nesting)
      throw Damage("its values are nested more than " + std::to_string(max_nesting) + " deep");
    return deepest + 1;
  }

  void push_tuple(size_t count) {
    Value tuple{.kind = Kind::tuple, .depth = enclose(count), .length = count};
    tuple.number = static_cast<int64_t>(items_.size());
    items_.insert(items_.end(), stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    push(tuple);
  }

  // Moves the last `count` values, `each` an item, into the container before them.
  void fill(size_t count, size_t each) {
    const Value& before = top(count);
    if (before.kind != Kind::container || count % each != 0) throw Damage("values belong to no list or dictionary");
    Container& container = containers_[static_cast<size_t>(before.number)];
    if (container.taken) throw Damage("a list or dictionary changes after its use");
    container.depth = std::max(container.depth, enclose(count));
    stack_.resize(stack_.size() - count);
  }

  void make(size_t each) {
    const size_t count = since_mark();
    if (count % each != 0) throw Damage("a dictionary's key has no value");
    const uint32_t depth = enclose(count);
    stack_.resize(stack_.size() - count);
    push_container();
    containers_.back().depth = depth;
  }

  void keep(uint64_t place) {
    if (place > memo_.size()) throw Damage("a value is kept beyond its turn");
    if (place == memo_.size()) memo_.emplace_back();
    memo_[place] = top(0);
  }

  void recall(uint64_t place) {
    if (place >= memo_.size()) throw Damage("a value is used that was never kept");
    push(memo_[place]);
  }

  const Value& item(const Value& tuple, uint64_t i, Kind kind) const {
    if (i >= tuple.length || items_[static_cast<uint64_t>(tuple.number) + i].kind != kind) {
      throw Damage("a tensor is not described as tensors are");
    }
    return items_[static_cast<uint64_t>(tuple.number) + i];
  }

  void call() {
    const Value state = top(0), callee = top(1);
    if (callee.kind != Kind::global) throw Damage("what is called is no function");
    const uint32_t depth = enclose(1);
    if (callee.text == "torch._utils\n_rebuild_tensor_v2" || callee.text == "torch._utils\n_rebuild_qtensor") {
      check_tensor(state);
    } else if (callee.text == "torch._tensor\n_rebuild_from_type_v2") {
      const std::string_view function = item(state, 0, Kind::global).text;
      if (function == "torch._utils\n_rebuild_tensor_v2") check_tensor(item(state, 2, Kind::tuple));
    } else if (callee.text == "torch.jit._pickle\nrestore_type_tag") {
      if (nesting_of_code(item(state, 1, Kind::text).text) > max_nesting) throw Damage("a type is nested too deep");
    }
    stack_.resize(stack_.size() - 2);
    push({.depth = depth});
  }

  // ("storage", type, key, device, elements)
  void load_storage() {
    const Value id = top(0);
    if (id.kind != Kind::tuple || item(id, 0, Kind::text).text != "storage") throw Damage("a storage has no name");
    const std::string_view type = item(id, 1, Kind::global).text;
    const std::string key(item(id, 2, Kind::text).text);
    const int64_t elements = item(id, 4, Kind::integer).number;
    const uint64_t size = element_size(type.substr(type.find('\n') + 1));
    item(id, 3, Kind::text);
    if (elements < 0) throw Damage("storage " + key + " has less than no elements");
    const uint64_t bytes = elements == 0 ? 0 : bytes_of_(key);
    if (static_cast<uint64_t>(elements) > bytes / size) {
      throw Damage("it wants " + std::to_string(elements) + " numbers of " + std::to_string(size) +
                   " bytes from storage " + key + ", which has " + std::to_string(bytes) + " bytes");
    }
    stack_.back() = {.kind = Kind::storage, .depth = 1, .number = elements, .text = item(id, 2, Kind::text).text};
  }

  // (storage, offset, sizes, strides, …): the element that lies furthest must be in the storage.
  void check_tensor(const Value& tuple) const {
    if (tuple.kind != Kind::tuple) throw Damage("a tensor is not described as tensors are");
    const Value& storage = item(tuple, 0, Kind::storage);
    const int64_t offset = item(tuple, 1, Kind::integer).number;
    const Value &sizes = item(tuple, 2, Kind::tuple), &strides = item(tuple, 3, Kind::tuple);
    bool empty = false, wrong = offset < 0 || sizes.length != strides.length;
    __int128 last = offset;
    for (uint64_t i = 0; !wrong && i < sizes.length; ++i) {
      const int64_t size = item(sizes, i, Kind::integer).number, stride = item(strides, i, Kind::integer).number;
      wrong = size < 0 || stride < 0;
      empty = empty || size == 0;
      last += __int128{size - 1} * stride;
      wrong = wrong || (last > INT64_MAX && !empty);
    }
    if (wrong || (!empty && last >= storage.number)) {
      throw Damage("a tensor reaches beyond its storage " + std::string(storage.text));
    }
  }

  const std::string_view pickle_;
  const std::function<uint64_t(const std::string&)>& bytes_of_;
  size_t at_ = 0;
  std::vector<Value> stack_, memo_, items_;  // items_: of all tuples, one after the other
  std::vector<size_t> marks_;
  std::vector<Container> containers_;
};

}  // namespace

void check_pickle(std::string_view pickle, const std::function<uint64_t(const std::string& key)>& bytes_of) {
  Machine(pickle, bytes_of).run();
}

}  // namespace fast_sde
