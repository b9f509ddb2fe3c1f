#include "program.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "../contract/error.hpp"
#include "../contract/limits.hpp"

namespace fast_sde {
namespace {

constexpr int words_an_instruction = 6;

[[noreturn]] void refuse(const std::string& what) { throw Error(error_code::internal, "program: " + what); }

void within(const char* what, int64_t count, int64_t most) {
  if (count < 0 || count > most) {
    throw Error(error_code::invalid_option,
                "program: expected at most " + std::to_string(most) + " " + what + ", got " + std::to_string(count));
  }
}

// One instruction after another, with a note of which registers hold a value.
class Reader {
 public:
  Reader(const WireProgram& wire, int64_t states, int64_t params) : wire_(wire) {
    within("instructions", static_cast<int64_t>(wire.code.size() / words_an_instruction), limits::instructions);
    within("constants", static_cast<int64_t>(wire.constants.size()), limits::instructions);
    within("registers", wire.registers, limits::registers);
    within("states", states, wire.registers);
    within("parameters", params, wire.registers);
    within("outputs", wire.outputs, wire.registers);
    if (wire.code.size() % words_an_instruction != 0) refuse("the code ends within an instruction");
    const int64_t temporaries = wire.registers - states - 1 - params - wire.outputs;
    if (temporaries < 0) refuse("fewer registers than inputs and outputs");
    const int64_t sizes[section_count] = {states, 1, params, wire.outputs, temporaries};
    int64_t first = 0;
    for (int i = 0; i < section_count; ++i) {
      first_[i] = first;
      first += sizes[i];
    }
    written_.assign(static_cast<size_t>(wire.registers), false);
    std::fill_n(written_.begin(), states + 1 + params, true);
    program_.states = static_cast<int32_t>(states);
    program_.params = static_cast<int32_t>(params);
    program_.outputs = static_cast<int32_t>(wire.outputs);
    program_.temporaries = static_cast<int32_t>(temporaries);
    program_.constants.assign(wire.constants.begin(), wire.constants.end());
  }

  Program read() {
    program_.code.reserve(wire_.code.size() / words_an_instruction);
    for (at_ = 0; at_ < wire_.code.size() / words_an_instruction; ++at_) {
      program_.code.push_back(instruction(wire_.code.data() + at_ * words_an_instruction));
    }
    for (int32_t i = 0; i < program_.outputs; ++i) {
      if (!written_[static_cast<size_t>(first_[static_cast<int>(Section::output)] + i)]) {
        refuse("output " + std::to_string(i) + " is never written");
      }
    }
    return std::move(program_);
  }

 private:
  Instruction instruction(const int32_t* words) {
    if (words[0] < 0 || words[0] >= op_count) wrong("has no operation of number " + std::to_string(words[0]));
    const int operands = op_operands[words[0]];
    const auto op = static_cast<Op>(words[0]);
    const bool right_form = op == Op::fill  ? words[1] == static_cast<int32_t>(Form::constant_a)
                            : operands == 2 ? words[1] >= 0 && words[1] < form_count
                                            : words[1] == static_cast<int32_t>(Form::rows);
    if (!right_form) wrong(std::string(op_words[words[0]]) + " has no form " + std::to_string(words[1]));
    const auto form = static_cast<Form>(words[1]);
    Instruction instruction{op, form, {}, {}, {}, {}};
    instruction.a = form == Form::constant_a ? constant(words[3]) : row(words[3]);
    if (operands > 1) instruction.b = form == Form::constant_b ? constant(words[4]) : row(words[4]);
    if (operands > 2) instruction.c = row(words[5]);
    for (int i = operands; i < 3; ++i) {
      if (words[3 + i] != 0) wrong("has more operands than " + std::string(op_words[words[0]]) + " takes");
    }
    instruction.dst = target(words[2]);  // last: an instruction does not read what it writes
    return instruction;
  }

  Operand constant(int32_t number) const {
    if (number < 0 || static_cast<size_t>(number) >= program_.constants.size()) {
      wrong("reads constant " + std::to_string(number) + " of " + std::to_string(program_.constants.size()));
    }
    return {0, static_cast<uint32_t>(number)};
  }

  Operand operand(int32_t number) const {
    if (number < 0 || number >= wire_.registers) {
      wrong("names register " + std::to_string(number) + " of " + std::to_string(wire_.registers));
    }
    int section = section_count - 1;
    while (number < first_[section]) --section;
    return {static_cast<uint32_t>(section), static_cast<uint32_t>(number - first_[section])};
  }

  Operand row(int32_t number) {
    const Operand found = operand(number);
    if (static_cast<Section>(found.section) == Section::time) program_.uses_time = true;
    if (!written_[static_cast<size_t>(number)]) {
      wrong("reads register " + std::to_string(number) + " before it is written");
    }
    return found;
  }

  Operand target(int32_t number) {
    const Operand found = operand(number);
    const auto section = static_cast<Section>(found.section);
    if (section != Section::output && section != Section::temporary) {
      wrong("writes register " + std::to_string(number) + ", an input");
    }
    if (section == Section::output && written_[static_cast<size_t>(number)]) {
      wrong("writes output " + std::to_string(found.index) + " again");
    }
    written_[static_cast<size_t>(number)] = true;
    return found;
  }

  [[noreturn]] void wrong(const std::string& what) const { refuse("instruction " + std::to_string(at_) + " " + what); }

  const WireProgram& wire_;
  Program program_;
  int64_t first_[section_count] = {};  // register of each section
  std::vector<bool> written_;
  size_t at_ = 0;
};

}  // namespace

Program read_program(const WireProgram& wire, int64_t states, int64_t params) {
  return Reader(wire, states, params).read();
}

}  // namespace fast_sde
