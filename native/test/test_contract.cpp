// The lists of words that both languages share.
#include <doctest/doctest.h>

#include <cstddef>

#include "../contract/words.hpp"

using namespace fast_sde;

TEST_CASE("every list of words has a word for each of its numbers") {
  CHECK(words<ScheduleKind>.size() == static_cast<size_t>(ScheduleKind::table) + 1);
  CHECK(words<Prediction>.size() == static_cast<size_t>(Prediction::velocity) + 1);
  CHECK(words<TimeInput>.size() == static_cast<size_t>(TimeInput::edm) + 1);
  CHECK(words<Noise>.size() == static_cast<size_t>(Noise::retain) + 1);
  CHECK(words<Scale>.size() == static_cast<size_t>(Scale::sum) + 1);
  CHECK(words<Norm>.size() == static_cast<size_t>(Norm::max) + 1);
  CHECK(words<Status>.size() == static_cast<size_t>(Status::unfinished) + 1);
  CHECK(words<fast_sde_dtype>.size() == static_cast<size_t>(FAST_SDE_TF32) + 1);
  CHECK(words<fast_sde_layout>.size() == static_cast<size_t>(FAST_SDE_CHANNELS_LAST) + 1);
  CHECK(words<fast_sde_status>.size() == static_cast<size_t>(FAST_SDE_INTERNAL) + 1);
}
