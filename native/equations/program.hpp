// An equation as a program: straight-line code over rows, a row holding one number a path. TypeScript lowers equations
// to it (src/equations); read_program checks what comes from there, and interpret.hpp runs it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace fast_sde {

enum class Op : uint8_t {
#define OP(name, operands) name,
#include "ops.def"
#undef OP
};

inline constexpr const char* op_words[] = {
#define OP(name, operands) #name,
#include "ops.def"
#undef OP
};
inline constexpr int op_operands[] = {
#define OP(name, operands) operands,
#include "ops.def"
#undef OP
};
inline constexpr int op_count = sizeof op_operands / sizeof op_operands[0];

// Which operand is a constant, the others being rows.
enum class Form : uint8_t { rows, constant_b, constant_a };
inline constexpr int form_count = 3;

// Where a row lies, in the order in which registers are numbered.
enum class Section : uint8_t { state, time, params, output, temporary };
inline constexpr int section_count = 5;

// A row of a section; of a constant `index` is its place among the constants.
struct Operand {
  uint32_t section : 3;
  uint32_t index : 29;
};

struct Instruction {
  Op op;
  Form form;
  Operand dst, a, b, c;
};

class OutsideFunction;

// A program as plain data, for host and device.
struct ProgramView {
  const Instruction* code;
  const double* constants;  // narrowed where they are used
  int32_t length, outputs, temporaries;
  bool uses_time;                      // some instruction reads t
  OutsideFunction* outside = nullptr;  // who answers in its place, on the host alone: outside.hpp
};

struct Program {
  int32_t states = 0, params = 0, outputs = 0, temporaries = 0;
  bool uses_time = false;
  std::vector<Instruction> code;
  std::vector<double> constants;

  ProgramView view() const {
    return {code.data(), constants.data(), static_cast<int32_t>(code.size()), outputs, temporaries, uses_time};
  }
};

// Six numbers an instruction: op, form, dst, a, b, c. Registers are states, then time, then parameters, outputs and
// temporaries, `registers` in all; where the form says so an operand is the number of a constant. Unused operands are
// 0.
struct WireProgram {
  std::span<const int32_t> code;
  std::span<const double> constants;
  int64_t outputs, registers;
};

// Takes a program only if running it stays within its rows: every operand exists, a temporary is written before it is
// read, and each output is written once. Throws Error otherwise. `states` and `params`: rows of input.
Program read_program(const WireProgram& wire, int64_t states, int64_t params);

}  // namespace fast_sde
