// What a module's graph says of how it was exported, so that a probe of its answers can name causes.
#pragma once

#include <torch/script.h>

#include <set>
#include <string>

namespace fast_sde {

// Types of the weights that layers multiply by, where they are not float32: "float64", "float16", "bfloat16".
std::set<std::string> foreign_weights(const torch::jit::Module& module);

// Operators whose answer is a matter of chance: "randn_like", …
std::set<std::string> random_operators(torch::jit::Graph& graph);

// Whether a batch norm goes by the rows of a call. After leave_train_mode: it has no running statistics.
bool norms_by_batch(torch::jit::Graph& graph);

// "a, b"
std::string listed(const std::set<std::string>& names);

}  // namespace fast_sde
