// Memory for a network's activations that stays with the process between calls.
#pragma once

namespace fast_sde {

// From now on LibTorch's CPU tensors of this process reuse blocks. A network call frees megabytes that the next one
// asks for again; malloc gives them back to the system in between, and faulting them in anew cost a third of a call
// of a small U-Net at 32 rows, more in bfloat16. Idle blocks are bounded; see activations.cpp.
void keep_activation_memory();

// Idle blocks go back to the system.
void give_back_idle_memory();

}  // namespace fast_sde
