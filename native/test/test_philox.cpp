#include <doctest/doctest.h>

#include "../core/philox.hpp"

#if __has_include(<Random123/philox.h>)
#include <Random123/philox.h>
#undef philox4x32  // a macro there
#define HAVE_RANDOM123 1
#endif

using namespace fast_sde;

namespace {

void check_known(Words counter, uint32_t key0, uint32_t key1, Words expected) {
  const Words got = philox4x32(counter, key0, key1);
  CHECK(got.w0 == expected.w0);
  CHECK(got.w1 == expected.w1);
  CHECK(got.w2 == expected.w2);
  CHECK(got.w3 == expected.w3);
}

}  // namespace

TEST_CASE("philox gives the published known answers") {
  check_known({0, 0, 0, 0}, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  check_known({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 0xffffffff, 0xffffffff,
              {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  check_known({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0,
              {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

#ifdef HAVE_RANDOM123
TEST_CASE("philox agrees with its authors' library on a thousand counters") {
  for (uint32_t i = 0; i < 1000; ++i) {
    uint32_t a = i * 2654435761u, b = ~i, c = i << 20, d = i * i;
    r123::Philox4x32::ctr_type counter = {{a, b, c, d}};
    r123::Philox4x32::key_type key = {{b ^ 5u, a + 3u}};
    auto expected = r123::Philox4x32()(counter, key);
    auto got = philox4x32(Words{a, b, c, d}, b ^ 5u, a + 3u);
    REQUIRE(got.w0 == expected[0]);
    REQUIRE(got.w1 == expected[1]);
    REQUIRE(got.w2 == expected[2]);
    REQUIRE(got.w3 == expected[3]);
  }
}
#endif
