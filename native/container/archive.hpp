// The zip archive that a TorchScript file is, read strictly: whatever LibTorch's reader relies on is checked, since
// that one looks at no checksum and believes every size.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "damage.hpp"

namespace fast_sde {

struct Record {
  std::string name;     // "archive/data.pkl"
  uint64_t at = 0;      // of its bytes in the file
  uint64_t stored = 0;  // bytes there
  uint64_t size = 0;    // bytes when unpacked
  uint32_t crc = 0;     // of the unpacked bytes
  bool deflated = false;
};

// In the order of the central directory. Throws Damage. Checksums are not looked at yet: see check_crc.
std::vector<Record> read_archive(std::string_view file);

// `contents`: the record's unpacked bytes.
void check_crc(const Record& record, std::string_view contents);

}  // namespace fast_sde
