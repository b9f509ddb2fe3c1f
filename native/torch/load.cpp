// From a file to a module ready for inference.
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <filesystem>
#include <string>

#include "activations.hpp"
#include "baked.hpp"
#include "device.hpp"
#include "fence.hpp"
#include "graph.hpp"
#include "model.hpp"
#include "precision.hpp"
#include "statics.hpp"

namespace fast_sde {
namespace {

const char* const kHowToSave = "save it with torch.jit.script(module.eval()).save(path) or torch.jit.trace";

void check_file(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    throw ModelError(FAST_SDE_MODEL_NOT_FOUND, "no such file: " + path);
  }
  if (std::filesystem::is_directory(path, ignored)) {
    throw ModelError(FAST_SDE_MODEL_INVALID, path + " is a directory, not a TorchScript file");
  }
}

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
      throw ModelError(FAST_SDE_MODEL_INVALID, "unknown dtype " + std::to_string(dtype));
  }
}

torch::jit::Module read(const std::string& path, at::Device device) {
  try {
    torch::jit::Module module = torch::jit::load(path, device);
    module.eval();
    return module;
  } catch (const c10::Error& error) {
    if (is_out_of_memory(error.what_without_backtrace())) throw;
    throw ModelError(FAST_SDE_MODEL_INVALID, path + " is not a TorchScript file, or damaged (" + kHowToSave +
                                                 "): " + error.what_without_backtrace());
  }
}

void read_signature(fast_sde_model& model) {
  const auto method = model.module.find_method("forward");
  if (!method) throw ModelError(FAST_SDE_MODEL_INVALID, "the module has no forward()");
  const auto& arguments = method->function().getSchema().arguments();  // self first
  size_t required = 0;
  for (const auto& argument : arguments) required += argument.default_value() ? 0 : 1;
  if (arguments.size() < 3 || required > 4) {
    throw ModelError(FAST_SDE_MODEL_INVALID, "forward() takes " + std::to_string(arguments.size() - 1) +
                                                 " inputs; it has to be forward(x, t) or forward(x, t, condition)");
  }
  model.needs_condition = required == 4;
  model.takes_condition = arguments.size() >= 4;
}

// Calls are inlined so that one graph holds everything; the executor would do so too.
void settle_on_device(const fast_sde_model& model) {
  const auto graph = model.module.get_method("forward").graph();
  torch::jit::Inline(*graph);
  move_devices(*graph, model.device);
  set_convolutions(*graph, model.tf32);
}

}  // namespace

fast_sde_model load_model(const fast_sde_model_options& options) {
  const std::string path = options.path;
  check_file(path);

  fast_sde_model model;
  model.device = find_device(options.device);
  StreamScope scope(model.device);

  // Profiling makes the first calls of every new row count several times slower to gain fusions that a CPU build
  // has no compiler for. On CUDA they would be compiled anew for row counts that are there for a few calls.
  torch::jit::getProfilingMode() = false;
  if (model.device.is_cpu()) {
    keep_activation_memory();
    make_statics();
  }

  model.module = read(path, model.device);
  read_signature(model);
  model.dtype = scalar_type(options.dtype);
  model.tf32 = options.dtype == FAST_SDE_TF32;
  const PrecisionScope precision(model.device, model.tf32);  // freezing computes what is constant
  if (model.device.is_cuda()) settle_on_device(model);
  if (options.freeze != 0) {
    model.module = torch::jit::freeze(model.module);
  } else if (model.dtype != at::kFloat) {
    throw ModelError(FAST_SDE_MODEL_INVALID, "a reduced precision needs a frozen module");
  }

  const auto graph = model.module.get_method("forward").graph();
  model.channels_last = options.layout == FAST_SDE_CHANNELS_LAST ||
                        (options.layout == FAST_SDE_LAYOUT_AUTO && has_convolutions_2d(*graph));
  if (model.channels_last) weights_to_channels_last(*graph);
  if (model.dtype != at::kFloat) narrow_network(*graph, model.dtype);
  model.writes_input = torch::jit::AliasDb(graph).hasWriters(graph->inputs()[1]);
  scope.finish();  // the caller's streams do not wait for this one
  return model;
}

}  // namespace fast_sde
