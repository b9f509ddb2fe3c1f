// From a file to a module ready for inference.
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <string>
#include <unordered_set>

#include "activations.hpp"
#include "baked.hpp"
#include "device.hpp"
#include "facts.hpp"
#include "failure.hpp"
#include "graph.hpp"
#include "model.hpp"
#include "narrowing.hpp"
#include "precision.hpp"
#include "read.hpp"
#include "statics.hpp"

namespace fast_sde {
namespace {

at::ScalarType scalar_type(int32_t dtype) {
  switch (dtype) {
    case FAST_SDE_FLOAT32:
    case FAST_SDE_TF32:
      return at::kFloat;
    case FAST_SDE_BFLOAT16:
      return at::kBFloat16;
    case FAST_SDE_FLOAT16:
      return at::kHalf;
    default:
      throw StatusError(FAST_SDE_MODEL_INVALID, "unknown dtype " + std::to_string(dtype));
  }
}

void read_signature(const torch::jit::Module& module, fast_sde_model& model) {
  const auto method = module.find_method("forward");
  if (!method) throw StatusError(FAST_SDE_MODEL_INVALID, "the module has no forward()");
  const auto& arguments = method->function().getSchema().arguments();  // self first
  size_t required = 0;
  for (const auto& argument : arguments) required += argument.default_value() ? 0 : 1;
  if (arguments.size() < 3 || required > 4) {
    throw StatusError(FAST_SDE_MODEL_INVALID, "forward() takes " + std::to_string(arguments.size() - 1) +
                                                  " inputs; it has to be forward(x, t) or forward(x, t, condition)");
  }
  model.needs_condition = required == 4;
  model.takes_condition = arguments.size() >= 4;
}

template <size_t size>
void write(char (&text)[size], const std::set<std::string>& names) {
  std::snprintf(text, size, "%s", listed(names).c_str());
}

// Of parameters, buffers and what freezing made constants; each once, whoever shares it.
uint64_t weight_bytes(const torch::jit::Module& module) {
  std::unordered_set<const void*> seen;
  uint64_t bytes = 0;
  const auto add = [&](const at::Tensor& tensor) {
    if (tensor.defined() && tensor.has_storage() && seen.insert(tensor.storage().data()).second) {
      bytes += tensor.storage().nbytes();
    }
  };
  for (const at::Tensor& tensor : module.parameters()) add(tensor);
  for (const at::Tensor& tensor : module.buffers()) add(tensor);
  for_each_node(module.get_method("forward").graph()->block(), [&](torch::jit::Node* node) {
    if (node->kind() != torch::jit::prim::Constant) return;
    const auto constant = torch::jit::toIValue(node->output());
    if (constant && constant->isTensor()) add(constant->toTensor());
  });
  return bytes;
}

}  // namespace

std::unique_ptr<fast_sde_model> load_model(const fast_sde_model_options& options) {
  const at::Device device = find_device(options.device);
  StreamScope scope(device);

  // Profiling makes the first calls of every new row count several times slower to gain fusions that a CPU build
  // has no compiler for. On CUDA they would be compiled anew for row counts that are there for a few calls.
  torch::jit::getProfilingMode() = false;
  if (device.is_cpu()) {
    keep_activation_memory();
    make_statics();
  }

  torch::jit::Module module = read_module(options, device);
  const at::ScalarType dtype = scalar_type(options.dtype);
  const bool tf32 = options.dtype == FAST_SDE_TF32;
  const PrecisionScope precision(device, tf32);  // freezing computes what is constant
  std::set<std::string> train_mode;
  if (const auto forward = module.find_method("forward")) {
    // Calls are inlined so that one graph holds everything; the executor would do so too.
    const auto graph = forward->graph();
    torch::jit::Inline(*graph);
    move_devices(*graph, device);
    train_mode = leave_train_mode(*graph);
    if (device.is_cuda()) set_convolutions(*graph, tf32);
  }
  const std::set<std::string> foreign = foreign_weights(module);
  if (options.freeze != 0) {
    module = torch::jit::freeze(module);
  } else if (dtype != at::kFloat) {
    throw StatusError(FAST_SDE_MODEL_INVALID, "a reduced precision needs a frozen module");
  }

  auto model = std::make_unique<fast_sde_model>(module);
  read_signature(module, *model);
  model->device = device;
  model->dtype = dtype;
  model->tf32 = tf32;
  const auto graph = module.get_method("forward").graph();
  if (dtype != at::kFloat) {
    unify_weights(*graph, at::kFloat);
    narrow_network(*graph, dtype);
  }
  const bool undecided = options.layout == FAST_SDE_LAYOUT_AUTO;
  model->layout = undecided && !has_convolutions_2d(*graph) ? FAST_SDE_CONTIGUOUS : options.layout;
  model->writes_input = torch::jit::AliasDb(graph).hasWriters(graph->inputs()[1]);

  if (model->layout == FAST_SDE_CHANNELS_LAST) model->layouts.keep(Layout::channels_last);

  fast_sde_model_facts& facts = model->facts;
  facts.layout_matters = model->layout == FAST_SDE_LAYOUT_AUTO ? 1 : 0;
  facts.norms_by_batch = norms_by_batch(*graph) ? 1 : 0;
  write(facts.train_mode, train_mode);
  write(facts.random, random_operators(*graph));
  write(facts.foreign_weights, foreign);
  model->bytes = weight_bytes(module);
  scope.finish();  // the caller's streams do not wait for this one
  return model;
}

void unify_model(fast_sde_model& model) {
  StreamScope scope(model.device);
  model.layouts.rewrite([&](torch::jit::Module& module) {
    module.to(at::kFloat);
    const auto graph = module.get_method("forward").graph();
    unify_weights(*graph, model.dtype);
    unify_names(*graph, model.dtype);
  });
  scope.finish();
}

}  // namespace fast_sde
