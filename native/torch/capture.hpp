// A network call as a CUDA graph; see contract/plugin_abi.h.
#pragma once

#include "model.hpp"

namespace fast_sde {

// Records evaluate_model(model, call) and what `then(context)` enqueues on call.stream; nothing runs. Throws as
// evaluate_model does, and the stream and LibTorch's memory are then as before.
fast_sde_graph* record_graph(fast_sde_model& model, const fast_sde_model_call& call, void (*then)(void*),
                             void* context);

void replay_graph(fast_sde_graph& graph, void* stream);

// After the graph's last replay has ended.
void drop_graph(fast_sde_graph* graph);

// Not while a graph is recorded: freeing memory waits for the whole device, which breaks a recording.
void release_memory_between_captures();

}  // namespace fast_sde
