// How LibTorch's threads wait for each other between operators.
//
// They are libgomp's, and look for new work for some milliseconds before they sleep. Alone on a machine that makes a
// small network a third faster than sleeping at once. Beside other busy programs it makes it ten times slower: a thread
// that only looks holds a core while the one that it waits for has none.
#pragma once

namespace fast_sde {

// After a network call by as many threads on the CPU. From now on all of this process's wait shortly while the cores
// have other work too, and long while they have not. Where the user has set OMP_WAIT_POLICY or GOMP_SPINCOUNT: nothing.
void settle_waiting(int threads);

}  // namespace fast_sde
