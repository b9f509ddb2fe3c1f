// Programs of equations over chunks of paths. Functions of their own: the interpreter is long, and solvers call it
// often.

#include "../../equations/interpret.hpp"

namespace fast_sde::cpu {
namespace {

template <class Real>
void run_program(const ProgramView& program, const Inputs<Real>& in, Real* out, Real* scratch, int lanes) {
  interpret(program, in, out, scratch, Chunk{lanes / Chunk::group});
}

}  // namespace
}  // namespace fast_sde::cpu
