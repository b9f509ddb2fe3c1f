#include "archive.hpp"

#include <algorithm>
#include <unordered_set>

#include "crc32.hpp"

namespace fast_sde {
namespace {

constexpr uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50, end_signature = 0x06054b50;
constexpr uint32_t end64_signature = 0x06064b50, locator_signature = 0x07064b50;
constexpr size_t local_size = 30, central_size = 46, end_size = 22, end64_size = 56, locator_size = 20;

// A field that holds this has its value in the zip64 one.
constexpr uint64_t full16 = 0xFFFF, full32 = 0xFFFFFFFF;

// Of the flags a record may have: deflate's level, sizes behind the data, names in UTF-8. None changes how it is read.
constexpr uint64_t known_flags = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 11;
constexpr uint64_t sizes_follow = 1 << 3;

constexpr uint64_t dos_directory = 0x10;
constexpr uint64_t deflate_ratio = 1032;  // at most so many bytes come from one

class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  uint64_t number(uint64_t at, size_t bytes, const char* what) const {
    const std::string_view field = text(at, bytes, what);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; ++i) value |= uint64_t{static_cast<uint8_t>(field[i])} << (8 * i);
    return value;
  }

  std::string_view text(uint64_t at, uint64_t bytes, const char* what) const {
    if (at > file_.size() || bytes > file_.size() - at) {
      throw Damage(std::string(what) + " at byte " + std::to_string(at) + " reaches beyond the end of the file");
    }
    return file_.substr(at, bytes);
  }

  void expect(uint64_t at, uint32_t signature, const char* what) const {
    if (number(at, 4, what) != signature) throw Damage("no " + std::string(what) + " at byte " + std::to_string(at));
  }

  uint64_t size() const { return file_.size(); }
  std::string_view whole() const { return file_; }

 private:
  std::string_view file_;
};

struct Directory {
  uint64_t at, size, records;
};

// A field of the old end record agrees with zip64's, or says that it is there.
void expect_same(uint64_t old, uint64_t full, uint64_t value, const char* what) {
  if (old != full && old != value) throw Damage("the archive's two end records differ in " + std::string(what));
}

Directory find_directory(const Reader& file) {
  const size_t end = file.whole().rfind(std::string_view("PK\5\6", 4));
  if (end == std::string_view::npos) throw Damage("the archive's end is missing: the file is cut short");
  const uint64_t comment = file.number(end + 20, 2, "the end record");
  if (end + end_size + comment != file.size()) throw Damage("the archive does not end where its end record says");
  const auto field = [&](size_t at, size_t bytes) { return file.number(end + at, bytes, "the end record"); };
  const uint64_t records = field(10, 2), size = field(12, 4), at = field(16, 4);
  Directory found{at, size, records};
  uint64_t directory_end = end;
  const bool has64 = end >= locator_size && file.number(end - locator_size, 4, "the locator") == locator_signature;
  if (has64) {
    const uint64_t locator = end - locator_size;
    directory_end = file.number(locator + 8, 8, "the locator");
    if (directory_end > locator || locator - directory_end < end64_size) {
      throw Damage("the zip64 end record is not where its locator says");
    }
    file.expect(directory_end, end64_signature, "zip64 end record");
    const auto field64 = [&](size_t offset) { return file.number(directory_end + offset, 8, "the zip64 end record"); };
    if (field64(4) != locator - directory_end - 12) throw Damage("the zip64 end record has a wrong size");
    found = {field64(48), field64(40), field64(32)};
    if (field64(24) != found.records || file.number(directory_end + 16, 8, "the zip64 end record") != 0) {
      throw Damage("the archive is said to be one of several volumes");
    }
    expect_same(records, full16, found.records, "the number of records");
    expect_same(size, full32, found.size, "the directory's size");
    expect_same(at, full32, found.at, "the directory's place");
  }
  if (field(4, 2) % full16 != 0 || field(6, 2) % full16 != 0 || field(8, 2) != records) {
    throw Damage("the archive is said to be one of several volumes");
  }
  if (found.at > directory_end || found.size != directory_end - found.at) {
    throw Damage("the archive's directory is not where its end record says");
  }
  if (found.records > found.size / central_size) throw Damage("the archive's directory is too short for its records");
  return found;
}

// The sizes and the place of a record's central header: those that are full stand in its zip64 field, in this order.
void read_zip64(const Reader& file, uint64_t extra, uint64_t end, const std::string& name, uint64_t* (&fields)[3]) {
  if (std::none_of(std::begin(fields), std::end(fields), [](uint64_t* field) { return *field == full32; })) return;
  constexpr const char* what = "an extra field";
  while (end - extra >= 4) {
    const uint64_t id = file.number(extra, 2, what), size = file.number(extra + 2, 2, what);
    extra += 4;
    if (size > end - extra) break;
    if (id != 1) {
      extra += size;
      continue;
    }
    const uint64_t last = extra + size;
    for (uint64_t* field : fields) {
      if (*field != full32) continue;
      if (last - extra < 8) throw Damage("record " + name + " has an incomplete zip64 field");
      *field = file.number(extra, 8, what);
      extra += 8;
    }
    return;
  }
  throw Damage("record " + name + " has no zip64 field");
}

// The local header says the same as the central one, where LibTorch's reader skips it unread. Returns where it ends.
uint64_t check_local(const Reader& file, uint64_t at, uint64_t flags, uint64_t method, const Record& record) {
  const std::string what = "the header of record " + record.name;
  const auto field = [&](size_t offset, size_t bytes) { return file.number(at + offset, bytes, what.c_str()); };
  file.expect(at, local_signature, what.c_str());
  const uint64_t name_size = field(26, 2);
  const bool same = field(6, 2) == flags && field(8, 2) == method &&
                    file.text(at + local_size, name_size, what.c_str()) == record.name;
  if (!same) throw Damage(what + " differs from the archive's directory");
  const auto agrees = [&](uint64_t value, uint64_t expected) {
    return value == expected || value == full32 || ((flags & sizes_follow) != 0 && value == 0);
  };
  const uint64_t crc = field(14, 4);
  const bool right_crc = crc == record.crc || ((flags & sizes_follow) != 0 && crc == 0);
  if (!right_crc || !agrees(field(18, 4), record.stored) || !agrees(field(22, 4), record.size)) {
    throw Damage(what + " differs from the archive's directory");
  }
  return at + local_size + name_size + field(28, 2);
}

bool is_text(std::string_view name) {
  return std::none_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; });
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
  }
  return text;
}

// A record and where it lies in the file, its header included.
struct Entry {
  Record record;
  uint64_t from, to;
};

// Reads the directory's entry at `at` and moves `at` behind it.
Entry read_entry(const Reader& file, const Directory& directory, uint64_t& at) {
  constexpr const char* what = "directory entry";
  const auto field = [&](size_t offset, size_t size) { return file.number(at + offset, size, what); };
  file.expect(at, central_signature, what);
  const uint64_t flags = field(8, 2), method = field(10, 2), attributes = field(38, 4);
  const uint64_t name_size = field(28, 2), extra_size = field(30, 2), comment_size = field(32, 2);
  uint64_t header = field(42, 4);
  Record record;
  record.name = file.text(at + central_size, name_size, what);
  record.crc = static_cast<uint32_t>(field(16, 4));
  record.stored = field(20, 4);
  record.size = field(24, 4);
  record.deflated = method == 8;
  if (record.name.empty() || !is_text(record.name)) throw Damage("a record's name is no text");
  const auto refuse = [&](const char* why) { throw Damage("record " + record.name + " " + why); };

  const uint64_t extra = at + central_size + name_size;
  file.text(extra, extra_size + comment_size, what);
  uint64_t* zip64[] = {&record.size, &record.stored, &header};
  read_zip64(file, extra, extra + extra_size, record.name, zip64);
  if ((flags & ~known_flags) != 0 || (method != 0 && method != 8)) {
    refuse("is packed or encrypted in a way that PyTorch does not use");
  }
  if (field(34, 2) % full16 != 0) refuse("is said to be in another volume");
  // LibTorch's reader leaves the memory of a directory's "contents" as it was.
  if (((attributes & dos_directory) != 0 || record.name.back() == '/') && record.size != 0) {
    refuse("is said to be a directory");
  }
  if (header >= directory.at) refuse("lies beyond the archive's directory");
  record.at = check_local(file, header, flags, method, record);
  if (record.at > directory.at || record.stored > directory.at - record.at) {
    refuse("reaches into the archive's directory");
  }
  const bool fits = record.deflated ? record.size / deflate_ratio <= record.stored : record.size == record.stored;
  if (!fits) refuse("cannot have the size it is said to have");
  at = extra + extra_size + comment_size;
  const uint64_t end = record.at + record.stored;
  return {std::move(record), header, end};
}

void check_overlaps(std::vector<const Entry*> entries) {
  std::sort(entries.begin(), entries.end(), [](const Entry* a, const Entry* b) { return a->from < b->from; });
  for (size_t i = 1; i < entries.size(); ++i) {
    if (entries[i - 1]->to <= entries[i]->from) continue;
    throw Damage("records " + entries[i - 1]->record.name + " and " + entries[i]->record.name + " overlap");
  }
}

}  // namespace

std::vector<Record> read_archive(std::string_view bytes) {
  const Reader file(bytes);
  const Directory directory = find_directory(file);
  std::vector<Entry> entries;
  std::unordered_set<std::string> names;
  uint64_t at = directory.at;
  for (uint64_t i = 0; i < directory.records; ++i) {
    entries.push_back(read_entry(file, directory, at));
    const std::string& name = entries.back().record.name;
    // LibTorch's reader takes A for a.
    if (!names.insert(lower(name)).second) throw Damage("there are two records " + name);
  }
  if (at != directory.at + directory.size) throw Damage("the archive's directory has a wrong size");

  std::vector<const Entry*> places;
  places.reserve(entries.size());
  for (const Entry& entry : entries) places.push_back(&entry);
  check_overlaps(std::move(places));
  std::vector<Record> records;
  records.reserve(entries.size());
  for (Entry& entry : entries) records.push_back(std::move(entry.record));
  return records;
}

void check_crc(const Record& record, std::string_view contents) {
  if (crc32(reinterpret_cast<const uint8_t*>(contents.data()), contents.size()) == record.crc) return;
  throw Damage("record " + record.name + ", " + std::to_string(record.stored) + " bytes from byte " +
               std::to_string(record.at) + " on, does not have its checksum");
}

}  // namespace fast_sde
