#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "../core/schedule.hpp"
#include "support.hpp"

using namespace fast_sde;
using fast_sde::test::within;

namespace {

Schedule schedule(ScheduleKind kind, double first, double last) {
  Schedule s;
  s.kind = kind;
  s.lowest = first;
  s.highest = last;
  return s;
}

}  // namespace

// What makes a schedule one: alpha' = f alpha and (sigma^2)' = 2 f sigma^2 + g^2, by central differences.
TEST_CASE("alpha, sigma, f and g belong together") {
  for (Schedule s : {schedule(ScheduleKind::vp, 0.1, 20), schedule(ScheduleKind::sub_vp, 0.1, 20),
                     schedule(ScheduleKind::ve, 0.01, 50)}) {
    for (double t : {0.01, 0.1, 0.37, 0.5, 0.8, 0.99}) {
      const double d = 1e-5;
      ScheduleAt at = schedule_at(s, t), before = schedule_at(s, t - d), after = schedule_at(s, t + d);
      double alpha_slope = (after.alpha - before.alpha) / (2 * d);
      double variance_slope = (after.sigma * after.sigma - before.sigma * before.sigma) / (2 * d);
      CHECK(within(alpha_slope, at.f * at.alpha, 1e-6));
      CHECK(within(variance_slope, 2 * at.f * at.sigma * at.sigma + at.g * at.g, 1e-6));
    }
  }
}

TEST_CASE("the paper's constants: VP and VE at their ends") {
  Schedule vp = schedule(ScheduleKind::vp, 0.1, 20), ve = schedule(ScheduleKind::ve, 0.01, 50);
  CHECK(within(schedule_at(vp, 1e-3).alpha, 0.999945, 1e-6));
  CHECK(within(schedule_at(vp, 1e-3).sigma, 0.010485, 1e-4));
  CHECK(within(schedule_at(ve, 1e-5).sigma, 0.01 * std::pow(5000.0, 1e-5), 1e-13));
  CHECK(within(schedule_at(ve, 1).sigma, 50, 1e-12));
  CHECK(within(schedule_at(ve, 1).g, 206.37, 1e-3));
}

TEST_CASE("a log-SNR is had at the time that is found for it, from any bracket") {
  for (Schedule s : {schedule(ScheduleKind::vp, 0.1, 20), schedule(ScheduleKind::sub_vp, 0.1, 20),
                     schedule(ScheduleKind::ve, 0.01, 50)}) {
    for (double t : {1.1e-3, 0.02, 0.3, 0.7, 0.999}) {
      const double wanted = log_snr(schedule_at(s, t));
      for (double low : {1e-3, 0.9 * t}) CHECK(within(time_of_log_snr(s, wanted, low, 1), t, 1e-12));
    }
    CHECK(within(time_of_log_snr(s, 1e9, 1e-3, 1), 1e-3, 1e-9));
    CHECK(time_of_log_snr(s, -1e9, 1e-3, 1) == 1);
  }
}

TEST_CASE("a table is evaluated piece by piece, ends included") {
  // alpha = t^3 on [0, 1], 1 + (t - 1) / 2 on [1, 3]; the rest constants.
  std::vector<double> edges = {0, 1, 3};
  std::vector<double> cubics = {0, 0, 0, 1, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0,  //
                                1, 1, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0};
  Schedule table = schedule(ScheduleKind::table, 0, 0);
  table.edges = edges.data();
  table.cubics = cubics.data();
  table.pieces = 2;
  CHECK(schedule_at(table, 0).alpha == 0);
  CHECK(within(schedule_at(table, 0.5).alpha, 0.125, 1e-12));
  CHECK(schedule_at(table, 0.5).sigma == 2);
  CHECK(within(schedule_at(table, 2).alpha, 1.5, 1e-12));
  CHECK(within(schedule_at(table, 3).alpha, 2, 1e-12));
  CHECK(schedule_at(table, 3).g == 7);
}
