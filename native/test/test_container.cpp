// TorchScript files are checked before LibTorch sees them: archives, pickles, nesting.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "../container/crc32.hpp"
#include "../container/nesting.hpp"
#include "../container/pickle.hpp"
#include "../container/references.hpp"
#include "../container/torchscript.hpp"

using namespace fast_sde;
using namespace std::string_literals;

namespace {

std::string le(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(i < 8 ? value >> (8 * i) : 0);
  return text;
}

uint32_t crc_of(const std::string& text) { return crc32(reinterpret_cast<const uint8_t*>(text.data()), text.size()); }

// As PyTorch's writer lays them out: sizes behind the data, contents aligned by an extra field, a zip64 end record.
std::string archive_of(const std::vector<std::pair<std::string, std::string>>& records) {
  std::string file, directory;
  for (const auto& [name, contents] : records) {
    const uint64_t at = file.size(), padding = (64 - (at + 34 + name.size()) % 64) % 64;
    const std::string sizes = le(crc_of(contents), 4) + le(contents.size(), 4) + le(contents.size(), 4);
    file +=
        "PK\3\4"s + le(0, 2) + le(0x0808, 2) + le(0, 2 + 4 + 4 + 8) + le(name.size(), 2) + le(padding + 4, 2) + name;
    file += "FB" + le(padding, 2) + std::string(padding, 'Z') + contents + "PK\7\10"s + sizes;
    directory += "PK\1\2"s + le(0, 4) + le(0x0808, 2) + le(0, 2 + 4) + sizes + le(name.size(), 2) + le(0, 12);
    directory += le(at, 4) + name;
  }
  const uint64_t at = file.size(), end = at + directory.size(), count = records.size();
  file +=
      directory + "PK\6\6"s + le(44, 8) + le(0, 12) + le(count, 8) + le(count, 8) + le(directory.size(), 8) + le(at, 8);
  file += "PK\6\7"s + le(0, 4) + le(end, 8) + le(1, 4);
  return file + "PK\5\6"s + le(0, 4) + le(count, 2) + le(count, 2) + le(directory.size(), 4) + le(at, 4) + le(0, 2);
}

std::string text(const std::string& value) { return "X" + le(value.size(), 4) + value; }
std::string integer(int64_t value) { return "\x8a\x08" + le(static_cast<uint64_t>(value), 8); }
std::string tuple(const std::string& items) { return "(" + items + "t"; }
std::string pickle(const std::string& body) { return "\x80\x02" + body + "."; }

// A float tensor of one dimension in storage "0".
std::string tensor(int64_t elements, int64_t offset, int64_t size, int64_t stride) {
  const std::string storage =
      tuple(text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") + integer(elements)) + "Q";
  const std::string shape = tuple(integer(size)) + tuple(integer(stride));
  return "ctorch._utils\n_rebuild_tensor_v2\n" + tuple(storage + integer(offset) + shape + "\x89" + "N") + "R";
}

std::vector<std::pair<std::string, std::string>> model() {
  return {{"m/data/0", std::string(40, 'x')},
          {"m/data.pkl", pickle(tensor(10, 2, 4, 2))},
          {"m/code/__torch__.py", "def forward(x):\n  return (x)\n"},
          {"m/constants.pkl", pickle(")")},
          {"m/version", "3\n"}};
}

std::string check(const std::string& file) {
  try {
    check_torchscript(file, read_archive(file), [](const Record&) { return std::string(); });
    return "";
  } catch (const Damage& damage) {
    return damage.what();
  }
}

std::string check_alone(const std::string& body, uint64_t bytes = 40) {
  try {
    check_pickle(pickle(body), [bytes](const std::string&) { return bytes; });
    return "";
  } catch (const Damage& damage) {
    return damage.what();
  }
}

std::string repeated(const std::string& text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("crc32: the published check value") {
  CHECK(crc_of("123456789") == 0xCBF43926u);
  CHECK(crc_of("") == 0);
}

TEST_CASE("container: a bit that is not as it was written is found, or nobody reads it") {
  const std::string sound = archive_of(model());
  REQUIRE(check(sound) == "");
  const auto contents = [](const std::string& file) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const Record& record : read_archive(file))
      all.emplace_back(record.name, file.substr(record.at, record.stored));
    return all;
  };
  size_t found = 0;
  for (size_t bit = 0; bit < 8 * sound.size(); ++bit) {
    std::string flipped = sound;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    if (check(flipped) != "") {
      ++found;
    } else {
      CHECK_MESSAGE(contents(flipped) == model(), "byte ", bit / 8);
    }
  }
  CHECK(found > 4 * sound.size());
}

TEST_CASE("container: a file cut anywhere is refused") {
  const std::string sound = archive_of(model());
  for (size_t size = 0; size < sound.size(); ++size) CHECK(check(sound.substr(0, size)) != "");
}

TEST_CASE("container: a record shorter than its tensors is refused, with a right checksum too") {
  for (size_t size : {0, 1, 39}) {
    auto records = model();
    records[0].second.resize(size);
    CHECK(check(archive_of(records)).find("storage 0") != std::string::npos);
  }
  auto records = model();
  records.erase(records.begin());
  CHECK(check(archive_of(records)).find("storage 0 is missing") != std::string::npos);
}

TEST_CASE("container: two records of one name, overlapping ones and directories are refused") {
  auto records = model();
  records.push_back(records[0]);
  CHECK(check(archive_of(records)).find("two records") != std::string::npos);
  std::string file = archive_of(model());
  const size_t entry = file.find("PK\1\2"), second = file.find("PK\1\2", entry + 4);
  file.replace(second + 42, 4, file.substr(entry + 42, 4));
  CHECK(check(file) != "");
  file = archive_of(model());
  file[file.find("PK\1\2") + 38] = 0x10;
  CHECK(check(file).find("directory") != std::string::npos);
}

TEST_CASE("pickle: tensors stay in their storages") {
  CHECK(check_alone(tensor(10, 2, 4, 2)) == "");
  CHECK(check_alone(tensor(10, 0, 0, 1 << 30)) == "");
  CHECK(check_alone(tensor(10, 3, 4, 2)) == "");
  CHECK(check_alone(tensor(10, 4, 4, 2)) != "");
  CHECK(check_alone(tensor(10, 0, 11, 1)) != "");
  CHECK(check_alone(tensor(10, -1, 4, 2)) != "");
  CHECK(check_alone(tensor(10, 0, -1, 2)) != "");
  CHECK(check_alone(tensor(10, 9, 4, -1)) != "");
  CHECK(check_alone(tensor(10, 0, INT64_MAX, INT64_MAX)) != "");
  CHECK(check_alone(tensor(11, 0, 1, 1)) != "");
  CHECK(check_alone(tensor(-1, 0, 0, 1)) != "");
  CHECK(check_alone(tensor(INT64_MAX, 0, 1, 1)) != "");
}

TEST_CASE("pickle: instructions without operands, unended names and cycles are refused") {
  for (const std::string& body : {""s,
                                  "R"s,
                                  "Nb"s,
                                  "t"s,
                                  "e"s,
                                  "(u"s,
                                  "s"s,
                                  "\x85"s,
                                  "h\0"s,
                                  "Nq\1"s,
                                  "Nr\xff\xff\xff\x7f"s,
                                  "cname"s,
                                  "X\xff\xff\xff\x7f"s,
                                  "NQ"s,
                                  "J\0"s,
                                  "NN"s,
                                  "](NN"s,
                                  "}(Nu"s,
                                  "(Nd"s,
                                  "NNR"s,
                                  "K\0NR"s,
                                  "]q\0(h\0e"s + "h\0"s,
                                  "\x81"s,
                                  "i"s,
                                  "(N\x85" + "t\x86"s}) {
    CHECK_MESSAGE(check_alone(body) != "", body);
  }
  CHECK(check_alone("}(" + text("a") + "](K\1K\2eu") == "");
}

TEST_CASE("nesting: thousands deep is refused in pickles, types and code, whatever it is made of") {
  CHECK(check_alone("N" + repeated("\x85", 900)) == "");
  CHECK(check_alone("N" + repeated("\x85", 2000)).find("nested") != std::string::npos);
  CHECK(check_alone(repeated("](", 2000) + repeated("e", 2000)).find("nested") != std::string::npos);
  const auto type = [](size_t n) {
    const std::string name = repeated("List[", n) + "int" + repeated("]", n);
    return "ctorch.jit._pickle\nrestore_type_tag\n" + tuple("]" + text(name)) + "R";
  };
  CHECK(check_alone(type(100)) == "");
  CHECK(check_alone(type(2000)).find("nested") != std::string::npos);

  const size_t n = 2000;
  std::string blocks, branches = "if x:\n  y\n" + repeated("elif x:\n  y\n", n);
  for (size_t i = 0; i < n; ++i) blocks += std::string(i, ' ') + "if x:\n";
  for (const std::string& code :
       {repeated("(", n), repeated("[", n), "x" + repeated("[0]", n), "x" + repeated(".y()", n),
        repeated("- ", n) + "x", repeated("not ", n) + "x", "x" + repeated(" + x", n), repeated("x if y else ", n),
        repeated("f(x, ", n), blocks, branches}) {
    CHECK_MESSAGE(nesting_of_code(code) > max_nesting, code.substr(0, 20));
  }
  // Long is not deep.
  for (const std::string& code :
       {"[" + repeated("-1.5, ", n) + "]", repeated("x = f(x)\n", n), repeated("f(x), ", n),
        repeated("if x:\n  y = x + 1\n", n), "'" + repeated("(", n) + "'", "#" + repeated("(", n)}) {
    CHECK_MESSAGE(nesting_of_code(code) < 20, code.substr(0, 20));
  }
}

TEST_CASE("references: the longest chain of definitions that name each other is found") {
  const auto longest = [](const std::string& source) {
    References references;
    references.add("__torch__", source);
    return references.longest_chain();
  };
  CHECK(longest("") == 0);
  CHECK(longest("def f(x):\n  return x\n") == 1);
  CHECK(longest("def f(x):\n  return __torch__.g(x)\ndef g(x):\n  return __torch__.none(x)\n") == 2);
  CHECK(longest("class A(Module):\n  b : Optional[__torch__.B]\nclass B(Module):\n  def f(self):\n    "
                "return __torch__.C.f(x)\nclass C(Module):\n  def f(x):\n    return x\n") == 3);
  CHECK(longest("def f(x):\n  return __torch__.f(x)\n") == 1);
  std::string chain, wide;
  for (int i = 0; i < 100000; ++i) {
    const std::string next = std::to_string(i + 1);
    chain += "def f" + std::to_string(i) + "(x):\n  return __torch__.f" + next + "(__torch__.f" + next + "(x))\n";
    wide += "def f" + std::to_string(i) + "(x):\n  return __torch__.g(x)\n";
  }
  CHECK(longest(chain) == 100000);
  CHECK(longest(wide + "def g(x):\n  return x\n") == 2);

  // Across files.
  auto records = model();
  records.push_back({"m/code/__torch__/a/b.py", "def f(x):\n  return __torch__.c.f0(x)\n"});
  std::string last;
  for (size_t i = 0; i < max_chain; ++i) {
    last += "def f" + std::to_string(i) + "(x):\n  return __torch__.c.f" + std::to_string(i + 1) + "(x)\n";
  }
  records.push_back({"m/code/__torch__/c.py", last});
  CHECK(check(archive_of(records)).find("within one another") != std::string::npos);
  records.back().second = last.substr(0, last.rfind("def"));
  CHECK(check(archive_of(records)) == "");
}
