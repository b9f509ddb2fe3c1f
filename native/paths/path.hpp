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
  int64_t used, most;  // rows: now, and at most so far
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
          Noise noise, Block next, Block error, const double* numbers, bool wants_error, Arena<Real>& arena)
      : equations_(equations),
        lanes_(lanes),
        x_(x),
        t_(t),
        h_(h),
        params_(params),
        noise_(noise),
        next_(next),
        error_(error),
        numbers_(numbers),
        wants_error_(wants_error),
        arena_(arena) {}

  HD int states() const { return equations_.states; }
  HD int noises() const { return equations_.noises; }
  HD bool is_ito() const { return equations_.ito; }
  HD bool diffusion_tells_time() const { return equations_.diffusion.uses_time; }
  HD Entries<JacobianEntry> jacobian_entries() const { return equations_.jacobian_entries; }

  HD double number(int i) const { return numbers_[i]; }  // of the solver's own, as its facts name them
  HD bool wants_error() const { return wants_error_; }   // else `error` is for nothing

  HD Block x() const { return x_; }
  HD Block dW() const { return noise_.dW; }
  HD Block H() const { return noise_.H; }  // space-time Levy area, of solvers whose facts say so

  // The numbers of one lane.
  struct View {
    const Path& path;
    int lane;
    HD Real operator()(Block block, int row) const { return block.base[row * path.lanes_.stride() + lane]; }
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

  // d f_i / d x_j at (y, t + abscissa h): a row an entry of the matrix that is not zero everywhere.
  HD Block jacobian(Block y, double abscissa) {
    const Block J = take(equations_.jacobian_entries.count);
    answer(equations_.jacobian, y, abscissa, J);
    return J;
  }

  // Column j of g at (y, t + abscissa h): a row a state.
  HD Block column(Block y, double abscissa, int j) {
    const Block spread = take(states());
    const int64_t before = arena_.used;
    const Block own = take(equations_.columns[j].outputs);
    answer(equations_.columns[j], y, abscissa, own);
    int found = 0;
    spread_entries(spread, [&](Entry entry, int) { return entry.column == j ? row(own, found++) : nullptr; });
    arena_.used = before;
    return spread;
  }

  // The same of all of g, which is there already.
  HD Block column_of(Block g, int j) {
    const Block spread = take(states());
    spread_entries(spread, [&](Entry entry, int k) { return entry.column == j ? row(g, k) : nullptr; });
    return spread;
  }

  // Where no state has more than one noise: g at (y, t + abscissa h), a row a state.
  HD Block own_diffusion(Block y, double abscissa) {
    const Block g = diffusion(y, abscissa);
    if (equations_.entries.count == states()) return g;
    const Block spread = take(states());
    spread_entries(spread, [&](Entry, int k) { return row(g, k); });
    return spread;
  }
  // There: of a row a noise, the number of each state's noise; 0 where it has none.
  HD Block of_own_noise(Block numbers) {
    const Block spread = take(states());
    spread_entries(spread, [&](Entry entry, int) { return row(numbers, entry.column); });
    return spread;
  }

  // sum over noises of g times a number a noise: a row a state.
  HD Block times(Block g, Block numbers) {
    return sum_of_products(equations_.entries, g, [=](View v, Entry entry) { return v(numbers, entry.column); });
  }

  // The same where the number is rule(v, noise).
  template <class Rule>
  HD Block times_each(Block g, Rule rule) {
    return times(g, noise(rule));
  }

  // L^j1 g_(i, j2) at (y, t + abscissa h): a row an entry that is not zero everywhere. Of commutative noise only, where
  // L^j1 g_j2 = L^j2 g_j1, and j1 <= j2.
  HD Block milstein(Block y, double abscissa) {
    const Block products = take(equations_.milstein_entries.count);
    answer(equations_.milstein, y, abscissa, products);
    return products;
  }
  // sum over j1 <= j2 of these, each times rule(v, j1, j2): a row a state.
  template <class Rule>
  HD Block times_pairs(Block products, Rule rule) {
    return sum_of_products(equations_.milstein_entries, products,
                           [=](View v, MilsteinEntry entry) { return rule(v, entry.first, entry.second); });
  }

  // A row a state: rule(v, state).
  template <class Rule>
  HD Block state(Rule rule) {
    return made(states(), rule);
  }
  // A row an entry of g: rule(v, entry).
  template <class Rule>
  HD Block entries(Rule rule) {
    return made(equations_.entries.count, rule);
  }
  // A row a noise: rule(v, noise).
  template <class Rule>
  HD Block noise(Rule rule) {
    return made(noises(), rule);
  }
  // The state at t + h.
  template <class Rule>
  HD void next(Rule rule) {
    apply(next_, states(), rule);
  }
  HD Block next() const { return next_; }
  // The same by rule(v, state, noise), where noise is the sum of g times dW: without a row for it, if a state has at
  // most two noises.
  template <class Rule>
  HD void next_with_noise(Block g, Rule rule) {
    const Entries<Entry> entries = equations_.entries;
    int k = 0;
    for (int i = 0; i < states(); ++i) {
      const int first = k;
      while (k < entries.count && entries.data[k].row == i) ++k;
      Real* const to = row(next_, i);
      const auto product = [=](View v, int at) { return v(g, at) * v.dW(entries.data[at].column); };
      if (k == first) {
        each_lane(to, [=](View v) { return rule(v, i, Real(0)); });
      } else if (k == first + 1) {
        each_lane(to, [=](View v) { return rule(v, i, product(v, first)); });
      } else if (k == first + 2) {
        each_lane(to, [=](View v) { return rule(v, i, product(v, first) + product(v, first + 1)); });
      } else {
        each_lane(to, [=](View v) { return product(v, first); });
        for (int at = first + 1; at < k; ++at) each_lane(to, [=](View v) { return to[v.lane] + product(v, at); });
        each_lane(to, [=](View v) { return rule(v, i, to[v.lane]); });
      }
    }
  }

  // What the step may be wrong by, of solvers that estimate it.
  template <class Rule>
  HD void error(Rule rule) {
    apply(error_, states(), rule);
  }

  // Gives a block of a row a state other numbers: rule(v, state), which may read the same row.
  template <class Rule>
  HD void assign(Block block, Rule rule) {
    apply(block, states(), rule);
  }
  // The same of one row: rule(v).
  template <class Rule>
  HD void assign_row(Block block, int i, Rule rule) {
    each_lane(row(block, i), rule);
  }

  // Whether rule(v) says so of any lane.
  template <class Rule>
  HD bool any(Rule rule) const {
    const int lanes = lanes_.count();
    int found = 0;
    for (int lane = 0; lane < lanes; ++lane) found |= rule(View{*this, lane}) ? 1 : 0;
    return found != 0;
  }

  // What was taken after the mark is nobody's any more.
  HD int64_t mark() const { return arena_.used; }
  HD void release(int64_t mark) { arena_.used = mark; }

  HD Real* row(Block block, int i) const { return block.base + i * lanes_.stride(); }

  HD Block take(int rows) {
    Block block{free()};
    arena_.used += rows;
    note(arena_.used);
    return block;
  }

 private:
  template <class Rule>
  HD Block made(int rows, Rule rule) {
    const Block block = take(rows);
    apply(block, rows, rule);
    return block;
  }

  // A row a state: the row that `find(entry, k)` gives of one of its entries; 0 where it gives none.
  template <class Find>
  HD void spread_entries(Block spread, Find find) {
    const Entries<Entry> entries = equations_.entries;
    const int lanes = lanes_.count();
    int k = 0;
    for (int i = 0; i < states(); ++i) {
      const Real* from = nullptr;
      for (; k < entries.count && entries.data[k].row == i; ++k) {
        if (const Real* one = find(entries.data[k], k)) from = one;
      }
      Real* to = row(spread, i);
      LANES_ARE_INDEPENDENT
      for (int lane = 0; lane < lanes; ++lane) to[lane] = from == nullptr ? Real(0) : from[lane];
    }
  }

  // A row a state: of each entry of it, its row of `factors` times rule(v, entry). Entries are sorted by state.
  template <class E, class Rule>
  HD Block sum_of_products(Entries<E> entries, Block factors, Rule rule) {
    const Block sums = take(states());
    int k = 0;
    for (int i = 0; i < states(); ++i) {
      Real* sum = row(sums, i);
      if (k == entries.count || entries.data[k].row != i) {
        each_lane(sum, [](View) { return Real(0); });
        continue;
      }
      const auto product = [&] {
        const E entry = entries.data[k];
        return [=, at = k](View v) { return v(factors, at) * rule(v, entry); };
      };
      each_lane(sum, product());
      for (++k; k < entries.count && entries.data[k].row == i; ++k) {
        const auto more = product();
        each_lane(sum, [=](View v) { return sum[v.lane] + more(v); });
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

  HD Real* free() const { return arena_.base + arena_.used * lanes_.stride(); }
  HD void note(int64_t rows) {
    if (rows > arena_.most) arena_.most = rows;
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
    note(arena_.used + program.temporaries);
    if constexpr (requires { lanes_.ask(program, y.base, time, out.base); }) {
      if (program.outside != nullptr) {
        lanes_.ask(program, y.base, time, out.base);
        arena_.used = before;
        return;
      }
    }
    run(program, Inputs<Real>{y.base, time, params_}, out.base, free(), lanes_);
    arena_.used = before;  // time and temporaries are nobody's any more
  }

  const Equations& equations_;
  const Lanes lanes_;
  const Block x_;
  const Real *const t_, *const h_, *const params_;
  const Noise noise_;
  const Block next_, error_;
  const double* const numbers_;
  const bool wants_error_;
  Arena<Real>& arena_;
};

}  // namespace fast_sde::paths
