// Equations written in C++, as programs: what tests of path solvers solve. src/equations does the same for users.
#pragma once

#include <cmath>
#include <map>
#include <memory>
#include <vector>

#include "../equations/program.hpp"
#include "../paths/equations.hpp"

namespace fast_sde::test {

struct Node {
  enum class Kind { constant, state, time, operation } kind;
  double value = 0;
  int index = 0;  // of a state
  Op op = Op::fill;
  std::shared_ptr<const Node> a = nullptr, b = nullptr;
};

struct Expression {
  Expression(double value) : node(std::make_shared<Node>(Node{Node::Kind::constant, value})) {}
  explicit Expression(Node made) : node(std::make_shared<Node>(std::move(made))) {}
  bool is(double value) const { return node->kind == Node::Kind::constant && node->value == value; }
  std::shared_ptr<const Node> node;
};
using Row = std::vector<Expression>;

inline Expression state(int i) { return Expression(Node{Node::Kind::state, 0, i}); }
inline Expression time() { return Expression(Node{Node::Kind::time}); }

inline Expression operation(Op op, const Expression& a, const Expression& b = 0) {
  return Expression(Node{Node::Kind::operation, 0, 0, op, a.node, b.node});
}
inline Expression operator+(const Expression& a, const Expression& b) {
  return a.is(0) ? b : b.is(0) ? a : operation(Op::add, a, b);
}
inline Expression operator-(const Expression& a, const Expression& b) { return b.is(0) ? a : operation(Op::sub, a, b); }
inline Expression operator*(const Expression& a, const Expression& b) {
  return a.is(0) || b.is(0) ? Expression(0) : a.is(1) ? b : b.is(1) ? a : operation(Op::mul, a, b);
}
inline Expression operator/(const Expression& a, const Expression& b) {
  return a.is(0) ? a : b.is(1) ? a : operation(Op::div, a, b);
}
inline Expression operator-(const Expression& a) { return Expression(0) - a; }
inline Expression sin(const Expression& a) { return operation(Op::sin, a); }
inline Expression cos(const Expression& a) { return operation(Op::cos, a); }
inline Expression sqrt(const Expression& a) { return operation(Op::sqrt, a); }

inline Expression derivative(const Expression& of, int i) {
  const Node& at = *of.node;
  if (at.kind == Node::Kind::state) return at.index == i ? 1 : 0;
  if (at.kind != Node::Kind::operation) return 0;
  Expression a = 0, b = 0;
  a.node = at.a;
  b.node = at.b;
  const Expression da = derivative(a, i), db = derivative(b, i);
  switch (at.op) {
    case Op::add:
      return da + db;
    case Op::sub:
      return da - db;
    case Op::mul:
      return da * b + a * db;
    case Op::div:
      return da / b - a * db / (b * b);
    case Op::sin:
      return cos(a) * da;
    case Op::cos:
      return -(sin(a) * da);
    default:
      return da / (2 * sqrt(a));
  }
}

// One output an expression.
inline Program program_of(const Row& outputs, int states) {
  std::vector<int32_t> code;
  std::vector<double> constants;
  const int first_output = states + 1;
  int registers = first_output + static_cast<int>(outputs.size());
  std::map<const Node*, int> places;
  auto emit = [&](Op op, int form, int to, int a, int b) {
    for (int word : {static_cast<int>(op), form, to, a, b, 0}) code.push_back(word);
  };
  auto place = [&](auto& self, const std::shared_ptr<const Node>& node) -> int {
    if (node->kind == Node::Kind::state) return node->index;
    if (node->kind == Node::Kind::time) return states;
    if (auto found = places.find(node.get()); found != places.end()) return found->second;
    int a = 0, b = 0, form = 0;
    if (node->kind == Node::Kind::constant) {
      a = static_cast<int>(constants.size());
      constants.push_back(node->value);
      form = static_cast<int>(Form::constant_a);
    } else {
      a = self(self, node->a);
      if (op_operands[static_cast<int>(node->op)] > 1) b = self(self, node->b);
    }
    const int to = registers++;
    emit(node->kind == Node::Kind::constant ? Op::fill : node->op, form, to, a, b);
    return places[node.get()] = to;
  };
  for (size_t k = 0; k < outputs.size(); ++k) {
    const int from = place(place, outputs[k].node);
    emit(Op::copy, 0, first_output + static_cast<int>(k), from, 0);
  }
  return read_program({code, constants, static_cast<int64_t>(outputs.size()), registers}, states, 0);
}

// dX = f dt + g dW as all programs that a solver may ask for.
class Sde {
 public:
  Sde(Row f, std::vector<Row> g, bool ito = true) : f(std::move(f)), g(std::move(g)), ito(ito) { build(); }
  // The programs point into themselves.
  Sde(const Sde& other) : Sde(other.f, other.g, other.ito) {}
  Sde& operator=(const Sde&) = delete;

  int states() const { return static_cast<int>(f.size()); }
  int noises() const { return g.empty() ? 0 : static_cast<int>(g[0].size()); }

  const Row f;
  const std::vector<Row> g;
  const bool ito;
  paths::Equations equations{};

 private:
  void build() {
    const int d = states(), m = noises();
    Row entries, seconds, jacobian;
    std::vector<Row> columns(static_cast<size_t>(m));
    for (int i = 0; i < d; ++i) {
      for (int j = 0; j < m; ++j) {
        if (g[i][j].is(0)) continue;
        entries.push_back(g[i][j]);
        columns[j].push_back(g[i][j]);
        entries_.push_back({i, j});
      }
      for (int j = 0; j < m; ++j) {
        for (int k = j; k < m; ++k) {
          Expression sum = 0;
          for (int l = 0; l < d; ++l) sum = sum + g[l][j] * derivative(g[i][k], l);
          if (sum.is(0)) continue;
          seconds.push_back(sum);
          milstein_.push_back({i, j, k});
        }
      }
      for (int l = 0; l < d; ++l) {
        const Expression slope = derivative(f[i], l);
        if (slope.is(0)) continue;
        jacobian.push_back(slope);
        jacobian_.push_back({i, l});
      }
    }
    auto make = [&](const Row& row) { return programs_.emplace_back(program_of(row, d)).view(); };
    programs_.reserve(static_cast<size_t>(4 + m));
    equations.states = d;
    equations.noises = m;
    equations.drift = make(f);
    equations.diffusion = make(entries);
    equations.entries = {entries_.data(), static_cast<int32_t>(entries_.size())};
    equations.milstein = make(seconds);
    equations.milstein_entries = {milstein_.data(), static_cast<int32_t>(milstein_.size())};
    equations.jacobian = make(jacobian);
    equations.jacobian_entries = {jacobian_.data(), static_cast<int32_t>(jacobian_.size())};
    for (const Row& column : columns) columns_.push_back(make(column));
    equations.columns = columns_.data();
    equations.ito = ito;
  }

  std::vector<Program> programs_;
  std::vector<ProgramView> columns_;
  std::vector<paths::Entry> entries_;
  std::vector<paths::MilsteinEntry> milstein_;
  std::vector<paths::JacobianEntry> jacobian_;
};

}  // namespace fast_sde::test
