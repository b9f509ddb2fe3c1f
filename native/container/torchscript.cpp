#include "torchscript.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "nesting.hpp"
#include "pickle.hpp"
#include "references.hpp"

namespace fast_sde {
namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool begins_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

// What went wrong in a record, with the record's name.
template <class Body>
void in_record(const Record& record, Body body) {
  try {
    body();
  } catch (const Damage& damage) {
    throw Damage("in record " + record.name + ", " + damage.what());
  }
}

// "code/__torch__/torch/nn.py": "__torch__.torch.nn"
std::string module_of(std::string_view name) {
  std::string module(name.substr(5, name.size() - 8));
  std::replace(module.begin(), module.end(), '/', '.');
  return module;
}

}  // namespace

void check_torchscript(std::string_view file, const std::vector<Record>& records, const Unpack& unpack) {
  // LibTorch takes the first record's folder for that of all it reads.
  const std::string folder = records.empty() ? "" : records[0].name.substr(0, records[0].name.find('/') + 1);
  std::unordered_map<std::string, uint64_t> sizes;
  for (const Record& record : records) sizes.emplace(record.name, record.size);

  References references;
  std::deque<std::string> sources;  // references point into them
  for (const Record& record : records) {
    if (!begins_with(record.name, folder)) continue;
    const std::string_view name = std::string_view(record.name).substr(folder.size());
    const std::string unpacked = record.deflated ? unpack(record) : std::string();
    const std::string_view contents = record.deflated ? unpacked : file.substr(record.at, record.stored);
    check_crc(record, contents);

    // Where the tensors of a pickle lie; code's notes on its origin have none.
    const char* tensors = name == "data.pkl" ? "data/" : name == "constants.pkl" ? "constants/" : nullptr;
    const bool is_code = begins_with(name, "code/");
    if (tensors != nullptr || (is_code && ends_with(name, ".debug_pkl"))) {
      in_record(record, [&] {
        check_pickle(contents, [&](const std::string& key) {
          const auto found =
              tensors == nullptr ? sizes.end() : sizes.find(std::string(folder).append(tensors).append(key));
          if (found == sizes.end()) throw Damage("storage " + key + " is missing");
          return found->second;
        });
      });
    } else if (is_code && ends_with(name, ".py")) {
      if (nesting_of_code(contents) > max_nesting) {
        throw Damage("record " + record.name + " is code nested more than " + std::to_string(max_nesting) + " deep");
      }
      references.add(module_of(name), sources.emplace_back(contents));
    }
  }
  if (references.longest_chain() > max_chain) {
    throw Damage("more than " + std::to_string(max_chain) + " of its classes and functions are within one another");
  }
}

}  // namespace fast_sde
