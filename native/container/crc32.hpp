// The checksum of zip archives, eight bytes at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace fast_sde {

// table[k][b]: what byte b does to the checksum when k zero bytes follow it.
inline constexpr auto crc32_tables = [] {
  std::array<std::array<uint32_t, 256>, 8> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
    table[0][byte] = crc;
  }
  for (size_t k = 1; k < 8; ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = table[k - 1][byte];
      table[k][byte] = (before >> 8) ^ table[0][before & 0xFF];
    }
  }
  return table;
}();

inline uint32_t crc32(const uint8_t* data, size_t size) {
  const auto& table = crc32_tables;
  uint32_t crc = ~0u;
  for (; size >= 8; size -= 8, data += 8) {
    // Little-endian on any machine; compilers make one load of it.
    const uint32_t low = crc ^ (data[0] | uint32_t{data[1]} << 8 | uint32_t{data[2]} << 16 | uint32_t{data[3]} << 24);
    crc = table[7][low & 0xFF] ^ table[6][(low >> 8) & 0xFF] ^ table[5][(low >> 16) & 0xFF] ^ table[4][low >> 24] ^
          table[3][data[4]] ^ table[2][data[5]] ^ table[1][data[6]] ^ table[0][data[7]];
  }
  for (; size > 0; --size, ++data) crc = (crc >> 8) ^ table[0][(crc ^ *data) & 0xFF];
  return ~crc;
}

}  // namespace fast_sde
