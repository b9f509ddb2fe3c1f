// The path's law without any sampling: increments are linear in independent unit normals, so their covariances follow
// from their coefficients.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "../core/noise_path.hpp"
#include "support.hpp"

using namespace fast_sde;
using fast_sde::test::within;

namespace {

using Combination = std::map<uint32_t, double>;  // node -> coefficient

// Of the step that the path has in hand.
Combination combination(const NoisePath& path) {
  Combination c;
  for (uint32_t i = 0; i < path.step_count(); ++i) c[path.step()[i].node] += path.step()[i].coefficient;
  return c;
}

// A path with its room.
struct Path : NoisePath {
  Path() { set_room(&own); }
  NoiseRoom own;
};

double covariance(const Combination& a, const Combination& b) {
  double sum = 0;
  for (auto [node, coefficient] : a) {
    auto other = b.find(node);
    if (other != b.end()) sum += coefficient * other->second;
  }
  return sum;
}

struct Accepted {
  double length;
  Combination increment;
};

// Steps over [0, 1]: each is tried at some length and cut by `cut` until `accept` says yes.
template <class Length, class Cut, class Accept>
std::vector<Accepted> walk(Noise noise, Length length, Cut cut, Accept accept, uint32_t* deepest = nullptr) {
  Path path;
  std::vector<Accepted> steps;
  double t = 0;
  while (t < 1 - 1e-12) {
    double h = std::min(length(), 1 - t);
    path.take(h);
    while (!accept()) {
      h *= cut();
      if (noise == Noise::retain) {
        path.retain(h);
      } else {
        path.reject(noise);
        path.take(h);
      }
    }
    CHECK(within(path.step_length(), h, 1e-8));
    steps.push_back({h, combination(path)});
    if (deepest != nullptr) *deepest = std::max({*deepest, path.depth(), path.step_count()});
    path.accept();
    t += h;
  }
  return steps;
}

}  // namespace

TEST_CASE("bridged increments are independent, each with its length as variance, whatever was rejected") {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(0, 1);
    auto steps = walk(
        Noise::bridge, [&] { return std::pow(10.0, -2.5 * uniform(random)); },
        [&] { return 0.02 + 0.97 * uniform(random); }, [&] { return uniform(random) < 0.5; });
    for (size_t i = 0; i < steps.size(); ++i) {
      REQUIRE(within(covariance(steps[i].increment, steps[i].increment), steps[i].length, 1e-5));
      for (size_t j = 0; j < i; ++j) {
        double bound = 1e-5 * std::sqrt(steps[i].length * steps[j].length);
        REQUIRE(std::fabs(covariance(steps[i].increment, steps[j].increment)) < bound);
      }
    }
  }
}

TEST_CASE("increments of a rejected step add up to it") {
  Path path;
  path.take(0.5);
  Combination whole = combination(path);
  path.reject(Noise::bridge);
  Combination sum;
  for (double h : {0.01, 0.04, 0.2, 0.15, 0.1}) {
    path.take(h);
    for (auto [node, coefficient] : combination(path)) sum[node] += coefficient;
    path.accept();
  }
  for (auto [node, coefficient] : sum) {
    CHECK(coefficient == doctest::Approx(whole.count(node) ? whole[node] : 0.0).scale(1).epsilon(1e-6));
  }
}

TEST_CASE("one long rejected step and thousands of short ones after it stay within the path's memory") {
  bool first = true;
  uint32_t deepest = 0;
  auto steps = walk(
      Noise::bridge, [&] { return first ? 1.0 : 1e-4 * (1 + 0.3 * std::sin(static_cast<double>(deepest))); },
      [] { return 1e-4; }, [&] { return std::exchange(first, false) == false; }, &deepest);
  CHECK(steps.size() > 5000);
  CHECK(deepest < 30);
}

TEST_CASE("a path cut beyond its memory is folded: it goes on, and keeps its law") {
  // Steps of all lengths, nearly all refused many times over: far more points are seen ahead than the room holds.
  for (unsigned seed = 1; seed <= 2; ++seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(0, 1);
    uint32_t deepest = 0;
    int tries = 0;
    auto steps = walk(
        Noise::bridge, [&] { return 1e-4 + uniform(random); }, [&] { return 0.8 + 0.19 * uniform(random); },
        [&] { return ++tries % 25 == 0; }, &deepest);
    CHECK(deepest >= NoiseRoom::most_pieces);
    double sum = 0;
    for (const Accepted& step : steps) {
      const double variance = covariance(step.increment, step.increment);
      CHECK(within(variance, step.length, 0.05));
      sum += variance;
    }
    CHECK(within(sum, 1, 0.02));
    for (size_t i = 1; i < steps.size(); ++i) {
      const double bound = 0.1 * std::sqrt(steps[i].length * steps[i - 1].length);
      CHECK(std::fabs(covariance(steps[i].increment, steps[i - 1].increment)) < bound);
    }
  }
}

TEST_CASE("redraw forgets the rejected increment, retain scales it") {
  Path path;
  path.take(0.5);
  uint32_t node = path.step()[0].node;
  path.reject(Noise::redraw);
  path.take(0.1);
  CHECK(path.step_count() == 1);
  CHECK(path.step()[0].node != node);

  path.reset();
  path.take(0.5);
  node = path.step()[0].node;
  path.retain(0.125);
  CHECK(path.step_count() == 1);
  CHECK(path.step()[0].node == node);
  CHECK(within(path.step()[0].coefficient, std::sqrt(0.125), 1e-6));
}
