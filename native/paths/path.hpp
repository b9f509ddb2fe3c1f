// What a path solver sees of the paths it steps (solver/paths/): their states, the step, its noise, and who answers
// drift and diffusion. One step of all lanes of a chunk, of a single path, or of a CUDA thread's own: a solver knows
// neither, nor whether the step will be kept.
//
// A block is a few rows, a row holds one number a path. Rules say what one number of a block is, and are applied to
// every row and lane: `v` gives the numbers of the same path.
#pragma once

#include <cstdint>

#include "../core/hd.hpp"
#include "../core/math.hpp"
#include "equations.hpp"

namespace fast_sde::paths {

HD float square_root(float x) { return sqrtf(x); }
HD double square_root(double x) { return sqrt(x); }

// The interpreter is long, and solvers call it often.
template <class Real, class Lanes>
HD_ALONE void run(const ProgramView& program, const Inputs<Real>& in, Real* out, Real* scratch, Lanes lanes) {
  interpret(program, in, out, scratch, lanes);
}

// Scratch rows, taken in a step and given back all at once.
template <class Real>
struct Arena {
  Real* base;
  int64_t used, most;  // numbers: now, and at most so far
};

template <class Real_, class Lanes>
class Path {
 public:
  using Real = Real_;

  struct Block {
    Real* base;
  };

  // Increments of the step: dW [noises], H [noises] or null, all rows.
  struct Noise {
    Block dW, H;
  };

  HD Path(const Equations& equations, Lanes lanes, Block x, const Real* t, const Real* h, const Real* params,
          Noise noise, Block next, Block error, Arena<Real>& arena)
      : equations_(equations),
        lanes_(lanes),
        x_(x),
        t_(t),
        h_(h),
        params_(params),
        noise_(noise),
        next_(next),
        error_(error),
        arena_(arena) {}

  HD int states() const { return equations_.states; }
  HD int noises() const { return equations_.noises; }

  HD Block x() const { return x_; }
  HD Block dW() const { return noise_.dW; }
  HD Block H() const { return noise_.H; }  // space-time Levy area, of solvers whose facts say so

  // The numbers of one lane.
  struct View {
    const Path& path;
    int lane;
    HD Real operator()(Block block, int row) const { return block.base[row * path.lanes_.count() + lane]; }
    HD Real x(int i) const { return (*this)(path.x_, i); }
    HD Real dW(int j) const { return (*this)(path.noise_.dW, j); }
    HD Real H(int j) const { return (*this)(path.noise_.H, j); }
    HD Real h() const { return path.h_[lane]; }
  };

  // f at (y, t + abscissa h): a row a state.
  HD Block drift(Block y, double abscissa) {
    const Block f = take(states());
    answer(equations_.drift, y, abscissa, f);
    return f;
  }

  // g at (y, t + abscissa h): a row an entry of the matrix that is not zero everywhere.
  HD Block diffusion(Block y, double abscissa) {
    const Block g = take(equations_.entries.count);
    answer(equations_.diffusion, y, abscissa, g);
    return g;
  }

  // sqrt(h): a row.
  HD Block root_h() {
    const Block root = take(1);
    each_lane(root.base, [](View v) { return square_root(v.h()); });
    return root;
  }

  // sum over noises of g times a number a noise: a row a state.
  HD Block times(Block g, Block numbers) {
    return sum_of_products(
        equations_.entries, [=](Entry entry) { return entry.column; }, g, numbers);
  }

  // What all entries add up to, each times what `rule(v, noise)` says of its noise.
  template <class Rule>
  HD Block times_each(Block g, Rule rule) {
    return times(g, noise(rule));
  }

  // sum over j1 <= j2 of (L^j1 g_j2) times a number a pair of noises, in the order of `pairs`: a row a state. Of
  // commutative noise only, where both orders give the same.
  HD Block milstein(Block y, double abscissa, Block numbers) {
    const Block products = take(equations_.milstein_entries.count);
    answer(equations_.milstein, y, abscissa, products);
    return sum_of_products(
        equations_.milstein_entries, [](MilsteinEntry entry) { return pair_index(entry.first, entry.second); },
        products, numbers);
  }

  // A row a state: rule(v, state).
  template <class Rule>
  HD Block state(Rule rule) {
    const Block made = take(states());
    apply(made, states(), rule);
    return made;
  }
  // A row a noise: rule(v, noise).
  template <class Rule>
  HD Block noise(Rule rule) {
    const Block made = take(noises());
    apply(made, noises(), rule);
    return made;
  }
  // A row a pair of noises j1 <= j2: rule(v, j1, j2).
  template <class Rule>
  HD Block pairs(Rule rule) {
    const Block made = take(noises() * (noises() + 1) / 2);
    for (int second = 0; second < noises(); ++second) {
      for (int first = 0; first <= second; ++first) {
        each_lane(row(made, pair_index(first, second)), [=](View v) { return rule(v, first, second); });
      }
    }
    return made;
  }

  // The state at t + h.
  template <class Rule>
  HD void next(Rule rule) {
    apply(next_, states(), rule);
  }
  HD Block next() const { return next_; }

  // What the step may be wrong by, of solvers that estimate it.
  template <class Rule>
  HD void error(Rule rule) {
    apply(error_, states(), rule);
  }

  HD Real* row(Block block, int i) const { return block.base + i * lanes_.count(); }

  HD Block take(int rows) {
    Block block{arena_.base + arena_.used};
    arena_.used += static_cast<int64_t>(rows) * lanes_.count();
    note(arena_.used);
    return block;
  }

 private:
  static HD int pair_index(int first, int second) { return second * (second + 1) / 2 + first; }

  // A row a state: of each entry of it, its row of `factors` times row which(entry) of `numbers`. Entries are sorted by
  // state.
  template <class E, class Which>
  HD Block sum_of_products(Entries<E> entries, Which which, Block factors, Block numbers) {
    const Block sums = take(states());
    const int lanes = lanes_.count();
    int k = 0;
    for (int i = 0; i < states(); ++i) {
      Real* sum = row(sums, i);
      if (k == entries.count || entries.data[k].row != i) {
        for (int lane = 0; lane < lanes; ++lane) sum[lane] = 0;
        continue;
      }
      const Real *a = row(factors, k), *b = row(numbers, which(entries.data[k++]));
      LANES_ARE_INDEPENDENT
      for (int lane = 0; lane < lanes; ++lane) sum[lane] = a[lane] * b[lane];
      while (k < entries.count && entries.data[k].row == i) {
        a = row(factors, k);
        b = row(numbers, which(entries.data[k++]));
        LANES_ARE_INDEPENDENT
        for (int lane = 0; lane < lanes; ++lane) sum[lane] = sum[lane] + a[lane] * b[lane];
      }
    }
    return sums;
  }

  template <class Rule>
  HD void each_lane(Real* to, Rule rule) {
    const int lanes = lanes_.count();
    LANES_ARE_INDEPENDENT
    for (int lane = 0; lane < lanes; ++lane) to[lane] = rule(View{*this, lane});
  }

  template <class Rule>
  HD void apply(Block block, int rows, Rule rule) {
    for (int i = 0; i < rows; ++i) {
      each_lane(row(block, i), [=](View v) { return rule(v, i); });
    }
  }

  HD void note(int64_t numbers) {
    if (numbers > arena_.most) arena_.most = numbers;
  }

  HD void answer(const ProgramView& program, Block y, double abscissa, Block out) {
    const Real* time = t_;
    const int64_t before = arena_.used;
    if (abscissa != 0 && program.uses_time) {
      const Block at = take(1);
      const Real share = static_cast<Real>(abscissa);
      each_lane(at.base, [=](View v) { return v.path.t_[v.lane] + share * v.h(); });
      time = at.base;
    }
    note(arena_.used + int64_t{program.temporaries} * lanes_.count());
    run(program, Inputs<Real>{y.base, time, params_}, out.base, arena_.base + arena_.used, lanes_);
    arena_.used = before;  // time and temporaries are nobody's any more
  }

  const Equations& equations_;
  const Lanes lanes_;
  const Block x_;
  const Real *const t_, *const h_, *const params_;
  const Noise noise_;
  const Block next_, error_;
  Arena<Real>& arena_;
};

}  // namespace fast_sde::paths
