// One network call: the caller's buffers in, the module's answer out.
#include <ATen/Parallel.h>

#include <sstream>
#include <string>
#include <vector>

#include "device.hpp"
#include "failure.hpp"
#include "model.hpp"
#include "precision.hpp"
#include "waiting.hpp"

namespace fast_sde {
namespace {

// LibTorch's number of threads is OpenMP's, which keeps one for each calling thread: jobs beside each other, each on
// its own thread, have each their own.
void use_threads(int wanted) {
  thread_local int used = 0;
  if (wanted == 0) wanted = at::intraop_default_num_threads();
  if (wanted == used) return;
  at::set_num_threads(wanted);
  used = wanted;
}

// The caller's memory on the model's device, as it is. Without target_device LibTorch would ask the driver whose it is.
at::Tensor wrap(const fast_sde_model& model, const void* data, at::IntArrayRef sizes, at::ScalarType type) {
  return at::for_blob(const_cast<void*>(data), sizes)
      .options(at::TensorOptions().dtype(type).device(model.device))
      .target_device(model.device)
      .make_tensor();
}

// The caller's x, not copied where the module can take it as it is.
at::Tensor network_input(const fast_sde_model& model, const fast_sde_model_call& call, at::IntArrayRef sizes,
                         Layout layout) {
  at::Tensor x = wrap(model, call.x, sizes, at::kFloat);
  if (call.condition.unconditional != nullptr) x = at::cat({x, x});
  const bool owned = call.condition.unconditional != nullptr;
  // to(), not contiguous(): with one channel both layouts are the same bytes, and operators go by the strides.
  const bool reorder = layout == Layout::channels_last && x.dim() == 4;
  at::Tensor input =
      x.to(model.dtype, false, false, reorder ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Preserve);
  if (model.writes_input && !owned && input.is_same(x)) input = input.clone();
  return input;
}

void check_condition(const fast_sde_model& model, const fast_sde_model_call& call) {
  const bool given = call.condition.type != FAST_SDE_NO_CONDITION;
  if (!given && model.needs_condition) {
    throw StatusError(FAST_SDE_MODEL_FAILED, "forward() takes a third input: a condition has to be given");
  }
  if (given && !model.takes_condition) {
    throw StatusError(FAST_SDE_MODEL_FAILED, "forward(x, t) takes no condition, and one was given");
  }
}

// [rows] or [rows, width]; under guidance the unconditional row follows `rows` times.
at::Tensor condition_input(const fast_sde_model& model, const fast_sde_model_call& call) {
  const bool integers = call.condition.type == FAST_SDE_CONDITION_INT32;
  const auto type = integers ? at::kInt : at::kFloat;
  at::Tensor rows = wrap(model, call.condition.values, {call.rows, call.condition.width}, type);
  if (call.condition.unconditional != nullptr) {
    at::Tensor none = wrap(model, call.condition.unconditional, {1, call.condition.width}, type);
    rows = at::cat({rows, none.expand({call.rows, call.condition.width})});
  }
  if (call.condition.width == 1) rows = rows.squeeze(1);
  return rows.to(integers ? at::kLong : model.dtype);
}

std::string describe(const c10::IValue& answer) {
  if (!answer.isTensor()) return answer.tagKind();
  std::ostringstream text;
  text << answer.toTensor().sizes() << " of type " << answer.toTensor().dtype();
  return text.str();
}

at::Tensor checked_answer(const fast_sde_model& model, c10::IValue answer, at::IntArrayRef sizes, int64_t columns) {
  if (answer.isTuple() && !answer.toTupleRef().elements().empty()) {
    c10::IValue first = answer.toTupleRef().elements()[0];
    answer = std::move(first);
  }
  const bool fits = answer.isTensor() && answer.toTensor().is_floating_point() && answer.toTensor().sizes() == sizes;
  if (fits && answer.toTensor().device() == model.device) return answer.toTensor();
  std::ostringstream message;
  if (fits) {
    message << "forward() answered on " << answer.toTensor().device() << "; the module was loaded on " << model.device;
  } else {
    message << "forward() answered " << describe(answer) << "; a floating-point tensor of "
            << (columns == 0 ? "the input's shape " : "the shape ") << sizes << " is expected";
  }
  throw StatusError(FAST_SDE_MODEL_OUTPUT, message.str());
}

// Of the caller's `out`.
std::vector<int64_t> answer_sizes(const fast_sde_model_call& call) {
  std::vector<int64_t> sizes{call.rows};
  sizes.insert(sizes.end(), call.shape, call.shape + call.rank);
  if (call.columns > 0) sizes.push_back(call.columns);
  return sizes;
}

void evaluate_in(fast_sde_model& model, const fast_sde_model_call& call, Layout layout) {
  const bool guided = call.condition.unconditional != nullptr;
  std::vector<int64_t> sizes{call.rows};
  sizes.insert(sizes.end(), call.shape, call.shape + call.rank);
  at::Tensor time = wrap(model, call.time, {call.rows}, at::kFloat);

  std::vector<c10::IValue> inputs;
  inputs.emplace_back(network_input(model, call, sizes, layout));
  inputs.emplace_back(guided ? at::cat({time, time}) : time);
  if (call.condition.type != FAST_SDE_NO_CONDITION) inputs.emplace_back(condition_input(model, call));

  std::vector<int64_t> answered = inputs[0].toTensor().sizes().vec();
  if (call.columns > 0) answered.push_back(call.columns);
  const torch::jit::Module module = model.layouts.in(layout);
  torch::jit::Method forward = module.get_method("forward");
  const at::Tensor answer = checked_answer(model, forward(std::move(inputs)), answered, call.columns);

  at::Tensor out = wrap(model, call.out, answer_sizes(call), at::kFloat);
  if (!guided) {
    out.copy_(answer);
    return;
  }
  const at::Tensor conditional = answer.narrow(0, 0, call.rows).to(at::kFloat);
  out.copy_(answer.narrow(0, call.rows, call.rows));
  out.add_(conditional - out, call.condition.guidance_scale);
}

// False where forward() threw something else than for want of memory.
bool succeeds_in(fast_sde_model& model, const fast_sde_model_call& call, Layout layout) {
  try {
    evaluate_in(model, call, layout);
    return true;
  } catch (const StatusError&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const c10::Error& failure) {
    if (is_out_of_memory(failure.what_without_backtrace())) throw;
  } catch (const std::exception& failure) {
    if (is_out_of_memory(failure.what())) throw;
  }
  return false;
}

// Host memory's copy on the model's device, or null for null.
at::Tensor on_device(const fast_sde_model& model, const void* data, at::IntArrayRef sizes, at::ScalarType type) {
  if (data == nullptr) return {};
  return at::from_blob(const_cast<void*>(data), sizes, at::TensorOptions().dtype(type)).to(model.device);
}

}  // namespace

void evaluate_model(fast_sde_model& model, const fast_sde_model_call& call) {
  const c10::InferenceMode inference;
  const StreamScope scope(model.device, call.stream);
  const PrecisionScope precision(model.device, model.tf32);
  if (model.device.is_cpu()) use_threads(call.threads);
  check_condition(model, call);
  const int32_t layout = call.layout == FAST_SDE_LAYOUT_AUTO ? model.layout : call.layout;
  if (layout != FAST_SDE_LAYOUT_AUTO) {
    evaluate_in(model, call, layout == FAST_SDE_CHANNELS_LAST ? Layout::channels_last : Layout::contiguous);
  } else if (!succeeds_in(model, call, Layout::channels_last)) {
    evaluate_in(model, call, Layout::contiguous);
    model.fell_back = true;
  }
  if (model.device.is_cpu()) settle_waiting(at::get_num_threads());
}

void ask_model(fast_sde_model& model, const fast_sde_model_call& asked) {
  if (model.device.is_cpu()) return evaluate_model(model, asked);
  StreamScope scope(model.device);
  std::vector<int64_t> sizes{asked.rows};
  sizes.insert(sizes.end(), asked.shape, asked.shape + asked.rank);
  const auto type = asked.condition.type == FAST_SDE_CONDITION_INT32 ? at::kInt : at::kFloat;
  const at::Tensor x = on_device(model, asked.x, sizes, at::kFloat);
  const at::Tensor time = on_device(model, asked.time, {asked.rows}, at::kFloat);
  const at::Tensor condition = on_device(model, asked.condition.values, {asked.rows, asked.condition.width}, type);
  const at::Tensor unconditional = on_device(model, asked.condition.unconditional, {asked.condition.width}, type);
  const at::Tensor out = at::empty(answer_sizes(asked), x.options());
  const auto data = [](const at::Tensor& tensor) { return tensor.defined() ? tensor.data_ptr() : nullptr; };
  fast_sde_model_call call = asked;
  call.x = x.const_data_ptr<float>();
  call.time = time.const_data_ptr<float>();
  call.out = out.mutable_data_ptr<float>();
  call.condition.values = data(condition);
  call.condition.unconditional = data(unconditional);
  call.stream = scope.stream();
  evaluate_model(model, call);
  at::from_blob(asked.out, answer_sizes(asked)).copy_(out);
  scope.finish();
}

}  // namespace fast_sde
