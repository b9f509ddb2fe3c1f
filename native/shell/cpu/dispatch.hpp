// The CPU shell's variants: the same kernels compiled for several instruction sets, one chosen at load.
#pragma once

#include <string>
#include <vector>

#include "kernels.hpp"

namespace fast_sde::cpu {

// The widest variant this machine runs, or the one FAST_SDE_CPU names ("baseline",
// "x86-64-v2", "x86-64-v3", "x86-64-v4"). Throws Error where this machine cannot run that one.
const Kernels& kernels();

// Every variant this machine can run, narrowest first.
std::vector<const Kernels*> available();

// Null where this machine cannot run it.
const Kernels* find(const std::string& name);

int cores();

}  // namespace fast_sde::cpu
